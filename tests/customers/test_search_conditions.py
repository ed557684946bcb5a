"""What a statement is built for, and how times are written that metadata is compared with."""

from datetime import UTC, datetime

import pytest

from tests.support.world import HOME, World
from webapp.customers import search_statements
from webapp.customers.query import Condition, CustomerQuery, Value
from webapp.customers.search import search_customers_page
from webapp.customers.search_conditions import date_text
from webapp.database import reading

BUILDERS = (search_statements.candidates_count, search_statements.gather, search_statements.walk_count)
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
        built.append([builder.cache_info().misses for builder in (*BUILDERS, search_statements.walk)])
    assert built[0] == built[1] == built[2]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31"),
        (datetime(2026, 1, 31, 9, 30, tzinfo=UTC), "2026-01-31T09:30:00Z"),
        (datetime(2026, 1, 31, 0, 0, 0, 5, tzinfo=UTC), "2026-01-31T00:00:00.000005Z"),
        (datetime(999, 12, 31, tzinfo=UTC), "0999-12-31"),
        (datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC), "0001-01-01T00:00:01Z"),
    ],
)
def test_a_time_is_written_as_metadata_has_it(moment: datetime, text: str) -> None:
    """The year with four digits, so that texts compare as times do."""
    assert date_text(moment) == text


def test_an_early_year_compares_as_a_time(world_on_each_database: World) -> None:
    """Nothing of this millennium is before the year 999."""
    world_on_each_database.create_customer(metadata={"since": "2026-01-31"})
    year_999 = datetime(999, 1, 1, tzinfo=UTC)
    with world_on_each_database.app.app_context(), reading() as connection:
        for operator, found in (("before", 0), ("after", 1)):
            query = CustomerQuery(conditions=(Condition("metadata.since", operator, year_999),))
            assert len(search_customers_page(connection, HOME, query).customers) == found
