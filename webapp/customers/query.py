"""What a list of customers can be asked for: fields, operators, sort keys, numbers (contract section 9), and the query.

Pure declarations, from which the reader of queries, the SQL and the OpenAPI document follow. Knows no JSON and no SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from webapp.customers.limits import TEXT_FIELDS

DEFAULT_LIMIT = 50
MOST_LIMIT = 1000
MOST_OFFSET = 1_000_000_000
#: Where a query asks for several statuses: each is a list of its own, and all that is passed over must be merged.
MOST_OFFSET_OF_SEVERAL_STATUSES = 10_000
MOST_FILTERS = 50
#: Elements of ``customer_ids``, ``external_ids``, ``parent_customer_ids`` and of a filter's array.
MOST_ARRAY_LENGTH = 1000
MOST_METADATA_PAIRS = 100
MOST_SORT_KEYS = 10
#: Characters of a text to look for; nothing longer is stored but metadata values where a setting allows them.
LONGEST_TEXT = 1000
#: Characters of a metadata key in a field's name.
LONGEST_METADATA_KEY = 1000
LONGEST_CURSOR = 32_000
#: ``pagination.total`` is exact up to this number of customers.
EXACT_TOTAL = 10_000

#: ``deleted`` is one of the official clients' statuses; no customer here has it.
STATUSES = ("published", "archived", "deleted")
DEFAULT_STATUS = "published"
DIRECTIONS = ("asc", "desc")
DEFAULT_SORT_FIELD = "created_at"

METADATA_PREFIX = "metadata."
MAPPING_PREFIX = "integration_entity_mapping."

Value = str | float | datetime | tuple[str, ...]
Direction = Literal["asc", "desc"]
DEFAULT_DIRECTION: Direction = "desc"


class FieldType(StrEnum):
    """What kind of values a field has; it decides about the operators."""

    TEXT = "text"
    STATUS = "status"
    TIME = "time"
    METADATA = "metadata"
    MAPPING = "mapping"


class DataType(StrEnum):
    """The types of a filter's value."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    ARRAY = "array"


#: The fields of a filter by name. ``metadata.KEY`` and ``integration_entity_mapping.PROVIDER`` come on top.
FILTER_FIELDS: Mapping[str, FieldType] = {
    "id": FieldType.TEXT,
    **dict.fromkeys(TEXT_FIELDS, FieldType.TEXT),
    "parent_customer_id": FieldType.TEXT,
    "status": FieldType.STATUS,
    "created_at": FieldType.TIME,
    "updated_at": FieldType.TIME,
}
#: What a list can be sorted by: every field of a filter with a name of its own.
SORT_FIELDS = tuple(FILTER_FIELDS)

_EQUALITY = {"eq": (DataType.STRING,), "in": (DataType.ARRAY,), "not_in": (DataType.ARRAY,)}
_PARTS = {"contains": (DataType.STRING,), "not_contains": (DataType.STRING,)}
_ORDER = ("gt", "gte", "lt", "lte")
_MOMENTS = ("before", "after")
#: The operators of each type of field, and the types of value that each takes.
OPERATORS: Mapping[FieldType, Mapping[str, tuple[DataType, ...]]] = {
    FieldType.TEXT: {**_EQUALITY, **_PARTS, **dict.fromkeys(_ORDER, (DataType.STRING,))},
    FieldType.STATUS: _EQUALITY,
    FieldType.TIME: dict.fromkeys(("eq", *_MOMENTS, *_ORDER), (DataType.DATE,)),
    FieldType.METADATA: {
        **_EQUALITY,
        "eq": (DataType.STRING, DataType.NUMBER, DataType.BOOLEAN),
        **_PARTS,
        **dict.fromkeys(_ORDER, (DataType.STRING, DataType.NUMBER, DataType.DATE)),
        **dict.fromkeys(_MOMENTS, (DataType.DATE,)),
    },
    FieldType.MAPPING: _EQUALITY,
}
#: Of the desk alone, on a metadata entry: the customer has the key, whatever its value, or has it not.
HAS = "has"
HAS_NOT = "has_not"
#: Of the desk alone, on a field of its search box: the whole field is the text, in any case.
IS = "is"
#: What a key or a provider is appended to.
PREFIXES: Mapping[str, FieldType] = {METADATA_PREFIX: FieldType.METADATA, MAPPING_PREFIX: FieldType.MAPPING}


def field_type(field: str) -> FieldType | None:
    """The type of a filter's field; None for a name that is none. A provider is not judged here."""
    if field in FILTER_FIELDS:
        return FILTER_FIELDS[field]
    for prefix, kind in PREFIXES.items():
        if field.startswith(prefix) and len(field) > len(prefix):
            return kind
    return None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a customer. ``value`` is of a type that ``OPERATORS`` allows; times are aware.

    A text field's ``eq``, ``in``, ``gt`` … compare code points; ``contains`` compares folded texts. No parent is the
    parent ``""``. On ``metadata.KEY`` and on mappings, ``not_contains`` and ``not_in`` hold for customers without the
    key, too, and every other operator for those that have it alone.
    """

    field: str
    operator: str
    value: Value

    @property
    def type(self) -> FieldType:
        """The type of its field."""
        found = field_type(self.field)
        if found is None:
            raise ValueError(self.field)
        return found

    @property
    def key(self) -> str:
        """The metadata key or the provider that the field names."""
        return self.field.partition(".")[2]


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field to sort by."""

    field: str
    direction: Direction = "asc"

    @property
    def is_descending(self) -> bool:
        """Whether the greatest value comes first."""
        return self.direction == "desc"


DEFAULT_SORT = (SortKey(DEFAULT_SORT_FIELD, DEFAULT_DIRECTION),)


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """A list of customers that somebody wants; all of ``conditions`` must hold.

    ``limit`` from 1 to 1000; ``cursor`` as an earlier page gave it, or None. ``sort`` is applied in turn, of a field
    that is there twice the first, then ``id`` in the direction of the last key.
    """

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    cursor: str | None = None
    conditions: tuple[Condition, ...] = (Condition("status", "eq", DEFAULT_STATUS),)
    sort: tuple[SortKey, ...] = DEFAULT_SORT
    expand: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[SortKey, ...]:
        """``sort``, each field once, and ``id`` at its end: an order in which no two customers are level."""
        named: dict[str, SortKey] = {}
        for key in self.sort or DEFAULT_SORT:
            named.setdefault(key.field, key)
        keys = tuple(named.values())
        fields = [key.field for key in keys]
        if "id" in fields:
            return keys[: fields.index("id") + 1]
        return (*keys, SortKey("id", keys[-1].direction))
