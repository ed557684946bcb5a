"""The chain of parents above a customer and the children below it, from the database."""

from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers.family import Children, find_ancestors, find_children
from webapp.customers.model import Customer, Scope
from webapp.database import reading


def children_of(world: World, customer: Customer, most: int = 10, scope: Scope = HOME) -> Children:
    """What the record shows of them."""
    with world.app.app_context(), reading() as connection:
        return find_children(connection, scope, customer.id, most=most)


def test_ancestors_come_from_the_top(world_on_each_database: World) -> None:
    """The topmost first, the own parent last; nobody above the topmost."""
    world = world_on_each_database
    chain = [world.create_customer(external_id="level 1")]
    for level in range(2, 6):
        chain += [world.create_customer(external_id=f"level {level}", parent=f"level {level - 1}")]
    with world.app.app_context(), reading() as connection:
        for level, customer in enumerate(chain):
            found = find_ancestors(connection, HOME, customer)
            assert [above.id for above in found] == [above.id for above in chain[:level]]


def test_children_are_the_newest_published_ones_and_counted(world_on_each_database: World) -> None:
    """Archived ones are counted apart; those of a child are its own."""
    world = world_on_each_database
    parent = world.create_customer(external_id="holding")
    made = [world.create_customer(parent="holding") for _ in range(5)]
    world.archive(made[0])
    world.create_customer(parent=made[4].external_id)
    shown = children_of(world, parent, most=3)
    assert [child.id for child in shown.newest] == [made[4].id, made[3].id, made[2].id]
    assert (shown.published, shown.archived, shown.has_more_published, shown.has_more_archived) == (4, 1, False, False)
    assert len(children_of(world, parent).newest) == 4
    assert children_of(world, made[0]) == Children([], 0, 0)


def test_a_family_ends_at_the_fence(world_on_each_database: World) -> None:
    """The same IDs in another environment or tenant are another family."""
    world = world_on_each_database
    for scope in (HOME, SANDBOX, ELSEWHERE):
        parent = world.create_customer(scope, id="cust_parent", external_id="holding")
        world.create_customer(scope, id="cust_child", parent="holding", name=scope.environment_id)
    for scope in (HOME, SANDBOX, ELSEWHERE):
        assert [child.name for child in children_of(world, parent, scope=scope).newest] == [scope.environment_id]
    assert children_of(world, parent, scope=Scope(ELSEWHERE.tenant_id, HOME.environment_id)) == Children([], 0, 0)
