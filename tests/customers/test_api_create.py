"""POST /v1/customers: a new customer and what it is answered (contract sections 3 to 8, 11, 12)."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.customers.test_api_get import KEYS, MAPPING_KEYS
from tests.support.clients import ApiClient
from tests.support.faces import as_json
from tests.support.rule_cases import CASES, Case
from tests.support.stored import faults_of, rows_of
from tests.support.world import HOME, World
from webapp.customers.limits import TEXT_FIELDS
from webapp.customers.model import ID_LENGTH
from webapp.customers.wire import FOREIGN_FIELDS, READ_ONLY_FIELDS

NEW = {"external_id": "new", "name": "New"}
FULL = {
    "external_id": "full", "name": "Full", "email": "a@acme.com", "contact": "+1 555", "address_line1": "1",
    "address_line2": "2", "address_city": "C", "address_state": "S", "address_postal_code": "P",
    "address_country": "US", "timezone": "Asia/Kolkata", "metadata": {"b": "1", "a": "2"},
}  # fmt: skip
#: Of each field and of each kind of fault some; tests/customers/test_parity*.py go through all of them.
#: No JSON body can carry a lone surrogate: tests/test_json_body.py.
FEW = [
    case
    for index, case in enumerate(CASES)
    if (index % 7 == 0 or case.field in {"metadata", "timezone"}) and "surrogate" not in case.about
]


def post(api: ApiClient, body: Any, query: str = "", **kwargs: Any) -> Any:
    """Send a new customer, its keys in their order."""
    data = json.dumps(body).encode()
    return api.request("POST", f"/v1/customers{query}", data=data, content_type="application/json", **kwargs)


def create(api: ApiClient, body: Any, query: str = "", **kwargs: Any) -> dict[str, Any]:
    """Create a customer, which must be answered 201."""
    answer = post(api, body, query, **kwargs)
    assert answer.status_code == 201, answer.json
    read: dict[str, Any] = answer.json
    return read


def test_a_new_customer_is_answered_201_with_all_keys_and_its_version(api: ApiClient) -> None:
    """As a GET of it is, at version 1."""
    answer = post(api, NEW)
    assert (answer.status_code, answer.mimetype, answer.headers["ETag"]) == (201, "application/json", '"1"')
    assert set(answer.json) == KEYS
    assert answer.json == api.get(f"/v1/customers/{answer.json['id']}").json


def test_location_leads_to_the_new_customer_with_the_same_key(api: ApiClient) -> None:
    """Absolute or not, on this very host."""
    answer = post(api, NEW)
    location = urlsplit(answer.headers["Location"])
    assert (location.netloc, location.path) in [
        ("", f"/v1/customers/{answer.json['id']}"),
        ("localhost", f"/v1/customers/{answer.json['id']}"),
    ]
    assert api.get(location.path).json == answer.json


def test_what_is_not_sent_has_its_default(api: ApiClient) -> None:
    """Texts are empty, the time zone is UTC, there is no metadata and no parent."""
    answer = create(api, NEW)
    empty = {name: "" for name in TEXT_FIELDS if name not in {"external_id", "name", "timezone"}}
    assert {name: answer[name] for name in empty} == empty
    assert (answer["timezone"], answer["metadata"], answer["status"]) == ("UTC", {}, "published")
    assert (answer["parent_customer_id"], answer["parent_customer"]) == (None, None)
    assert (answer["tenant_id"], answer["environment_id"]) == (HOME.tenant_id, HOME.environment_id)
    assert answer["created_at"] == answer["updated_at"]
    assert answer["id"].startswith("cust_")
    assert answer["created_by"] == answer["updated_by"] != ""


def test_every_field_that_is_sent_is_stored(api: ApiClient, world: World) -> None:
    """Value by value, metadata in its order; and the history says all of it."""
    answer = create(api, FULL)
    assert {name: answer[name] for name in FULL} == FULL
    stored = api.get(f"/v1/customers/{answer['id']}").json
    assert stored == answer
    assert list(stored["metadata"]) == ["b", "a"]
    assert faults_of(world) == []


def test_creation_is_the_first_entry_of_the_history(api: ApiClient) -> None:
    """With the key that did it, its name and the request's ID."""
    answer = create(api, NEW, headers={"X-Request-ID": "creating"})
    (entry,) = api.get(f"/v1/customers/{answer['id']}/history").json["items"]
    assert (entry["operation"], entry["version"], entry["source"]) == ("create", 1, "api")
    assert (entry["actor_id"], entry["actor_name"]) == (answer["created_by"], "write key")
    assert (entry["request_id"], entry["at"]) == ("creating", answer["created_at"])


