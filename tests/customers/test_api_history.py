"""GET /v1/customers/{id}/history: a customer's changes, newest first, page by page (contract sections 9 and 11)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.clients import ApiClient, DeskClient
from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers import operations
from webapp.customers.model import Actor, Customer, Scope

KEYS = {
    "id", "customer_id", "version", "operation", "at", "actor_type", "actor_id", "actor_name", "source", "request_id",
    "reason", "fields", "reverted_version",
}  # fmt: skip


@pytest.fixture
def customer(world: World) -> Customer:
    """A customer at version 7."""
    customer = world.create_customer(name="1")
    for version in range(2, 8):
        customer = world.update_customer(customer, name=str(version))
    return customer


def history(api: ApiClient, customer: Customer, query: str = "", **kwargs: Any) -> dict[str, Any]:
    """A page of the history, which must be answered 200."""
    answer = api.get(f"/v1/customers/{customer.id}/history{query}", **kwargs)
    assert answer.status_code == 200, answer.json
    read: dict[str, Any] = answer.json
    return read


def versions(page: dict[str, Any]) -> list[int]:
    """The versions on a page, in its order."""
    return [item["version"] for item in page["items"]]


def test_the_newest_change_comes_first(api: ApiClient, customer: Customer) -> None:
    """All of them by default, with exactly the promised keys and an exact total."""
    page = history(api, customer)
    assert set(page) == {"items", "pagination"}
    assert versions(page) == [7, 6, 5, 4, 3, 2, 1]
    assert page["pagination"] == {"total": 7, "limit": 50, "offset": 0, "next_cursor": None}
    assert all(set(item) == KEYS for item in page["items"])
    assert {item["customer_id"] for item in page["items"]} == {customer.id}
    assert len({item["id"] for item in page["items"]}) == 7


def test_an_undoing_says_what_it_undid(api: ApiClient, world: World, customer: Customer) -> None:
    """Every other change has null there."""
    actor = Actor("staff", "staff_editor", "editor@desk.example", "desk", "req_1")
    with world.app.app_context():
        operations.revert_change(HOME, actor, customer.id, 7, judge=dict)
    newest, *others = history(api, customer)["items"]
    assert (newest["operation"], newest["reverted_version"]) == ("revert", 7)
    assert {item["reverted_version"] for item in others} == {None}


@pytest.mark.parametrize(
    ("query", "expected", "next_cursor"),
    [
        ("?limit=3", [7, 6, 5], "5"),
        ("?limit=3&offset=2", [5, 4, 3], "3"),
        ("?offset=5", [2, 1], None),
        ("?limit=2&offset=5", [2, 1], None),
        ("?limit=7", [7, 6, 5, 4, 3, 2, 1], None),
        ("?limit=1&offset=5", [2], "2"),
        ("?offset=7", [], None),
        ("?offset=1000000", [], None),
        ("?limit=1000", [7, 6, 5, 4, 3, 2, 1], None),
        ("?offset=000&limit=01", [7], "7"),
    ],
)
def test_limit_and_offset_cut_a_page(
    api: ApiClient, customer: Customer, query: str, expected: list[int], next_cursor: str | None
) -> None:
    """The total is of all changes, whatever the page."""
    page = history(api, customer, query)
    assert versions(page) == expected
    assert page["pagination"]["total"] == 7
    assert (page["pagination"]["next_cursor"] is None) is (next_cursor is None)
    if expected and next_cursor:
        assert versions(history(api, customer, f"?cursor={page['pagination']['next_cursor']}"))[0] == expected[-1] - 1


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_cursors_lead_through_all_pages_without_overlap_or_gap(api: ApiClient, customer: Customer, limit: int) -> None:
    """Until next_cursor is null, on a page that still has something."""
    seen: list[int] = []
    query = f"?limit={limit}"
    while True:
        page = history(api, customer, query)
        assert 1 <= len(page["items"]) <= limit
        assert (page["pagination"]["total"], page["pagination"]["offset"]) == (7, 0)
        seen += versions(page)
        if page["pagination"]["next_cursor"] is None:
            break
        query = f"?limit={limit}&cursor={page['pagination']['next_cursor']}"
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_a_change_meanwhile_moves_no_page_of_a_cursor(api: ApiClient, world: World, customer: Customer) -> None:
    """What is behind the cursor stays behind it; the total grows."""
    cursor = history(api, customer, "?limit=3")["pagination"]["next_cursor"]
    world.update_customer(customer, name="8")
    page = history(api, customer, f"?limit=3&cursor={cursor}")
    assert (versions(page), page["pagination"]["total"]) == ([4, 3, 2], 8)


def test_an_entry_says_who_when_from_where_and_why(api: ApiClient, world: World) -> None:
    """The key by its ID and its name, the request by its ID."""
    customer = world.create_customer()
    answer = api.put(f"/v1/customers/{customer.id}", {"name": "After"}, headers={"X-Request-ID": "my-request"})
    newest, creation = history(api, customer)["items"]
    assert {name: newest[name] for name in KEYS - {"id", "fields"}} == {
        "customer_id": customer.id, "version": 2, "operation": "update", "at": answer.json["updated_at"],
        "actor_type": "api_key", "actor_id": answer.json["updated_by"], "actor_name": "write key", "source": "api",
        "request_id": "my-request", "reason": "", "reverted_version": None,
    }  # fmt: skip
    assert newest["id"].startswith("chg_")
    assert datetime.strptime(newest["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) > customer.created_at
    assert (creation["actor_type"], creation["actor_id"], creation["source"]) == ("command", "actor_test", "command")


def test_changes_of_the_desk_are_there_too(api: ApiClient, desk: DeskClient, world: World) -> None:
    """A person by ID and address."""
    customer = world.create_customer(name="Before")
    path = f"/customers/{customer.id}/edit"
    assert desk.post(path, desk.get(path).form_values() | {"name": "After"}).status == 303
    newest = history(api, customer, "?limit=1")["items"][0]
    assert (newest["actor_type"], newest["actor_id"], newest["source"]) == ("staff", "staff_editor", "desk")
    assert newest["actor_name"] == world.email_of("editor")
    assert newest["request_id"].startswith("req_")


def test_an_entry_has_the_old_and_new_value_of_each_field_key_and_mapping(api: ApiClient, world: World) -> None:
    """Null where there was, or is, none."""
    parent = world.create_customer(external_id="parent")
    customer = world.create_customer(
        name="Before", email="a@acme.com", metadata={"a": "1", "b": "2"}, mappings={"stripe": "cus_1", "paddle": "1"}
    )
    items = [
        {"provider": "stripe", "id": "cus_2"},
        {"provider": "paddle", "id": ""},
        {"provider_type": "hubspot", "provider_entity_id": "3", "metadata": {"n": [1]}},
    ]
    body = {"name": "After", "email": "", "metadata": {"b": "new", "c": "3"}, "parent_customer_id": parent.id}
    answer = api.put(f"/v1/customers/{customer.id}", {**body, "integration_entity_mapping": items})
    assert answer.status_code == 200
    fields = history(api, customer, "?limit=1")["items"][0]["fields"]
    mapping = "integration_entity_mapping"
    expected = [
        {"field": "name", "key": None, "old": "Before", "new": "After"},
        {"field": "email", "key": None, "old": "a@acme.com", "new": ""},
        {"field": "parent_customer_id", "key": None, "old": None, "new": parent.id},
        {"field": "metadata", "key": "a", "old": "1", "new": None},
        {"field": "metadata", "key": "b", "old": "2", "new": "new"},
        {"field": "metadata", "key": "c", "old": None, "new": "3"},
        {
            "field": mapping,
            "key": "stripe",
            "old": {"id": "cus_1", "metadata": {}},
            "new": {"id": "cus_2", "metadata": {}},
        },
        {"field": mapping, "key": "paddle", "old": {"id": "1", "metadata": {}}, "new": None},
        {"field": mapping, "key": "hubspot", "old": None, "new": {"id": "3", "metadata": {"n": [1]}}},
    ]
    assert sorted(fields, key=repr) == sorted(expected, key=repr)


def test_creation_names_every_value_from_nothing(api: ApiClient, world: World) -> None:
    """So that the history from its first entry leads to the row."""
    customer = world.create_customer(name="N", metadata={"a": "1"})
    (entry,) = history(api, customer)["items"]
    found = {(field["field"], field["key"]): (field["old"], field["new"]) for field in entry["fields"]}
    assert found["name", None] == (None, "N")
    assert found["status", None] == (None, "published")
    assert found["metadata", "a"] == (None, "1")


def test_the_history_of_an_archived_customer_is_there(api: ApiClient, world: World, customer: Customer) -> None:
    """With its archiving on top."""
    world.archive(customer)
    page = history(api, customer)
    assert (versions(page)[0], page["items"][0]["operation"], page["pagination"]["total"]) == (8, "archive", 8)


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_somebody_else_s_history_is_not_found(api: ApiClient, world: World, scope: Scope) -> None:
    """As one of nobody."""
    customer = world.create_customer(scope)
    answers = [api.get(f"/v1/customers/{name}/history") for name in (customer.id, "cust_unknown")]
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(404, "not_found")] * 2


def test_only_this_customer_s_changes_are_there(api: ApiClient, world: World, customer: Customer) -> None:
    """Not its neighbour's."""
    neighbour = world.update_customer(world.create_customer(), name="Neighbour")
    assert {item["customer_id"] for item in history(api, customer)["items"]} == {customer.id}
    assert versions(history(api, neighbour)) == [2, 1]


