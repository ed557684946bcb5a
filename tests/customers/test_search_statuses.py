"""Lists of several statuses: each status is a list of its own, and pages are merged from them."""

import tracemalloc
from dataclasses import replace

import pytest

from tests.support.clients import ApiClient
from tests.support.many_customers import insert_customers
from tests.support.world import HOME, World
from webapp.customers.query import MOST_OFFSET_OF_SEVERAL_STATUSES, Condition, CustomerQuery, SortKey
from webapp.customers.search import search_customers_page
from webapp.database import reading

BOTH = Condition("status", "in", ("published", "archived"))
EACH = 4000


def ids(world: World, query: CustomerQuery) -> list[str]:
    """Of the customers of a page, in order."""
    with world.app.app_context(), reading() as connection:
        return [customer.id for customer in search_customers_page(connection, HOME, query).customers]


@pytest.mark.parametrize(
    "sort",
    [(), (SortKey("name"),), (SortKey("email"), SortKey("name", "desc"))],
    ids=["newest first", "by name", "mixed directions"],
)
@pytest.mark.parametrize("more", [(), (Condition("metadata.plan", "eq", "gold"),)], ids=["all", "a pair"])
def test_pages_are_the_same_in_however_many_pieces_they_are_come_by(
    world_on_each_database: World,
    monkeypatch: pytest.MonkeyPatch,
    sort: tuple[SortKey, ...],
    more: tuple[Condition, ...],
) -> None:
    """At every offset, also behind a cursor."""
    world = world_on_each_database
    for number in range(14):
        customer = world.create_customer(name=f"{number * 5 % 7}", metadata={"plan": "gold"})
        if number % 3 == 0 or number > 10:
            world.archive(customer)
    query = CustomerQuery(conditions=(BOTH, *more), sort=sort)
    whole = ids(world, query)
    assert len(set(whole)) == 14
    with world.app.app_context(), reading() as connection:
        cursor = search_customers_page(connection, HOME, replace(query, limit=3)).next_cursor
    monkeypatch.setattr("webapp.customers.search.MOST_LIMIT", 2)
    for limit in (1, 4):
        for offset in range(16):
            assert ids(world, replace(query, limit=limit, offset=offset)) == whole[offset : offset + limit]
    assert ids(world, replace(query, cursor=cursor, limit=9)) == whole[3:12]


def test_what_is_passed_over_does_not_fill_the_memory(world: World) -> None:
    """A deep page of two statuses holds a piece of each, not all before it."""
    insert_customers(world.app, EACH)
    insert_customers(world.app, EACH, status="archived")
    peaks = []
    for query in (CustomerQuery(limit=1000), CustomerQuery(limit=1, offset=2 * EACH - 10, conditions=(BOTH,))):
        assert len(ids(world, query)) == query.limit  # what is built once is built
        tracemalloc.start()
        ids(world, query)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    usual, deep = peaks
    assert deep < 4 * usual, peaks


def test_an_offset_too_great_for_several_statuses_is_refused(api: ApiClient) -> None:
    """400 that names it and says how to go on; one status alone has no such bound."""
    both = {"field": "status", "operator": "in", "value": {"array": ["published", "archived"]}}
    most = MOST_OFFSET_OF_SEVERAL_STATUSES
    for filters, offset, status in (([both], most, 200), ([both], most + 1, 400), ([], most + 1, 200)):
        answer = api.request("POST", "/v1/customers/search", json={"filters": filters, "offset": offset})
        assert answer.status_code == status
        if status == 400:
            ((name, (message,)),) = answer.get_json()["details"].items()
            assert (name, str(most) in message, "cursor" in message) == ("offset", True, True)
