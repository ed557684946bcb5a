"""Which customers a condition holds for, in plain Python: what the SQL of the search is judged by. Knows no SQL."""

import operator
import re
from collections.abc import Mapping
from datetime import datetime

from webapp.customers.folding import fold
from webapp.customers.model import Customer
from webapp.customers.cursors import Position, sort_value
from webapp.customers.query import Condition, FieldType, SortKey

ORDER = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le, "eq": operator.eq,
         "before": operator.lt, "after": operator.gt}
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
DATED = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def holds(customer: Customer, mappings: Mapping[tuple[str, str], str], condition: Condition) -> bool:
    """Whether a condition holds."""
    if condition.type is FieldType.METADATA:
        value = customer.metadata.get(condition.key)
    elif condition.type is FieldType.MAPPING:
        value = mappings.get((customer.id, condition.key))
    else:
        value = sort_value(customer, condition.field)
    name, wanted = condition.operator, condition.value
    if value is None:
        return name in {"not_in", "not_contains"}
    if name in {"in", "not_in"}:
        return (value in wanted) == (name == "in")
    if name in {"contains", "not_contains"}:
        return (fold(wanted) in fold(value)) == (name == "contains")
    if condition.type is FieldType.METADATA and isinstance(wanted, float):
        return bool(DECIMAL.fullmatch(value)) and ORDER[name](float(value), wanted)
    if condition.type is FieldType.METADATA and isinstance(wanted, datetime):
        return bool(DATED.match(value)) and ORDER[name](value, date_text(wanted))
    return ORDER[name](value, wanted)


def date_text(moment: datetime) -> str:
    """As metadata dates are compared."""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return text.removesuffix("T00:00:00.000000Z").replace(".000000Z", "Z")


def is_behind(customer: Customer, position: Position, order: tuple[SortKey, ...]) -> bool:
    """Whether a customer comes behind a position."""
    for key, at in zip(order, position, strict=True):
        value = sort_value(customer, key.field)
        if value != at:
            return (value < at) if key.is_descending else (value > at)
    return False
