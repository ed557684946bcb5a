"""The desk's list of customers: what its address asks for -> a page of it, its count, and who stands beside whom.

Those that the search box's text names as a whole lead the list; behind them comes what holds it. Knows no page.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from werkzeug.utils import cached_property

from webapp.customers.cursors import read_cursor, write_cursor
from webapp.customers.list_query import GARBLED_CURSOR, ListQuery
from webapp.customers.lookup import find_exactly
from webapp.customers.model import Customer, Scope
from webapp.customers.named import find_named
from webapp.customers.query import Condition, CustomerQuery
from webapp.customers.search_box import MOST_COUNTED, BoxList, BoxQuery, Place, narrowed
from webapp.customers.search_time_limit import briefly
from webapp.errors import InvalidInput, ServiceUnavailable
from webapp.phrases import phrase

Result = TypeVar("Result")

#: Stands between the rank and the position in a cursor.
_RANK_END = "."


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list; ``next_cursor`` leads to the next one and is ``""`` on the last."""

    customers: list[Customer]
    next_cursor: str


class DeskList:
    """The customers that an address asks for."""

    def __init__(self, connection: Connection, scope: Scope, query: ListQuery, zone: ZoneInfo) -> None:
        """Judged already; nothing is searched yet but the parent.

        Raises:
            InvalidInput: nobody has the parent's external ID or ID.
        """
        self._connection, self._scope, self._query = connection, scope, query
        self._box_query = self._asked_of_the_box(zone)
        self._box = BoxList(connection, scope, self._box_query)

    @cached_property
    def named(self) -> list[Customer]:
        """Those that the text of the search box names as a whole; one that is alone is meant."""
        return find_named(self._connection, self._scope, self._query.q, self._box_query)

    def page(self, most: int) -> ListPage:
        """A page of at most ``most``, from the query's cursor on.

        Raises:
            InvalidInput: the cursor is not of this list.
            ServiceUnavailable: it took too long.
        """
        place = self._place_of_cursor()
        leading = [] if place else self.named[:most]
        others = self._others(most - len(leading) + 1, place)
        room = most - len(leading)
        has_more = len(others) > room
        shown = others[:room]
        return ListPage([*leading, *shown], self._cursor_behind(shown[-1]) if has_more and shown else "")

    def total(self) -> tuple[int, bool]:
        """How many there are, up to ``MOST_COUNTED``, and whether that is exact. Cheap behind ``page``.

        Raises:
            ServiceUnavailable: it took too long.
        """
        number, is_exact = self._box.total()
        if self.named and is_exact:  # the box may find some of them, too
            ids = tuple(customer.id for customer in self.named)
            named_query = narrowed(self._box_query, Condition("id", "in", ids))
            number += len(ids) - BoxList(self._connection, self._scope, named_query).total()[0]
        return min(number, MOST_COUNTED), is_exact and number <= MOST_COUNTED

    def before(self, customer: Customer) -> Customer | None:
        """The one before a customer, which need not be in the list any more."""
        if customer.id in self._named_ids:
            place = self._named_ids.index(customer.id)
            return self.named[place - 1] if place else None
        found = self._others(1, self._box.place_of(customer), backwards=True)
        return found[0] if found else next(iter(self.named[-1:]), None)

    def behind(self, customer: Customer) -> Customer | None:
        """The one behind a customer, which need not be in the list any more."""
        place = None
        if customer.id in self._named_ids:
            if following := self.named[self._named_ids.index(customer.id) + 1 :]:
                return following[0]
        else:
            place = self._box.place_of(customer)
        return next(iter(self._others(1, place)), None)

    @property
    def _named_ids(self) -> list[str]:
        return [customer.id for customer in self.named]

    def _others(self, most: int, place: Place | None, *, backwards: bool = False) -> list[Customer]:
        """Those that the box finds and that do not lead the list."""
        found = self._box.customers(most + len(self.named), place, backwards=backwards)
        return [customer for customer in found if customer.id not in self._named_ids][:most]

    def _asked_of_the_box(self, zone: ZoneInfo) -> BoxQuery:
        query = self._query
        parent = find_exactly(self._connection, self._scope, query.parent) if query.parent else None
        if query.parent and parent is None:
            raise InvalidInput(details={"parent": [phrase("No customer has this external ID or ID.")]})
        sorted_by = query.sorted_by
        return BoxQuery(
            text=query.terms.text,
            conditions=query.conditions(zone, parent.id if parent else ""),
            statuses=query.statuses,
            sort=(sorted_by,) if sorted_by else (),
            # Whoever asks for days of changes reads from the last change on; an index leads straight there, too.
            newest_by="updated_at" if query.changed_from or query.changed_to else "created_at",
        )

    def _as_customer_query(self, cursor: str | None = None) -> CustomerQuery:
        """What the fingerprint of a cursor is made of."""
        asked = self._box_query
        of_box = (Condition("q", "eq", self._query.q), Condition("status", "in", asked.statuses))
        return CustomerQuery(conditions=(*asked.conditions, *of_box), sort=asked.order, cursor=cursor)

    def _cursor_behind(self, last: Customer) -> str:
        rank = self._box.place_of(last).rank
        return f"{rank}{_RANK_END}{write_cursor(self._scope, self._as_customer_query(), last)}"

    def _place_of_cursor(self) -> Place | None:
        if not self._query.cursor:
            return None
        rank, _, cursor = self._query.cursor.partition(_RANK_END)
        try:
            position = read_cursor(self._scope, self._as_customer_query(cursor))
        except InvalidInput:
            position = None
        if position is None or rank not in {str(number) for number in range(len(self._box_query.ranks))}:
            raise InvalidInput(details={"cursor": [GARBLED_CURSOR]})
        return Place(int(rank), position)


def count_of_status(
    connection: Connection, scope: Scope, query: ListQuery, status: str, zone: ZoneInfo, seconds: float
) -> tuple[int, bool] | None:
    """How many the same list has among the customers of a status, if that can be told in so many seconds."""

    def count() -> tuple[int, bool]:
        return DeskList(connection, scope, replace(query, status=status, cursor=""), zone).total()

    return within(connection, seconds, count)


def within(connection: Connection, seconds: float, work: Callable[[], Result]) -> Result | None:
    """What ``work``, which reads alone, finds in so many seconds; else None. The connection stays usable."""
    try:
        with briefly(connection, seconds):
            return work()
    except ServiceUnavailable:
        return None
