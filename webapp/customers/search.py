"""Lists of customers: a query -> a page of them, with its total and the cursor behind it (contract section 9).

Knows what a page is; not how its customers are come by.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Literal

from sqlalchemy import Connection

from webapp.customers import search_text
from webapp.customers.cursors import Position, ResultPage, in_order, read_cursor, sort_value, write_cursor
from webapp.customers.folding import fold
from webapp.customers.model import ARCHIVED, PUBLISHED, Customer, Scope
from webapp.customers.query import (
    MOST_LIMIT,
    MOST_OFFSET_OF_SEVERAL_STATUSES,
    Condition,
    CustomerQuery,
)
from webapp.customers.search_conditions import parameters, shape_of
from webapp.customers.search_list import CustomerList
from webapp.customers.search_plan import Plan
from webapp.customers.search_time_limit import search_time_limit
from webapp.database import is_postgresql
from webapp.errors import InvalidInput

_OFFSET_TOO_GREAT = (
    f"Of several statuses together, send at most {MOST_OFFSET_OF_SEVERAL_STATUSES}; further on, page with the cursor."
)


def search_customers_page(connection: Connection, scope: Scope, query: CustomerQuery) -> ResultPage:
    """The page of a list that a query asks for.

    The total is exact up to ``EXACT_TOTAL``; past it, it is a lower bound that never ends a reader's loop too early.

    Raises:
        InvalidInput: the cursor is not of this list, or the offset too great for one of several statuses.
        ServiceUnavailable: it took too long.
    """
    position = read_cursor(scope, query)
    statuses = _statuses(query)
    if len(statuses) > 1 and query.offset > MOST_OFFSET_OF_SEVERAL_STATUSES:
        raise InvalidInput(details={"offset": [_OFFSET_TOO_GREAT]})

    def list_of(status: str, position: Position | None) -> CustomerList:
        return _list(connection, scope, query, status, position)

    with search_time_limit(connection):
        lists = {status: list_of(status, position) for status in statuses}
        if len(statuses) == 1:
            found = lists[statuses[0]].customers(query.limit + 1, query.offset)
        else:
            found = _merged([_pieces(part, partial(list_of, status), query) for status, part in lists.items()], query)
        totals = [part.total() for part in lists.values()]
    page, has_more = found[: query.limit], len(found) > query.limit
    total, relation = _total(query, totals, len(page), has_more)
    return ResultPage(page, total, relation, write_cursor(scope, query, page[-1]) if has_more else None)


def _list(
    connection: Connection, scope: Scope, query: CustomerQuery, status: str, position: Position | None
) -> CustomerList:
    conditions = [condition for condition in query.conditions if condition.field != "status"]
    plan = Plan(
        on_postgresql=is_postgresql(connection),
        status=status,
        shapes=tuple(shape_of(condition) for condition in conditions),
        order=query.order,
        has_position=position is not None,
    )
    values: dict[str, Any] = {
        "environment_id": scope.environment_id,
        "tenant_id": scope.tenant_id,
        "is_published": status == PUBLISHED,
        **{f"at_{place}": value for place, value in enumerate(position or ())},
        **_trigrams(conditions),
    }
    for place, condition in enumerate(conditions):
        values |= parameters(scope, place, condition)
    return CustomerList(connection, plan, values)


def _trigrams(conditions: Sequence[Condition]) -> dict[str, str]:
    """What the trigram index of SQLite is asked for."""
    needles = [fold(str(condition.value)) for condition in conditions if shape_of(condition).has_trigrams]
    if longer := [needle for needle in needles if len(needle) >= search_text.TRIGRAM]:
        return {"trigrams": search_text.all_trigrams(longer)}
    longest = max(needles, key=len, default="")
    return {"terms_from_0": longest, "terms_to_0": search_text.next_text(longest)}


def _statuses(query: CustomerQuery) -> list[str]:
    """Those that all conditions on the status allow, of those that customers have."""
    allowed = [PUBLISHED, ARCHIVED]
    for condition in query.conditions:
        if condition.field == "status":
            named = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            allowed = [status for status in allowed if (status in named) == (condition.operator != "not_in")]
    return allowed


def _pieces(part: CustomerList, behind: Callable[[Position], CustomerList], query: CustomerQuery) -> Iterator[Customer]:
    """The customers of one status in order, a piece at a time: what is passed over shall not fill the memory."""
    length = min(query.offset + query.limit, MOST_LIMIT) + 1
    while piece := part.customers(length):
        yield from piece
        if len(piece) < length:
            return
        part = behind(tuple(sort_value(piece[-1], key.field) for key in query.order))


def _merged(lists: Sequence[Iterator[Customer]], query: CustomerQuery) -> list[Customer]:
    """A page of several lists, each of which is in order, and the customer behind it."""
    merged = heapq.merge(*lists, key=in_order(query.order))
    return list(islice(merged, query.offset, query.offset + query.limit + 1))


def _total(
    query: CustomerQuery, totals: Sequence[tuple[int, bool]], shown: int, has_more: bool
) -> tuple[int, Literal["eq", "gte"]]:
    """The total and whether it is exact, from what was counted in each list."""
    counted = sum(count for count, _ in totals)
    if all(is_exact for _, is_exact in totals):
        return counted, "eq"
    # An offset past the end shows nobody, and says nothing about how many there are.
    reached = query.offset + shown + has_more if shown else 0
    if shown and not has_more and query.cursor is None:
        return reached, "eq"  # this is the last page
    return max(counted, reached), "gte"
