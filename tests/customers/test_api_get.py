"""GET /v1/customers/{id} and the look-up by external ID (contract sections 2, 7, 10, 11, 12)."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from tests.support.clients import ApiClient
from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers.model import Scope

KEYS = {
    "id", "external_id", "name", "email", "contact", "address_line1", "address_line2", "address_city",
    "address_state", "address_postal_code", "address_country", "timezone", "parent_customer_id", "parent_customer",
    "metadata", "environment_id", "tenant_id", "status", "created_at", "updated_at", "created_by", "updated_by",
}  # fmt: skip
MAPPING_KEYS = {
    "id", "entity_id", "entity_type", "provider_type", "provider_entity_id", "metadata", "environment_id", "tenant_id",
    "status", "created_at", "updated_at", "created_by", "updated_by",
}  # fmt: skip
AWKWARD_EXTERNAL_IDS = [
    "a/b", "a//b", "//", "/lead", "trail/", "two words", "inside\u00a0out", "100%", "%2F", "%00", "a%20b", "a+b",
    "a?b=c#d", "a;b=c",
    "Ünïcödé", "用户-1", "\N{GRINNING FACE}", "e\u0301", "a\\b", "..", ".", "a/../b", "<b>&amp;", "'\"", "a,b", "x:y@z",
    "entitlements", "x/entitlements", "subscriptions", "x/subscriptions", "external/x", "x" * 255,
]  # fmt: skip


def lookup(external_id: str) -> str:
    """The path of the look-up, every special character encoded as a careful client does."""
    return f"/v1/customers/external/{quote(external_id, safe='')}"


def test_the_answer_has_exactly_the_promised_keys(api: ApiClient, world: World) -> None:
    """Of an empty customer and of a full one."""
    world.create_customer(external_id="parent")
    full = world.create_customer(parent="parent", metadata={"a": "b"}, mappings={"stripe": "1"}, email="a@acme.com")
    for customer in (world.create_customer(), full):
        assert set(api.get(f"/v1/customers/{customer.id}").get_json()) == KEYS


def test_empty_texts_are_never_null(api: ApiClient, world: World) -> None:
    """They are ""; metadata is {}; only the parent can be null."""
    answer = api.get(f"/v1/customers/{world.create_customer().id}").get_json()
    assert [name for name, value in answer.items() if value is None] == ["parent_customer_id", "parent_customer"]
    assert (answer["email"], answer["metadata"], answer["timezone"]) == ("", {}, "UTC")


def test_the_answer_says_what_is_stored(api: ApiClient, world: World) -> None:
    """Value by value."""
    values = {
        "external_id": "e", "name": "Ünï", "email": "a@acme.com", "contact": "+1 555", "address_line1": "1",
        "address_line2": "2", "address_city": "C", "address_state": "S", "address_postal_code": "P",
        "address_country": "US", "timezone": "Asia/Kolkata", "metadata": {"b": "1", "a": "2"},
    }  # fmt: skip
    customer = world.create_customer(**values)
    answer = api.get(f"/v1/customers/{customer.id}").get_json()
    assert {name: answer[name] for name in values} == values
    assert list(answer["metadata"]) == ["b", "a"]
    assert (answer["tenant_id"], answer["environment_id"]) == (HOME.tenant_id, HOME.environment_id)
    assert (answer["status"], answer["created_by"], answer["updated_by"]) == ("published", "actor_test", "actor_test")


def test_times_are_rfc_3339_in_utc_with_microseconds(api: ApiClient, world: World) -> None:
    """To the very microsecond that is stored."""
    customer = world.update_customer(world.create_customer(), name="After")
    answer = api.get(f"/v1/customers/{customer.id}").get_json()
    for name in ("created_at", "updated_at"):
        read = datetime.strptime(answer[name], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        assert read == getattr(customer, name)
        assert len(answer[name]) == len("2024-01-15T10:30:00.000000Z")


def test_a_read_key_may_read(api: ApiClient, world: World) -> None:
    """It has the scope for it."""
    customer = world.create_customer()
    assert api.get(f"/v1/customers/{customer.id}", key="read").status_code == 200
    assert api.get(lookup(customer.external_id), key="read").status_code == 200


def test_an_archived_customer_is_answered_by_id_alone(api: ApiClient, world: World) -> None:
    """By external ID there is none."""
    customer = world.create_customer()
    world.archive(customer)
    assert api.get(f"/v1/customers/{customer.id}").get_json()["status"] == "archived"
    assert api.get(lookup(customer.external_id)).status_code == 404


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_nobody_else_s_customer_answers_just_as_an_unknown_one(api: ApiClient, world: World, scope: Scope) -> None:
    """The same body but for the request ID, by ID and by external ID."""
    theirs = world.create_customer(scope, external_id="theirs")
    headers = {"X-Request-ID": "same"}
    for mine, unknown in (
        (f"/v1/customers/{theirs.id}", "/v1/customers/cust_unknown"),
        (lookup("theirs"), lookup("unknown")),
    ):
        answers = [api.get(path, headers=headers) for path in (mine, unknown)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].data == answers[1].data
        assert answers[0].get_json()["code"] == "not_found"


@pytest.mark.parametrize("external_id", AWKWARD_EXTERNAL_IDS, ids=lambda text: ascii(text[:20]))
def test_any_external_id_can_be_looked_up(api: ApiClient, world: World, external_id: str) -> None:
    """Slashes, spaces, percent signs, Unicode."""
    customer = world.create_customer(external_id=external_id)
    answer = api.get(lookup(external_id))
    assert (answer.status_code, answer.get_json()["id"]) == (200, customer.id)


@pytest.mark.parametrize("external_id", ["a/b", "a//b", "x/entitlements", "a b"])
def test_slashes_need_not_be_encoded(api: ApiClient, world: World, external_id: str) -> None:
    """Some clients send them as they are."""
    customer = world.create_customer(external_id=external_id)
    answer = api.get("/v1/customers/external/" + quote(external_id, safe="/"))
    assert (answer.status_code, answer.get_json()["id"]) == (200, customer.id)


@pytest.mark.parametrize("external_id", ["a/b/c", "a/b/", "A/B", "a", "entitlements", "subscriptions", "%"])
def test_an_unknown_external_id_is_not_found(api: ApiClient, world: World, external_id: str) -> None:
    """Even one that looks like a route of the wider product."""
    world.create_customer(external_id="a/b")
    answer = api.get(lookup(external_id))
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


def test_a_retired_external_id_is_answered_with_a_header(api: ApiClient, world: World) -> None:
    """The present one is in the body, and without the header."""
    customer = world.create_customer(external_id="old")
    world.update_customer(customer, external_id="new")
    by_old, by_new = api.get(lookup("old")), api.get(lookup("new"))
    assert (by_old.get_json()["id"], by_old.get_json()["external_id"]) == (customer.id, "new")
    assert by_old.headers["X-Retired-External-ID"] == "true"
    assert "X-Retired-External-ID" not in by_new.headers


def test_an_external_id_is_not_taken_for_an_id(api: ApiClient, world: World) -> None:
    """Nor the other way round."""
    customer = world.create_customer(external_id="mine")
    assert api.get("/v1/customers/mine").status_code == 404
    assert api.get(lookup(customer.id)).status_code == 404


@pytest.mark.parametrize("path", ["/v1/customers/{id}", "/v1/customers/external/{external_id}"], ids=["id", "external"])
def test_the_answer_carries_the_version(api: ApiClient, world: World, path: str) -> None:
    """As a strong ETag."""
    customer = world.update_customer(world.create_customer(), name="After")
    answer = api.get(path.format(id=customer.id, external_id=customer.external_id))
    assert answer.headers["ETag"] == '"2"'


@pytest.mark.parametrize("tag", ['"2"', 'W/"2"', '"1", "2"', "*"])
def test_what_the_caller_has_already_is_not_sent_again(api: ApiClient, world: World, tag: str) -> None:
    """304, without a body, with the ETag (RFC 9110, 13.1.2)."""
    customer = world.update_customer(world.create_customer(), name="After")
    answer = api.get(f"/v1/customers/{customer.id}", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"2"')
    assert "X-Request-ID" in answer.headers


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', '"22"', '"x"', '""'])
def test_what_the_caller_does_not_have_is_sent(api: ApiClient, world: World, tag: str) -> None:
    """Another version's tag changes nothing."""
    customer = world.update_customer(world.create_customer(), name="After")
    assert api.get(f"/v1/customers/{customer.id}", headers={"If-None-Match": tag}).status_code == 200


