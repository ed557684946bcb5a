"""Real threads that write at once, on both databases: nothing is lost, and no rule is slipped past."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.threads import at_once
from tests.support.world import HOME, World
from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference, MappingItem, ParentReference
from webapp.customers.history_check import verify
from webapp.customers.model import Customer
from webapp.customers.operations import Outcome
from webapp.database import LostRace, snapshot, transaction
from webapp.errors import ExternalIdTaken, InvalidOperation, ServiceUnavailable, VersionConflict

FIELDS = ("name", "contact", "address_line1", "address_line2", "address_city", "address_state", "address_postal_code")
ROUNDS = 5


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def updating(world: World, customer: Customer, changes: CustomerChanges, **kwargs: Any) -> Callable[[], Outcome]:
    """An update that is still to be run."""
    reference = CustomerReference(id=customer.id)
    return partial(operations.update_customer, HOME, world.actor, reference, changes, **kwargs)


def faults_of(world: World) -> list[str]:
    """What is wrong with the histories."""
    with world.app.app_context(), snapshot() as connection:
        return [fault for fault in verify(connection) if fault]


def test_eight_writers_of_different_fields_lose_nothing(world: World) -> None:
    """Each has its own field of one customer, without If-Match (contract section 7)."""
    customer = world.create_customer()
    works = [updating(world, customer, CustomerChanges({field: field[-8:]})) for field in FIELDS]
    works.append(updating(world, customer, CustomerChanges(metadata={"by": "metadata"})))
    outcomes = at_once(world.app, works)
    stored = world.reload(customer)
    assert {field: getattr(stored, field) for field in FIELDS} == {field: field[-8:] for field in FIELDS}
    assert (stored.metadata, stored.version) == ({"by": "metadata"}, 9)
    assert sorted(outcome.customer.version for outcome in outcomes) == list(range(2, 10))


def test_the_history_holds_when_eight_write_one_field(world: World) -> None:
    """Each change begins where the one before it ended."""
    customer = world.create_customer(name="0")
    at_once(world.app, [updating(world, customer, CustomerChanges({"name": str(n)})) for n in range(1, 9)])
    changes = world.history(customer)[::-1]
    names = [change.fields[0] for change in changes[1:]]
    assert [change.version for change in changes] == list(range(1, 10))
    assert [name.old for name in names] == ["0", *(name.new for name in names[:-1])]
    assert faults_of(world) == []


def test_mappings_of_different_providers_are_all_kept(world: World) -> None:
    """They are rows of their own, but one customer's."""
    customer = world.create_customer()
    providers = ("stripe", "paddle", "hubspot", "chargebee")
    at_once(
        world.app,
        [updating(world, customer, CustomerChanges(mappings=(MappingItem(name, "1"),))) for name in providers],
    )
    assert world.reload(customer).version == 5
    assert faults_of(world) == []


def test_of_two_that_expect_the_same_version_one_wins(world: World) -> None:
    """The other one is told of the conflict."""
    customer = world.create_customer()
    works = [
        updating(world, customer, CustomerChanges({"name": name}), expected_versions=frozenset({1})) for name in "ab"
    ]
    outcomes = at_once(world.app, works)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [Outcome.__name__, VersionConflict.__name__]
    assert world.reload(customer).version == 2


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_two_that_close_a_loop_one_is_refused(world: World, round_: int) -> None:
    """A below B and B below A, at once."""
    one, other = (world.create_customer(external_id=f"{name}{round_}") for name in "ab")
    works = [
        updating(world, one, CustomerChanges(parent=ParentReference(other.id))),
        updating(world, other, CustomerChanges(parent=ParentReference(one.id))),
    ]
    outcomes = at_once(world.app, works)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [InvalidOperation.__name__, Outcome.__name__]
    parents = {world.reload(one).parent_customer_id, world.reload(other).parent_customer_id}
    assert parents in ({None, one.id}, {None, other.id})


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_three_that_close_a_loop_one_is_refused(world: World, round_: int) -> None:
    """No two of them alone would close it."""
    trio = [world.create_customer(external_id=f"{name}{round_}") for name in "abc"]
    works = [
        updating(world, child, CustomerChanges(parent=ParentReference(parent.id)))
        for child, parent in zip(trio, [*trio[1:], trio[0]], strict=True)
    ]
    refused = [outcome for outcome in at_once(world.app, works) if isinstance(outcome, InvalidOperation)]
    assert len(refused) == 1


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_two_that_create_one_external_id_one_wins(world: World, round_: int) -> None:
    """The database decides."""
    changes = CustomerChanges({"external_id": f"one {round_}", "name": "A"})
    outcomes = at_once(world.app, [partial(operations.create_customer, HOME, world.actor, changes)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [ExternalIdTaken.__name__, Outcome.__name__]


def test_two_that_swap_their_external_ids_do_not_hang(world: World) -> None:
    """Each wants the other's: both are refused, as each finds it taken."""
    one, other = world.create_customer(external_id="a"), world.create_customer(external_id="b")
    works = [
        updating(world, one, CustomerChanges({"external_id": "b"})),
        updating(world, other, CustomerChanges({"external_id": "a"})),
    ]
    outcomes = at_once(world.app, works)
    assert [type(outcome) for outcome in outcomes] == [ExternalIdTaken, ExternalIdTaken]
    assert (world.reload(one), world.reload(other)) == (one, other)


def test_work_that_lost_a_race_runs_again(world: World) -> None:
    """From its beginning, with what it wrote rolled back."""
    customer = world.create_customer()
    attempts = []

    def work(connection: Any) -> str:
        attempts.append(operations.lock_customer(connection, HOME, CustomerReference(id=customer.id)).version)
        if len(attempts) < 3:
            raise LostRace
        return "done"

    with world.app.app_context():
        assert transaction(work) == "done"
    assert attempts == [1, 1, 1]


def test_work_that_always_loses_is_given_up(world: World) -> None:
    """With an error that says to try again."""

    def work(_connection: Any) -> None:
        raise LostRace

    with world.app.app_context(), pytest.raises(ServiceUnavailable):
        transaction(work)
