"""Changes of the tree of parents that are right each alone and wrong together, at the same time: one is refused."""

from collections.abc import Callable

import pytest

from tests.safety.installation import Live
from tests.safety.sizes import SIZES
from tests.safety.stored import tree_faults
from tests.support.load import Answer, Request
from tests.support.world import World
from webapp.customers.model import Customer

ROUNDS = SIZES.rounds_of_trees

Outcome = tuple[int, str]
#: Makes the customers of one round, and the requests that meet.
Round = Callable[[World], list[Request]]

DONE = (200, "")
CREATED = (201, "")
ARCHIVED = (204, "")
REFUSED = (400, "invalid_operation")
NO_PARENT = (404, "not_found")


def attach(child: Customer, parent: Customer) -> Request:
    """Put a customer below another."""
    return Request("PUT", f"/v1/customers/{child.id}", {"parent_customer_id": parent.id})


def archive(customer: Customer) -> Request:
    """Archive a customer."""
    return Request("DELETE", f"/v1/customers/{customer.id}")


def family(world: World, *parents: int | None) -> list[Customer]:
    """Customers of which each is below the one at the given place of the list."""
    made: list[Customer] = []
    for place in parents:
        made.append(world.create_customer(**({} if place is None else {"parent": made[place].external_id})))
    return made


def play(live: Live, round_: Round) -> list[list[Outcome]]:
    """All rounds, one after the other. Returns what was answered in each, in order."""
    return [[outcome_of(answer) for answer in live.race(*round_(live.world))] for _ in range(ROUNDS)]


def outcome_of(answer: Answer) -> Outcome:
    """Status and code."""
    return answer.status, answer.code


def a_below_b_and_b_below_a(world: World) -> list[Request]:
    """Two that would be each other's parent."""
    a, b = family(world, None, None)
    return [attach(a, b), attach(b, a)]


def a_loop_of_three(world: World) -> list[Request]:
    """No two of them alone would close it."""
    a, b, c = family(world, None, None, None)
    return [attach(a, b), attach(b, c), attach(c, a)]


def a_loop_of_two_families(world: World) -> list[Request]:
    """Each top goes below the other's lowest."""
    top, low, other_top, other_low = family(world, None, 0, None, 2)
    return [attach(top, other_low), attach(other_top, low)]


def six_levels(world: World) -> list[Request]:
    """A family of three gets one level above it, and two below it: either would do, both are one too many."""
    above, top, _, low, below, _ = family(world, None, None, 1, 2, None, 4)
    return [attach(top, above), attach(below, low)]


LOOPS_AND_DEPTH = {
    "two that close a loop": a_below_b_and_b_below_a,
    "three that close a loop": a_loop_of_three,
    "two families that close a loop": a_loop_of_two_families,
    "two that go past five levels": six_levels,
}


@pytest.mark.parametrize("round_", LOOPS_AND_DEPTH.values(), ids=LOOPS_AND_DEPTH.keys())
def test_one_of_them_is_refused(served_on_each_database: Live, round_: Round) -> None:
    """Each time, with ``invalid_operation``; the others hold, and the stored tree is right (contract section 5)."""
    played = play(served_on_each_database, round_)
    assert [sorted(outcomes) for outcomes in played] == [
        [DONE] * (len(outcomes) - 1) + [REFUSED] for outcomes in played
    ]
    assert tree_faults(served_on_each_database.world.app) == []


def archive_or_attach(world: World) -> list[Request]:
    """The parent is archived while another goes below it."""
    parent, child = family(world, None, None)
    return [archive(parent), attach(child, parent)]


def archive_or_create(world: World) -> list[Request]:
    """The parent is archived while a new customer is made below it."""
    (parent,) = family(world, None)
    body = {"external_id": f"new below {parent.id}", "name": "New", "parent_customer_id": parent.id}
    return [archive(parent), Request("POST", "/v1/customers", body)]


def archive_or_restore(world: World) -> list[Request]:
    """The parent is archived while its archived child comes back."""
    parent, child = family(world, None, 0)
    world.archive(child)
    return [archive(parent), Request("POST", f"/v1/customers/{child.id}/restore")]


#: The round, and the two ways in which it may end.
ARCHIVED_PARENTS = {
    "a child is attached": (archive_or_attach, ([ARCHIVED, NO_PARENT], [REFUSED, DONE])),
    "a child is created": (archive_or_create, ([ARCHIVED, NO_PARENT], [REFUSED, CREATED])),
    "a child is restored": (archive_or_restore, ([ARCHIVED, REFUSED], [REFUSED, DONE])),
}


@pytest.mark.parametrize(("round_", "ends"), ARCHIVED_PARENTS.values(), ids=ARCHIVED_PARENTS.keys())
def test_a_parent_is_archived_or_gets_a_child(
    served_on_each_database: Live, round_: Round, ends: tuple[list[Outcome], ...]
) -> None:
    """Never both: no published customer is below an archived one (contract sections 5 and 10)."""
    played = play(served_on_each_database, round_)
    assert [outcomes for outcomes in played if outcomes not in ends] == []
    assert tree_faults(served_on_each_database.world.app) == []