def test_null_counts_as_absent_for_every_optional_field(api: ApiClient) -> None:
    """Typed clients send null for what they did not set."""
    optional = [*TEXT_FIELDS[2:], "metadata", "parent_customer_id", "parent_customer_external_id"]
    nulls = dict.fromkeys([*optional, "integration_entity_mapping", *FOREIGN_FIELDS, *READ_ONLY_FIELDS])
    with_nulls, without = create(api, {**nulls, **NEW}), create(api, {**NEW, "external_id": "other"})
    own = {"id", "external_id", "created_at", "updated_at"}
    assert {n: v for n, v in with_nulls.items() if n not in own} == {n: v for n, v in without.items() if n not in own}


@pytest.mark.parametrize("expand", ["", "parent_customer,integrations"])
def test_the_whole_object_of_a_get_makes_another_customer(api: ApiClient, world: World, expand: str) -> None:
    """Posted back with another external ID; what is read-only in it is the new one's own."""
    world.create_customer(external_id="parent")
    first = world.create_customer(**FULL, parent="parent", mappings={"stripe": "cus_1"})
    whole = api.get(f"/v1/customers/{first.id}?expand={expand}").json
    answer = create(api, {**whole, "external_id": "another"}, f"?expand={expand}")
    own = {"id", "external_id", "created_at", "updated_at", "created_by", "updated_by", "integrations"}
    assert {n: v for n, v in answer.items() if n not in own} == {n: v for n, v in whole.items() if n not in own}
    assert answer["id"] != first.id
    assert answer.get("integrations", []) == []
    assert world.reload(first) == first


@pytest.mark.parametrize("field", [*READ_ONLY_FIELDS, *FOREIGN_FIELDS])
def test_read_only_and_foreign_fields_are_ignored(api: ApiClient, field: str) -> None:
    """The new customer has an ID, a status and times of its own."""
    answer = create(api, {**NEW, field: "archived"})
    assert answer.get(field) != "archived"
    assert answer["status"] == "published"


def _case(case: Case) -> Any:
    is_long_id = case.field == "parent_customer_id" and len(case.expected or "") > ID_LENGTH
    marks = [pytest.mark.sqlite_only("a column holds longer IDs than it says")] if is_long_id else []
    return pytest.param(case, id=str(case), marks=marks)


@pytest.mark.parametrize("case", [_case(case) for case in FEW if case.good])
def test_a_good_value_is_taken_as_by_put(api: ApiClient, world: World, case: Case) -> None:
    """And what is stored is what PUT would store."""
    sent = {**NEW, case.field: as_json(case.field, case.value)}
    if case.field.startswith("parent"):
        world.create_customer(external_id=case.expected, id=case.expected) if case.expected else None
    answer = create(api, sent, "?expand=integrations,parent_customer")
    if case.field == "integration_entity_mapping":
        found = [(item["provider_type"], item["provider_entity_id"]) for item in answer["integrations"]]
        assert found == [pair for pair in case.expected if pair[1]]
    elif case.field.startswith("parent"):
        assert answer["parent_customer_id"] == (case.expected or None)
    else:
        assert answer[case.field] == case.expected
    assert faults_of(world) == []


