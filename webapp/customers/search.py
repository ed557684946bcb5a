"""The desk's search: a text -> the customers that it may mean. Knows how to look; not how a row is written."""

import unicodedata
from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from webapp.customers.model import (
    CUSTOMER_COLUMNS,
    PUBLISHED,
    Customer,
    Scope,
    customer_of,
    customers,
    integration_mappings,
)
from webapp.customers.cursors import ResultPage, read_cursor, sort_value, write_cursor
from webapp.customers.query import CustomerQuery
from webapp.customers.search_reference import holds, is_behind

SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class Page:
    """Customers in order, and whether there are more behind them."""

    customers: list[Customer]
    has_more: bool


def fold(text: str) -> str:
    """A text as it is compared when looking for it: any case, any Unicode composition alike."""
    return unicodedata.normalize("NFKC", text).casefold()


def search_text(external_id: str, name: str, email: str) -> str:
    """What the search box looks in, one line for each field, so that a line's start is a field's start."""
    return SEPARATOR + SEPARATOR.join(fold(text) for text in (external_id, name, email))


def search_customers(
    connection: Connection,
    scope: Scope,
    query: str,
    *,
    most: int,
    exact: Customer | None = None,
    after: Customer | None = None,
) -> Page:
    """Published customers whose external ID, name or email holds ``query``.

    Those in which a field begins with it come first; then, and with an empty query, the newest first.

    Args:
        connection: where to look.
        scope: whose customers.
        query: the text; any case; ``%`` and ``_`` are themselves.
        most: how many at most.
        exact: the one customer that ``query`` names exactly, if it does; it leads the first page.
        after: the last customer of the page before.
    """
    needle = fold(query)
    begins = customers.c.search_text.contains(SEPARATOR + needle, autoescape=True)
    conditions: list[ColumnElement[bool]] = [
        customers.c.environment_id == scope.environment_id,
        customers.c.tenant_id == scope.tenant_id,
        customers.c.status == PUBLISHED,
    ]
    order = [customers.c.created_at.desc(), customers.c.id.desc()]
    rank = case((begins, 0), else_=1)
    if needle:
        conditions.append(customers.c.search_text.contains(needle, autoescape=True))
        order.insert(0, rank.asc())
    if after is not None:
        conditions.append(_behind(after, needle, rank))
    if exact is not None:
        conditions.append(customers.c.id != exact.id)
    leading = [exact] if exact is not None and after is None else []
    room = most - len(leading)
    statement = select(*CUSTOMER_COLUMNS).where(and_(*conditions)).order_by(*order).limit(room + 1)
    found = [customer_of(row) for row in connection.execute(statement)]
    return Page([*leading, *found[:room]], has_more=len(found) > room)


def _behind(after: Customer, needle: str, rank: ColumnElement[int]) -> ColumnElement[bool]:
    """Behind a customer in the order of the list."""
    older = tuple_(customers.c.created_at, customers.c.id) < (after.created_at, after.id)
    if not needle:
        return older
    text = search_text(after.external_id, after.name, after.email)
    last_rank = 0 if SEPARATOR + needle in text else 1
    return or_(rank > last_rank, and_(rank == last_rank, older))


def search_customers_page(connection: Connection, scope: Scope, query: CustomerQuery) -> ResultPage:
    """The page of a list that a query asks for."""
    position = read_cursor(scope, query)
    statement = select(*CUSTOMER_COLUMNS).where(
        customers.c.environment_id == scope.environment_id, customers.c.tenant_id == scope.tenant_id
    )
    found = [customer_of(row) for row in connection.execute(statement)]
    mappings = {
        (row.customer_id, row.provider_type): row.provider_entity_id
        for row in connection.execute(
            select(integration_mappings).where(integration_mappings.c.environment_id == scope.environment_id)
        )
    }
    found = [
        customer for customer in found if all(holds(customer, mappings, condition) for condition in query.conditions)
    ]
    for key in reversed(query.order):
        found.sort(key=lambda customer, field=key.field: sort_value(customer, field), reverse=key.is_descending)
    total, start = len(found), query.offset
    if position is not None:
        start = next((i for i, customer in enumerate(found) if is_behind(customer, position, query.order)), total)
    page = found[start : start + query.limit]
    more = start + query.limit < total
    return ResultPage(page, total, "eq", write_cursor(scope, query, page[-1]) if more else None)
