"""Pages of a list: cursors, totals past what is counted, customers that come and go meanwhile, the time limit."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers import search_plan
from webapp.customers.cursors import ResultPage
from webapp.customers.model import Scope
from webapp.customers.query import Condition, CustomerQuery, SortKey
from webapp.customers.search import search_customers_page
from webapp.customers.search_time_limit import search_time_limit
from webapp.database import reading
from webapp.errors import InvalidInput, ServiceUnavailable

BY_NAME = CustomerQuery(limit=2, sort=(SortKey("name", "asc"),))


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def page_of(world: World, query: CustomerQuery, scope: Scope = HOME) -> ResultPage:
    """One page."""
    with world.app.app_context(), reading() as connection:
        return search_customers_page(connection, scope, query)


def names(page: ResultPage) -> list[str]:
    """Of its customers."""
    return [customer.name for customer in page.customers]


def test_a_cursor_holds_while_customers_come_and_go(world: World) -> None:
    """None is shown twice or left out, even when the one that the cursor names is not in the list any more."""
    made = {name: world.create_customer(name=name) for name in "bdfhj"}
    first = page_of(world, BY_NAME)
    assert names(first) == ["b", "d"]
    world.create_customer(name="a")
    world.create_customer(name="e")
    world.archive(made["d"])
    second = page_of(world, replace(BY_NAME, cursor=first.next_cursor))
    assert names(second) == ["e", "f"]
    third = page_of(world, replace(BY_NAME, cursor=second.next_cursor))
    assert (names(third), third.next_cursor) == (["h", "j"], None)


@pytest.mark.parametrize(
    "other",
    [
        {"sort": (SortKey("name", "desc"),)},
        {"sort": (SortKey("email", "asc"),)},
        {"conditions": ()},
        {"conditions": (Condition("name", "contains", "x"),)},
    ],
    ids=["direction", "field", "status", "filter"],
)
def test_a_cursor_of_another_list_is_refused(world: World, other: dict[str, Any]) -> None:
    """It would lead to a page that fits neither."""
    for name in "abc":
        world.create_customer(name=name)
    cursor = page_of(world, BY_NAME).next_cursor
    with pytest.raises(InvalidInput) as caught:
        page_of(world, replace(BY_NAME, cursor=cursor, **other))
    assert list(caught.value.details) == ["cursor"]


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_somebody_else_s_cursor_is_refused(world: World, scope: Scope) -> None:
    """As one of another list is."""
    for name in "abc":
        world.create_customer(name=name)
    cursor = page_of(world, BY_NAME).next_cursor
    with pytest.raises(InvalidInput):
        page_of(world, replace(BY_NAME, cursor=cursor), scope)


@pytest.mark.parametrize(
    "garbled",
    ["", "x", "{cursor}AAAA", "é{cursor}", *(base64.urlsafe_b64encode(raw).decode() for raw in (b"[]", b"7", b"\xff"))],
    ids=["empty", "short", "longer", "not ASCII", "no values", "a number", "no JSON"],
)
def test_a_garbled_cursor_is_refused(world: World, garbled: str) -> None:
    """400, under its name."""
    for name in "abc":
        world.create_customer(name=name)
    cursor = page_of(world, BY_NAME).next_cursor
    assert cursor is not None
    with pytest.raises(InvalidInput) as caught:
        page_of(world, replace(BY_NAME, cursor=garbled.format(cursor=cursor)))
    assert list(caught.value.details) == ["cursor"]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("created_at", ["0001-01-01T00:00:00+14:00", "cust_1"]),
        ("created_at", ["9999-12-31T23:59:59-14:00", "cust_1"]),
        ("created_at", ["yesterday", "cust_1"]),
        ("created_at", ["2026-01-01T00:00:00Z", "cust_\0"]),
        ("name", ["a\0", "cust_1"]),
        ("name", ["\ud800", "cust_1"]),
        ("name", [None, "cust_1"]),
        ("name", ["a"]),
    ],
    ids=["too early", "too late", "no time", "NUL in the ID", "NUL", "surrogate", "null", "too few"],
)
def test_a_forged_cursor_is_refused(world: World, field: str, values: list[str]) -> None:
    """With the right fingerprint, which is no secret, and values that no customer has."""
    for name in "abc":
        world.create_customer(name=name)
    query = CustomerQuery(limit=2, sort=(SortKey(field, "asc"),))
    cursor = page_of(world, query).next_cursor
    assert cursor is not None
    fingerprint, *_values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps([fingerprint, *values]).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidInput) as caught:
        page_of(world, replace(query, cursor=forged))
    assert list(caught.value.details) == ["cursor"]


def test_an_environment_s_id_with_another_tenant_s_finds_nobody(world: World) -> None:
    """Every query is confined to the pair (contract section 1)."""
    world.create_customer(name="Acme", metadata={"plan": "gold"})
    mixed = Scope(ELSEWHERE.tenant_id, HOME.environment_id)
    for condition in (
        Condition("status", "eq", "published"),
        Condition("name", "eq", "Acme"),
        Condition("name", "contains", "acme"),
        Condition("name", "contains", "ac"),
        Condition("metadata.plan", "eq", "gold"),
        Condition("metadata.plan", "contains", "gold"),
    ):
        query = CustomerQuery(conditions=(condition,))
        assert names(page_of(world, query)) == ["Acme"]
        page = page_of(world, query, mixed)
        assert (page.customers, page.total) == ([], 0)


def test_a_status_that_nobody_has_is_an_empty_list(world: World) -> None:
    """And two that exclude each other."""
    world.create_customer()
    for conditions in (
        (Condition("status", "eq", "deleted"),),
        (Condition("status", "eq", "published"), Condition("status", "not_in", ("published",))),
    ):
        page = page_of(world, CustomerQuery(conditions=conditions))
        assert (page.customers, page.total, page.total_relation, page.next_cursor) == ([], 0, "eq", None)


def test_an_offset_past_the_end_is_an_empty_page_with_the_total(world: World) -> None:
    """Of every kind of list."""
    for number in range(3):
        world.create_customer(name=f"Acme {number}", metadata={"plan": "gold"})
    for condition in (
        Condition("status", "eq", "published"),
        Condition("name", "contains", "acme"),
        Condition("metadata.plan", "eq", "gold"),
        Condition("email", "eq", ""),
    ):
        page = page_of(world, CustomerQuery(offset=10, conditions=(condition,)))
        assert (page.customers, page.total, page.total_relation, page.next_cursor) == ([], 3, "eq", None)


@pytest.mark.parametrize(
    "condition", [Condition("status", "eq", "published"), Condition("metadata.plan", "eq", "gold")], ids=["all", "pair"]
)
def test_a_total_past_what_is_counted_never_ends_a_loop_too_early(
    world: World, monkeypatch: pytest.MonkeyPatch, condition: Condition
) -> None:
    """``while offset < total`` comes by every customer; the last page knows the exact total."""
    for _ in range(9):
        world.create_customer(metadata={"plan": "gold"})
    usual = search_plan.Plan

    def plan(**values: Any) -> search_plan.Plan:
        return usual(**values, most_candidates=2, most_matches=3)

    monkeypatch.setattr("webapp.customers.search.Plan", plan)
    query, offset, total, seen = CustomerQuery(limit=2, conditions=(condition,)), 0, 1, []
    relations = []
    while offset < total:
        page = page_of(world, replace(query, offset=offset))
        seen += [customer.id for customer in page.customers]
        relations.append(page.total_relation)
        offset, total = offset + len(page.customers), page.total
    assert len(set(seen)) == len(seen) == total == 9
    assert relations == ["gte"] * 4 + ["eq"]


SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


def test_a_search_that_takes_too_long_is_given_up(app_on_each_database: Flask) -> None:
    """503 with a sentence that says what to do; the connection goes on working, without the limit."""
    with app_on_each_database.app_context(), reading() as connection:
        connection.execution_options(search_timeout_seconds=1)
        with (
            pytest.raises(ServiceUnavailable, match=r"The search took longer than 1 seconds\. Narrow it"),
            search_time_limit(connection),
        ):
            connection.exec_driver_sql(SLOW[connection.dialect.name])
        connection.rollback()
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_another_error_of_the_database_is_no_matter_of_time(app_on_each_database: Flask) -> None:
    """It stays what it is."""
    with app_on_each_database.app_context(), reading() as connection:
        with pytest.raises(Exception, match=r"nowhere_at_all") as caught, search_time_limit(connection):
            connection.exec_driver_sql("SELECT nothing FROM nowhere_at_all WHERE nothing")
        assert not isinstance(caught.value, ServiceUnavailable)
