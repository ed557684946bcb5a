"""Finding one customer by ID, external ID or retired external ID, on both databases."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers import lookup
from webapp.customers.changeset import CustomerReference
from webapp.customers.lookup import (
    find_by_external_id,
    find_customer,
    find_exactly,
    find_mappings,
    find_named,
    find_parent,
    lock_customer,
)
from webapp.customers.model import Customer, Scope
from webapp.database import reading
from webapp.errors import CustomerNotFound, InvalidInput


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def look(world: World, find: Callable[..., Any], *args: Any, scope: Scope = HOME) -> Any:
    """Run one of the look-ups."""
    with world.app.app_context(), reading() as connection:
        return find(connection, scope, *args)


def lock(world: World, **named: str) -> Customer:
    """The customer that a reference names."""
    customer: Customer = look(world, lock_customer, CustomerReference(**named))
    return customer


def test_a_customer_is_found_by_its_id(world: World) -> None:
    """Whole."""
    customer = world.create_customer(name="Ünï", metadata={"a": "b"})
    assert look(world, find_customer, customer.id) == customer


def test_an_archived_customer_is_found_by_its_id(world: World) -> None:
    """Only the look-up by external ID is closed to it."""
    customer = world.create_customer()
    world.archive(customer)
    assert look(world, find_customer, customer.id).status == "archived"


def test_an_archived_customer_is_not_found_by_its_external_id(world: World) -> None:
    """It no longer holds it."""
    customer = world.create_customer()
    world.archive(customer)
    with pytest.raises(CustomerNotFound):
        look(world, find_by_external_id, customer.external_id)


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
@pytest.mark.parametrize("find", [find_customer, find_by_external_id], ids=["by ID", "by external ID"])
def test_nobody_else_s_customer_is_found(world: World, scope: Scope, find: Callable[..., Any]) -> None:
    """Every look-up is confined to its scope."""
    customer = world.create_customer(scope, external_id="theirs")
    with pytest.raises(CustomerNotFound):
        look(world, find, customer.id if find is find_customer else "theirs")


def test_a_customer_is_found_by_its_external_id(world: World) -> None:
    """And not as by a retired one."""
    customer = world.create_customer(external_id="a/b c?")
    found = look(world, find_by_external_id, "a/b c?")
    assert (found.customer, found.by_retired_external_id) == (customer, False)


@pytest.mark.parametrize("external_id", ["Exact", "exact ", "exac", "%", "exac_", ""], ids=repr)
def test_an_external_id_is_looked_up_to_the_letter(world: World, external_id: str) -> None:
    """Case, length and signs count."""
    world.create_customer(external_id="exact")
    with pytest.raises(CustomerNotFound):
        look(world, find_by_external_id, external_id)


def test_a_retired_external_id_goes_on_finding_the_customer(world: World) -> None:
    """However often it has changed since."""
    customer = world.create_customer(external_id="first")
    world.update_customer(customer, external_id="second")
    changed = world.update_customer(customer, external_id="third")
    for retired in ("first", "second"):
        found = look(world, find_by_external_id, retired)
        assert (found.customer, found.by_retired_external_id) == (changed, True)


@pytest.mark.parametrize("taken_by", ["a new customer", "another's change"])
def test_a_retired_external_id_that_another_takes_finds_that_one(world: World, taken_by: str) -> None:
    """From then on."""
    world.update_customer(world.create_customer(external_id="wanted"), external_id="other")
    if taken_by == "a new customer":
        taker = world.create_customer(external_id="wanted")
    else:
        taker = world.update_customer(world.create_customer(), external_id="wanted")
    found = look(world, find_by_external_id, "wanted")
    assert (found.customer, found.by_retired_external_id) == (taker, False)


def test_a_retired_external_id_goes_with_the_last_that_had_it(world: World) -> None:
    """Two had it, one after the other, and both gave it up."""
    world.update_customer(world.create_customer(external_id="wanted"), external_id="one")
    second = world.create_customer(external_id="wanted")
    second = world.update_customer(second, external_id="two")
    found = look(world, find_by_external_id, "wanted")
    assert (found.customer, found.by_retired_external_id) == (second, True)


def test_an_external_id_that_is_taken_back_is_retired_no_longer(world: World) -> None:
    """The one between is."""
    customer = world.create_customer(external_id="first")
    world.update_customer(customer, external_id="second")
    customer = world.update_customer(customer, external_id="first")
    assert not look(world, find_by_external_id, "first").by_retired_external_id
    assert look(world, find_by_external_id, "second").by_retired_external_id


def test_a_retired_external_id_of_an_archived_customer_finds_nobody(world: World) -> None:
    """Like its present one."""
    customer = world.create_customer(external_id="first")
    world.update_customer(customer, external_id="second")
    world.archive(customer)
    with pytest.raises(CustomerNotFound):
        look(world, find_by_external_id, "first")


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_a_retired_external_id_is_confined_to_its_scope(world: World, scope: Scope) -> None:
    """And taking it elsewhere does not take it here."""
    customer = world.update_customer(world.create_customer(external_id="first"), external_id="second")
    with pytest.raises(CustomerNotFound):
        look(world, find_by_external_id, "first", scope=scope)
    world.create_customer(scope, external_id="first")
    assert look(world, find_by_external_id, "first").customer == customer


def test_a_pasted_text_is_an_external_id_before_it_is_an_id(world: World) -> None:
    """And an ID before it is a retired external ID."""
    customer = world.create_customer(external_id="a")
    assert look(world, find_exactly, customer.id) == customer
    by_retired = world.update_customer(world.create_customer(external_id=customer.id), external_id="b")
    assert look(world, find_exactly, customer.id) == customer
    by_external_id = world.create_customer(external_id=customer.id)
    assert look(world, find_exactly, customer.id) == by_external_id
    assert look(world, find_exactly, "b") == by_retired


def test_a_pasted_text_that_nobody_has_finds_nobody(world: World) -> None:
    """Without an error."""
    world.create_customer(external_id="exact")
    assert look(world, find_exactly, "exac") is None


def test_a_parent_is_found(world: World) -> None:
    """And for a customer without one there is none."""
    parent = world.create_customer(external_id="parent")
    child = world.create_customer(parent="parent")
    assert look(world, find_parent, child) == parent
    assert look(world, find_parent, parent) is None


def test_mappings_are_found_by_provider(world: World) -> None:
    """In the order of their names, and only the customer's own."""
    customer = world.create_customer(mappings={"stripe": "1", "chargebee": "2"})
    world.create_customer(mappings={"paddle": "3"})
    found = look(world, find_mappings, customer.id)
    assert [(mapping.provider_type, mapping.provider_entity_id) for mapping in found] == [
        ("chargebee", "2"),
        ("stripe", "1"),
    ]


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_nobody_else_s_mappings_are_found(world: World, scope: Scope) -> None:
    """Not even by the customer's ID."""
    customer = world.create_customer(mappings={"stripe": "1"})
    assert look(world, find_mappings, customer.id, scope=scope) == []


