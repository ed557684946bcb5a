"""The history of a customer: what each change says, that it leads to the row, and that nobody can rewrite it."""

import random
from typing import Any

import pytest

from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference, MappingItem, ParentReference
from webapp.customers.history import (
    Change,
    FieldChange,
    changes_since,
    list_changes,
    recorded_values,
    replay,
    values_at,
)
from webapp.customers.history_check import verify
from webapp.customers.lookup import find_mappings
from webapp.customers.model import Actor, Customer, Scope
from webapp.database import reading, snapshot

EDITOR = Actor("staff", "staff_editor", "editor@desk.example", "desk", "req_1")


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def change(world: World, customer: Customer, changes: CustomerChanges, reason: str = "") -> Change | None:
    """Change a customer as an editor."""
    reference = CustomerReference(id=customer.id)
    with world.app.app_context():
        return operations.update_customer(HOME, EDITOR, reference, changes, reason=reason).change


def verified(world: World) -> list[str | None]:
    """The verdict on each customer."""
    with world.app.app_context(), snapshot() as connection:
        return list(verify(connection))


def values_now(world: World, customer: Customer) -> dict[str, Any]:
    """The recorded values of the row as it is stored, mappings included."""
    with world.app.app_context(), reading() as connection:
        found = find_mappings(connection, HOME, customer.id)
    mappings = {item.provider_type: {"id": item.provider_entity_id, "metadata": item.metadata} for item in found}
    return recorded_values(world.reload(customer), mappings)


def test_creation_records_every_value(world: World) -> None:
    """Each from nothing to what was given."""
    customer = world.create_customer(name="A", metadata={"plan": "gold"}, mappings={"stripe": "cus_1"})
    (created,) = world.history(customer)
    recorded = {(field.field, field.key): (field.old, field.new) for field in created.fields}
    assert (created.operation, created.version, created.at) == ("create", 1, customer.created_at)
    assert recorded["name", None] == (None, "A")
    assert recorded["email", None] == (None, "")
    assert recorded["status", None] == (None, "published")
    assert recorded["metadata", "plan"] == (None, "gold")
    assert recorded["integration_entity_mapping", "stripe"] == (None, "cus_1")


def test_a_change_says_who_when_from_where_and_why(world: World) -> None:
    """By ID and by name at the time."""
    customer = world.create_customer()
    written = change(world, customer, CustomerChanges({"name": "After"}), reason="asked for by phone")
    newest = world.history(customer)[0]
    assert newest == written
    assert (newest.actor_type, newest.actor_id, newest.actor_name) == ("staff", "staff_editor", "editor@desk.example")
    assert (newest.source, newest.request_id, newest.reason) == ("desk", "req_1", "asked for by phone")
    assert (newest.operation, newest.at) == ("update", world.reload(customer).updated_at)
    assert newest.id.startswith("chg_")


def test_each_metadata_key_has_its_own_old_and_new_value(world: World) -> None:
    """Kept keys are not named."""
    customer = world.create_customer(metadata={"kept": "1", "changed": "2", "dropped": "3"})
    written = change(world, customer, CustomerChanges(metadata={"changed": "two", "kept": "1", "added": ""}))
    assert written is not None
    assert written.fields == [
        FieldChange("metadata", "changed", "2", "two"),
        FieldChange("metadata", "dropped", "3", None),
        FieldChange("metadata", "added", None, ""),
    ]


def test_each_mapping_has_its_own_old_and_new_value(world: World) -> None:
    """Its metadata included."""
    customer = world.create_customer(mappings={"stripe": "1", "paddle": "2"})
    items = (MappingItem("stripe", "9", {"a": [1]}), MappingItem("paddle", ""), MappingItem("hubspot", "3"))
    written = change(world, customer, CustomerChanges(mappings=items))
    assert written is not None
    name = "integration_entity_mapping"
    assert written.fields == [
        FieldChange(name, "paddle", {"id": "2", "metadata": {}}, None),
        FieldChange(name, "stripe", {"id": "1", "metadata": {}}, {"id": "9", "metadata": {"a": [1]}}),
        FieldChange(name, "hubspot", None, {"id": "3", "metadata": {}}),
    ]
    assert (written.fields[1].old, written.fields[1].new, written.fields[0].new) == ("1", '9 {"a":[1]}', None)


