"""Erasing a customer, inside of a transaction: its data goes, the shape and the proof of its history stay.

Docs/decisions/0018. Knows neither how the transaction is run nor who may erase.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from webapp.customers import history
from webapp.customers.customer_row import write_columns
from webapp.customers.desk_model import saved_views
from webapp.customers.erased_values import Eraser
from webapp.customers.erasures import ERASED_NAME, erased_external_id
from webapp.customers.history import MAPPING_FIELD, RECORDED_COLUMNS, Values
from webapp.customers.limits import DEFAULT_TIMEZONE, TEXT_FIELDS
from webapp.customers.lookup import find_mappings
from webapp.customers.mappings import recorded_mappings, write_mappings
from webapp.customers.model import (
    ARCHIVED,
    Actor,
    Customer,
    customer_changes,
    customer_erasures,
    retired_external_ids,
)
from webapp.customers.parents import refuse_published_children
from webapp.customers.quoting import Quotable, as_answered, quoting_views
from webapp.customers.remains import overwrite_deleted
from webapp.customers.writing import Outcome, next_version
from webapp.idempotency import forget_answers_holding

ENTRIES_AT_ONCE = 500

_changes = customer_changes.c
_OF_CUSTOMER = and_(
    _changes.environment_id == bindparam("of_environment_id"),
    _changes.tenant_id == bindparam("of_tenant_id"),
    _changes.customer_id == bindparam("of_customer_id"),
)
_ENTRIES = (
    select(_changes.version, _changes.reason, _changes.fields)
    .where(_OF_CUSTOMER, _changes.version > bindparam("above"))
    .order_by(_changes.version)
    .limit(ENTRIES_AT_ONCE)
)
_REWRITE = (
    update(customer_changes)
    .where(_OF_CUSTOMER, _changes.version == bindparam("of_version"))
    .values(reason=bindparam("reason"), fields=bindparam("fields"))
)
_BEGIN = insert(customer_erasures)
_END = (
    update(customer_erasures)
    .where(
        customer_erasures.c.environment_id == bindparam("of_environment_id"),
        customer_erasures.c.tenant_id == bindparam("of_tenant_id"),
        customer_erasures.c.customer_id == bindparam("of_customer_id"),
    )
    .values(version=bindparam("erased_at"))
)
_FORGET_RETIRED = delete(retired_external_ids).where(
    retired_external_ids.c.environment_id == bindparam("of_environment_id"),
    retired_external_ids.c.tenant_id == bindparam("of_tenant_id"),
    retired_external_ids.c.customer_id == bindparam("of_customer_id"),
)
_FORGET_VIEWS = delete(saved_views).where(
    saved_views.c.environment_id == bindparam("of_environment_id"), saved_views.c.id == bindparam("of_id")
)


def write_erased(connection: Connection, before: Customer, actor: Actor, reason: str) -> Outcome:
    """Erase a customer whose row is locked, as the tree is; see ``operations.erase_customer``."""
    if before.is_published:
        refuse_published_children(connection, before.scope, before.id)
    overwrite_deleted(connection)
    mappings = recorded_mappings(find_mappings(connection, before.scope, before.id))
    after = next_version(before, actor, _blank(before))
    key = {
        "of_environment_id": before.environment_id,
        "of_tenant_id": before.tenant_id,
        "of_customer_id": before.id,
    }
    _begin(connection, after)
    eraser, quotable = Eraser(), Quotable()
    _erase_history(connection, key, eraser, quotable)
    for view in quoting_views(connection, before, quotable):
        connection.execute(_FORGET_VIEWS, {"of_environment_id": before.environment_id, "of_id": view["id"]})
    write_columns(connection, before, after, _blank(before))
    write_mappings(connection, after, actor, mappings, {})
    connection.execute(_FORGET_RETIRED, key)
    forget_answers_holding(connection, before.tenant_id, before.environment_id, as_answered(before.id))
    fields = history.compare(
        _erased(history.recorded_values(before, mappings), eraser), history.recorded_values(after, {})
    )
    entry = history.entry_of(after, "erase", actor, fields, reason)
    change = replace(history.record(connection, after.scope, entry), is_erased=True)
    connection.execute(_END, {**key, "erased_at": after.version})
    return Outcome(after, change)


def _blank(customer: Customer) -> dict[str, Any]:
    """The columns of what is left: an external ID that nobody else can have, a name, and otherwise nothing."""
    return {
        **dict.fromkeys(TEXT_FIELDS, ""),
        "external_id": erased_external_id(customer.id),
        "name": ERASED_NAME,
        "timezone": DEFAULT_TIMEZONE,
        "parent_customer_id": None,
        "metadata": {},
        "status": ARCHIVED,
    }


def _begin(connection: Connection, after: Customer) -> None:
    """From here to the end of the erasure the database lets the customer's entries be rewritten."""
    row = {
        "environment_id": after.environment_id,
        "tenant_id": after.tenant_id,
        "customer_id": after.id,
        "at": after.updated_at,
        "version": None,
    }
    connection.execute(_BEGIN, row)


def _erase_history(connection: Connection, key: dict[str, Any], eraser: Eraser, quotable: Quotable) -> None:
    """Replace the values and the reasons of every entry; some entries at a time, however long the history is."""
    above = 0
    while entries := connection.execute(_ENTRIES, {**key, "above": above}).all():
        for entry in entries:
            quotable.learn(entry.fields)
        rows: Sequence[dict[str, Any]] = [
            {
                **key,
                "of_version": entry.version,
                "reason": eraser.reason(entry.reason),
                "fields": [eraser.field(stored) for stored in entry.fields],
            }
            for entry in entries
        ]
        connection.execute(_REWRITE, rows)
        above = entries[-1].version


def _erased(values: Values, eraser: Eraser) -> Values:
    """Recorded values as the rewritten history leads to them."""
    erased: Values = {name: eraser.value(name, None, values[name]) for name in RECORDED_COLUMNS}
    for name in ("metadata", MAPPING_FIELD):
        erased[name] = {eraser.key(name, key): eraser.value(name, key, value) for key, value in values[name].items()}
    return erased