@pytest.mark.parametrize("names", [("id",), ("external_id",), ("id", "external_id")], ids=" and ".join)
def test_a_reference_names_a_customer(world: World, names: tuple[str, ...]) -> None:
    """By ID, by external ID, or by both when they agree."""
    customer = world.create_customer()
    assert lock(world, **{name: getattr(customer, name) for name in names}) == customer


def test_a_reference_to_two_customers_is_refused(world: World) -> None:
    """Both parameters are named."""
    one, other = world.create_customer(), world.create_customer()
    with pytest.raises(InvalidInput) as refusal:
        lock(world, id=one.id, external_id=other.external_id)
    assert set(refusal.value.details) == {"id", "external_customer_id"}


@pytest.mark.parametrize("unknown", ["id", "external_id"])
def test_a_reference_of_which_one_half_is_unknown_finds_nobody(world: World, unknown: str) -> None:
    """Even if the other half is right."""
    customer = world.create_customer()
    named = {"id": customer.id, "external_id": customer.external_id, unknown: "nobody"}
    with pytest.raises(CustomerNotFound):
        lock(world, **named)


def test_a_reference_that_names_nobody_is_refused(world: World) -> None:
    """There is nothing to look for."""
    with pytest.raises(InvalidInput):
        lock(world)


def test_a_retired_external_id_does_not_name_the_customer_of_a_change(world: World) -> None:
    """It serves look-ups alone: a change must not hit a customer that the caller may not mean."""
    world.update_customer(world.create_customer(external_id="first"), external_id="second")
    with pytest.raises(CustomerNotFound):
        lock(world, external_id="first")


def test_a_customer_that_gets_the_external_id_between_two_reads_is_the_one_that_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its ID it had another one still; by the external ID it is found."""
    customer = world.create_customer(external_id="old")
    has_external_id = lookup._has_external_id  # noqa: SLF001 - what is asked between the two

    def meanwhile(found: Customer, external_id: str) -> bool:
        world.update_customer(found, external_id="new")
        return has_external_id(found, external_id)

    monkeypatch.setattr(lookup, "_has_external_id", meanwhile)
    found = look(world, find_named, CustomerReference(customer.id, "new"))
    assert (found.id, found.external_id) == (customer.id, "new")
