"""The side tables that the search looks in: keeps them right with each change, verifies and rebuilds them.

Knows what follows from a customer; not how it is searched for.
"""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Update, and_, bindparam, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError, OperationalError

from webapp.bounded_connection import lift_time_limits
from webapp.customers.folding import fold
from webapp.customers.model import (
    CUSTOMER_COLUMNS,
    Customer,
    customer_metadata,
    customer_of,
    customer_search,
    customers,
)
from webapp.customers.moments import moment_of
from webapp.customers.search_text import changed_texts, searchable_texts
from webapp.database import is_postgresql
from webapp.statements import Statement

HASH_BYTES = 8
_CHECK_TRIGRAMS = "INSERT INTO customer_search_fts (customer_search_fts, rank) VALUES ('integrity-check', 1)"
#: Or searches would be planned for the tables as they were before, until PostgreSQL looks at them by itself: a minute.
_PLAN_ANEW = "ANALYZE customers, customer_search, customer_metadata"
#: So that the first changes need not merge what many insertions left in pieces.
_MERGE_TRIGRAMS = "INSERT INTO customer_search_fts (customer_search_fts) VALUES ('optimize')"
#: Of PostgreSQL; SQLite has one writer anyway. A weaker lock would let a writer in that has read its customer for
#: update: each would then wait for the other.
_LOCK_OUT_WRITERS = "LOCK TABLE customers IN EXCLUSIVE MODE"
ROWS_AT_ONCE = 500
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")

_OF_CUSTOMER = and_(
    customer_search.c.environment_id == bindparam("of_environment_id"),
    customer_search.c.customer_id == bindparam("of_customer_id"),
)
_OF_NUMBER = customer_metadata.c.number == bindparam("of_number")
_OF_KEY = and_(_OF_NUMBER, customer_metadata.c.key_hash == bindparam("of_key_hash"))
_INSERT = insert(customer_search)
_INSERT_ENTRY = Statement(insert(customer_metadata))
_NUMBER = Statement(select(customer_search.c.number).where(_OF_CUSTOMER))


def update_of_texts(names: tuple[str, ...]) -> Update:
    """The update of some of a customer's searchable texts; its parameters are they and :func:`of_customer`."""
    return update(customer_search).where(_OF_CUSTOMER).values({name: bindparam(name) for name in names})


_UPDATE_TEXTS: dict[tuple[str, ...], Statement] = {
    names: Statement(update_of_texts(names)) for names in (("text",), ("other_text",), ("text", "other_text"))
}
_UPDATE_STATUS = Statement(update(customer_search).where(_OF_CUSTOMER).values(is_published=bindparam("published")))
_UPDATE_ENTRY_STATUS = Statement(
    update(customer_metadata).where(_OF_NUMBER).values(is_published=bindparam("published"))
)
_DELETE_ENTRY = Statement(delete(customer_metadata).where(_OF_KEY))


def text_hash(*texts: str) -> int:
    """A hash of texts, a signed number of 64 bits."""
    digest = hashlib.blake2b(digest_size=HASH_BYTES)
    for part in texts:
        encoded = part.encode()
        digest.update(b"%d:" % len(encoded) + encoded)
    return int.from_bytes(digest.digest(), "big", signed=True)


def decimal_value(value: str) -> float | None:
    """The number that a metadata value is, if it is one in decimal notation and not beyond what a double holds."""
    number = float(value) if _DECIMAL.fullmatch(value) else math.inf
    return number if math.isfinite(number) else None


def search_row(customer: Customer) -> dict[str, Any]:
    """The row of a customer in ``customer_search``, without its number."""
    return {
        "environment_id": customer.environment_id,
        "customer_id": customer.id,
        "is_published": customer.is_published,
        "created_at": customer.created_at,
        **searchable_texts(customer),
    }