def test_a_parent_that_is_shown_is_never_out_of_date(api: ApiClient, world: World) -> None:
    """The parent can change while the child's version stays."""
    parent = world.create_customer(external_id="parent", name="Before")
    child = world.create_customer(parent="parent")
    world.update_customer(parent, name="After")
    path = f"/v1/customers/{child.id}?expand=parent_customer"
    answer = api.get(path, headers={"If-None-Match": '"1"'})
    assert answer.get_json()["parent_customer"]["name"] == "After"


def test_the_parent_is_null_unless_it_is_asked_for(api: ApiClient, world: World) -> None:
    """Its ID is always there."""
    parent = world.create_customer(external_id="parent")
    answer = api.get(f"/v1/customers/{world.create_customer(parent='parent').id}").get_json()
    assert (answer["parent_customer_id"], answer["parent_customer"]) == (parent.id, None)


def test_the_parent_is_expanded(api: ApiClient, world: World) -> None:
    """As a customer of its own, not expanded any further."""
    world.create_customer(external_id="grandparent")
    parent = world.create_customer(external_id="parent", parent="grandparent")
    child = world.create_customer(parent="parent")
    answer = api.get(f"/v1/customers/{child.id}?expand=parent_customer").get_json()
    assert answer["parent_customer"] == api.get(f"/v1/customers/{parent.id}").get_json()
    assert set(answer) == KEYS


