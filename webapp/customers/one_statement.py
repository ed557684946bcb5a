"""An update of a customer as one statement: the row guarded by its version, its searchable texts, its history's entry.

For PostgreSQL, where each statement takes a round trip (docs/decisions/0022). Knows neither which changes are allowed
nor in which transaction it runs.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from webapp.customers.customer_row import columns_to_write, guard, update_of
from webapp.customers.history import Change, row_of
from webapp.customers.model import Customer, customer_changes, customers
from webapp.customers.search_index import of_customer, update_of_texts
from webapp.customers.search_text import changed_texts
from webapp.database import LostRace
from webapp.statements import Statement

#: Before the names of the entry's parameters: row and entry have columns of the same name.
_ENTRY = "entry_"
_ENTRY_NAMES = {column.name: _ENTRY + column.name for column in customer_changes.columns}


@lru_cache(maxsize=512)
def _statement(columns: tuple[str, ...], texts: tuple[str, ...]) -> Statement:
    """Built once for each set of columns and searchable texts; it writes all, or where the guard fails nothing."""
    written = update_of(columns).returning(customers.c.version).cte("written")
    entry = (bindparam(_ENTRY_NAMES[column.name], type_=column.type) for column in customer_changes.columns)
    found = update_of_texts(texts).where(select(written.c.version).exists()).cte("found")
    core = insert(customer_changes).from_select([*_ENTRY_NAMES], select(*entry).select_from(written))
    return Statement(core.add_cte(found))


def write_in_one_statement(
    connection: Connection, before: Customer, after: Customer, columns: dict[str, Any], change: Change
) -> None:
    """Write ``columns``, in which ``after`` differs from ``before``, and ``change``, which says so.

    They are columns of text fields, each of which is searched, but not the external ID: to that belongs more.

    Raises:
        LostRace: the row is not at the version of ``before`` any more; nothing was written.
    """
    written, texts = columns_to_write(after, columns), changed_texts(before, after)
    entry = {_ENTRY_NAMES[name]: value for name, value in row_of(change, after.scope).items()}
    statement = _statement(tuple(sorted(written)), tuple(texts))
    if not statement.run_alone(connection, {**written, **guard(before), **texts, **of_customer(after), **entry}):
        raise LostRace
