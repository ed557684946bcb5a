"""The search against plain Python: random queries over random customers find the same ones, in the same order."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.search_reference import Mappings, expected
from tests.support.world import HOME, SANDBOX, World, seed_world
from webapp.customers import search_plan, search_statements
from webapp.customers.lookup import find_customer
from webapp.customers.model import Customer, customers, integration_mappings
from webapp.customers.query import (
    FILTER_FIELDS,
    OPERATORS,
    SORT_FIELDS,
    STATUSES,
    Condition,
    CustomerQuery,
    DataType,
    FieldType,
    SortKey,
    field_type,
)
from webapp.customers.search import search_customers_page
from webapp.customers.search_list import statement_of
from webapp.database import reading

SEED = 3
CUSTOMERS = 120
QUERIES = 70
WORDS = [
    "", "a", "A", "ab", "Ab", "ac", "100%", "a_b", "a/b", "Straße", "STRASSE", "ﬁn", "fin", "Ä", "ä", "A\u0308",
    "日本", "日本語", "\U0001f600", "x\U0001f600y", "a'b", 'a"b', "acme", "Acme Inc", "not acme",
    "zz", "z", "Z", "é", "٣", "a\\b",
]  # fmt: skip
METADATA_VALUES = [
    *WORDS, "1", "10", "9", "-2.5", "2.50", "1e5", "0010", "nan", "inf", "2026-01-31", "2026-01-31T09:30:00Z",
    "2025-12-01", "2026-1-1", "true", "false", "9" * 400,
]  # fmt: skip
KEYS = ["plan", "Plan", "seats", "a.b", 'q"q', "日本"]


@pytest.fixture(scope="module")
def world(lasting_app_on_each_database: Flask) -> World:
    """The seeded world with random customers, from which every test here does nothing but read."""
    world = seed_world(lasting_app_on_each_database)
    dice = random.Random(SEED)  # noqa: S311 - the same each time, no secret
    made: list[Customer] = []
    for number in range(CUSTOMERS):
        texts = {
            name: dice.choice(WORDS)
            for name in ("email", "contact", "address_line1", "address_city", "address_country")
            if dice.random() < 0.7
        }
        texts["address_country"] = texts.get("address_country", "")[:2]
        customer = world.create_customer(
            external_id=f"{dice.choice(WORDS)}{number}",
            name=dice.choice(WORDS[1:]),
            metadata={key: dice.choice(METADATA_VALUES) for key in KEYS if dice.random() < 0.5},
            parent=dice.choice(made[:5]).external_id if made and dice.random() < 0.2 else None,
            mappings={"stripe": dice.choice(["cus_1", "cus_2"])} if dice.random() < 0.3 else {},
            **texts,
        )
        made.append(customer)
    for customer in made[5:]:
        if dice.random() < 0.15:
            world.archive(customer)
    world.create_customer(SANDBOX, name="Acme Inc", metadata={"plan": "a"})
    return world


def stored(world: World) -> tuple[list[Customer], Mappings]:
    """Every customer of the home environment, and their mappings."""
    with world.app.app_context(), reading() as connection:
        of_home = customers.c.environment_id == HOME.environment_id
        ids = connection.execute(select(customers.c.id).where(of_home)).scalars().all()
        found = [find_customer(connection, HOME, customer_id) for customer_id in ids]
        rows = connection.execute(select(integration_mappings)).mappings()
        return found, {(row["customer_id"], row["provider_type"]): row["provider_entity_id"] for row in rows}


def random_condition(dice: random.Random, rows: list[Customer]) -> Condition:
    """Any field, operator and value that are allowed together; often a value that somebody has."""
    fields = [*FILTER_FIELDS, *(f"metadata.{key}" for key in [*KEYS, "none"]), "integration_entity_mapping.stripe"]
    field = dice.choice([*fields, *(name for name in fields if field_type(name) is FieldType.METADATA)])
    kind = field_type(field)
    assert kind is not None
    operator = dice.choice(list(OPERATORS[kind]))
    return Condition(field, operator, random_value(dice, kind, field, dice.choice(OPERATORS[kind][operator]), rows))


def random_value(dice: random.Random, kind: FieldType, field: str, data_type: DataType, rows: list[Customer]) -> Any:
    """A value of a type."""
    if data_type is DataType.ARRAY:
        number = dice.randint(1, 3)
        return tuple({random_value(dice, kind, field, DataType.STRING, rows): None for _ in range(number)})
    if data_type is DataType.NUMBER:
        return float(dice.choice([1, 2.5, 9, 10, -2.5]))
    if data_type is DataType.DATE:
        moment = dice.choice(rows).created_at
        return dice.choice(
            [moment, moment + timedelta(microseconds=1), moment.replace(hour=0, minute=0, second=0, microsecond=0)]
        )
    if kind is FieldType.STATUS:
        return dice.choice(STATUSES)
    if kind is FieldType.MAPPING:
        return dice.choice(["cus_1", "cus_2", "none"])
    if kind is FieldType.METADATA:
        return dice.choice(METADATA_VALUES)
    value = getattr(dice.choice(rows), field) or ""
    start = dice.randrange(len(value) + 1)
    return dice.choice([value, value[start : start + dice.randint(0, 5)], dice.choice(WORDS)])


def random_query(dice: random.Random, rows: list[Customer]) -> CustomerQuery:
    """Up to three conditions, up to three sort keys."""
    fields = dice.sample(SORT_FIELDS, dice.randint(0, 3))
    return CustomerQuery(
        limit=dice.choice([1, 3, 10, 1000]),
        conditions=tuple(random_condition(dice, rows) for _ in range(dice.choice([0, 1, 1, 2, 2, 3]))),
        sort=tuple(SortKey(field, dice.choice(["asc", "desc"])) for field in fields),
    )


@pytest.fixture(params=["usual", "walking", "undecided"])
def bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The numbers by which the search chooses its way: so few customers would otherwise all be gathered."""
    if request.param != "usual":
        bound = {"walking": 0, "undecided": 3}[request.param]
        usual = search_plan.Plan

        def plan(**values: Any) -> search_plan.Plan:
            return usual(**values, most_candidates=bound, most_matches=bound if request.param == "walking" else 1000)

        monkeypatch.setattr("webapp.customers.search.Plan", plan)
        monkeypatch.setattr(search_statements, "MOST_WALKED", 10)
    statement_of.cache_clear()
    yield
    statement_of.cache_clear()


