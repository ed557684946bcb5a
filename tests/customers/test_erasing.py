"""Erasing a customer: none of its data stays anywhere, while its history keeps its shape and its proof."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.support.clients import ApiClient
from tests.support.marked_customer import MARK, Marked, make_marked_customer, marked_tables
from tests.support.stored import faults_of
from tests.support.threads import at_once
from tests.support.world import HOME, World
from webapp.customers import operations, search_index
from webapp.customers.changeset import CustomerChanges, CustomerReference
from webapp.customers.erased_values import is_token
from webapp.customers.erasures import ERASED_NOT_CHANGED, count_erasures
from webapp.customers.lookup import find_mappings
from webapp.customers.model import Scope
from webapp.database import is_postgresql, reading, transaction
from webapp.errors import InvalidOperation, VersionConflict


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


@pytest.fixture
def marked(world: World) -> Marked:
    """A customer with a mark wherever its data is kept."""
    return make_marked_customer(world)


#: Every table that a customer's data stands in.
HOLDING = {
    "customers", "customer_changes", "customer_search", "customer_metadata", "integration_mappings",
    "retired_external_ids", "idempotency_keys", "saved_views",
}  # fmt: skip


def test_nothing_of_the_data_is_in_any_row_of_any_table(world: World, marked: Marked) -> None:
    """It stood in all that hold any; no answer, saved view or index has it afterwards, and no other loses anything."""
    assert set(marked_tables(world)) - {"customer_search_fts"} == HOLDING
    world.erase(marked.customer)
    assert marked_tables(world) == {}
    with world.app.app_context(), reading() as connection:
        kept = connection.execute(text("SELECT name FROM saved_views")).scalars().all()
        assert kept == ["Everybody's"]
        assert [fault for fault in search_index.verify(connection) if fault] == []
    with world.app.app_context():
        assert transaction(search_index.trigrams_fault) == ""


def test_what_is_left_is_an_archived_customer_without_data(world: World, marked: Marked) -> None:
    """Its ID, when it was made and by whom; a name and an external ID that say nothing; no parent, no mapping."""
    erased = world.erase(marked.customer)
    assert erased == world.reload(erased)
    assert (erased.id, erased.status, erased.version) == (marked.customer.id, "archived", marked.customer.version + 1)
    assert (erased.name, erased.external_id) == ("erased", f"erased-{erased.id}")
    assert (erased.email, erased.address_country, erased.timezone, erased.metadata) == ("", "", "UTC", {})
    assert erased.parent_customer_id is None
    assert erased.created_at == marked.customer.created_at
    with world.app.app_context(), reading() as connection:
        assert find_mappings(connection, HOME, erased.id) == []


def test_the_history_keeps_who_changed_which_fields_when(world: World, marked: Marked) -> None:
    """Every entry, with its person, time, place and fields; behind them one that says that it was erased, and why."""
    before = world.history(marked.customer)
    world.erase(marked.customer, reason="Request 17")
    erasing, *after = world.history(marked.customer)
    assert (erasing.operation, erasing.reason, erasing.actor_id) == ("erase", "Request 17", world.actor.id)
    assert [_shape(change) for change in after] == [_shape(change) for change in before]
    assert faults_of(world) == []


def _shape(change: Any) -> tuple[Any, ...]:
    fields = [
        (field.field, field.key is None, field.old_value is None, field.new_value is None, field.old_value == "")
        for field in change.fields
    ]
    who = (change.actor_type, change.actor_id, change.actor_name, change.source, change.request_id)
    return (change.id, change.version, change.operation, change.at, *who, bool(change.reason), fields)


def test_equal_values_stay_equal_and_different_ones_different(world: World, marked: Marked) -> None:
    """A name that came back is seen to have come back; values of two fields are never seen to be the same."""
    world.update_customer(marked.customer, email=f"{MARK}@example.com", contact="same", address_city="same")
    world.erase(marked.customer)
    history = world.history(marked.customer)[::-1]
    of_name = [field for change in history for field in change.fields if field.field == "name"]
    first, second = of_name[0].new_value, of_name[1].new_value
    assert is_token(first)
    assert is_token(second)
    assert [field.new_value for field in of_name] == [first, second, first, "erased"]
    last = {field.field: field.new_value for field in history[-2].fields}
    assert last["contact"] != last["address_city"]
    statuses = {field.new_value for change in history for field in change.fields if field.field == "status"}
    assert statuses == {"published", "archived"}


def test_metadata_keys_and_mappings_become_tokens_too(world: World, marked: Marked) -> None:
    """Under one token each, whichever entry they are in; a provider's name stays, its metadata goes."""
    world.erase(marked.customer)
    fields = [field for change in world.history(marked.customer)[::-1] for field in change.fields]
    keys = [field.key for field in fields if field.field == "metadata"]
    assert all(is_token(key) for key in keys)
    assert len(set(keys)) == 3
    mappings = [field for field in fields if field.field == "integration_entity_mapping"]
    assert {field.key for field in mappings} == {"stripe", "paypal"}
    assert all(
        value is None or (is_token(value["id"]) and value["metadata"] == {})
        for field in mappings
        for value in (field.old_value, field.new_value)
    )


