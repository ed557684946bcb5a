"""Conditions of a query -> SQL. A condition's shape, without its values, is what a statement is built for, once.

Knows what holds for a row; not in which way rows are come by.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, false, func, or_, select, true
from werkzeug.utils import cached_property

from webapp.customers import search_text
from webapp.customers.folding import fold
from webapp.customers.model import (
    Scope,
    customer_metadata,
    customer_search,
    customers,
    integration_mappings,
)
from webapp.customers.query import HAS, HAS_NOT, IS, PREFIXES, Condition, FieldType, field_type
from webapp.customers.search_index import text_hash

#: The fields by whose exact value an index finds customers.
LOOKED_UP_FIELDS = frozenset(("id", "external_id", "name", "email", "parent_customer_id", "address_country"))
_EQUALITY = ("eq", "in")
_BY_PATTERN = frozenset(("contains", "not_contains", IS))
#: Those of them of which very many customers may have the same value.
_SHARED_FIELDS = frozenset(("parent_customer_id", "address_country"))
#: The desk's search box, as if it were a field; with the operators ``begins`` (a field of it begins with a text),
#: ``inside`` (one holds it, but none begins with it) and ``holds`` (either).
BOX = "box"
#: Operators that hold for customers without the metadata key or the mapping.
WITHOUT_KEY = frozenset(("not_in", "not_contains", HAS_NOT))


@dataclass(frozen=True, slots=True)
class Shape:
    """A condition without its values.

    Attributes:
        field: of a metadata entry or a mapping its prefix alone, so that each key needs no statement of its own.
        data: ``string``, ``number``, ``date`` or ``array``; ``nothing`` where it is about having no parent.
        length: of a text to be contained, folded: so many characters, at most 3.
    """

    field: str
    operator: str
    data: str
    length: int = 0

    @property
    def type(self) -> FieldType:
        """The type of the field."""
        return PREFIXES.get(self.field) or field_type(self.field) or FieldType.TEXT

    @property
    def is_on_customer(self) -> bool:
        """Whether it is judged by the customer's row; else by its row of ``customer_search``."""
        by_text = self.operator in _BY_PATTERN and self.field not in {"id", "parent_customer_id"}
        by_text = by_text or self.field == BOX
        return self.type is FieldType.TIME or (self.type is FieldType.TEXT and not by_text)

    @property
    def is_looked_up(self) -> bool:
        """Whether an index of the customers finds those that it holds for."""
        return self.field in LOOKED_UP_FIELDS and self.operator in _EQUALITY and self.data != "nothing"

    @property
    def is_shared(self) -> bool:
        """Whether very many customers may have the value that it asks for."""
        return self.field in _SHARED_FIELDS

    @property
    def is_pair(self) -> bool:
        """Whether it is on a metadata entry being equal to a text."""
        return self.type is FieldType.METADATA and self.operator in _EQUALITY and self.data != "number"

    @property
    def has_trigrams(self) -> bool:
        """Whether the trigram index finds those that it may hold for."""
        if self.field == BOX:
            return True
        return self.operator in {"contains", IS} and self.field in search_text.BOX_FIELDS and self.length > 0


def is_a_pair_of(column: ColumnElement[int], place: int, shape: Shape) -> ColumnElement[bool]:
    """Whether a metadata entry is the one, or one of those, that a condition on being equal names."""
    if shape.data == "array":
        return column.in_(bindparam(f"pairs_{place}", expanding=True))
    return column == bindparam(f"pair_{place}", type_=column.type)


def shape_of(condition: Condition) -> Shape:
    """The shape of a condition."""
    operator, value = condition.operator, condition.value
    field = condition.field.removesuffix(condition.key) if condition.type in PREFIXES.values() else condition.field
    if operator == IS:  # the field's frame makes up for a text that is short
        return Shape(field, operator, "string", search_text.TRIGRAM)
    if operator in _BY_PATTERN:
        return Shape(field, operator, "string", min(len(fold(str(value))), search_text.TRIGRAM))
    if field == "parent_customer_id" and (not value or (isinstance(value, tuple) and "" in value)):
        return Shape(field, operator, "nothing")
    for kind, data in ((tuple, "array"), (datetime, "date"), (float, "number")):
        if isinstance(value, kind):
            return Shape(field, operator, data)
    return Shape(field, operator, "string")


