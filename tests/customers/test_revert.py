"""Undoing a change as a new one, beside what was changed later, on both databases."""

import random
from typing import Any

import pytest

from tests.support.stored import faults_of, rows_of
from tests.support.undoing import change, mappings_of, revert
from tests.support.world import ELSEWHERE, SANDBOX, World
from webapp.customers.model import Customer, Scope
from webapp.customers.places import Place, read_place, write_place
from webapp.errors import (
    InvalidInput,
    InvalidOperation,
    NotFound,
    VersionConflict,
)


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def test_each_field_goes_back(world: World) -> None:
    """Texts, metadata that was added, changed and removed, mappings, the parent: as one new change."""
    parent = world.create_customer()
    customer = world.create_customer(name="Before", metadata={"a": "1", "b": "2"}, mappings={"stripe": "cus_1"})
    change(
        world,
        customer,
        name="After",
        email="a@acme.example",
        metadata={"a": "changed", "c": "3"},
        mappings={"stripe": "", "paddle": "p"},
        parent=parent.id,
    )
    outcome = revert(world, customer, 2)
    stored = world.reload(customer)
    assert outcome.customer == stored
    assert (stored.name, stored.email, stored.parent_customer_id, stored.version) == ("Before", "", None, 3)
    assert stored.metadata == {"a": "1", "b": "2"}
    assert mappings_of(world, customer) == {"stripe": {"id": "cus_1", "metadata": {}}}
    newest = world.history(customer)[0]
    assert newest == outcome.change
    assert (newest.operation, newest.reverted_version, newest.reason) == ("revert", 2, "")
    assert {(field.field, field.key) for field in newest.fields} == {
        (field.field, field.key) for field in world.history(customer)[1].fields
    }
    assert faults_of(world) == []


def test_what_was_changed_later_stays(world: World) -> None:
    """And what stands as it was changed goes back."""
    customer = world.create_customer(name="One", email="one@acme.example", metadata={"k": "1", "l": "1"})
    change(world, customer, name="Two", email="two@acme.example", metadata={"k": "2", "l": "2"})
    change(world, customer, name="Three", metadata={"k": "3", "l": "2"})
    revert(world, customer, 2)
    stored = world.reload(customer)
    assert (stored.name, stored.email, stored.metadata) == ("Three", "one@acme.example", {"k": "3", "l": "1"})


def test_what_was_changed_later_goes_back_where_it_is_asked_for(world: World) -> None:
    """Field by field."""
    customer = world.create_customer(name="One", metadata={"k": "1", "l": "1"})
    change(world, customer, name="Two", metadata={"k": "2", "l": "2"})
    change(world, customer, name="Three", metadata={"k": "3", "l": "3"})
    revert(world, customer, 2, take_back_later={("name", None), ("metadata", "l")})
    assert (world.reload(customer).name, world.reload(customer).metadata) == ("One", {"k": "3", "l": "1"})


def test_one_field_alone_can_be_undone(world: World) -> None:
    """The others stay as they are."""
    customer = world.create_customer(name="One", metadata={"k": "1", "l": "1"})
    change(world, customer, name="Two", metadata={"k": "2", "l": "2"})
    revert(world, customer, 2, fields={("metadata", "k")})
    assert (world.reload(customer).name, world.reload(customer).metadata) == ("Two", {"k": "1", "l": "2"})


@pytest.mark.parametrize("later", ["undone", "changed later"])
def test_where_nothing_can_go_back_nothing_is_written(world: World, later: str) -> None:
    """No entry, no version."""
    customer = world.create_customer(name="One")
    change(world, customer, name="Two")
    change(world, customer, name="One" if later == "undone" else "Three")
    before = rows_of(world)
    assert revert(world, customer, 2).change is None
    assert rows_of(world) == before


def test_an_undoing_can_be_undone(world: World) -> None:
    """It is a change as any other."""
    customer = world.create_customer(name="One")
    change(world, customer, name="Two")
    revert(world, customer, 2)
    revert(world, customer, 3, reason="it was right")
    newest = world.history(customer)[0]
    assert (world.reload(customer).name, newest.reverted_version, newest.reason) == ("Two", 3, "it was right")


def test_a_creation_cannot_be_undone(world: World) -> None:
    """It says what can be done instead."""
    customer = world.create_customer()
    with pytest.raises(InvalidOperation, match="Archive the customer instead"):
        revert(world, customer, 1)


@pytest.mark.parametrize("version", [0, -1, 3, 2**31 - 1, 2**31, 10**30])
def test_a_version_that_is_not_there_cannot_be_undone(world: World, version: int) -> None:
    """However large."""
    customer = change(world, world.create_customer(), name="Two")
    with pytest.raises(NotFound):
        revert(world, customer, version)


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_nobody_else_s_change_can_be_undone(world: World, scope: Scope) -> None:
    """It is as unknown as one that does not exist."""
    customer = change(world, world.create_customer(), name="Two")
    with pytest.raises(NotFound):
        revert(world, customer, 2, scope)
    assert world.reload(customer).name == "Two"


def test_a_field_that_the_change_does_not_have_is_refused(world: World) -> None:
    """Not ignored."""
    customer = change(world, world.create_customer(), name="Two")
    with pytest.raises(InvalidInput):
        revert(world, customer, 2, fields={("email", None)})


def test_a_version_that_nobody_expects_is_a_conflict(world: World) -> None:
    """Whoever looked at another version is told."""
    customer = change(world, world.create_customer(), name="Two")
    with pytest.raises(VersionConflict):
        revert(world, customer, 2, expected_versions=frozenset({1}))


@pytest.mark.parametrize("seed", range(3))
def test_after_many_random_edits_each_can_be_undone_in_turn(world: World, seed: int) -> None:
    """From the newest to the oldest, each leaves the customer as it was before that edit; later ones are respected."""
    dice = random.Random(seed)  # noqa: S311 - the same edits in every run
    parents = [world.create_customer().id for _ in range(2)]
    customer = world.create_customer(external_id="e", metadata={"a": "1"}, mappings={"stripe": "1"})
    states = [_state(world, customer)]
    while len(states) < 9:
        version = world.reload(customer).version
        change(
            world,
            customer,
            **{name: dice.choice(["x", "y", "Ünï"]) for name in dice.sample(["name", "email", "external_id"], 2)},
            metadata={key: dice.choice("12") for key in dice.sample("abc", 2)},
            mappings={dice.choice(["stripe", "paddle"]): dice.choice(["", "1", "2"])},
            parent=dice.choice(["", *parents]),
        )
        if world.reload(customer).version > version:
            states.append(_state(world, customer))
    for version in range(len(states), 1, -1):
        revert(world, customer, version)
        assert _state(world, customer) == states[version - 2]
    assert faults_of(world) == []


def _state(world: World, customer: Customer) -> tuple[Any, ...]:
    stored = world.reload(customer)
    texts = (stored.external_id, stored.name, stored.email, stored.parent_customer_id)
    return (*texts, stored.metadata, mappings_of(world, customer))


@pytest.mark.parametrize("place", [("email", None), ("metadata", "k"), ("metadata", ""), ("metadata", "a:b c")])
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    """Whatever signs the key has."""
    assert read_place(write_place(place)) == place
