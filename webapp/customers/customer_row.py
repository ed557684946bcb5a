"""Writing the row of one customer, guarded by its version, with what the search keeps of it.

Knows neither which changes are allowed nor the history.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Update, bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from webapp.customers.model import Customer, customers
from webapp.customers.search_index import index_change, index_new
from webapp.database import LostRace
from webapp.errors import ExternalIdTaken
from webapp.statements import Statement

_EXTERNAL_ID_TAKEN = ("uq_customers_published_external_id", "customers.environment_id, customers.external_id")
_INSERT = Statement(insert(customers))


def insert_customer(connection: Connection, customer: Customer) -> None:
    """Write the row of a new customer.

    Raises:
        ExternalIdTaken: another published customer of the environment has its external ID.
    """
    row = customer._asdict()
    _write(connection, _INSERT, row, customer.external_id)
    index_new(connection, customer)


def update_of(columns: tuple[str, ...]) -> Update:
    """The update of some columns, with the parameters of :func:`columns_to_write` and :func:`guard`."""
    return (
        update(customers)
        .where(
            customers.c.environment_id == bindparam("key_environment_id"),
            customers.c.tenant_id == bindparam("key_tenant_id"),
            customers.c.id == bindparam("key_id"),
            customers.c.version == bindparam("key_version"),
        )
        .values({name: bindparam(name) for name in columns})
    )


def columns_to_write(after: Customer, columns: dict[str, Any]) -> dict[str, Any]:
    """The columns that a change touches, and with them who, when and the new version."""
    return {**columns, "version": after.version, "updated_at": after.updated_at, "updated_by": after.updated_by}


def guard(before: Customer) -> dict[str, Any]:
    """The parameters by which an update finds a customer, and only at its version."""
    return {
        "key_environment_id": before.environment_id,
        "key_tenant_id": before.tenant_id,
        "key_id": before.id,
        "key_version": before.version,
    }


@lru_cache(maxsize=512)
def _update_statement(columns: tuple[str, ...]) -> Statement[Any]:
    """Built once for each set of columns: building it costs several times what running it does."""
    return Statement(update_of(columns))


def write_columns(connection: Connection, before: Customer, after: Customer, columns: dict[str, Any]) -> None:
    """Write ``columns``, in which ``after`` differs from ``before``, and with them who, when and the new version.

    Raises:
        LostRace: the row is not at the version of ``before`` any more.
        ExternalIdTaken: another published customer of the environment has the external ID.
    """
    written = columns_to_write(after, columns)
    statement = _update_statement(tuple(sorted(written)))
    if not _write(connection, statement, {**written, **guard(before)}, after.external_id):
        raise LostRace
    index_change(connection, before, after)


def _write(connection: Connection, statement: Statement[Any], row: dict[str, Any], external_id: str) -> int:
    try:
        return statement.run(connection, row)
    except IntegrityError as error:
        if any(sign in str(error.orig) for sign in _EXTERNAL_ID_TAKEN):
            raise ExternalIdTaken(external_id) from None
        raise
