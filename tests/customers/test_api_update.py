"""PUT /v1/customers: a partial update and what it answers (contract sections 3, 4, 5, 6, 12)."""

from typing import Any

import pytest

from tests.support.clients import ApiClient
from tests.support.world import World
from webapp.customers.model import Customer
from webapp.customers.wire import FOREIGN_FIELDS, READ_ONLY_FIELDS

FULL = {
    "name": "Before", "email": "a@acme.com", "contact": "+1 555", "address_line1": "1", "address_line2": "2",
    "address_city": "C", "address_state": "S", "address_postal_code": "P", "address_country": "US",
    "timezone": "Asia/Kolkata",
}  # fmt: skip


@pytest.fixture
def customer(world: World) -> Customer:
    """A customer with a value in every field."""
    world.create_customer(external_id="parent")
    return world.create_customer(**FULL, parent="parent", metadata={"a": "1"}, mappings={"stripe": "cus_1"})


def put(api: ApiClient, customer: Customer, body: Any, expand: str = "", **kwargs: Any) -> dict[str, Any]:
    """Update by the path. Returns the answer, which must be 200."""
    answer = api.put(f"/v1/customers/{customer.id}?expand={expand}", body, **kwargs)
    assert answer.status_code == 200, answer.get_json()
    read: dict[str, Any] = answer.get_json()
    return read


