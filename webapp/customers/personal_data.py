"""All that is kept about one customer, as one JSON file that is written piece by piece, however long its history is.

Knows which table holds what of a customer (``KEPT``); not who may read it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Connection, Select, and_, bindparam, select

from webapp.access.model import Environment, RecordAccess
from webapp.customers.desk_model import record_viewers
from webapp.customers.erasures import find_erasure
from webapp.customers.history import Change
from webapp.customers.history_list import HistoryFilter, read_all
from webapp.customers.history_wire import write_change
from webapp.customers.lookup import find_customer, find_mappings
from webapp.customers.model import Customer, Scope, customers, retired_external_ids
from webapp.customers.quoting import Quotable, as_answered, quoting_views
from webapp.customers.wire import write_customer
from webapp.errors import CustomerNotFound, InvalidInput
from webapp.idempotency import answers_holding
from webapp.identifiers import now, rfc3339
from webapp.phrases import phrase

FORMAT = "customer-desk-personal-data-1"
ROWS_AT_ONCE = 500

#: What makes a connection to read on; each part is read on one of its own, so that a slow reader holds up nobody.
Reading = Callable[[], AbstractContextManager[Connection]]

#: Table -> what it has to do with a customer. ``data``: it holds the customer's data, which is exported and erased;
#: ``copy``: what it holds follows from a table of data, for the search's sake: erased with it, nothing new to export;
#: ``reference``: it names the customer by its ID alone, or tells about it without its data: exported, and it stays;
#: ``none``: nothing. A test demands a line for each table, and that the columns are those that were looked at.
KEPT: dict[str, str] = {
    "customers": "data",
    "customer_changes": "data",
    "integration_mappings": "data",
    "retired_external_ids": "data",
    "idempotency_keys": "data",
    "saved_views": "data",
    "customer_search": "copy",
    "customer_metadata": "copy",
    "customer_erasures": "reference",
    "record_accesses": "reference",
    "record_viewers": "reference",
    "api_keys": "none",
    "environments": "none",
    "rate_limit_counters": "none",
    "sign_in_attempts": "none",
    "staff": "none",
    "staff_invites": "none",
    "staff_sessions": "none",
    "tenants": "none",
}

_SCOPES = (
    select(Environment.tenant_id, Environment.id)
    .join(customers, and_(customers.c.environment_id == Environment.id, customers.c.tenant_id == Environment.tenant_id))
    .where(customers.c.id == bindparam("customer_id"))
    .order_by(Environment.id)
)
_accesses = RecordAccess.__table__.c


def scope_of(connection: Connection, customer_id: str, environment_id: str = "") -> Scope:
    """Where a customer is, for a command, which nobody's environment confines.

    Raises:
        CustomerNotFound: there is no such customer, or none in that environment.
        InvalidInput: several environments have one of that ID, and none of them was named.
    """
    found = [Scope(*row) for row in connection.execute(_SCOPES, {"customer_id": customer_id})]
    wanted = [scope for scope in found if environment_id in {"", scope.environment_id}]
    if not wanted:
        raise CustomerNotFound
    if len(wanted) > 1:
        names = ", ".join(scope.environment_id for scope in wanted)
        raise InvalidInput(phrase("Several environments have this customer: %(names)s. Name one.", names=names))
    return wanted[0]


def export(reading: Reading, scope: Scope, customer_id: str) -> Iterator[bytes]:
    """The file, in pieces. Its parts are as of the moment that each of them is read.

    Raises:
        CustomerNotFound: there is no such customer; with the first piece.
    """
    with reading() as connection:
        customer = find_customer(connection, scope, customer_id)
        erasure = find_erasure(connection, customer)
        mappings = find_mappings(connection, scope, customer_id)
    quotable = Quotable()
    yield _opening(
        {
            "format": FORMAT,
            "exported_at": rfc3339(now()),
            "erased_at": rfc3339(erasure.at) if erasure else None,
            "customer": {**write_customer(customer), "version": customer.version},
            "integration_mappings": [asdict(mapping) for mapping in mappings],
        }
    )
    yield from _list("retired_external_ids", _rows(reading, _retired(customer), "external_id"))
    yield from _list("children", _rows(reading, _children(customer), "id"))
    yield from _list("history", _history(reading, customer, quotable))
    yield from _list("access_log", _rows(reading, _accesses_of(customer), "id"))
    yield from _list("open_now", _rows(reading, _viewers(customer), "session_id"))
    yield from _list("stored_answers", _answers(reading, customer))
    yield from _list("saved_views", _views(reading, customer, quotable))
    yield b"}\n"


def _opening(head: dict[str, Any]) -> bytes:
    return orjson.dumps(head).removesuffix(b"}")


def _list(name: str, items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    yield b',"%s":[' % name.encode()
    separator = b"\n"
    for item in items:
        # SQLAlchemy's names of columns are texts of a kind of its own.
        yield separator + orjson.dumps({str(key): value for key, value in item.items()})
        separator = b",\n"
    yield b"]"


def _rows(reading: Reading, statement: Select[Any], key: str) -> Iterator[dict[str, Any]]:
    """The rows of a statement by one of its columns, which tells them apart, read some at a time."""
    column = statement.selected_columns[key]
    last = ""
    while True:
        with reading() as connection:
            page = statement.where(column > last).order_by(column).limit(ROWS_AT_ONCE)
            rows = connection.execute(page).mappings().all()
        yield from map(dict, rows)
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1][key]


def _retired(customer: Customer) -> Select[Any]:
    table = retired_external_ids.c
    return select(table.external_id, table.retired_at).where(
        table.environment_id == customer.environment_id,
        table.tenant_id == customer.tenant_id,
        table.customer_id == customer.id,
    )


def _children(customer: Customer) -> Select[Any]:
    return select(customers.c.id, customers.c.status).where(
        customers.c.environment_id == customer.environment_id,
        customers.c.tenant_id == customer.tenant_id,
        customers.c.parent_customer_id == customer.id,
    )


def _accesses_of(customer: Customer) -> Select[Any]:
    return select(_accesses.id, _accesses.at, _accesses.staff_id, _accesses.staff_email, _accesses.page).where(
        _accesses.environment_id == customer.environment_id,
        _accesses.tenant_id == customer.tenant_id,
        _accesses.customer_id == customer.id,
    )


def _viewers(customer: Customer) -> Select[Any]:
    table = record_viewers.c
    return select(table.session_id, table.staff_id, table.staff_email, table.seen_at, table.editing_at).where(
        table.environment_id == customer.environment_id, table.customer_id == customer.id
    )


def _history(reading: Reading, customer: Customer, quotable: Quotable) -> Iterator[dict[str, Any]]:
    """Every entry, newest first; what it holds is what saved views are compared with."""
    change: Change
    for change in read_all(reading, customer.scope, customer.id, HistoryFilter()):
        quotable.learn(field.stored() for field in change.fields)
        yield write_change(change)


def _answers(reading: Reading, customer: Customer) -> Iterator[dict[str, Any]]:
    with reading() as connection:
        found = answers_holding(connection, customer.tenant_id, customer.environment_id, as_answered(customer.id))
    yield from found


def _views(reading: Reading, customer: Customer, quotable: Quotable) -> Iterator[dict[str, Any]]:
    with reading() as connection:
        found = quoting_views(connection, customer, quotable)
    yield from found
