"""PATCH /v1/customers/{id}: as PUT, but metadata is a JSON Merge Patch, RFC 7396 (contract sections 2, 4, 7)."""

import json
from typing import Any

import pytest

from tests.support.clients import ApiClient
from tests.support.faces import as_json, by_json
from tests.support.rule_cases import CASES, Case
from tests.support.stored import faults_of, rows_of
from tests.support.threads import at_once
from tests.support.world import World
from webapp.customers.model import Customer

#: Of each field and of each kind of fault some; tests/customers/test_parity*.py go through all of them.
FEW = [
    case
    for index, case in enumerate(CASES)
    if index % 11 == 0 and case.field != "metadata" and "surrogate" not in case.about
]
HUNDRED = {f"key {number}": str(number) for number in range(100)}


@pytest.fixture
def customer(world: World) -> Customer:
    """A customer with three metadata entries, in an order that is not the alphabet's."""
    return world.create_customer(name="Before", email="a@acme.com", metadata={"b": "1", "a": "2", "c": "3"})


def send(api: ApiClient, customer: Customer, body: Any, content_type: str = "application/json", **kwargs: Any) -> Any:
    """Send a patch, its keys in their order."""
    data = json.dumps(body).encode()
    return api.request("PATCH", f"/v1/customers/{customer.id}", data=data, content_type=content_type, **kwargs)


def patched(api: ApiClient, customer: Customer, metadata: Any) -> list[tuple[str, str]]:
    """The metadata, in its order, after a patch that must be answered 200."""
    answer = send(api, customer, {"metadata": metadata})
    assert answer.status_code == 200, answer.json
    assert answer.json == api.get(f"/v1/customers/{customer.id}").json
    return list(json.loads(answer.data)["metadata"].items())


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        ({"d": "4"}, {"b": "1", "a": "2", "c": "3", "d": "4"}),
        ({"a": "new"}, {"b": "1", "a": "new", "c": "3"}),
        ({"a": None}, {"b": "1", "c": "3"}),
        ({"a": ""}, {"b": "1", "a": "", "c": "3"}),
        ({"z": "9", "b": None, "c": "new", "d": "4"}, {"a": "2", "c": "new", "z": "9", "d": "4"}),
        ({"a": None, "b": None, "c": None}, {}),
        ({" d ": " 4\n", " a ": None}, {"b": "1", "c": "3", "d": "4"}),
    ],
    ids=["set", "replace", "remove", "empty is a value", "all at once", "remove all", "trimmed"],
)
def test_metadata_is_merged_key_by_key(
    api: ApiClient, world: World, customer: Customer, patch: dict[str, Any], after: dict[str, str]
) -> None:
    """Absent keys stay, the order stays, new keys come behind."""
    assert patched(api, customer, patch) == list(after.items())
    assert world.reload(customer).version == 2
    assert faults_of(world) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"metadata": None},
        {"metadata": {}},
        {"metadata": {"unknown": None}},
        {"metadata": {"a": "2", "c": "3"}},
        {"name": " Before "},
    ],
    ids=["nothing", "null", "an empty patch", "an unknown key removed", "the same values", "the same name"],
)
def test_a_patch_that_changes_nothing_writes_nothing(
    api: ApiClient, world: World, customer: Customer, body: dict[str, Any]
) -> None:
    """200, with version, updated_at and history as they were; {} clears nothing, unlike in a PUT."""
    before = rows_of(world)
    answer = send(api, customer, body)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert list(json.loads(answer.data)["metadata"].items()) == [("b", "1"), ("a", "2"), ("c", "3")]
    assert rows_of(world) == before


@pytest.mark.parametrize("body", [{"name": "After"}, {"name": "After", "metadata": None}], ids=["absent", "null"])
def test_metadata_that_is_not_sent_is_kept(
    api: ApiClient, world: World, customer: Customer, body: dict[str, Any]
) -> None:
    """All of it."""
    assert send(api, customer, body).status_code == 200
    stored = world.reload(customer)
    assert (stored.name, list(stored.metadata)) == ("After", ["b", "a", "c"])


def test_the_history_names_the_keys_that_changed(api: ApiClient, world: World, customer: Customer) -> None:
    """Each with its old and new value."""
    send(api, customer, {"metadata": {"a": None, "b": "new", "d": "4", "c": "3"}})
    fields = world.history(customer)[0].fields
    assert {(field.field, field.key, field.old, field.new) for field in fields} == {
        ("metadata", "a", "2", None),
        ("metadata", "b", "1", "new"),
        ("metadata", "d", None, "4"),
    }


