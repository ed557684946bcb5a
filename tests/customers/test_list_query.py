"""The list as its address has it: read, judged, and written again."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict

from webapp.customers.list_query import (
    DEFAULT_COLUMNS,
    MOST_COLUMNS,
    ListQuery,
    faults_of,
    is_tidy,
    read_list_query,
    read_query_string,
)

BERLIN = ZoneInfo("Europe/Berlin")
FULL = ListQuery(
    q="acme plan:pro",
    status="all",
    country="DE",
    parent="group 1",
    changed_from="2026-01-01",
    changed_to="2026-03-29",
    sort="name",
    order="desc",
    columns=("email", "metadata.a,b&c", "version"),
)


@pytest.mark.parametrize("query", [ListQuery(), FULL, ListQuery(columns=())], ids=["newest", "full", "one column"])
def test_an_address_is_read_as_it_is_written(query: ListQuery) -> None:
    """And it has no fault."""
    assert read_query_string(query.query_string()) == query
    assert faults_of(query) == {}


def test_the_newest_customers_have_the_shortest_address() -> None:
    """What is as at first is left out."""
    assert ListQuery().query_string() == ""


def test_a_cursor_is_no_part_of_a_list() -> None:
    """It leads nowhere in a list that differs."""
    assert ListQuery(q="a", cursor="x").parameters(status="all") == {"q": "a", "status": "all"}
    assert ListQuery(q="a").parameters(cursor="x") == {"q": "a", "cursor": "x"}


@pytest.mark.parametrize(
    ("sent", "is_as_written"),
    [
        ("q=a", True),
        ("q=a&list=1", True),
        ("q=", False),
        ("status=published", False),
        ("q=+a", False),
        ("metadata_column=plan", False),
        ("columns=external_id&" + "&".join(f"columns={name}" for name in DEFAULT_COLUMNS), False),
    ],
)
def test_the_address_of_a_plain_form_says_too_much(sent: str, is_as_written: bool) -> None:
    """It is told apart from one that the desk writes itself."""
    args = MultiDict(parse_qsl(sent, keep_blank_values=True))
    assert is_tidy(args, read_list_query(args)) is is_as_written


def test_a_metadata_key_that_is_typed_becomes_a_column() -> None:
    """Behind those that are shown, and once."""
    args = MultiDict([("metadata_column", " plan ")])
    assert read_list_query(args).columns == (*DEFAULT_COLUMNS, "metadata.plan")
    args = MultiDict([("columns", "metadata.plan"), ("metadata_column", "plan")])
    assert read_list_query(args).columns == ("metadata.plan",)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (ListQuery(q="a\x00"), "q"),
        (ListQuery(q="a" * 256), "q"),
        (ListQuery(status="deleted"), "status"),
        (ListQuery(country="de"), "country"),
        (ListQuery(parent="a" * 256), "parent"),
        (ListQuery(changed_from="yesterday"), "changed_from"),
        (ListQuery(changed_to="2026-02-30"), "changed_to"),
        (ListQuery(changed_to="0001-01-01"), "changed_to"),
        (ListQuery(changed_from="2026-01-02", changed_to="2026-01-01"), "changed_to"),
        (ListQuery(sort="contact"), "sort"),
        (ListQuery(sort="name", order="up"), "order"),
        (ListQuery(order="asc"), "order"),
        (ListQuery(columns=("shoe_size",)), "columns"),
        (ListQuery(columns=("metadata.",)), "columns"),
        (ListQuery(columns=tuple(f"metadata.{number}" for number in range(MOST_COLUMNS + 1))), "columns"),
        (ListQuery(cursor="a" * 40_000), "cursor"),
    ],
)
def test_a_wrong_value_is_named(query: ListQuery, name: str) -> None:
    """Never passed over in silence."""
    assert list(faults_of(query)) == [name]


def test_days_are_whole_days_where_the_reader_is() -> None:
    """Both ends belong to the list, also where a clock is put forward in between."""
    begin, end = (condition for condition in FULL.conditions(BERLIN) if condition.field == "updated_at")
    assert (begin.operator, begin.value) == ("gte", datetime(2025, 12, 31, 23, tzinfo=UTC))
    assert (end.operator, end.value) == ("lt", datetime(2026, 3, 29, 22, tzinfo=UTC))
