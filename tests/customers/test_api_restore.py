"""POST /v1/customers/{id}/restore, on both databases: an archived customer comes back (contract sections 10, 11)."""

from typing import Any

import pytest

from tests.support.clients import ApiClient
from tests.support.stored import faults_of, rows_of
from tests.support.threads import at_once
from tests.support.world import World
from webapp.customers.model import Customer


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


@pytest.fixture
def api(world: World) -> ApiClient:
    """A program with a write key."""
    return ApiClient(world.app, world)


@pytest.fixture
def customer(world: World) -> Customer:
    """An archived customer, at version 3, with parent, metadata, mapping and a retired external ID."""
    world.create_customer(external_id="parent")
    customer = world.create_customer(
        external_id="old", parent="parent", metadata={"b": "1", "a": "2"}, mappings={"stripe": "cus_1"}
    )
    return world.archive(world.update_customer(customer, external_id="own"))


def restore(api: ApiClient, customer: Customer, query: str = "", **kwargs: Any) -> Any:
    """Restore a customer."""
    return api.request("POST", f"/v1/customers/{customer.id}/restore{query}", **kwargs)


def test_a_restored_customer_is_as_it_was(api: ApiClient, customer: Customer) -> None:
    """200 with the customer, published again, at a new version."""
    path = f"/v1/customers/{customer.id}?expand=integrations,parent_customer"
    before = api.get(path).json
    answer = restore(api, customer, "?expand=integrations,parent_customer")
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"4"')
    assert answer.json == api.get(path).json
    changed = {name: answer.json[name] for name in ("status", "updated_at", "updated_by")}
    assert answer.json == {**before, **changed}
    assert changed["status"] == "published"
    assert changed["updated_at"] > before["updated_at"]


@pytest.mark.parametrize("external_id", ["own", "old"], ids=["its external ID", "its retired one"])
def test_it_is_found_by_external_id_again(api: ApiClient, customer: Customer, external_id: str) -> None:
    """By the retired one too, which nobody has taken."""
    path = f"/v1/customers/external/{external_id}"
    assert api.get(path).status_code == 404
    restore(api, customer)
    answer = api.get(path)
    assert (answer.status_code, answer.json["id"]) == (200, customer.id)
    assert ("X-Retired-External-ID" in answer.headers) is (external_id == "old")


def test_it_can_be_changed_and_archived_again(api: ApiClient, world: World, customer: Customer) -> None:
    """Round and round."""
    for _ in range(2):
        assert restore(api, customer).status_code == 200
        assert api.put(f"/v1/customers/{customer.id}", {"name": "After"}).status_code == 200
        assert api.request("DELETE", f"/v1/customers/{customer.id}").status_code == 204
    assert faults_of(world) == []


@pytest.mark.parametrize("how", ["created", "renamed"])
def test_an_external_id_that_was_taken_meanwhile_is_a_conflict(
    api: ApiClient, world: World, customer: Customer, how: str
) -> None:
    """409, and the customer stays archived; once the ID is free, it comes back."""
    other = world.create_customer(external_id="own" if how == "created" else "other")
    if how == "renamed":
        world.update_customer(other, external_id="own")
    before = rows_of(world)
    answer = restore(api, customer)
    assert (answer.status_code, answer.json["code"]) == (409, "already_exists")
    assert list(answer.json["details"]) == ["external_id"]
    assert rows_of(world) == before
    world.archive(other)
    assert restore(api, customer).status_code == 200


def test_it_takes_its_external_id_from_the_retired_ones(api: ApiClient, world: World, customer: Customer) -> None:
    """Another customer had it meanwhile, and left it: it finds this one again, as its present one."""
    other = world.create_customer(external_id="own")
    world.update_customer(other, external_id="left")
    found = api.get("/v1/customers/external/own")
    assert (found.json["id"], found.headers["X-Retired-External-ID"]) == (other.id, "true")
    assert restore(api, customer).status_code == 200
    found = api.get("/v1/customers/external/own")
    assert (found.json["id"], "X-Retired-External-ID" in found.headers) == (customer.id, False)
    world.archive(customer)
    assert api.get("/v1/customers/external/own").status_code == 404
    assert faults_of(world) == []


def test_a_published_customer_has_nothing_to_restore(api: ApiClient, world: World, customer: Customer) -> None:
    """400 invalid_operation, the second time as well."""
    restore(api, customer)
    before = rows_of(world)
    answer = restore(api, customer)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_operation")
    assert rows_of(world) == before


