"""The desk's search box: a text -> the customers that it may mean. Knows the box's order; not how rows are come by."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from webapp.customers import search_text
from webapp.customers.folding import fold
from webapp.customers.model import PUBLISHED, Customer, Scope
from webapp.customers.query import DEFAULT_SORT, CustomerQuery
from webapp.customers.search_conditions import BOX, Shape
from webapp.customers.search_list import CustomerList
from webapp.customers.search_plan import Plan
from webapp.customers.search_time_limit import search_time_limit
from webapp.database import is_postgresql

#: Nobody counts here, so fewer are gathered than for a list with a total.
MOST_GATHERED = 2000
_NEWEST_FIRST = CustomerQuery(sort=DEFAULT_SORT).order


@dataclass(frozen=True, slots=True)
class Page:
    """Customers in order, and whether there are more behind them."""

    customers: list[Customer]
    has_more: bool


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

    Raises:
        ServiceUnavailable: it took too long.
    """
    needle = fold(query)
    leading = [exact] if exact is not None and after is None else []
    room = most - len(leading)
    # One more than there is room for tells whether there are more, another one makes up for the exact one.
    wanted = room + 1 + (exact is not None)
    found: list[Customer] = []
    with search_time_limit(connection):
        for operator in _ranks(needle, after):
            place = after if operator == _rank_of(after, needle) else None
            found += _list(connection, scope, needle, operator, place).customers(wanted - len(found))
            if len(found) == wanted:
                break
    others = [customer for customer in found if exact is None or customer.id != exact.id]
    return Page([*leading, *others[:room]], has_more=len(others) > room)


def _ranks(needle: str, after: Customer | None) -> list[str]:
    """The operators whose customers make up the list, from the rank of ``after`` on."""
    if not needle:
        return [""]
    ranks = ["begins", "inside"]
    return ranks if after is None else ranks[ranks.index(_rank_of(after, needle)) :]


def _rank_of(customer: Customer | None, needle: str) -> str:
    if customer is None or not needle:
        return ""
    text, _ = search_text.searchable_texts(customer)
    return "begins" if any(start in text for start in search_text.box_starts(needle)) else "inside"


def _list(connection: Connection, scope: Scope, needle: str, operator: str, after: Customer | None) -> CustomerList:
    starts = search_text.box_starts(needle)
    looked_for = starts if operator == "begins" else (needle,)
    length = min(len(looked_for[0]), search_text.TRIGRAM)
    plan = Plan(
        on_postgresql=is_postgresql(connection),
        status=PUBLISHED,
        shapes=(Shape(BOX, operator, "string", length),) if operator else (),
        order=_NEWEST_FIRST,
        most_candidates=MOST_GATHERED,
        most_matches=MOST_GATHERED,
        has_position=after is not None,
    )
    values: dict[str, Any] = {
        "environment_id": scope.environment_id,
        "tenant_id": scope.tenant_id,
        "is_published": True,
        "value_0": search_text.part(needle),
    }
    values |= {f"begins_{place}": pattern for place, pattern in enumerate(search_text.box_begins(needle))}
    if after is not None:
        values |= {"at_0": after.created_at, "at_1": after.id}
    if length == search_text.TRIGRAM:
        values["trigrams"] = search_text.any_trigrams(looked_for)
    else:
        places = starts if operator == "begins" else (needle,) * len(starts)
        values |= {f"terms_from_{place}": text for place, text in enumerate(places)}
        values |= {f"terms_to_{place}": search_text.next_text(text) for place, text in enumerate(places)}
    return CustomerList(connection, plan, values)
