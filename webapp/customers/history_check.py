"""Verifying histories: each one leads to its customer's row, and what was erased from one is not in it any more.

Knows how a history is replayed; changes nothing.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from webapp.customers.erased_values import are_erased, is_token
from webapp.customers.history import Change, changes_since, compare, recorded_values, replay
from webapp.customers.model import CUSTOMER_COLUMNS, Customer, customer_of, customers, integration_mappings

_PAGE = (
    select(*CUSTOMER_COLUMNS)
    .where(
        (customers.c.environment_id > bindparam("environment_id"))
        | and_(customers.c.environment_id == bindparam("environment_id"), customers.c.id > bindparam("id"))
    )
    .order_by(customers.c.environment_id, customers.c.id)
    .limit(500)
)


def verify(connection: Connection) -> Iterator[str | None]:
    """Replay every customer's history and compare it with its row.

    Yields:
        For each customer None where they agree, else a sentence that says what is wrong.
    """
    last = ("", "")
    while rows := connection.execute(_PAGE, {"environment_id": last[0], "id": last[1]}).all():
        for row in rows:
            customer = customer_of(row)
            last = (customer.environment_id, customer.id)
            yield _fault_of(connection, customer)


def _fault_of(connection: Connection, customer: Customer) -> str | None:
    changes = changes_since(connection, customer.scope, customer.id, 0)[::-1]
    versions = [change.version for change in changes]
    if versions != list(range(1, customer.version + 1)):
        return f"{customer.id}: is at version {customer.version}, its history has {len(versions)} entries"
    if any(change.is_erased and not _is_free_of_data(change) for change in changes):
        return f"{customer.id}: was erased, but its history still holds values"
    stored = recorded_values(customer, _mappings_of(connection, customer))
    differing = [field.label for field in compare(replay(changes), stored)]
    return f"{customer.id}: its history does not lead to its {', '.join(differing)}" if differing else None


def _is_free_of_data(change: Change) -> bool:
    fields = [field.stored() for field in change.fields]
    if change.operation == "erase":  # its own reason and new values say what was put in place of the data
        return are_erased({**field, "new": None} for field in fields)
    return are_erased(fields) and (not change.reason or is_token(change.reason))


def _mappings_of(connection: Connection, customer: Customer) -> dict[str, Any]:
    table = integration_mappings.c
    rows = connection.execute(
        select(table.provider_type, table.provider_entity_id, table.metadata).where(
            table.environment_id == customer.environment_id, table.customer_id == customer.id
        )
    )
    return {provider: {"id": entity_id, "metadata": metadata} for provider, entity_id, metadata in rows}