def test_an_unknown_customer_is_not_found(api: ApiClient) -> None:
    """404."""
    answer = api.request("POST", "/v1/customers/cust_unknown/restore")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_a_child_of_an_archived_parent_waits_for_it(api: ApiClient, world: World, customer: Customer) -> None:
    """400 invalid_operation at the parent, until the parent is back (section 5: a parent is published)."""
    parent_id = customer.parent_customer_id
    assert api.request("DELETE", f"/v1/customers/{parent_id}").status_code == 204
    before = rows_of(world)
    answer = restore(api, customer)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_operation")
    assert list(answer.json["details"]) == ["parent_customer_id"]
    assert rows_of(world) == before
    assert api.request("POST", f"/v1/customers/{parent_id}/restore").status_code == 200
    assert restore(api, customer).status_code == 200
    assert faults_of(world) == []


def test_a_tree_has_no_more_than_five_levels_after_a_restore(api: ApiClient, world: World, customer: Customer) -> None:
    """An archived child keeps its place: what it hangs below cannot sink meanwhile."""
    for level in range(1, 5):
        world.create_customer(external_id=f"level {level}", **({"parent": f"level {level - 1}"} if level > 1 else {}))
    body = {"parent_customer_external_id": "level 4"}
    sunk = api.put(f"/v1/customers/{customer.parent_customer_id}", body)
    assert (sunk.status_code, sunk.json["code"]) == (400, "invalid_operation")
    assert restore(api, customer).status_code == 200


@pytest.mark.parametrize(
    ("kwargs", "status", "named"),
    [
        ({"json": {"name": "After", "reason": "x"}}, 400, ["name", "reason"]),
        ({"json": {"status": "published"}}, 400, ["status"]),
        ({"json": []}, 400, ["body"]),
        ({"data": b"{", "content_type": "application/json"}, 400, ["body"]),
        ({"data": b"name=After"}, 415, []),
        ({"data": b" " * (2**20 + 1), "content_type": "application/json"}, 413, []),
        ({"json": {}, "query_string": "expand=wallets"}, 400, ["expand"]),
    ],
    ids=["fields", "a read-only field", "an array", "no JSON", "no JSON declared", "too large", "an unknown expansion"],
)
def test_a_restore_takes_no_fields(
    api: ApiClient, world: World, customer: Customer, kwargs: dict[str, Any], status: int, named: list[str]
) -> None:
    """A field that answers 200 and is not stored would be a lost edit."""
    answer = restore(api, customer, **kwargs)
    assert (answer.status_code, sorted(answer.json["details"])) == (status, named)
    assert world.reload(customer) == customer


@pytest.mark.parametrize(
    "kwargs",
    [{}, {"json": {}}, {"data": b"", "content_type": "application/json"}],
    ids=["no body", "an empty object", "an empty body that is declared"],
)
def test_a_restore_needs_no_body(api: ApiClient, customer: Customer, kwargs: dict[str, Any]) -> None:
    """An empty object will do, too."""
    assert restore(api, customer, **kwargs).status_code == 200


@pytest.mark.parametrize(("tag", "status"), [('"3"', 200), ("*", 200), ('"2"', 412), ('W/"3"', 412)])
def test_if_match_holds(api: ApiClient, world: World, customer: Customer, tag: str, status: int) -> None:
    """412 with the present version, and nothing is done."""
    answer = restore(api, customer, headers={"If-Match": tag})
    assert answer.status_code == status
    assert (world.reload(customer).status == "published") is (status == 200)
    assert status == 200 or answer.json["details"] == {"version": ["3"]}


def test_restoring_is_an_entry_of_the_history(api: ApiClient, world: World, customer: Customer) -> None:
    """Who, when, from where; of the fields the status alone."""
    restore(api, customer, headers={"X-Request-ID": "restoring"})
    (entry, *earlier) = api.get(f"/v1/customers/{customer.id}/history").json["items"]
    assert (entry["operation"], entry["version"], entry["source"]) == ("restore", 4, "api")
    assert (entry["actor_name"], entry["request_id"]) == ("write key", "restoring")
    assert entry["fields"] == [{"field": "status", "key": None, "old": "archived", "new": "published"}]
    assert [change["operation"] for change in earlier] == ["archive", "update", "create"]
    assert faults_of(world) == []


@pytest.mark.parametrize("round_", range(3))
def test_of_two_that_want_one_external_id_at_once_one_gets_it(
    api: ApiClient, world: World, customer: Customer, round_: int
) -> None:
    """A restore and a create: one succeeds, the other is a conflict."""

    def create() -> int:
        body = {"external_id": "own", "name": f"Round {round_}"}
        status: int = ApiClient(world.app, world).request("POST", "/v1/customers", json=body).status_code
        return status

    works = [lambda: restore(ApiClient(world.app, world), customer).status_code, create]
    assert tuple(at_once(world.app, works)) in {(200, 409), (409, 201)}
    assert faults_of(world) == []
