"""Which customers a query means, in plain Python over all of them: what the search is judged by."""

import math
import operator
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from webapp.customers.cursors import Position, sort_value
from webapp.customers.folding import fold
from webapp.customers.model import Customer
from webapp.customers.query import Condition, CustomerQuery, FieldType, SortKey

COMPARE: dict[str, Any] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "before": operator.lt,
    "after": operator.gt,
}
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)

#: (customer ID, provider) -> the customer's ID there.
Mappings = Mapping[tuple[str, str], str]


def holds(customer: Customer, mappings: Mappings, condition: Condition) -> bool:
    """Whether a condition holds for a customer."""
    value: Any
    if condition.type is FieldType.METADATA:
        value = customer.metadata.get(condition.key)
    elif condition.type is FieldType.MAPPING:
        value = mappings.get((customer.id, condition.key))
    else:
        value = sort_value(customer, condition.field)
    name, wanted = condition.operator, condition.value
    if value is None:
        return name in {"not_in", "not_contains"}
    if isinstance(wanted, tuple):
        return (value in wanted) == (name == "in")
    if name in {"contains", "not_contains"}:
        return (fold(str(wanted)) in fold(value)) == (name == "contains")
    if condition.type is FieldType.METADATA and isinstance(wanted, float):
        is_number = bool(DECIMAL.fullmatch(value)) and math.isfinite(float(value))
        return is_number and bool(COMPARE[name](float(value), wanted))
    if condition.type is FieldType.METADATA and isinstance(wanted, datetime):
        moment = _moment(value)
        return moment is not None and bool(COMPARE[name](moment, wanted))
    return bool(COMPARE[name](value, wanted))


def _moment(value: str) -> datetime | None:
    """Of the values that tests use, those that the standard library reads: dates and times with an offset."""
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def expected(customers: Iterable[Customer], mappings: Mappings, query: CustomerQuery) -> list[Customer]:
    """Every customer that a query means, in its order, whatever its page."""
    found = [one for one in customers if all(holds(one, mappings, condition) for condition in query.conditions)]
    for key in reversed(query.order):
        found.sort(key=lambda one: sort_value(one, key.field), reverse=key.is_descending)
    return found


def is_behind(customer: Customer, position: Position, order: tuple[SortKey, ...]) -> bool:
    """Whether a customer comes behind a position in an order."""
    for key, at in zip(order, position, strict=True):
        value: Any = sort_value(customer, key.field)
        if value != at:
            return bool(value < at) if key.is_descending else bool(value > at)
    return False
