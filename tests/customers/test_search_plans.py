"""Each kind of search uses an index: the plans of the very statements that are run, on both databases."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select

from bench.dataset import load
from bench.people import SCOPE
from webapp.customers import search_list
from webapp.customers.model import customers
from webapp.customers.query import Condition, CustomerQuery, SortKey
from webapp.customers.search import search_customers_page
from webapp.customers.search_box import search_customers
from webapp.database import db, is_postgresql, reading

CUSTOMERS = 3000
PUBLISHED = Condition("status", "eq", "published")
#: Reading a whole table, on SQLite and on PostgreSQL.
FULL_SCAN = re.compile(r"SCAN (customers|customer_search|customer_metadata)\b(?! VIRTUAL)|Seq Scan on customer")
TRIGRAMS = "ix_customer_search_text_trigrams|customer_search_fts"
PAIRS = "ix_customer_metadata_pair_hash"

Statement = tuple[str, Any]

QUERIES: dict[str, tuple[tuple[Condition, ...], dict[str, Any], str]] = {
    "the first page": ((), {}, "ix_customers_environment_id_status_created_at_id"),
    "an external ID": (
        (Condition("external_id", "eq", "user_0000007"),),
        {},
        "ix_customers_environment_id_status_external_id_id|uq_customers_published_external_id",
    ),
    "an email": ((Condition("email", "eq", "nobody@example.com"),), {}, "ix_customers_environment_id_status_email_id"),
    "a part of a name": ((Condition("name", "contains", "zzyzx"),), {}, TRIGRAMS),
    "a metadata pair": ((Condition("metadata.crm_id", "eq", "CRM-00000007"),), {}, PAIRS),
    "having a metadata key": ((Condition("metadata.crm_id", "has", ""),), {}, "ix_customer_metadata_key_hash"),
    "two metadata pairs": (
        (Condition("metadata.plan", "eq", "pro"), Condition("metadata.campaign", "eq", "campaign-7")),
        {},
        PAIRS,
    ),
    "a parent": ((Condition("parent_customer_id", "eq", "cust_1"),), {}, "ix_customers_children"),
    "a country": ((Condition("address_country", "eq", "FO"),), {}, "ix_customers_country"),
    "a mapping": (
        (Condition("integration_entity_mapping.stripe", "eq", "cus_1"),),
        {},
        "ix_integration_mappings_entity",
    ),
    "sorted by name": ((), {"sort": (SortKey("name"),)}, "ix_customers_environment_id_status_name_id"),
    "sorted by the last change": (
        (),
        {"sort": (SortKey("updated_at", "desc"),)},
        "ix_customers_environment_id_status_updated_at_id",
    ),
    "sorted in mixed directions": (
        (),
        {"sort": (SortKey("name"), SortKey("created_at", "desc"))},
        "ix_customers_environment_id_status_name_id",
    ),
    "an offset": ((), {"offset": 1000}, "ix_customers_environment_id_status_created_at_id"),
}


@pytest.fixture(scope="module")
def loaded(lasting_app_on_each_database: Flask) -> Flask:
    """The application with some thousand customers of the bench, from which every test here does nothing but read."""
    with lasting_app_on_each_database.app_context():
        load(CUSTOMERS, say=lambda _said: None)
    return lasting_app_on_each_database


@pytest.fixture
def app(loaded: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The same; Core runs what is listened to."""
    monkeypatch.setattr(search_list, "has_lists", lambda _core: True)
    search_list.statement_of.cache_clear()
    with loaded.app_context():
        yield loaded
    search_list.statement_of.cache_clear()


def plans_of(run: Any) -> str:
    """What the database says of each SELECT that ``run`` sends."""
    sent: list[Statement] = []

    def remember(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        sent.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", remember)
    try:
        with reading() as connection:
            run(connection)
    finally:
        event.remove(db.engine, "before_cursor_execute", remember)
    with reading() as connection:
        return "\n".join(_plan(connection, *one) for one in sent if "FROM" in one[0])


def _plan(connection: Connection, statement: str, values: Any) -> str:
    if is_postgresql(connection):
        # So few rows are quickest read whole. What is asked here is whether an index can serve the statement.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values))
    return "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values))


def assert_served(plans: str, index: str) -> None:
    """By that index, or one of those, and no whole table is read."""
    assert re.search(index, plans), plans
    assert not FULL_SCAN.search(plans), plans


def test_each_kind_of_list_uses_its_index(app: Flask) -> None:
    """External ID, email, contains, metadata, parent, mapping, sorted pages, offset."""
    for conditions, more, index in QUERIES.values():
        query = CustomerQuery(conditions=(PUBLISHED, *conditions), **more)
        assert_served(plans_of(lambda connection, query=query: search_customers_page(connection, SCOPE, query)), index)


@pytest.mark.parametrize("sort", [(), (SortKey("name"),)], ids=["newest first", "by name"])
def test_a_deep_cursor_uses_the_index_of_its_order(app: Flask, sort: tuple[SortKey, ...]) -> None:
    """It begins at its place: the plan has a range, not only the order."""
    query = CustomerQuery(sort=sort, offset=2000)
    with reading() as connection:
        cursor = search_customers_page(connection, SCOPE, query).next_cursor
    following = CustomerQuery(sort=sort, cursor=cursor)
    plans = plans_of(lambda connection: search_customers_page(connection, SCOPE, following))
    assert_served(plans, f"ix_customers_environment_id_status_{'name' if sort else 'created_at'}_id")
    assert re.search(r"\((created_at|name),id\)[<>]|ROW\(\S*(created_at|name)\S*, \S*id\S*\) [<>]", plans), plans


@pytest.mark.parametrize("needle", ["zzyzx", "Maria", "cust"])
def test_the_search_box_uses_the_trigram_index(app: Flask, needle: str) -> None:
    """Beginnings and parts."""
    plans = plans_of(lambda connection: search_customers(connection, SCOPE, needle, most=50))
    assert_served(plans, TRIGRAMS)


def test_a_plan_without_an_index_would_be_seen(app: Flask) -> None:
    """The test above can fail."""
    plans = plans_of(
        lambda connection: connection.execute(select(customers.c.id).where(customers.c.contact == "none")).all()
    )
    assert FULL_SCAN.search(plans), plans