@pytest.mark.usefixtures("bounds")
def test_random_queries_find_what_plain_python_finds(world: World) -> None:
    """Each with its whole list by offset and by cursor: no gap, no overlap, the order, the total."""
    dice = random.Random(SEED)  # noqa: S311 - the same each time, no secret
    rows, mappings = stored(world)
    with world.app.app_context():
        for _ in range(QUERIES):
            query = random_query(dice, rows)
            wanted = [customer.id for customer in expected(rows, mappings, query)]
            with reading() as connection:
                by_offset: list[str] = []
                while True:
                    page = search_customers_page(connection, HOME, replace(query, offset=len(by_offset)))
                    by_offset += [customer.id for customer in page.customers]
                    if page.next_cursor is None:
                        break
                    assert page.total >= len(by_offset) + 1
                    if len(by_offset) > 20:
                        break
                assert by_offset == wanted[: len(by_offset)], query
                assert (page.next_cursor is None) == (len(by_offset) == len(wanted))
                by_cursor: list[str] = []
                page = search_customers_page(connection, HOME, query)
                by_cursor += [customer.id for customer in page.customers]
                while page.next_cursor and len(by_cursor) < 20:
                    page = search_customers_page(connection, HOME, replace(query, cursor=page.next_cursor))
                    by_cursor += [customer.id for customer in page.customers]
                assert by_cursor == wanted[: len(by_cursor)], query
                if page.total_relation == "eq":
                    assert page.total == len(wanted), query
                else:
                    assert page.total <= len(wanted), query
