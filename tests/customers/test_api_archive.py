"""DELETE /v1/customers/{id}, on both databases: archived, not gone (contract sections 5, 7, 10, 11)."""

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
    """A customer with all there is: parent, metadata, mapping and a retired external ID."""
    world.create_customer(external_id="parent")
    customer = world.create_customer(
        external_id="old", parent="parent", metadata={"b": "1", "a": "2"}, mappings={"stripe": "cus_1"}
    )
    return world.update_customer(customer, external_id="own")


def archive(api: ApiClient, customer: Customer, **kwargs: Any) -> Any:
    """Archive a customer."""
    return api.request("DELETE", f"/v1/customers/{customer.id}", **kwargs)


def test_archiving_is_answered_204_without_a_body(api: ApiClient, customer: Customer) -> None:
    """With the new version, and no type of what is not there."""
    answer = archive(api, customer)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (204, b"", '"3"')
    assert "Content-Type" not in answer.headers
    assert "X-Request-ID" in answer.headers


def test_an_archived_customer_is_still_there_by_its_id(api: ApiClient, world: World, customer: Customer) -> None:
    """All of it, but for the status and who changed it when."""
    path = f"/v1/customers/{customer.id}?expand=integrations,parent_customer"
    before = api.get(path).json
    archive(api, customer)
    answer = api.get(path)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"3"')
    changed = {name: answer.json[name] for name in ("status", "updated_at", "updated_by")}
    assert answer.json == {**before, **changed}
    assert changed["status"] == "archived"
    assert changed["updated_at"] > before["updated_at"]
    assert changed["updated_by"] == world.history(customer)[0].actor_id


@pytest.mark.parametrize("external_id", ["own", "old"], ids=["its external ID", "its retired one"])
@pytest.mark.parametrize("route", ["external", "lookup"])
def test_an_archived_customer_is_not_found_by_external_id(
    api: ApiClient, customer: Customer, route: str, external_id: str
) -> None:
    """Neither by the one that it has nor by one that it had."""
    assert api.get(f"/v1/customers/{route}/{external_id}").status_code == 200
    archive(api, customer)
    answer = api.get(f"/v1/customers/{route}/{external_id}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert "X-Retired-External-ID" not in answer.headers


def test_a_second_archiving_is_not_found(api: ApiClient, world: World, customer: Customer) -> None:
    """404, and nothing more is written."""
    archive(api, customer)
    before = rows_of(world)
    answer = archive(api, customer)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert rows_of(world) == before


def test_an_unknown_customer_is_not_found(api: ApiClient) -> None:
    """404."""
    answer = api.request("DELETE", "/v1/customers/cust_unknown")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/v1/customers/{id}"), ("PUT", "/v1/customers?id={id}"), ("PATCH", "/v1/customers/{id}")],
)
@pytest.mark.parametrize("body", [{"name": "After"}, {}], ids=["a change", "no change"])
def test_an_archived_customer_cannot_be_changed(
    api: ApiClient, world: World, customer: Customer, method: str, path: str, body: dict[str, str]
) -> None:
    """400 invalid_operation; the record's state forbids it."""
    archive(api, customer)
    before = rows_of(world)
    answer = api.request(method, path.format(id=customer.id), json=body)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_operation")
    assert rows_of(world) == before


def test_a_put_by_the_external_id_of_an_archived_customer_is_not_found(api: ApiClient, customer: Customer) -> None:
    """Nobody has it any more."""
    archive(api, customer)
    assert api.put("/v1/customers?external_customer_id=own", {"name": "After"}).status_code == 404


def test_its_external_id_is_free_again(api: ApiClient, world: World, customer: Customer) -> None:
    """For a new customer, and for one that is there."""
    other = world.create_customer(external_id="other")
    archive(api, customer)
    assert api.put(f"/v1/customers/{other.id}", {"external_id": "own"}).status_code == 200
    archive(api, other)
    answer = api.request("POST", "/v1/customers", json={"external_id": "own", "name": "Third"})
    assert answer.status_code == 201
    assert api.get("/v1/customers/external/own").json["id"] == answer.json["id"]
    assert faults_of(world) == []


def test_a_parent_of_published_children_cannot_be_archived(api: ApiClient, world: World, customer: Customer) -> None:
    """Until its children are archived; the refusal names one of them (section 5)."""
    child, other = (world.create_customer(parent="own") for _ in range(2))
    before = rows_of(world)
    answer = archive(api, customer)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_operation")
    assert child.id in answer.json["message"] or other.id in answer.json["message"]
    assert rows_of(world) == before
    archive(api, child)
    assert archive(api, customer).status_code == 400
    archive(api, other)
    assert archive(api, customer).status_code == 204
    assert faults_of(world) == []


def test_a_parent_whose_children_went_elsewhere_can_be_archived(
    api: ApiClient, world: World, customer: Customer
) -> None:
    """It is nobody's parent any more."""
    child = world.create_customer(parent="own")
    api.put(f"/v1/customers/{child.id}", {"parent_customer_id": ""})
    assert archive(api, customer).status_code == 204


@pytest.mark.parametrize(
    ("tag", "status"), [('"2"', 204), ("*", 204), ('"1", "2"', 204), ('"1"', 412), ('W/"2"', 412), ('"3"', 412)]
)
def test_if_match_holds(api: ApiClient, world: World, customer: Customer, tag: str, status: int) -> None:
    """412 with the present version, and nothing is done."""
    before = rows_of(world)
    answer = archive(api, customer, headers={"If-Match": tag})
    assert answer.status_code == status
    if status == 412:
        assert (answer.json["code"], answer.json["details"]) == ("version_conflict", {"version": ["2"]})
        assert rows_of(world) == before
    assert (world.reload(customer).status == "archived") is (status == 204)


def test_archiving_is_an_entry_of_the_history(api: ApiClient, world: World, customer: Customer) -> None:
    """Who, when, from where; of the fields the status alone."""
    archive(api, customer, headers={"X-Request-ID": "archiving"})
    (entry, *earlier) = api.get(f"/v1/customers/{customer.id}/history").json["items"]
    assert (entry["operation"], entry["version"], entry["source"]) == ("archive", 3, "api")
    assert (entry["actor_name"], entry["request_id"]) == ("write key", "archiving")
    assert entry["fields"] == [{"field": "status", "key": None, "old": "published", "new": "archived"}]
    assert [change["operation"] for change in earlier] == ["update", "create"]
    assert faults_of(world) == []


def test_of_two_that_archive_at_once_one_finds_it_gone(api: ApiClient, world: World, customer: Customer) -> None:
    """204 and 404, and one entry."""
    works = [lambda: archive(ApiClient(world.app, world), customer).status_code] * 2
    assert sorted(at_once(world.app, works)) == [204, 404]
    assert world.reload(customer).version == 3
    assert faults_of(world) == []


@pytest.mark.parametrize("round_", range(3))
def test_no_child_comes_to_a_parent_that_is_being_archived(
    api: ApiClient, world: World, customer: Customer, round_: int
) -> None:
    """Either the child is there first and the parent stays, or the parent is gone and the child has none."""
    child = world.create_customer(external_id=f"child {round_}")

    def attach() -> int:
        body = {"parent_customer_id": customer.id}
        return ApiClient(world.app, world).put(f"/v1/customers/{child.id}", body).status_code

    works = [lambda: archive(ApiClient(world.app, world), customer).status_code, attach]
    assert tuple(at_once(world.app, works)) in {(204, 404), (400, 200)}
    assert (world.reload(child).parent_customer_id is None) is (world.reload(customer).status == "archived")