def test_it_is_found_by_its_id_alone(world: World, marked: Marked) -> None:
    """Not by an external ID that it has or had, not by a search; its own ID answers with what is left."""
    world.erase(marked.customer)
    api = ApiClient(world.app, world)
    for external_id in (f"{MARK}-first-id", f"{MARK}-second-id", f"erased-{marked.customer.id}"):
        assert api.get(f"/v1/customers/external/{external_id}").status_code == 404
    answer = api.get(f"/v1/customers/{marked.customer.id}?expand=integrations")
    assert answer.get_json()["status"] == "archived"
    assert answer.get_json()["integrations"] == []
    assert MARK not in answer.get_data(as_text=True)
    for status in ("published", "archived"):
        found = api.request("POST", "/v1/customers/search", json=_name_holds(MARK, status)).get_json()
        assert found["items"] == []
    taken = api.request("POST", "/v1/customers", json={"external_id": f"{MARK}-second-id", "name": "Somebody new"})
    assert taken.status_code == 201


def _name_holds(needle: str, status: str) -> dict[str, Any]:
    condition = {"field": "name", "operator": "contains", "value": {"string": needle}}
    return {"filters": [condition], "status": status}


def test_nobody_changes_or_restores_it_any_more(world: World) -> None:
    """400 with the reason, whatever was sent along; an undoing is refused as well."""
    made = world.create_customer(metadata={"a": "b"})
    customer = world.erase(made)
    api = ApiClient(world.app, world)
    path = f"/v1/customers/{customer.id}"
    for answer in (
        api.put(path, {"name": "Back"}),
        api.put(path, {"name": "Back"}, headers={"If-Match": f'"{customer.version}"'}),
        api.request("PATCH", path, json={"metadata": {"a": "b"}}),
        api.request("POST", f"{path}/restore"),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_operation")
        assert answer.get_json()["message"] == ERASED_NOT_CHANGED
    assert api.request("DELETE", path).status_code == 404
    with world.app.app_context(), pytest.raises(InvalidOperation, match="erased for good"):
        operations.revert_change(HOME, world.actor, customer.id, 2, judge=lambda _entries: None)
    assert world.reload(customer) == customer


def test_erasing_twice_changes_nothing(world: World) -> None:
    """The first time counts."""
    made = world.create_customer(metadata={"a": "b"})
    once = world.erase(made, reason="Request 17")
    twice = world.erase(made, reason="Request 18")
    assert twice == once
    with world.app.app_context(), reading() as connection:
        assert count_erasures(connection) == 1


def test_an_archived_customer_is_erased_as_it_is(world: World, marked: Marked) -> None:
    """Its archiving stays in the history; the erasure changes no status then."""
    world.archive(marked.customer)
    world.erase(marked.customer)
    erasing, archiving, *_ = world.history(marked.customer)
    assert archiving.operation == "archive"
    assert "status" not in {field.field for field in erasing.fields}
    assert (marked_tables(world), faults_of(world)) == ({}, [])


def test_a_parent_is_erased_only_when_nobody_published_has_it(world: World) -> None:
    """As with archiving; an archived child can be restored afterwards, without the parent that never comes back."""
    parent = world.create_customer(external_id="the-parent")
    child = world.create_customer(parent="the-parent")
    with pytest.raises(InvalidOperation, match=child.id):
        world.erase(parent)
    world.archive(child)
    world.erase(parent)
    assert world.reload(child).parent_customer_id == parent.id
    restored = world.restore(child)
    assert (restored.status, restored.parent_customer_id) == ("published", None)
    assert faults_of(world) == []


def test_the_pool_s_connections_stay_as_they_were(world: World) -> None:
    """Their driver begins no transaction of its own accord, after an erasure either."""
    world.erase(world.create_customer())
    with world.app.app_context(), reading() as connection:
        driver: Any = connection.connection.driver_connection
        assert driver.autocommit if is_postgresql(connection) else driver.isolation_level is None


def test_another_environment_cannot_erase_it(world: World) -> None:
    """It is unknown there; and a version that is not the one that was looked at is refused."""
    made = world.create_customer(metadata={"a": "b"})
    other = Scope("tenant_elsewhere", "env_elsewhere_production")
    with world.app.app_context():
        with pytest.raises(Exception, match="no such customer"):
            operations.erase_customer(other, world.actor, made.id)
        with pytest.raises(VersionConflict):
            operations.erase_customer(HOME, world.actor, made.id, expected_versions=frozenset({2}))
    assert world.reload(made) == made


def test_an_update_at_the_same_moment_leaves_nothing_behind(world: World, marked: Marked) -> None:
    """Either it came first and was erased, or it is told that it came too late."""
    reference = CustomerReference(id=marked.customer.id)

    def write() -> Any:
        changes = CustomerChanges({"address_city": f"{MARK} later"})
        return operations.update_customer(HOME, world.actor, reference, changes)

    def erase() -> Any:
        return operations.erase_customer(HOME, world.actor, marked.customer.id, reason="Request 17")

    *written, erased = at_once(world.app, [write, write, erase])
    assert erased.customer.name == "erased"
    assert all(
        isinstance(answer, InvalidOperation) or answer.customer.version < erased.customer.version for answer in written
    )
    assert (marked_tables(world), faults_of(world)) == ({}, [])
