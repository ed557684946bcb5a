"""The desk's search box: a text and conditions -> the customers that it may mean, in order, from any place, either way.

Knows the box's order; not how rows are come by, and nothing of addresses.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from webapp.customers import search_text
from webapp.customers.cursors import Position, in_order, sort_value
from webapp.customers.folding import fold
from webapp.customers.model import PUBLISHED, Customer, Scope
from webapp.customers.query import IS, Condition, CustomerQuery, FieldType, SortKey
from webapp.customers.search_conditions import BOX, Shape, parameters, shape_of
from webapp.customers.search_list import CustomerList
from webapp.customers.search_plan import MOST_CANDIDATES, Plan
from webapp.customers.search_time_limit import search_time_limit
from webapp.database import is_postgresql

#: Candidates of a text alone; what else must hold leaves fewer of them, so more are looked at then.
MOST_GATHERED = 2000
#: Past it a count is "more than".
MOST_COUNTED = 1000
#: The operators whose customers make up a list by relevance, the best first.
_BY_RELEVANCE = ("begins", "inside")


@dataclass(frozen=True, slots=True)
class BoxQuery:
    """What the box is asked for.

    Attributes:
        text: external ID, name or email holds it; any case; ``%`` and ``_`` are themselves; ``""`` for any.
        conditions: what else must hold; none of them is on the status.
        statuses: of the customers.
        sort: the order; without, those come first in which a field begins with ``text``, and the newest first.
        newest_by: the time by which customers are the newest.
    """

    text: str = ""
    conditions: tuple[Condition, ...] = ()
    statuses: tuple[str, ...] = (PUBLISHED,)
    sort: tuple[SortKey, ...] = ()
    newest_by: str = "created_at"

    @property
    def ranks(self) -> tuple[str, ...]:
        """The operators whose customers make up the list, one behind the other."""
        if not self.text:
            return ("",)
        return ("holds",) if self.sort else _BY_RELEVANCE

    @property
    def order(self) -> tuple[SortKey, ...]:
        """The order within a rank."""
        return CustomerQuery(sort=self.sort or (SortKey(self.newest_by, "desc"),)).order


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a box's list: a rank, and the values of the order there. No customer need stand at it."""

    rank: int
    position: Position


@dataclass(frozen=True, slots=True)
class Page:
    """Customers in order, and whether there are more behind them."""

    customers: list[Customer]
    has_more: bool


