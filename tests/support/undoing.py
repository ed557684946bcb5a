"""Changing a customer and undoing it, as an editor does, without a page."""

from typing import Any

from tests.support.world import HOME, World
from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference, MappingItem, ParentReference
from webapp.customers.lookup import find_mappings
from webapp.customers.mappings import recorded_mappings
from webapp.customers.model import Actor, Customer, Scope
from webapp.customers.operations import Outcome
from webapp.database import reading

EDITOR = Actor("staff", "staff_editor", "editor@desk.example", "desk", "req_1")


def take_all(_entries: dict[str, str]) -> None:
    """Metadata that no rule is against."""


def change(world: World, customer: Customer, **values: Any) -> Customer:
    """Change a customer; ``parent`` is an ID, ``mappings`` a dict from provider to ID."""
    metadata, parent = values.pop("metadata", None), values.pop("parent", None)
    mappings = tuple(MappingItem(*item) for item in values.pop("mappings", {}).items())
    reference = None if parent is None else ParentReference(parent)
    changes = CustomerChanges(values, metadata, reference, mappings)
    with world.app.app_context():
        return operations.update_customer(HOME, EDITOR, CustomerReference(id=customer.id), changes).customer


def revert(world: World, customer: Customer, version: int, scope: Scope = HOME, **kwargs: Any) -> Outcome:
    """Undo a change as an editor."""
    with world.app.app_context():
        return operations.revert_change(scope, EDITOR, customer.id, version, **{"judge": take_all, **kwargs})


def mappings_of(world: World, customer: Customer) -> dict[str, Any]:
    """A customer's mappings as the history has them."""
    with world.app.app_context(), reading() as connection:
        return recorded_mappings(find_mappings(connection, HOME, customer.id))
