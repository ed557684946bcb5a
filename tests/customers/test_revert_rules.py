"""Undoing beside the rules that can have changed meanwhile: external IDs, parents, limits, archiving."""

import pytest

from tests.support.stored import faults_of, rows_of
from tests.support.undoing import EDITOR, change, mappings_of, revert
from tests.support.world import HOME, World
from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference, MappingItem
from webapp.customers.lookup import find_by_external_id
from webapp.database import reading
from webapp.errors import CustomerNotFound, ExternalIdTaken, InvalidInput, InvalidOperation


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def refuse(entries: dict[str, str]) -> None:
    """Metadata of more than one entry is against the rules."""
    if len(entries) > 1:
        raise InvalidInput(details={"metadata": ["Too many."]})


def test_an_external_id_goes_back_and_the_other_one_is_retired(world: World) -> None:
    """Both find the customer afterwards."""
    customer = world.create_customer(external_id="first")
    change(world, customer, external_id="second")
    revert(world, customer, 2)
    with world.app.app_context(), reading() as connection:
        found = [find_by_external_id(connection, HOME, external_id) for external_id in ("first", "second")]
    assert [(one.customer.id, one.by_retired_external_id) for one in found] == [
        (customer.id, False),
        (customer.id, True),
    ]


def test_an_external_id_that_another_has_taken_does_not_go_back(world: World) -> None:
    """The database's constraint refuses it, and nothing else goes back either."""
    customer = world.create_customer(external_id="first", name="One")
    change(world, customer, external_id="second", name="Two")
    world.create_customer(external_id="first")
    before = rows_of(world)
    with pytest.raises(ExternalIdTaken):
        revert(world, customer, 2)
    assert rows_of(world) == before
    revert(world, customer, 2, fields={("name", None)})
    assert world.reload(customer).name == "One"


def test_a_parent_that_is_archived_does_not_come_back(world: World) -> None:
    """It must be there to be one."""
    parent = world.create_customer()
    customer = world.create_customer(parent=parent.external_id)
    change(world, customer, parent="")
    world.archive(parent)
    with pytest.raises(CustomerNotFound):
        revert(world, customer, 2)


def test_a_parent_that_would_make_a_loop_does_not_come_back(world: World) -> None:
    """The tree has changed meanwhile."""
    parent = world.create_customer()
    customer = world.create_customer(parent=parent.external_id)
    change(world, customer, parent="")
    change(world, parent, parent=customer.id)
    with pytest.raises(InvalidOperation, match="loop"):
        revert(world, customer, 2)
    assert world.reload(customer).parent_customer_id is None


def test_metadata_that_would_be_against_the_rules_does_not_come_back(world: World) -> None:
    """An entry that was removed has lost its place to others; taking one away is always possible."""
    customer = world.create_customer(metadata={"a": "1"})
    change(world, customer, metadata={"b": "2"})
    with pytest.raises(InvalidInput):
        revert(world, customer, 2, fields={("metadata", "a")}, judge=refuse)
    revert(world, customer, 2, judge=refuse)
    assert world.reload(customer).metadata == {"a": "1"}


def test_a_mapping_goes_back_with_its_metadata(world: World) -> None:
    """Which the form does not show."""
    customer = world.create_customer()
    with world.app.app_context():
        for item in (MappingItem("stripe", "1", {"n": [1, True]}), MappingItem("stripe", "")):
            changes = CustomerChanges(mappings=(item,))
            operations.update_customer(HOME, EDITOR, CustomerReference(id=customer.id), changes)
    revert(world, customer, 3)
    assert mappings_of(world, customer) == {"stripe": {"id": "1", "metadata": {"n": [1, True]}}}


def test_undoing_an_archiving_restores(world: World) -> None:
    """By the rules of a restore; and undoing that archives again."""
    customer = world.create_customer(external_id="e")
    world.archive(customer)
    assert revert(world, customer, 2).customer.is_published
    assert not revert(world, customer, 3).customer.is_published
    assert [entry.operation for entry in world.history(customer)] == ["revert", "revert", "archive", "create"]
    world.create_customer(external_id="e")
    with pytest.raises(ExternalIdTaken):
        revert(world, customer, 4)
    assert faults_of(world) == []


def test_undoing_a_restore_refuses_as_an_archiving_does(world: World) -> None:
    """A parent of published customers stays."""
    customer = world.create_customer(external_id="e")
    world.archive(customer)
    world.restore(customer)
    world.create_customer(parent="e")
    with pytest.raises(InvalidOperation, match="parent"):
        revert(world, customer, 3)


def test_an_archived_customer_stays_as_it_is(world: World) -> None:
    """Its other changes cannot be undone."""
    customer = change(world, world.create_customer(name="One"), name="Two")
    world.archive(customer)
    with pytest.raises(InvalidOperation, match="archived"):
        revert(world, customer, 2)


def test_the_search_finds_what_went_back(world: World) -> None:
    """What it looks in is kept in the same transaction."""
    customer = world.create_customer(name="Findable", metadata={"k": "v"})
    first = rows_of(world)["customer_search"]
    change(world, customer, name="Otherwise", metadata={})
    assert rows_of(world)["customer_search"] != first
    revert(world, customer, 2)
    assert rows_of(world)["customer_search"] == first