def parameters(scope: Scope, place: int, condition: Condition) -> dict[str, Any]:
    """What the statement of a condition is run with. ``place`` tells conditions apart."""
    value: Any = condition.value
    key = condition.key
    found: dict[str, Any] = {f"key_{place}": key}
    if condition.type is FieldType.METADATA:
        found[f"key_hash_{place}"] = text_hash(scope.environment_id, key)
        if condition.operator in _EQUALITY and not isinstance(value, float):
            texts = value if isinstance(value, tuple) else (value,)
            pairs = [text_hash(scope.environment_id, key, text) for text in texts]
            found |= {f"pairs_{place}": pairs} if isinstance(value, tuple) else {f"pair_{place}": pairs[0]}
    if condition.operator == IS:
        value = search_text.is_all_of(condition.field, fold(value))
    elif condition.operator in _BY_PATTERN:
        needle = fold(value)
        by_field = condition.field in search_text.FIELDS
        value = search_text.holds(condition.field, needle) if by_field else search_text.part(needle)
    return {**found, f"value_{place}": list(value) if isinstance(value, tuple) else value}


class Predicate:
    """The SQL of one condition. ``place`` tells conditions apart."""

    def __init__(self, place: int, shape: Shape) -> None:
        self._place = place
        self._shape = shape

    @cached_property
    def sql(self) -> ColumnElement[bool]:
        """True for the rows of ``customers`` or of ``customer_search`` that it holds for."""
        shape = self._shape
        if shape.type is FieldType.METADATA:
            return self._of_metadata()
        if shape.type is FieldType.MAPPING:
            return self._of_mapping()
        if shape.field == BOX:
            return self._of_box()
        if shape.is_on_customer:
            return self._compare(column_of(shape.field, can_be_null=shape.is_looked_up))
        column = customer_search.c.text if shape.field in search_text.BOX_FIELDS else customer_search.c.other_text
        return self._compare(column)

    def _value(self, **more: Any) -> Any:
        return bindparam(f"value_{self._place}", **more)

    def _compare(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        operator = self._shape.operator
        if operator in {"in", "not_in"}:
            among: ColumnElement[bool] = column.in_(self._value(expanding=True))
            return among if operator == "in" else ~among
        if operator in _BY_PATTERN:
            folded = func.lower(column) if self._shape.is_on_customer else column
            like: ColumnElement[bool] = folded.like(self._value(), escape=search_text.ESCAPE)
            return ~like if operator == "not_contains" else like
        value = self._value(type_=column.type)
        compared: dict[str, ColumnElement[bool]] = {
            "eq": column == value,
            "gt": column > value,
            "after": column > value,
            "gte": column >= value,
            "lt": column < value,
            "before": column < value,
            "lte": column <= value,
        }
        return compared[operator]

    def _of_box(self) -> ColumnElement[bool]:
        column = customer_search.c.text
        begins = or_(
            *(
                # Of a joined text, so that PostgreSQL asks its index once, for the whole text, and not for each field.
                column.concat("").like(bindparam(f"begins_{place}"), escape=search_text.ESCAPE)
                for place in range(len(search_text.BOX_FIELDS))
            )
        )
        holds = column.like(self._value(), escape=search_text.ESCAPE)
        if self._shape.operator == "holds":
            return holds
        return and_(holds, begins if self._shape.operator == "begins" else ~begins)

    def _of_metadata(self) -> ColumnElement[bool]:
        """A look-up in the entries of the row of ``customer_search``, of which at most one has the key."""
        table = customer_metadata.c
        shape = self._shape
        holds: ColumnElement[bool]
        if shape.operator in {HAS, HAS_NOT}:
            holds = true() if shape.operator == HAS else false()
        elif shape.operator in {"contains", "not_contains"}:
            holds = self._compare(func.coalesce(table.folded_value, table.value))
        elif shape.data == "number":
            holds = func.coalesce(self._compare(table.decimal_value), false(), type_=Boolean)
        elif shape.data == "date":
            holds = func.coalesce(self._compare(table.moment_value), false(), type_=Boolean)
        else:
            holds = self._compare(table.value)
        key = (
            table.number == customer_search.c.number,
            table.key_hash == bindparam(f"key_hash_{self._place}"),
            table.key == bindparam(f"key_{self._place}"),
        )
        return self._looked_up(holds, *key)

    def _of_mapping(self) -> ColumnElement[bool]:
        table = integration_mappings.c
        key = (
            table.environment_id == customer_search.c.environment_id,
            table.customer_id == customer_search.c.customer_id,
            table.provider_type == bindparam(f"key_{self._place}"),
        )
        return self._looked_up(self._compare(table.provider_entity_id), *key)

    def _looked_up(self, holds: ColumnElement[bool], *key: ColumnElement[bool]) -> ColumnElement[bool]:
        # A scalar subquery: neither database turns it into a join, so it stays a look-up for each row that is come by.
        without = true() if self._shape.operator in WITHOUT_KEY else false()
        return func.coalesce(select(holds).where(*key).scalar_subquery(), without, type_=Boolean)


def column_of(field: str, *, can_be_null: bool = False) -> ColumnElement[Any]:
    """The column of a field; no parent is ``""`` unless null will do."""
    column = customers.c[field]
    return func.coalesce(column, "", type_=column.type) if column.nullable and not can_be_null else column
