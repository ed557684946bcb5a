"""Saving and undoing while somebody else saves in the middle: merged again, given up at last without a loss."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from tests.support.world import HOME, World
from webapp.customers.limits import Limits
from webapp.customers.model import Actor, Customer
from webapp.customers.saving import ATTEMPTS, save
from webapp.customers.undoing import undo

EDITOR = Actor("staff", "staff_editor", "editor@desk.example", "desk", "req_1")


class InterruptedForm(MultiDict[str, str]):
    """What was typed; while it is read, which is behind the reading of the customer, somebody else saves."""

    def __init__(self, values: dict[str, str], name: str, interrupt: Callable[[], Any]) -> None:
        super().__init__(values)
        self.name, self.interrupt = name, interrupt

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> list[Any]:
        """As of any form."""
        if key == self.name:
            self.interrupt()
        return super().getlist(key, *args, **kwargs)


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def _saves(world: World, customer: Customer, most: int) -> Callable[[], Any]:
    """A function that gives the customer another phone number, at most so many times."""
    numbers = count(1)

    def interrupt() -> None:
        if (number := next(numbers)) <= most:
            world.update_customer(customer, contact=str(number))

    return interrupt


def _typed(customer: Customer) -> dict[str, str]:
    return {
        "external_id": customer.external_id,
        "name": "Mine",
        "timezone": customer.timezone,
        "version": str(customer.version),
        "metadata": "rows",
        "integration_entity_mapping": "rows",
    }


@pytest.mark.parametrize("most", [1, ATTEMPTS - 1])
def test_a_save_is_merged_with_what_is_saved_in_its_middle(world: World, most: int) -> None:
    """As often as it takes, within reason; both edits hold."""
    customer = world.create_customer(name="One")
    interrupt = _saves(world, customer, most)
    with world.app.app_context():
        _, saved = save(HOME, EDITOR, customer.id, Limits(), InterruptedForm(_typed(customer), "name", interrupt))
    assert saved is not None
    assert saved.merged_since == 1
    stored = world.reload(customer)
    assert (stored.name, stored.contact, stored.version) == ("Mine", str(most), most + 2)


def test_a_save_that_is_always_too_late_keeps_what_was_typed(world: World) -> None:
    """It says what to do; nothing is written."""
    customer = world.create_customer(name="One")
    interrupt = _saves(world, customer, 1000)
    with world.app.app_context():
        edit, saved = save(HOME, EDITOR, customer.id, Limits(), InterruptedForm(_typed(customer), "name", interrupt))
    assert saved is None
    assert [target for target, _ in edit.form.error_summary] == ["customer-form"]
    assert (edit.form.name.data, world.reload(customer).name) == ("Mine", "One")


def test_undoing_looks_again_where_somebody_saves_in_its_middle(world: World) -> None:
    """What is saved is not lost; an undoing that is always too late says so."""
    customer = world.create_customer(name="One")
    world.update_customer(customer, name="Two")
    for most in (1000, 1):
        interrupt = _saves(world, customer, most)
        with world.app.app_context():
            entry, outcome = undo(HOME, EDITOR, customer.id, 2, Limits(), InterruptedForm({}, "field", interrupt))
        assert (outcome is None, entry.status) == ((True, 422) if most == 1000 else (False, 200))
    assert (world.reload(customer).name, world.reload(customer).contact) == ("One", "1")