def metadata_rows(customer: Customer, number: int, entries: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """The rows of a customer's metadata, or of some of its entries, in ``customer_metadata``."""
    wanted = customer.metadata if entries is None else entries
    stamp = {"number": number, "is_published": customer.is_published, "created_at": customer.created_at}
    return [
        {
            **stamp,
            "key": key,
            "key_hash": text_hash(customer.environment_id, key),
            "pair_hash": text_hash(customer.environment_id, key, value),
            "value": value,
            "folded_value": None if fold(value) == value else fold(value),
            "decimal_value": decimal_value(value),
            "moment_value": moment_of(value),
        }
        for key, value in wanted.items()
    ]


def of_customer(customer: Customer) -> dict[str, str]:
    """The parameters by which a customer's row of ``customer_search`` is found."""
    return {"of_environment_id": customer.environment_id, "of_customer_id": customer.id}


def index_new(connection: Connection, customer: Customer) -> None:
    """Make a new customer findable, in the caller's transaction."""
    inserted = connection.execute(_INSERT, search_row(customer))
    if customer.metadata:
        key: Any = inserted.inserted_primary_key
        _INSERT_ENTRY.run_for_each(connection, metadata_rows(customer, key.number))


def index_change(connection: Connection, before: Customer, after: Customer) -> None:
    """Make a changed customer findable as it is now, in the caller's transaction; writes only what differs."""
    key = of_customer(after)
    if changed := changed_texts(before, after):
        _UPDATE_TEXTS[tuple(changed)].run(connection, {**key, **changed})
    if before.metadata == after.metadata and before.is_published == after.is_published:
        return
    found = _NUMBER.first(connection, key)
    if found is None:
        index_new(connection, after)
        return
    (number,) = found
    if before.is_published != after.is_published:
        published = {"published": after.is_published}
        _UPDATE_STATUS.run(connection, {**key, **published})
        _UPDATE_ENTRY_STATUS.run(connection, {"of_number": number, **published})
    _index_metadata(connection, before, after, number)


def _index_metadata(connection: Connection, before: Customer, after: Customer, number: int) -> None:
    old, new = before.metadata, after.metadata
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    # What is inserted is deleted first, stored or not: an index that is wrong must not refuse a customer's change.
    replaced = [
        {"of_number": number, "of_key_hash": text_hash(after.environment_id, key)}
        for key in (*(key for key in old if key not in new), *changed)
    ]
    for statement, rows in ((_DELETE_ENTRY, replaced), (_INSERT_ENTRY, metadata_rows(after, number, changed))):
        if rows:
            statement.run_for_each(connection, rows)


def _pages(connection: Connection) -> Iterator[list[Customer]]:
    """Every customer of every environment, some at a time."""
    statement = (
        select(*CUSTOMER_COLUMNS)
        .where(
            (customers.c.environment_id > bindparam("environment_id"))
            | and_(customers.c.environment_id == bindparam("environment_id"), customers.c.id > bindparam("id"))
        )
        .order_by(customers.c.environment_id, customers.c.id)
        .limit(ROWS_AT_ONCE)
    )
    last = ("", "")
    while rows := connection.execute(statement, {"environment_id": last[0], "id": last[1]}).all():
        page = [customer_of(row) for row in rows]
        last = (page[-1].environment_id, page[-1].id)
        yield page


def rebuild(connection: Connection) -> int:
    """Write the side tables anew from the customers, in the caller's transaction. Returns how many there are.

    Whoever writes a customer waits for its end, or it for theirs; it takes as long as it takes. Readers go on.
    """
    if is_postgresql(connection):
        lift_time_limits(connection)
        connection.execute(text(_LOCK_OUT_WRITERS))
    connection.execute(delete(customer_metadata))
    connection.execute(delete(customer_search))
    written = 0
    for page in _pages(connection):
        connection.execute(_INSERT, [search_row(customer) for customer in page])
        numbers = _numbers(connection, page)
        entries = [row for customer in page for row in metadata_rows(customer, numbers[_key(customer)])]
        if entries:
            _INSERT_ENTRY.run_for_each(connection, entries)
        written += len(page)
    connection.execute(text(_PLAN_ANEW if is_postgresql(connection) else _MERGE_TRIGRAMS))
    return written


def _key(customer: Customer) -> tuple[str, str]:
    return customer.environment_id, customer.id


def _numbers(connection: Connection, page: Sequence[Customer]) -> dict[tuple[str, str], int]:
    table = customer_search.c
    statement = select(table.environment_id, table.customer_id, table.number).where(
        table.environment_id.in_({customer.environment_id for customer in page}),
        table.customer_id.in_([customer.id for customer in page]),
    )
    return {
        (environment_id, customer_id): number for environment_id, customer_id, number in connection.execute(statement)
    }


def verify(connection: Connection) -> Iterator[str | None]:
    """Compare the side tables with the customers.

    Yields:
        For each customer None where they agree, else a sentence that says what is wrong; behind them a sentence for
        rows that belong to no customer.
    """
    counted = 0
    for page in _pages(connection):
        stored = _stored(connection, page)
        for customer in page:
            counted += 1
            yield _fault_of(customer, *stored.get(_key(customer), (None, [])))
    rows = connection.execute(text("SELECT count(*) FROM customer_search")).scalar_one()
    if rows > counted:
        yield f"customer_search has {rows - counted} rows of no customer"


def _stored(
    connection: Connection, page: Sequence[Customer]
) -> dict[tuple[str, str], tuple[dict[str, Any], list[dict[str, Any]]]]:
    table = customer_search.c
    statement = select(customer_search).where(
        table.environment_id.in_({customer.environment_id for customer in page}),
        table.customer_id.in_([customer.id for customer in page]),
    )
    rows = [dict(row) for row in connection.execute(statement).mappings()]
    entries: dict[int, list[dict[str, Any]]] = {row["number"]: [] for row in rows}
    for entry in connection.execute(
        select(customer_metadata).where(customer_metadata.c.number.in_(list(entries)))
    ).mappings():
        entries[entry["number"]].append(dict(entry))
    return {(row["environment_id"], row["customer_id"]): (row, entries[row["number"]]) for row in rows}


def _fault_of(customer: Customer, row: dict[str, Any] | None, entries: list[dict[str, Any]]) -> str | None:
    if row is None:
        return f"{customer.id}: cannot be found by the search"
    number = row.pop("number")
    wanted = search_row(customer)
    differing = [name for name in wanted if row[name] != wanted[name]]
    if differing:
        return f"{customer.id}: its {', '.join(differing)} in customer_search is not what it should be"
    by_key = {entry["key"]: entry for entry in entries}
    if by_key != {entry["key"]: entry for entry in metadata_rows(customer, number)} or len(by_key) != len(entries):
        return f"{customer.id}: its entries in customer_metadata are not its metadata"
    return None


def trigrams_fault(connection: Connection) -> str:
    """What is wrong with SQLite's trigram index, in a writing transaction; ``""`` when it fits ``customer_search``.

    PostgreSQL keeps its indexes right by itself.
    """
    if is_postgresql(connection):
        return ""
    try:
        connection.execute(text(_CHECK_TRIGRAMS))
    except OperationalError:  # a file that cannot be written to, say, of which nothing is known then
        raise
    except DatabaseError as error:
        return f"the trigram index does not fit customer_search: {error.orig}"
    return ""
