"""Pages of a list: what one holds, and the cursor that leads to the next. Knows no SQL.

A cursor holds the values that the last customer of a page is sorted by, so it works when that customer is gone, and a
fingerprint of the query, so it leads nowhere in another list. It is no secret and gives no right to anything.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cmp_to_key
from typing import Any, Literal

import orjson

from webapp.customers.model import Customer, Scope
from webapp.customers.query import FILTER_FIELDS, LONGEST_CURSOR, CustomerQuery, FieldType, SortKey
from webapp.errors import InvalidInput

FINGERPRINT_BYTES = 12
Position = tuple[str | datetime, ...]


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of a list.

    Attributes:
        customers: those of the page, in order.
        total: how many there are in all; with ``gte`` there are at least so many, and always more than this page
            reaches unless it is the last one.
        total_relation: whether ``total`` is exact.
        next_cursor: leads to the next page; None on the last one.
    """

    customers: list[Customer]
    total: int
    total_relation: Literal["eq", "gte"]
    next_cursor: str | None


def sort_value(customer: Customer, field: str) -> str | datetime:
    """What a customer is sorted by; no parent is ``""``."""
    value: str | datetime | None = getattr(customer, field)
    return "" if value is None else value


def in_order(order: tuple[SortKey, ...]) -> Callable[[Customer], Any]:
    """The key by which customers are sorted in that order, for what is merged of several lists."""

    def compare(one: Customer, other: Customer) -> int:
        for key in order:
            left, right = sort_value(one, key.field), sort_value(other, key.field)
            if left != right:
                return -1 if (left < right) is not key.is_descending else 1  # type: ignore[operator] # of one field
        return 0

    return cmp_to_key(compare)


def write_cursor(scope: Scope, query: CustomerQuery, last: Customer) -> str:
    """The cursor behind the last customer of a page."""
    values = [sort_value(last, key.field) for key in query.order]
    written = orjson.dumps([_fingerprint(scope, query), *values])
    return base64.urlsafe_b64encode(written).rstrip(b"=").decode()


def read_cursor(scope: Scope, query: CustomerQuery) -> Position | None:
    """The values of the customer behind which the query's page begins, in the query's order; None without a cursor.

    Raises:
        InvalidInput: the cursor is garbled, or was given for another list.
    """
    if query.cursor is None:
        return None
    fields = [key.field for key in query.order]
    try:
        padded = query.cursor.encode("ascii") + b"=" * (-len(query.cursor) % 4)
        fingerprint, *values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if fingerprint == _fingerprint(scope, query) and len(query.cursor) <= LONGEST_CURSOR:
            return tuple(_typed(field, value) for field, value in zip(fields, values, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error):  # UnicodeError and JSONDecodeError are ValueErrors
        pass
    message = "This is no cursor of this list. Use 'next_cursor' of a page with the same filters and the same sort."
    raise InvalidInput(message, {"cursor": [message]})


def _typed(field: str, value: Any) -> str | datetime:
    if not isinstance(value, str):
        raise TypeError(field)
    if "\0" in value:  # nothing stored holds it, and PostgreSQL would not even compare it
        raise ValueError(field)
    if FILTER_FIELDS[field] is not FieldType.TIME:
        return value
    moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC)


def _fingerprint(scope: Scope, query: CustomerQuery) -> str:
    conditions = sorted(repr(condition) for condition in query.conditions)
    order = [(key.field, key.direction) for key in query.order]
    identity = orjson.dumps([scope.environment_id, conditions, order])
    return hashlib.sha256(identity).hexdigest()[: 2 * FINGERPRINT_BYTES]
