"""Totals of lists of about as many customers as are counted, and past the end of a list."""

from dataclasses import replace

import pytest

from tests.support.many_customers import insert_customers
from tests.support.world import ELSEWHERE, HOME, World
from webapp.customers.cursors import ResultPage
from webapp.customers.many_customers import KNOWN_SECONDS
from webapp.customers.query import EXACT_TOTAL, Condition, CustomerQuery
from webapp.customers.search import search_customers_page
from webapp.database import reading

PUBLISHED = Condition("status", "eq", "published")
#: One of each way of coming by customers, and so of counting them.
CONDITIONS = (
    PUBLISHED,
    Condition("name", "contains", "acme"),
    Condition("metadata.plan", "eq", "gold"),
    Condition("email", "eq", ""),
)
PAST_THE_END = 5_000_000


def page_of(world: World, query: CustomerQuery) -> ResultPage:
    """One page."""
    with world.app.app_context(), reading() as connection:
        return search_customers_page(connection, HOME, query)


def total_of(world: World, query: CustomerQuery) -> tuple[int, str]:
    """What is said of the total."""
    page = page_of(world, query)
    return page.total, page.total_relation


def test_a_total_is_exact_up_to_its_bound_and_a_lower_bound_past_it(world: World) -> None:
    """In each way of counting: 10,000, and then one more; past the end, too."""
    assert EXACT_TOTAL == 10_000
    insert_customers(world.app, EXACT_TOTAL, metadata={"plan": "gold"})
    for condition in CONDITIONS:
        query = CustomerQuery(limit=1, conditions=(PUBLISHED, condition))
        for offset in (0, EXACT_TOTAL - 1, PAST_THE_END):
            assert total_of(world, replace(query, offset=offset)) == (EXACT_TOTAL, "eq"), (condition, offset)
    world.create_customer(name="Acme", metadata={"plan": "gold"})
    for condition in CONDITIONS:
        query = CustomerQuery(limit=1, conditions=(PUBLISHED, condition))
        for offset, expected in (
            (0, (EXACT_TOTAL + 1, "gte")),
            (EXACT_TOTAL - 1, (EXACT_TOTAL + 1, "gte")),
            (EXACT_TOTAL, (EXACT_TOTAL + 1, "eq")),  # the last page
            (EXACT_TOTAL + 1, (EXACT_TOTAL + 1, "gte")),
            (PAST_THE_END, (EXACT_TOTAL + 1, "gte")),
        ):
            assert total_of(world, replace(query, offset=offset)) == expected, (condition, offset)


@pytest.mark.parametrize("limit", [999, 1000])
def test_a_loop_until_the_total_sees_every_customer(world: World, limit: int) -> None:
    """Past what is counted, with a last page that is full and one that is not; and it ends."""
    number = 12_000
    insert_customers(world.app, number)
    query, offset, total, seen = CustomerQuery(limit=limit), 0, 1, set()
    while offset < total:
        page = page_of(world, replace(query, offset=offset))
        seen |= {customer.id for customer in page.customers}
        offset, total = offset + limit, page.total
    assert (len(seen), total, page.total_relation) == (number, number, "eq")


def test_a_long_list_is_counted_anew_after_some_seconds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then it is taken to be as long as it was; the lists of others, and shorter ones, are counted each time."""
    insert_customers(world.app, EXACT_TOTAL + 1)
    everybody, archived = (
        CustomerQuery(limit=1, conditions=(of_status(status),)) for status in ("published", "archived")
    )
    clock = [1000.0]
    monkeypatch.setattr("webapp.customers.many_customers.time.monotonic", lambda: clock[0])
    assert total_of(world, everybody) == (EXACT_TOTAL + 1, "gte")
    assert total_of(world, archived) == (0, "eq")
    with world.app.app_context(), reading() as connection:
        assert search_customers_page(connection, ELSEWHERE, everybody).total == 0
    world.archive(page_of(world, everybody).customers[0])
    clock[0] += KNOWN_SECONDS - 0.1
    assert total_of(world, everybody) == (EXACT_TOTAL + 1, "gte")
    assert total_of(world, archived) == (1, "eq")
    clock[0] += 0.2
    assert total_of(world, everybody) == (EXACT_TOTAL, "eq")


def of_status(status: str) -> Condition:
    """Customers of a status."""
    return Condition("status", "eq", status)
