"""The tree of parents (contract section 5), on both databases."""

import pytest

from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference, ParentReference
from webapp.customers.limits import PARENT_LEVELS
from webapp.customers.model import Customer, Scope
from webapp.errors import CustomerNotFound, DeskError, InvalidInput, InvalidOperation


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def put_below(world: World, customer: Customer, parent: str, *, by_external_id: bool = True) -> Customer:
    """Give a customer a parent."""
    changes = CustomerChanges(parent=ParentReference(parent, by_external_id))
    with world.app.app_context():
        return operations.update_customer(HOME, world.actor, CustomerReference(id=customer.id), changes).customer


def refused(
    world: World, customer: Customer, parent: str, error: type[DeskError], *, by_external_id: bool = True
) -> str:
    """Try, and be refused at the parent's field. Returns the message; the row is as it was."""
    before = world.reload(customer)
    with pytest.raises(error) as refusal:
        put_below(world, customer, parent, by_external_id=by_external_id)
    field = "parent_customer_external_id" if by_external_id else "parent_customer_id"
    assert refusal.value.details == {field: [refusal.value.message]}
    assert world.reload(customer) == before
    return refusal.value.message


def chain(world: World, *names: str) -> list[Customer]:
    """Customers, each the parent of the next."""
    made: list[Customer] = []
    for name in names:
        made.append(world.create_customer(external_id=name, parent=made[-1].external_id if made else None))
    return made


@pytest.mark.parametrize("by_external_id", [True, False], ids=["by external ID", "by ID"])
def test_a_parent_is_found(world: World, by_external_id: bool) -> None:
    """And kept by its ID."""
    parent, child = world.create_customer(), world.create_customer()
    put_below(world, child, parent.external_id if by_external_id else parent.id, by_external_id=by_external_id)
    assert world.reload(child).parent_customer_id == parent.id


def test_a_new_customer_can_have_a_parent(world: World) -> None:
    """From its creation on."""
    parent, child = chain(world, "parent", "child")
    assert world.reload(child).parent_customer_id == parent.id


def test_an_empty_parent_detaches(world: World) -> None:
    """The customer has none afterwards."""
    _, child = chain(world, "parent", "child")
    put_below(world, child, "")
    assert world.reload(child).parent_customer_id is None


def test_a_parent_can_be_exchanged(world: World) -> None:
    """For a sibling, for example."""
    _, first, second = (*chain(world, "parent", "first"), world.create_customer(external_id="second", parent="parent"))
    put_below(world, second, "first")
    assert world.reload(second).parent_customer_id == first.id


@pytest.mark.parametrize("by_external_id", [True, False], ids=["by external ID", "by ID"])
def test_an_unknown_parent_is_not_found(world: World, by_external_id: bool) -> None:
    """The message stands at the field that was sent."""
    refused(world, world.create_customer(), "nobody", CustomerNotFound, by_external_id=by_external_id)


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
@pytest.mark.parametrize("by_external_id", [True, False], ids=["by external ID", "by ID"])
def test_a_parent_of_another_scope_is_as_unknown(world: World, scope: Scope, by_external_id: bool) -> None:
    """The message is the very same."""
    child = world.create_customer()
    foreign = world.create_customer(scope, external_id="foreign")
    unknown = refused(world, child, "nobody", CustomerNotFound, by_external_id=by_external_id)
    name = foreign.external_id if by_external_id else foreign.id
    assert refused(world, child, name, CustomerNotFound, by_external_id=by_external_id) == unknown


@pytest.mark.parametrize("by_external_id", [True, False], ids=["by external ID", "by ID"])
def test_an_archived_parent_is_not_found(world: World, by_external_id: bool) -> None:
    """A parent must be published."""
    child, parent = world.create_customer(), world.create_customer()
    world.archive(parent)
    name = parent.external_id if by_external_id else parent.id
    refused(world, child, name, CustomerNotFound, by_external_id=by_external_id)


def test_a_retired_external_id_goes_on_naming_the_parent(world: World) -> None:
    """Until another customer takes it."""
    child, parent = world.create_customer(), world.create_customer(external_id="retired")
    world.update_customer(parent, external_id="new")
    assert put_below(world, child, "retired").parent_customer_id == parent.id
    taker = world.create_customer(external_id="retired")
    assert put_below(world, child, "retired").parent_customer_id == taker.id