@pytest.mark.parametrize("content_type", ["application/merge-patch+json", "application/json; charset=utf-8"])
def test_a_merge_patch_may_be_declared_as_one(api: ApiClient, customer: Customer, content_type: str) -> None:
    """Or as plain JSON: it means the same."""
    answer = send(api, customer, {"metadata": {"a": None}}, content_type)
    assert (answer.status_code, answer.json["metadata"]) == (200, {"b": "1", "c": "3"})


@pytest.mark.parametrize("content_type", ["application/json-patch+json", "text/plain", "", "application/x-json"])
def test_any_other_media_type_is_refused(api: ApiClient, world: World, customer: Customer, content_type: str) -> None:
    """415."""
    answer = send(api, customer, {"metadata": {"a": None}}, content_type)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
    assert world.reload(customer) == customer


def test_a_put_takes_no_merge_patch(api: ApiClient, world: World, customer: Customer) -> None:
    """It would replace all entries, which is not what its media type says."""
    body, media_type = b'{"metadata": {"a": "1"}}', "application/merge-patch+json"
    answer = api.put(f"/v1/customers/{customer.id}", data=body, content_type=media_type)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
    assert world.reload(customer) == customer


@pytest.mark.parametrize(
    "metadata",
    [{"a": 1}, {"a": True}, {"a": ["x"]}, {"a": {"b": None}}, {"a": None, "b": 1}, [], "text", 7, [{"op": "add"}]],
    ids=repr,
)
def test_a_value_that_is_no_string_and_not_null_is_refused(
    api: ApiClient, world: World, customer: Customer, metadata: Any
) -> None:
    """400 at the field, and nothing is done."""
    answer = send(api, customer, {"metadata": metadata, "name": "After"})
    assert (answer.status_code, list(answer.json["details"])) == (400, ["metadata"])
    assert world.reload(customer) == customer


@pytest.mark.parametrize(
    "metadata",
    [
        {"": "1"}, {" ": None}, {"k" * 101: "1"}, {"d": "x" * 1001}, {"a\0": "1"}, {"a\0": None}, {"d": "\x1b"},
        {"d": "1", "d ": "2"}, {"a": None, " a": "2"},
    ],
    ids=["no key", "null for no key", "long key", "long value", "NUL in a key", "null for NUL", "control character",
         "a key twice once trimmed", "set and removed once trimmed"],
)  # fmt: skip
def test_the_rules_of_an_entry_hold(api: ApiClient, world: World, customer: Customer, metadata: dict[str, Any]) -> None:
    """As in a PUT."""
    answer = send(api, customer, {"metadata": metadata})
    assert (answer.status_code, list(answer.json["details"])) == (400, ["metadata"])
    assert world.reload(customer) == customer


@pytest.mark.parametrize(
    ("patch", "status"),
    [
        ({"one more": "1"}, 400),
        ({"one more": "1", "key 7": None}, 200),
        ({"key 7": "changed"}, 200),
        ({**dict.fromkeys(HUNDRED), **{f"new {key}": "1" for key in HUNDRED}}, 200),
        ({**{f"unknown {number}": None for number in range(500)}, "key 7": None}, 200),
        ({**dict.fromkeys(list(HUNDRED)[:2]), "x": "1", "y": "1", "z": "1"}, 400),
    ],
    ids=["100 + 1", "100 + 1 - 1", "100 with one changed", "100 + 100 - 100", "more nulls than entries", "100 + 3 - 2"],
)
def test_the_limit_of_entries_is_judged_on_what_the_patch_leads_to(
    api: ApiClient, world: World, patch: dict[str, Any], status: int
) -> None:
    """Not on the patch."""
    customer = world.create_customer(metadata=HUNDRED)
    answer = send(api, customer, {"metadata": patch})
    assert answer.status_code == status
    if status == 400:
        assert answer.json["code"] == "validation_error"
        assert answer.json["details"] == {"metadata": ["Keep at most 100 metadata entries; there are 101."]}
        assert world.reload(customer) == customer
    else:
        assert len(answer.json["metadata"]) == len({**HUNDRED, **patch}) - sum(v is None for v in patch.values())
    assert faults_of(world) == []


