"""The desk's list, on both databases: what terms and filters find, in which order, how many, and who is next."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from tests.support.many_customers import insert_customers
from tests.support.world import ELSEWHERE, HOME, SANDBOX, World, seed_world
from webapp.customers.desk_list import DeskList, count_of_status, within
from webapp.customers.list_query import ListQuery
from webapp.customers.model import Customer
from webapp.customers.neighbours import find_neighbours
from webapp.customers.search_time_limit import search_time_limit
from webapp.database import reading
from webapp.errors import InvalidInput

UTC = ZoneInfo("UTC")
ENDLESS = text(
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000000000) "
    "SELECT count(*) FROM numbers"
)

People = dict[str, Customer]


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """On each database."""
    return world_on_each_database


@pytest.fixture
def people(world: World) -> People:
    """The people, for a test that changes them."""
    return made_people(world)


@pytest.fixture(scope="module")
def lasting_world(lasting_app_on_each_database: Flask) -> World:
    """On each database, once for all tests that do nothing but read."""
    return seed_world(lasting_app_on_each_database)


@pytest.fixture(scope="module")
def lasting_people(lasting_world: World) -> People:
    """The people in it."""
    return made_people(lasting_world)


def made_people(world: World) -> People:
    """Customers by external ID; ``f`` is archived, and each has a double in the other environments."""
    for scope in (SANDBOX, ELSEWHERE):
        world.create_customer(scope, external_id="a", name="North", email="n@x.example", metadata={"plan": "pro"})
    made = {
        "a": world.create_customer(
            external_id="a", name="North Sea", email="Ann@X.example", metadata={"plan": "pro"}, address_country="DE"
        ),
        "b": world.create_customer(
            external_id="b", name="Far north", metadata={"plan": "free", "vip": "yes"}, mappings={"stripe": "cus_1"}
        ),
        "c": world.create_customer(external_id="c", name="South", parent="a", mappings={"stripe": "cus_2"}),
        "d": world.create_customer(external_id="d", name="Northern", email="d@x.example", metadata={"plan": "pro"}),
        "plan:pro": world.create_customer(external_id="plan:pro", name="Up north", mappings={"zoho_books": "cus_2"}),
        "f": world.create_customer(external_id="f", name="North End", metadata={"plan": "pro"}, address_country="DE"),
    }
    world.archive(made["f"])
    return made


def found(world: World, **asked: str) -> list[str]:
    """The external IDs of a whole list, read two at a time."""
    seen: list[str] = []
    cursor = ""
    with world.app.app_context(), reading() as connection:
        while True:
            page = DeskList(connection, HOME, ListQuery(**asked, cursor=cursor), UTC).page(2)  # type: ignore[arg-type]
            seen += [customer.external_id for customer in page.customers]
            if not (cursor := page.next_cursor):
                return seen


@pytest.mark.usefixtures("lasting_people")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("north", ["d", "a", "plan:pro", "b"]),
        ("plan:free", ["b"]),
        ("plan:*", ["d", "b", "a"]),
        ("vip:*", ["b"]),
        ("-plan:*", ["plan:pro", "c"]),
        ("-vip:*", ["plan:pro", "d", "c", "a"]),
        ("-plan:pro", ["plan:pro", "c", "b"]),
        ("plan:* -plan:free", ["d", "a"]),
        ("north plan:*", ["d", "a", "b"]),
        ("plan:PRO", []),
        ("nobody:*", []),
        ("plan:pro", ["plan:pro", "d", "a"]),
        ('"plan:pro"', ["plan:pro"]),
        ("cus_2", ["plan:pro", "c"]),
        ("ann@x.EXAMPLE", ["a"]),
        ("@x.example", ["d", "a"]),
    ],
)
def test_the_box_finds(lasting_world: World, typed: str, expected: list[str]) -> None:
    """Terms of every kind, and several of them; an external ID that looks like a term leads the list."""
    assert found(lasting_world, q=typed) == expected


@pytest.mark.usefixtures("lasting_people")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"status": "archived"}, ["f"]),
        ({"status": "all", "q": "north"}, ["f", "d", "a", "plan:pro", "b"]),
        ({"status": "all", "sort": "name"}, ["b", "f", "a", "d", "c", "plan:pro"]),
        ({"status": "all", "sort": "name", "order": "desc"}, ["plan:pro", "c", "d", "a", "f", "b"]),
        ({"country": "DE"}, ["a"]),
        ({"country": "DE", "status": "all", "q": "plan:pro"}, ["plan:pro", "f", "a"]),
        ({"country": "DE", "q": "north"}, ["a"]),
        ({"parent": "a"}, ["c"]),
        ({"parent": "a", "q": "north"}, []),
        ({"sort": "external_id", "q": "north"}, ["a", "b", "d", "plan:pro"]),
        ({"sort": "created_at", "order": "asc", "q": "plan:*"}, ["a", "b", "d"]),
        ({"sort": "email", "q": "@x"}, ["a", "d"]),
        ({"changed_to": "2001-01-01"}, []),
        ({"changed_from": "2001-01-01", "sort": "name", "q": "plan:*"}, ["b", "a", "d"]),
    ],
)
def test_filters_and_orders_hold_with_and_without_a_text(
    lasting_world: World, asked: dict[str, str], expected: list[str]
) -> None:
    """Page by page, over the borders of ranks and statuses; an exact external ID leads whatever the filters are."""
    assert found(lasting_world, **asked) == expected


def test_a_filter_by_days_shows_the_last_change_first(world: World, people: People) -> None:
    """Whoever asks for changes reads them from the latest on."""
    changed = world.update_customer(people["a"], contact="1")
    today = changed.updated_at.date()
    asked = {"changed_from": str(today - timedelta(days=1)), "changed_to": str(today + timedelta(days=1))}
    assert found(world, **asked) == ["a", "plan:pro", "d", "c", "b"]
    assert found(world, changed_to=str(today - timedelta(days=1))) == []


@pytest.mark.parametrize("by", ["id", "retired", "parent's id"])
def test_a_parent_is_named_in_any_way(world: World, people: People, by: str) -> None:
    """By its external ID, an earlier one, or its ID."""
    world.update_customer(people["a"], external_id="a now")
    assert found(world, parent="a" if by == "retired" else people["a"].id) == ["c"]


def test_an_unknown_parent_is_refused(world: World) -> None:
    """It is no filter that finds nobody."""
    with world.app.app_context(), reading() as connection, pytest.raises(InvalidInput) as refused:
        DeskList(connection, HOME, ListQuery(parent="nobody"), UTC)
    assert list(refused.value.details) == ["parent"]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({}, 5),
        ({"q": "north"}, 4),
        ({"q": "plan:*"}, 3),
        ({"q": "plan:pro"}, 3),
        ({"q": "cus_2"}, 2),
        ({"q": "a"}, 4),
        ({"status": "all", "q": "north"}, 5),
        ({"status": "all", "country": "DE"}, 2),
        ({"q": "-vip:*"}, 4),
        ({"changed_from": "2001-01-01"}, 5),
    ],
)
@pytest.mark.usefixtures("lasting_people")
def test_the_count_is_of_the_whole_list(lasting_world: World, asked: dict[str, str], number: int) -> None:
    """Also of those that lead it, each once, and before any page was read."""
    with lasting_world.app.app_context(), reading() as connection:
        listing = DeskList(connection, HOME, ListQuery(**asked), UTC)  # type: ignore[arg-type]
        assert listing.total() == (number, True)
        listing.page(2)
        assert listing.total() == (number, True)


def test_past_a_thousand_the_count_says_more_than(world: World) -> None:
    """Whichever way leads to the list."""
    asked = [{}, {"q": "mass"}, {"q": "k:v"}, {"status": "all"}, {"sort": "name", "q": "mass"}, {"q": "k:* mass"}]
    insert_customers(world.app, 1000, name="A mass of them", metadata={"k": "v"})
    for expected in ((1000, True), (1000, False)):
        with world.app.app_context(), reading() as connection:
            lists = [DeskList(connection, HOME, ListQuery(**one), UTC) for one in asked]  # type: ignore[arg-type]
            assert [listing.total() for listing in lists] == [expected] * len(asked)
        world.create_customer(name="Mass", metadata={"k": "v"})


@pytest.mark.usefixtures("people")
def test_the_archived_are_counted_for_an_offer(world: World) -> None:
    """Within its time; without any, nothing is said, and the connection can be used on."""
    with world.app.app_context(), reading() as connection:
        query = ListQuery(q="north plan:pro")
        assert count_of_status(connection, HOME, query, "archived", UTC, 5) == (1, True)
        assert len(DeskList(connection, HOME, query, UTC).page(9).customers) == 2


def beside(world: World, query_string: str, customer: Customer) -> tuple[str, str]:
    """The external IDs of the neighbours of a customer; ``""`` for none."""
    with world.app.test_request_context(), reading() as connection:
        neighbours = find_neighbours(connection, HOME, query_string, customer)
        return tuple(one.external_id if one else "" for one in (neighbours.previous, neighbours.next))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("query_string", "order"),
    [
        ("", ["plan:pro", "d", "c", "b", "a"]),
        ("q=north", ["d", "a", "plan:pro", "b"]),
        ("q=north&status=all", ["f", "d", "a", "plan:pro", "b"]),
        ("q=plan%3Apro", ["plan:pro", "d", "a"]),
        ("q=cus_2", ["plan:pro", "c"]),
        ("sort=name&order=desc&q=north", ["plan:pro", "d", "a", "b"]),
        ("changed_from=2001-01-01", ["plan:pro", "d", "c", "b", "a"]),
    ],
)
def test_neighbours_are_those_of_the_list(
    lasting_world: World, lasting_people: People, query_string: str, order: list[str]
) -> None:
    """Over the borders of ranks and statuses, and of those that are named."""
    seen = [beside(lasting_world, query_string, lasting_people[external_id]) for external_id in order]
    assert seen == list(zip(["", *order[:-1]], [*order[1:], ""], strict=True))


def test_a_customer_that_left_the_list_has_neighbours_still(world: World, people: People) -> None:
    """Those of the place where it would stand."""
    renamed = world.update_customer(people["a"], name="West")
    assert beside(world, "q=north", renamed) == ("b", "")
    assert beside(world, "q=plan%3Afree", people["c"]) == ("", "b")


@pytest.mark.parametrize("query_string", ["status=gone", "parent=nobody", "changed_from=x", "q=%00"])
def test_a_list_that_is_none_has_no_neighbours(world: World, query_string: str, people: People) -> None:
    """A cookie can hold anything."""
    assert beside(world, query_string, people["a"]) == ("", "")


@pytest.mark.usefixtures("people")
def test_what_takes_too_long_is_left_out(world: World) -> None:
    """A record does not wait for a list; what it reads next on the same connection works."""

    def count_for_minutes(connection: Connection) -> None:
        with search_time_limit(connection):
            connection.execute(ENDLESS)

    with world.app.app_context(), reading() as connection:
        assert within(connection, 0.05, lambda: count_for_minutes(connection)) is None
        assert len(DeskList(connection, HOME, ListQuery(), UTC).page(9).customers) == 5
