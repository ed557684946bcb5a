"""Creating and updating customers, on both databases."""

import pytest

from tests.support.world import HOME, World
from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference
from webapp.errors import ExternalIdTaken


def test_an_update_writes_only_what_differs(world_on_each_database: World) -> None:
    """A change names the one field that differs, and the version goes up by one."""
    world = world_on_each_database
    customer = world.create_customer(name="Before", metadata={"b": "1", "a": "2"})
    world.update_customer(customer, name="After", email="")
    stored = world.reload(customer)
    assert (stored.name, stored.version, stored.metadata) == ("After", 2, {"b": "1", "a": "2"})
    assert list(stored.metadata) == ["b", "a"]
    assert [(field.field, field.old, field.new) for field in world.history(customer)[0].fields] == [
        ("name", "Before", "After")
    ]


def test_a_taken_external_id_is_refused(world_on_each_database: World) -> None:
    """The database's constraint, not a look beforehand, refuses the second of two."""
    world = world_on_each_database
    world.create_customer(external_id="first")
    second = world.create_customer(external_id="second")
    with world.app.app_context(), pytest.raises(ExternalIdTaken):
        operations.update_customer(
            HOME, world.actor, CustomerReference(id=second.id), CustomerChanges({"external_id": "first"})
        )
    assert world.reload(second) == second
