"""What a statement is built for, and how times are written that metadata is compared with."""

from datetime import UTC, datetime

import pytest

from tests.support.world import HOME, World
from webapp.customers.query import Condition, CustomerQuery, Value
from webapp.customers.search import search_customers_page
from webapp.customers.search_list import statement_of
from webapp.database import reading

CASES: list[tuple[str, str, Value]] = [
    ("metadata.", "eq", "gold"),
    ("metadata.", "contains", "gold"),
    ("metadata.", "not_in", ("gold",)),
    ("metadata.", "gt", 5.0),
    ("metadata.", "before", datetime(2026, 1, 31, tzinfo=UTC)),
    ("integration_entity_mapping.", "eq", "cus_1"),
]


@pytest.mark.parametrize(("prefix", "operator", "value"), CASES, ids=lambda value: str(value)[:8])
def test_another_key_needs_no_statement_of_its_own(world: World, prefix: str, operator: str, value: Value) -> None:
    """It is a value like others: whoever makes up keys fills no cache."""
    built = []
    for key in ("stripe", "hubspot", "metadata."):
        query = CustomerQuery(conditions=(Condition(prefix + key, operator, value), Condition("name", "gt", "a")))
        with world.app.app_context(), reading() as connection:
            search_customers_page(connection, HOME, query)
        built.append(statement_of.cache_info().misses)
    assert built[0] == built[1] == built[2]


def test_an_early_year_compares_as_a_time(world_on_each_database: World) -> None:
    """Nothing of this millennium is before the year 999."""
    world_on_each_database.create_customer(metadata={"since": "2026-01-31"})
    year_999 = datetime(999, 1, 1, tzinfo=UTC)
    with world_on_each_database.app.app_context(), reading() as connection:
        for operator, found in (("before", 0), ("after", 1)):
            query = CustomerQuery(conditions=(Condition("metadata.since", operator, year_999),))
            assert len(search_customers_page(connection, HOME, query).customers) == found


@pytest.mark.parametrize(
    ("stored", "matching"),
    [
        ("2026-03-31T10:00:00Z", {"gte", "lte"}),
        ("2026-03-31T10:00:00.000Z", {"gte", "lte"}),
        ("2026-03-31T12:00:00+02:00", {"gte", "lte"}),
        ("2026-03-31t10:00:00z", {"gte", "lte"}),
        ("2026-03-31 10:00:00", {"gte", "lte"}),
        ("2026-03-31T10:00:00.500Z", {"gt", "gte", "after"}),
        ("2026-03-31", {"lt", "lte", "before"}),
        ("2026-03-31T23:00:00+14:00", {"lt", "lte", "before"}),
        ("2026-99-99", set()),
        ("2026-03-31 soon", set()),
        ("0001-01-01T00:00:00+14:00", set()),
    ],
)
def test_dates_in_metadata_are_compared_as_times(
    world_on_each_database: World, stored: str, matching: set[str]
) -> None:
    """Whatever their offset and their digits; what is no time matches nothing."""
    world_on_each_database.create_customer(metadata={"renewed": stored})
    moment = datetime(2026, 3, 31, 10, tzinfo=UTC)
    found = set()
    with world_on_each_database.app.app_context(), reading() as connection:
        for operator in ("before", "after", "lt", "lte", "gt", "gte"):
            query = CustomerQuery(conditions=(Condition("metadata.renewed", operator, moment),))
            if search_customers_page(connection, HOME, query).customers:
                found.add(operator)
    assert found == matching