def test_changes_are_listed_newest_first_page_by_page(world: World) -> None:
    """Each page goes on below the version that the one before ended with."""
    customer = world.create_customer(name="1")
    for version in range(2, 7):
        world.update_customer(customer, name=str(version))
    with world.app.app_context(), reading() as connection:
        pages = [
            [entry.version for entry in list_changes(connection, HOME, customer.id, most=4, before=before)]
            for before in (None, 3, 1, 0, -5, 10**12)
        ]
    assert pages == [[6, 5, 4, 3], [2, 1], [], [], [], [6, 5, 4, 3]]


def test_changes_since_a_version_are_those_past_it(world: World) -> None:
    """Newest first."""
    customer = world.create_customer(name="1")
    for version in (2, 3):
        world.update_customer(customer, name=str(version))
    with world.app.app_context(), reading() as connection:
        since = [[entry.version for entry in changes_since(connection, HOME, customer.id, past)] for past in (1, 3)]
    assert since == [[3, 2], []]


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_nobody_else_s_history_is_shown(world: World, scope: Scope) -> None:
    """Not even by the customer's ID."""
    customer = world.create_customer()
    assert world.history(customer, scope) == []


def test_old_values_are_replayed(world: World) -> None:
    """As they were at any version."""
    customer = world.create_customer(name="One", metadata={"a": "1"})
    change(world, customer, CustomerChanges({"name": "Two"}, {"b": "2"}, mappings=(MappingItem("stripe", "1"),)))
    with world.app.app_context(), reading() as connection:
        first, second = (values_at(connection, HOME, customer.id, version) for version in (1, 2))
    assert (first["name"], first["metadata"], first["integration_entity_mapping"]) == ("One", {"a": "1"}, {})
    assert (second["name"], second["metadata"]) == ("Two", {"b": "2"})
    assert second["integration_entity_mapping"] == {"stripe": {"id": "1", "metadata": {}}}


@pytest.mark.parametrize("seed", range(3))
def test_the_history_replayed_is_the_row_after_many_random_edits(world: World, seed: int) -> None:
    """Texts, metadata, mappings, parents, external IDs, in any mixture (contract section 11)."""
    dice = random.Random(seed)  # noqa: S311 - the same edits in every run
    parents = [world.create_customer(external_id=f"parent {number}").id for number in range(3)]
    customer = world.create_customer(external_id="e0", metadata={"a": "1"}, mappings={"stripe": "1"})
    for _ in range(40):
        texts = {name: dice.choice(["", "x", "Ünï"]) for name in dice.sample(["email", "contact", "address_city"], 2)}
        texts["external_id"] = f"e{dice.randrange(4)}"
        metadata = {key: dice.choice("123") for key in dice.sample("abcdef", dice.randrange(5))}
        items = tuple(
            MappingItem(name, dice.choice(["", "1", "2"]), dice.choice([None, {}, {"k": dice.randrange(3)}]))
            for name in dice.sample(["stripe", "paddle", "hubspot"], 2)
        )
        parent = dice.choice([None, ParentReference(""), ParentReference(dice.choice(parents))])
        change(world, customer, CustomerChanges(texts, dice.choice([None, metadata]), parent, items))
    stored = {name: value for name, value in values_now(world, customer).items() if value is not None}
    replayed = {name: value for name, value in replay(world.history(customer)[::-1]).items() if value is not None}
    assert replayed == stored
    assert world.reload(customer).version > 20
    assert set(verified(world)) == {None}