def test_every_wrong_field_is_named_at_once(api: ApiClient, customer: Customer) -> None:
    """Metadata beside the others."""
    answer = send(api, customer, {"metadata": {"a": 1}, "email": "x", "name": "", "emial": "y"})
    assert (answer.status_code, set(answer.json["details"])) == (400, {"metadata", "email", "name", "emial"})


@pytest.mark.parametrize("case", FEW, ids=str)
def test_every_other_field_is_judged_as_by_put(api: ApiClient, world: World, customer: Customer, case: Case) -> None:
    """The same verdict, the same messages."""
    if case.good and case.field.startswith("parent") and case.expected:
        world.create_customer(id=case.expected, external_id=case.expected)
    answer = send(api, customer, {case.field: as_json(case.field, case.value)})
    assert answer.status_code == (200 if case.good else 400), answer.json
    if not case.good:
        assert answer.json["details"] == by_json(case.field, case.value).messages
        assert world.reload(customer) == customer
    elif case.field in answer.json and not case.field.startswith("parent"):
        assert answer.json[case.field] == case.expected


@pytest.mark.parametrize(("tag", "status"), [('"1"', 200), ('"2"', 412), ('W/"1"', 412), ("*", 200), ('"7", "1"', 200)])
def test_if_match_holds_as_for_put(api: ApiClient, world: World, customer: Customer, tag: str, status: int) -> None:
    """412 with the present version."""
    answer = send(api, customer, {"metadata": {"a": None}}, headers={"If-Match": tag})
    assert answer.status_code == status
    if status == 412:
        assert (answer.json["code"], answer.json["details"]) == ("version_conflict", {"version": ["1"]})
        assert world.reload(customer) == customer
    else:
        assert answer.headers["ETag"] == '"2"'


def test_expansions_preferences_parents_and_mappings_are_as_in_a_put(
    api: ApiClient, world: World, customer: Customer
) -> None:
    """One request with all of them."""
    parent = world.create_customer(external_id="parent")
    body = {
        "emial": "ignored",
        "parent_customer_external_id": "parent",
        "integration_entity_mapping": [{"provider": "stripe", "id": "cus_1"}],
    }
    path = f"/v1/customers/{customer.id}?expand=parent_customer,integrations"
    answer = api.request("PATCH", path, json=body, headers={"Prefer": "handling=lenient"})
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "handling=lenient")
    assert answer.json["parent_customer"]["id"] == parent.id
    assert [item["provider_entity_id"] for item in answer.json["integrations"]] == ["cus_1"]


@pytest.mark.parametrize("query", ["", "?id={id}", "?external_customer_id={external_id}"])
def test_a_patch_names_its_customer_in_the_path_alone(api: ApiClient, customer: Customer, query: str) -> None:
    """There is no PATCH of the collection."""
    path = "/v1/customers" + query.format(id=customer.id, external_id=customer.external_id)
    answer = api.request("PATCH", path, json={"name": "After"})
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")


def test_an_unknown_customer_is_not_found(api: ApiClient, world: World, customer: Customer) -> None:
    """Whatever the patch would lead to."""
    answer = api.request("PATCH", "/v1/customers/cust_unknown", json={"metadata": {"a": None}})
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert world.reload(customer) == customer


def test_patches_of_different_keys_at_once_all_hold(world_on_each_database: World) -> None:
    """Sets, changes and removals of eight callers, none of them lost (section 7)."""
    world = world_on_each_database
    stored = {f"kept {number}": "old" for number in range(8)}
    customer = world.create_customer(metadata=stored)
    patches: list[dict[str, Any]] = [
        {f"new {n}": str(n)} if n % 3 == 0 else {f"kept {n}": "changed" if n % 3 == 1 else None} for n in range(8)
    ]

    def patching(patch: dict[str, Any]) -> int:
        status: int = send(ApiClient(world.app, world), customer, {"metadata": patch}).status_code
        return status

    statuses = at_once(world.app, [lambda patch=patch: patching(patch) for patch in patches])
    assert statuses == [200] * 8
    merged = {**stored, **{key: value for patch in patches for key, value in patch.items()}}
    after = world.reload(customer)
    assert after.metadata == {key: value for key, value in merged.items() if value is not None}
    assert after.version == 9
    assert faults_of(world) == []