@pytest.mark.parametrize("gone", ["archived", "elsewhere"])
def test_a_retired_external_id_that_leads_to_nobody_is_not_found(world: World, gone: str) -> None:
    """Its customer is archived, or another environment's."""
    parent = world.create_customer(SANDBOX if gone == "elsewhere" else HOME, external_id="retired")
    world.update_customer(parent, SANDBOX if gone == "elsewhere" else HOME, external_id="new")
    if gone == "archived":
        world.archive(parent)
    refused(world, world.create_customer(), "retired", CustomerNotFound)


@pytest.mark.parametrize("by_external_id", [True, False], ids=["by external ID", "by ID"])
def test_a_customer_cannot_be_its_own_parent(world: World, by_external_id: bool) -> None:
    """Whichever way it is named."""
    customer = world.create_customer()
    name = customer.external_id if by_external_id else customer.id
    refused(world, customer, name, InvalidInput, by_external_id=by_external_id)


def test_a_new_customer_cannot_be_its_own_parent(world: World) -> None:
    """Nor found before it is there."""
    with pytest.raises(CustomerNotFound):
        world.create_customer(external_id="own", parent="own")


@pytest.mark.parametrize("descendant", ["b", "c", "d", "e"])
def test_a_descendant_cannot_be_the_parent(world: World, descendant: str) -> None:
    """However far below: that would be a loop."""
    top = chain(world, "a", "b", "c", "d", "e")[0]
    assert "loop" in refused(world, top, descendant, InvalidOperation)


def test_five_levels_are_possible(world: World) -> None:
    """The lowest of them is stored."""
    lowest = chain(world, *(f"level {number}" for number in range(1, PARENT_LEVELS + 1)))[-1]
    assert world.reload(lowest).parent_customer_id is not None


def test_a_sixth_level_is_refused_for_a_new_customer(world: World) -> None:
    """Below the fifth."""
    chain(world, *(f"level {number}" for number in range(1, PARENT_LEVELS + 1)))
    with pytest.raises(InvalidOperation, match="5 levels"):
        world.create_customer(parent=f"level {PARENT_LEVELS}")


@pytest.mark.parametrize("above", range(1, PARENT_LEVELS + 1))
def test_what_hangs_below_counts_too(world: World, above: int) -> None:
    """A chain of three below one of two is five levels; below one of three it is six."""
    chain(world, *(f"upper {number}" for number in range(1, above + 1)))
    top = chain(world, "x", "y", "z")[0]
    if above + 3 <= PARENT_LEVELS:
        assert put_below(world, top, f"upper {above}").parent_customer_id
    else:
        assert "5 levels" in refused(world, top, f"upper {above}", InvalidOperation)


def test_the_longest_branch_below_decides(world: World) -> None:
    """Not the first, nor the number of children."""
    top = world.create_customer(external_id="top")
    for number in range(6):
        world.create_customer(external_id=f"leaf {number}", parent="top")
    chain(world, "u1", "u2", "u3", "u4")
    put_below(world, top, "u3")
    assert "5 levels" in refused(world, top, "u4", InvalidOperation)


def test_sending_the_parent_that_it_has_changes_nothing(world: World) -> None:
    """Even at the lowest level."""
    lowest = chain(world, *(f"level {number}" for number in range(1, PARENT_LEVELS + 1)))[-1]
    put_below(world, lowest, f"level {PARENT_LEVELS - 1}")
    assert world.reload(lowest) == lowest


def test_a_tree_of_another_environment_does_not_count(world: World) -> None:
    """The same external IDs there are other customers."""
    sandboxed = world.create_customer(SANDBOX, external_id="a")
    world.create_customer(SANDBOX, external_id="b", parent="a")
    home_a, home_b = world.create_customer(external_id="a"), world.create_customer(external_id="b")
    put_below(world, home_a, "b")
    assert world.reload(home_a).parent_customer_id == home_b.id
    assert world.reload(sandboxed, SANDBOX).parent_customer_id is None