def test_both_shapes_of_mappings_are_stored(api: ApiClient, world: World) -> None:
    """Item by item; an item with an empty ID removes nothing here."""
    items = [
        {"provider": "stripe", "id": "cus_1"},
        {"provider_type": "paddle", "provider_entity_id": "2", "entity_id": "x", "entity_type": "customer"},
        {"provider_type": "hubspot", "provider_entity_id": "3", "metadata": {"a": {"b": [1, None, True]}}},
        {"provider": "nomod", "id": ""},
    ]
    answer = create(api, {**NEW, "integration_entity_mapping": items}, "?expand=integrations")
    assert [set(item) for item in answer["integrations"]] == [MAPPING_KEYS] * 3
    assert [(i["provider_type"], i["provider_entity_id"], i["metadata"]) for i in answer["integrations"]] == [
        ("hubspot", "3", {"a": {"b": [1, None, True]}}),
        ("paddle", "2", {}),
        ("stripe", "cus_1", {}),
    ]
    assert {item["entity_id"] for item in answer["integrations"]} == {answer["id"]}
    assert faults_of(world) == []


@pytest.mark.parametrize("field", ["parent_customer_id", "parent_customer_external_id"])
def test_a_parent_is_named_by_either_of_its_names(api: ApiClient, world: World, field: str) -> None:
    """And shown when it is asked for."""
    parent = world.create_customer(external_id="parent")
    sent = {**NEW, field: parent.id if field == "parent_customer_id" else "parent"}
    answer = create(api, sent, "?expand=parent_customer")
    assert answer["parent_customer_id"] == parent.id
    assert answer["parent_customer"] == api.get(f"/v1/customers/{parent.id}").json
    assert "integrations" not in answer


def test_an_empty_parent_is_no_parent(api: ApiClient) -> None:
    """As on a PUT, where it detaches."""
    assert create(api, {**NEW, "parent_customer_id": ""})["parent_customer_id"] is None


def test_the_external_id_of_an_archived_customer_is_free(api: ApiClient, world: World) -> None:
    """Only published customers hold one (section 10)."""
    first = world.create_customer(external_id="free")
    assert api.request("DELETE", f"/v1/customers/{first.id}").status_code == 204
    answer = create(api, {"external_id": "free", "name": "Second"})
    assert answer["id"] != first.id
    assert api.get("/v1/customers/external/free").json["id"] == answer["id"]


def test_a_retired_external_id_is_taken_over(api: ApiClient, world: World) -> None:
    """It finds the new customer from now on, and never the old one again, even once it is gone (section 11)."""
    first = world.create_customer(external_id="old")
    api.put(f"/v1/customers/{first.id}", {"external_id": "present"})
    assert api.get("/v1/customers/external/old").json["id"] == first.id
    second = create(api, {"external_id": "old", "name": "Second"})
    found = api.get("/v1/customers/external/old")
    assert (found.json["id"], "X-Retired-External-ID" in found.headers) == (second["id"], False)
    assert rows_of(world)["retired_external_ids"] == []
    assert api.request("DELETE", f"/v1/customers/{second['id']}").status_code == 204
    assert api.get("/v1/customers/external/old").status_code == 404
    assert faults_of(world) == []


def test_lenient_ignores_an_unknown_field_and_says_so(api: ApiClient) -> None:
    """RFC 7240; without it the field is named with the nearest known one."""
    answer = post(api, {**NEW, "emial": "x"}, headers={"Prefer": "handling=lenient"})
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (201, "handling=lenient")
    refused = post(api, {"external_id": "other", "name": "Other", "emial": "x"})
    assert refused.json["details"] == {"emial": ["unknown field 'emial'; did you mean 'email'?"]}


def test_a_charset_may_be_declared(api: ApiClient) -> None:
    """UTF-8 that is."""
    body = '{"external_id": "ü", "name": "用户"}'.encode()
    answer = api.request("POST", "/v1/customers", data=body, content_type="application/json; charset=UTF-8")
    assert (answer.status_code, answer.json["external_id"], answer.json["name"]) == (201, "ü", "用户")