def without_stamp(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer but for who changed it when."""
    return {name: value for name, value in answer.items() if name not in {"updated_at", "updated_by"}}


def test_an_update_answers_with_the_customer_as_get_does(api: ApiClient, customer: Customer) -> None:
    """The same keys and values."""
    answer = put(api, customer, {"name": "After"})
    assert answer == api.get(f"/v1/customers/{customer.id}").get_json()


@pytest.mark.parametrize("field", FULL)
def test_an_update_leaves_absent_fields_untouched(api: ApiClient, customer: Customer, field: str) -> None:
    """Whichever one is sent."""
    before = api.get(f"/v1/customers/{customer.id}").get_json()
    new = {"email": "b@acme.com", "address_country": "DE", "timezone": "Europe/Berlin"}.get(field, "new")
    assert without_stamp(put(api, customer, {field: new})) == without_stamp({**before, field: new})


def test_null_leaves_every_field_as_it_is(api: ApiClient, world: World, customer: Customer) -> None:
    """Exactly as absent: typed clients send null for what they did not set."""
    names = [*FULL, "external_id", "metadata", "parent_customer_id", "parent_customer_external_id"]
    put(api, customer, dict.fromkeys([*names, "integration_entity_mapping"]))
    assert world.reload(customer) == customer


@pytest.mark.parametrize("field", sorted(set(FULL) - {"name", "timezone"}))
def test_an_empty_text_clears_an_optional_field(api: ApiClient, customer: Customer, field: str) -> None:
    """And nothing else."""
    assert put(api, customer, {field: ""})[field] == ""


def test_an_empty_time_zone_is_utc(api: ApiClient, customer: Customer) -> None:
    """A customer always has one."""
    assert put(api, customer, {"timezone": ""})["timezone"] == "UTC"


@pytest.mark.parametrize("field", ["name", "external_id"])
def test_a_required_field_cannot_be_cleared(api: ApiClient, world: World, customer: Customer, field: str) -> None:
    """It is named, and nothing of the request is done."""
    answer = api.put(f"/v1/customers/{customer.id}", {field: "", "email": "new@acme.com"})
    assert (answer.status_code, list(answer.get_json()["details"])) == (400, [field])
    assert world.reload(customer) == customer


def test_texts_are_stored_trimmed_and_countries_in_capitals(api: ApiClient, customer: Customer) -> None:
    """The answer says what is stored."""
    answer = put(api, customer, {"name": "  After\n", "address_country": "de"})
    assert (answer["name"], answer["address_country"]) == ("After", "DE")


@pytest.mark.parametrize("metadata", [{}, {"b": "2"}, {"a": "1", "b": "2"}], ids=["cleared", "others", "extended"])
def test_metadata_replaces_all_entries(api: ApiClient, customer: Customer, metadata: dict[str, str]) -> None:
    """{} clears them."""
    assert put(api, customer, {"metadata": metadata})["metadata"] == metadata


@pytest.mark.parametrize("body", [{"name": "After"}, {"name": "After", "metadata": None}], ids=["absent", "null"])
def test_metadata_that_is_not_sent_is_kept(api: ApiClient, customer: Customer, body: dict[str, Any]) -> None:
    """All of it."""
    assert put(api, customer, body)["metadata"] == {"a": "1"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "Before", "metadata": {"a": "1"}, "integration_entity_mapping": []},
        {"integration_entity_mapping": [{"provider": "stripe", "id": "cus_1"}, {"provider": "paddle", "id": ""}]},
        {"parent_customer_external_id": "parent"},
        {"name": " Before ", "address_country": "us"},
        {"billing_currency": "usd", "status": "archived"},
    ],
    ids=["nothing", "the same", "the same mapping", "the same parent", "the same once trimmed", "ignored fields"],
)
def test_an_update_that_changes_nothing_writes_nothing(
    api: ApiClient, world: World, customer: Customer, body: dict[str, Any]
) -> None:
    """200, with version, updated_at and history as they were."""
    answer = api.put(f"/v1/customers/{customer.id}", body)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert world.reload(customer) == customer
    assert len(world.history(customer)) == 1


def test_an_update_writes_the_key_into_the_record_and_its_history(
    api: ApiClient, world: World, customer: Customer
) -> None:
    """By ID and by name, with the request's ID."""
    answer = put(api, customer, {"name": "After"}, headers={"X-Request-ID": "my-request"})
    newest = world.history(customer)[0]
    assert (newest.actor_type, newest.actor_name, newest.source) == ("api_key", "write key", "api")
    assert (newest.request_id, newest.reason) == ("my-request", "")
    assert answer["updated_by"] == newest.actor_id
    assert answer["created_by"] == "actor_test"
    assert [(field.field, field.old, field.new) for field in newest.fields] == [("name", "Before", "After")]


@pytest.mark.parametrize("field", [*READ_ONLY_FIELDS, *FOREIGN_FIELDS])
def test_read_only_and_foreign_fields_are_ignored(api: ApiClient, world: World, customer: Customer, field: str) -> None:
    """The other fields of the request are stored."""
    put(api, customer, {field: "someone_else", "name": "After"})
    stored = world.reload(customer)
    assert (stored.id, stored.tenant_id, stored.environment_id) == (
        customer.id,
        customer.tenant_id,
        customer.environment_id,
    )
    assert (stored.status, stored.name, stored.created_at) == ("published", "After", customer.created_at)


@pytest.mark.parametrize("expand", ["", "parent_customer", "parent_customer,integrations"])
def test_getting_editing_and_putting_the_whole_object_works(
    api: ApiClient, world: World, customer: Customer, expand: str
) -> None:
    """Only the edit is a change."""
    whole = api.get(f"/v1/customers/{customer.id}?expand={expand}").get_json()
    answer = put(api, customer, {**whole, "name": "After"}, expand)
    assert without_stamp(answer) == without_stamp({**whole, "name": "After"})
    assert [field.field for field in world.history(customer)[0].fields] == ["name"]


def test_an_unknown_field_is_refused_with_the_nearest_known_one(
    api: ApiClient, world: World, customer: Customer
) -> None:
    """A misspelt field that answers 200 would be a lost edit."""
    answer = api.put(f"/v1/customers/{customer.id}", {"emial": "new@acme.com", "name": "After"})
    assert answer.status_code == 400
    assert answer.get_json()["details"] == {"emial": ["unknown field 'emial'; did you mean 'email'?"]}
    assert world.reload(customer) == customer


@pytest.mark.parametrize("prefer", ["handling=lenient", "respond-async, handling=lenient", "Handling=Lenient"])
def test_lenient_ignores_an_unknown_field_and_says_so(api: ApiClient, customer: Customer, prefer: str) -> None:
    """The rest is stored (RFC 7240)."""
    body = {"emial": "new@acme.com", "name": "After"}
    answer = api.put(f"/v1/customers/{customer.id}", body, headers={"Prefer": prefer})
    assert (answer.status_code, answer.get_json()["name"]) == (200, "After")
    assert answer.headers["Preference-Applied"] == "handling=lenient"


@pytest.mark.parametrize("prefer", [None, "handling=strict", "return=minimal", "xhandling=lenient"])
def test_without_lenient_no_preference_was_applied(api: ApiClient, customer: Customer, prefer: str | None) -> None:
    """And an unknown field is refused."""
    headers = {"Prefer": prefer} if prefer else {}
    path = f"/v1/customers/{customer.id}"
    assert "Preference-Applied" not in api.put(path, {"name": "After"}, headers=headers).headers
    assert api.put(path, {"emial": "x"}, headers=headers).status_code == 400


def test_a_parent_is_set_and_detached(api: ApiClient, world: World, customer: Customer) -> None:
    """By ID, by external ID, and by nothing."""
    other = world.create_customer(external_id="other")
    assert put(api, customer, {"parent_customer_id": other.id})["parent_customer_id"] == other.id
    assert put(api, customer, {"parent_customer_id": ""})["parent_customer_id"] is None
    answer = put(api, customer, {"parent_customer_external_id": "other"}, "parent_customer")
    assert answer["parent_customer"]["external_id"] == "other"


def test_two_parents_are_refused(api: ApiClient, customer: Customer) -> None:
    """At most one of the two fields."""
    body = {"parent_customer_id": "a", "parent_customer_external_id": "b"}
    answer = api.put(f"/v1/customers/{customer.id}", body)
    assert (answer.status_code, set(answer.get_json()["details"])) == (400, set(body))


@pytest.mark.parametrize(
    ("parent", "status", "code"),
    [("unknown", 404, "not_found"), ("own", 400, "validation_error"), ("child", 400, "invalid_operation")],
)
def test_a_parent_that_will_not_do_is_refused(
    api: ApiClient, world: World, parent: str, status: int, code: str
) -> None:
    """Unknown, the customer itself, a descendant (contract section 5)."""
    customer = world.create_customer(external_id="own")
    world.create_customer(external_id="child", parent="own")
    answer = api.put(f"/v1/customers/{customer.id}", {"parent_customer_external_id": parent})
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert list(answer.get_json()["details"]) == ["parent_customer_external_id"]
    assert world.reload(customer) == customer


def test_both_shapes_of_mappings_are_stored(api: ApiClient, customer: Customer) -> None:
    """One updates, one adds, one removes; providers that are not named stay."""
    items: list[dict[str, Any]] = [
        {"provider": "stripe", "id": "cus_2"},
        {"provider_type": "paddle", "provider_entity_id": "2", "entity_id": customer.id, "entity_type": "customer"},
        {"provider_type": "hubspot", "provider_entity_id": "3", "metadata": {"a": {"b": [1]}}},
    ]
    put(api, customer, {"integration_entity_mapping": items})
    answer = put(api, customer, {"integration_entity_mapping": [{"provider": "paddle", "id": ""}]}, "integrations")
    assert [
        (item["provider_type"], item["provider_entity_id"], item["metadata"]) for item in answer["integrations"]
    ] == [("hubspot", "3", {"a": {"b": [1]}}), ("stripe", "cus_2", {})]


def test_a_changed_external_id_retires_the_old_one(api: ApiClient, customer: Customer) -> None:
    """It goes on finding the customer."""
    put(api, customer, {"external_id": "brand new"})
    answer = api.get(f"/v1/customers/external/{customer.external_id}")
    assert (answer.get_json()["external_id"], answer.headers["X-Retired-External-ID"]) == ("brand new", "true")


def test_a_taken_external_id_is_a_conflict(api: ApiClient, world: World, customer: Customer) -> None:
    """409, and nothing of the request is done."""
    answer = api.put(f"/v1/customers/{customer.id}", {"external_id": "parent", "name": "After"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "already_exists")
    assert list(answer.get_json()["details"]) == ["external_id"]
    assert world.reload(customer) == customer


def test_an_archived_customer_cannot_be_updated(api: ApiClient, world: World, customer: Customer) -> None:
    """400 invalid_operation; the row stays."""
    world.archive(customer)
    before = world.reload(customer)
    answer = api.put(f"/v1/customers/{customer.id}", {"name": "After"})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_operation")
    assert world.reload(customer) == before