def test_a_customer_without_a_parent_expands_to_null(api: ApiClient, world: World) -> None:
    """The key is there all the same."""
    answer = api.get(f"/v1/customers/{world.create_customer().id}?expand=parent_customer").get_json()
    assert answer["parent_customer"] is None


def test_integrations_are_expanded(api: ApiClient, world: World) -> None:
    """As a key of its own, in the long shape."""
    customer = world.create_customer(mappings={"stripe": "cus_1", "paddle": "2"})
    answer = api.get(f"/v1/customers/{customer.id}?expand=integrations").get_json()
    assert set(answer) == KEYS | {"integrations"}
    assert [set(item) for item in answer["integrations"]] == [MAPPING_KEYS, MAPPING_KEYS]
    assert [(item["provider_type"], item["provider_entity_id"]) for item in answer["integrations"]] == [
        ("paddle", "2"),
        ("stripe", "cus_1"),
    ]
    assert {(item["entity_id"], item["entity_type"]) for item in answer["integrations"]} == {(customer.id, "customer")}


@pytest.mark.parametrize("query", ["expand=parent_customer,integrations", "expand=integrations&expand=parent_customer"])
def test_several_expansions_can_be_asked_for(api: ApiClient, world: World, query: str) -> None:
    """With commas, or one by one."""
    world.create_customer(external_id="parent")
    answer = api.get(f"/v1/customers/{world.create_customer(parent='parent').id}?{query}").get_json()
    assert answer["parent_customer"]["external_id"] == "parent"
    assert answer["integrations"] == []


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_expansion_is_refused(api: ApiClient, world: World, method: str) -> None:
    """By its name, before anything is done."""
    customer = world.create_customer()
    answer = api.request(method, f"/v1/customers/{customer.id}?expand=wallets", json={"name": "After"})
    assert (answer.status_code, list(answer.get_json()["details"])) == (400, ["expand"])
    assert world.reload(customer) == customer


def test_head_answers_as_get_without_a_body(api: ApiClient, world: World) -> None:
    """With the same headers."""
    answer = api.request("HEAD", f"/v1/customers/{world.create_customer().id}")
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, b"", '"1"')