class BoxList:
    """The customers that the box finds."""

    def __init__(self, connection: Connection, scope: Scope, query: BoxQuery) -> None:
        self._connection, self._scope, self._query = connection, scope, query
        self._needle = fold(query.text)
        # What a list has counted while it found a page, it need not count again.
        self._lists: dict[tuple[str, str], CustomerList] = {}

    def customers(self, most: int, place: Place | None = None, *, backwards: bool = False) -> list[Customer]:
        """The first ``most`` behind a place, or ``backwards`` before it, the nearest first.

        Raises:
            ServiceUnavailable: it took too long.
        """
        ranks = list(enumerate(self._query.ranks))
        if backwards:
            ranks.reverse()
        found: list[Customer] = []
        with search_time_limit(self._connection):
            for rank, operator in ranks:
                if place is not None and (rank > place.rank if backwards else rank < place.rank):
                    continue
                position = place.position if place is not None and rank == place.rank else None
                found += self._of_rank(operator, position, most - len(found), backwards)
                if len(found) == most:
                    break
        return found

    def place_of(self, customer: Customer) -> Place:
        """Where a customer stands, or would stand if it were found."""
        rank = 0
        if len(self._query.ranks) > 1:
            text = search_text.searchable_texts(customer)["text"]
            rank = 0 if any(start in text for start in search_text.box_starts(self._needle)) else 1
        return Place(rank, tuple(sort_value(customer, key.field) for key in self._query.order))

    def total(self) -> tuple[int, bool]:
        """How many there are, up to ``MOST_COUNTED``, and whether that is exact. Cheap behind ``customers``.

        Raises:
            ServiceUnavailable: it took too long.
        """
        counted = 0
        with search_time_limit(self._connection):
            for operator in self._query.ranks:
                for status in self._query.statuses:
                    kept = self._lists.get((operator, status)) or self._list(operator, status, None, self._query.order)
                    number, is_exact = kept.count()
                    counted += number
                    if not is_exact or counted > MOST_COUNTED:
                        return MOST_COUNTED, False
        return counted, True

    def _of_rank(self, operator: str, position: Position | None, most: int, backwards: bool) -> list[Customer]:
        order = self._query.order
        if backwards:
            order = tuple(SortKey(key.field, "asc" if key.is_descending else "desc") for key in order)
        parts: list[Sequence[Customer]] = []
        for status in self._query.statuses:
            kept = self._lists[operator, status] = self._list(operator, status, position, order)
            parts.append(kept.customers(most))
        return list(parts[0]) if len(parts) == 1 else list(islice(heapq.merge(*parts, key=in_order(order)), most))

    def _list(self, operator: str, status: str, position: Position | None, order: tuple[SortKey, ...]) -> CustomerList:
        conditions = self._query.conditions
        shapes = [shape_of(condition) for condition in conditions]
        values: dict[str, Any] = {
            "environment_id": self._scope.environment_id,
            "tenant_id": self._scope.tenant_id,
            "is_published": status == PUBLISHED,
            **{f"at_{place}": value for place, value in enumerate(position or ())},
        }
        for place, condition in enumerate(conditions):
            values |= parameters(self._scope, place, condition)
            if condition.operator == IS:
                values["trigrams"] = search_text.all_trigrams(
                    [search_text.framed(condition.field, fold(str(condition.value)))]
                )
        if operator:
            shapes.append(self._box_shape(operator))
            values |= self._box_values(operator, len(conditions))
        plan = Plan(
            on_postgresql=is_postgresql(self._connection),
            status=status,
            shapes=tuple(shapes),
            order=order,
            most_candidates=MOST_GATHERED if operator and not conditions else MOST_CANDIDATES,
            most_matches=MOST_COUNTED,
            has_position=position is not None,
            has_range=any(shape.type is FieldType.TIME for shape in shapes),
        )
        return CustomerList(self._connection, plan, values)

    def _looked_for(self, operator: str) -> tuple[str, ...]:
        return search_text.box_starts(self._needle) if operator == "begins" else (self._needle,)

    def _box_shape(self, operator: str) -> Shape:
        return Shape(BOX, operator, "string", min(len(self._looked_for(operator)[0]), search_text.TRIGRAM))

    def _box_values(self, operator: str, place: int) -> dict[str, Any]:
        """What the statement is run with for the box's text, which stands at ``place`` among the conditions."""
        needle = self._needle
        starts, looked_for = search_text.box_starts(needle), self._looked_for(operator)
        values: dict[str, Any] = {f"value_{place}": search_text.part(needle)}
        values |= {f"begins_{number}": pattern for number, pattern in enumerate(search_text.box_begins(needle))}
        if len(looked_for[0]) >= search_text.TRIGRAM:
            return {**values, "trigrams": search_text.any_trigrams(looked_for)}
        places = starts if operator == "begins" else (needle,) * len(starts)
        values |= {f"terms_from_{number}": text for number, text in enumerate(places)}
        return values | {f"terms_to_{number}": search_text.next_text(text) for number, text in enumerate(places)}


def search_customers(
    connection: Connection, scope: Scope, query: str, *, most: int, after: Customer | None = None
) -> Page:
    """Published customers whose external ID, name or email holds ``query``, by relevance; with ``""`` the newest.

    Args:
        connection: where to look.
        scope: whose customers.
        query: the text.
        most: how many at most.
        after: the last customer of the page before.

    Raises:
        ServiceUnavailable: it took too long.
    """
    box = BoxList(connection, scope, BoxQuery(query))
    found = box.customers(most + 1, box.place_of(after) if after is not None else None)
    return Page(found[:most], has_more=len(found) > most)


def narrowed(query: BoxQuery, *conditions: Condition) -> BoxQuery:
    """The same list with further conditions."""
    return replace(query, conditions=(*query.conditions, *conditions))