def test_a_read_key_is_enough(api: ApiClient, customer: Customer) -> None:
    """Looking changes nothing."""
    assert versions(history(api, customer, "?limit=1", key="read")) == [7]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", ["limit"]),
        ("limit=1001", ["limit"]),
        ("limit=-1", ["limit"]),
        ("limit=ten&offset=-1", ["limit", "offset"]),
        ("limit=", ["limit"]),
        ("limit=1.0", ["limit"]),
        ("limit=%D9%A3", ["limit"]),
        ("limit=1&limit=2", ["limit"]),
        ("limit=99999999999999999999", ["limit"]),
        ("offset=x", ["offset"]),
        ("offset=99999999999999999999", ["offset"]),
        ("cursor=", ["cursor"]),
        ("cursor=x", ["cursor"]),
        ("cursor=0", ["cursor"]),
        ("cursor=-5", ["cursor"]),
        ("cursor=99999999999", ["cursor"]),
        ("cursor=3&offset=1", ["offset"]),
        ("cursor=x&limit=0&offset=y", ["cursor", "limit", "offset"]),
        ("lmit=3", ["lmit"]),
        ("expand=parent_customer", ["expand"]),
        ("sort=at", ["sort"]),
        ("limit=%00", ["limit"]),
    ],
)
def test_wrong_parameters_are_named_all_at_once(
    api: ApiClient, customer: Customer, query: str, named: list[str]
) -> None:
    """400."""
    answer = api.get(f"/v1/customers/{customer.id}/history?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "validation_error")
    assert sorted(answer.json["details"]) == named


def test_a_misspelt_parameter_is_told_the_right_one(api: ApiClient, customer: Customer) -> None:
    """The nearest known name."""
    answer = api.get(f"/v1/customers/{customer.id}/history?ofset=1")
    assert answer.json["details"] == {"ofset": ["unknown parameter 'ofset'; did you mean 'offset'?"]}


def test_only_a_caller_of_json_is_answered(api: ApiClient, customer: Customer) -> None:
    """406 for any other."""
    path = f"/v1/customers/{customer.id}/history"
    assert api.get(path, headers={"Accept": "text/csv"}).status_code == 406
