"""Parameters and JSON bodies -> queries of customers (contract section 9). Names every fault at once; knows no SQL.

``null`` counts as absent, as everywhere. Types, numbers and operators are those of ``query``.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from werkzeug.datastructures import MultiDict

from webapp.customers import query
from webapp.customers.query import Condition, CustomerQuery, DataType, FieldType, SortKey
from webapp.customers.query_values import (
    CURSOR_AND_OFFSET,
    WrongValue,
    number_of,
    read_array,
    read_direction,
    read_expand,
    read_moment,
    read_pairs,
    read_sort_field,
    read_status,
    read_statuses,
    read_text,
    read_texts,
    read_trimmed_text,
    read_typed_value,
    read_whole_number,
    shown,
)
from webapp.customers.rows import trim
from webapp.customers.unknown_names import unknown_name, unknown_names
from webapp.errors import InvalidInput
from webapp.settings import KNOWN_PROVIDERS

LIST_PARAMETERS = ("limit", "offset", "cursor", "status", "sort", "order", "external_id", "email", "expand")
SEARCH_FIELDS = (
    "limit", "offset", "cursor", "status", "sort", "order", "external_id", "email", "expand", "customer_ids",
    "external_ids", "parent_customer_ids", "metadata", "start_time", "end_time", "filters",
)  # fmt: skip
#: Arrays of a search body, and the field that each is a list of.
ARRAYS = {"customer_ids": "id", "external_ids": "external_id", "parent_customer_ids": "parent_customer_id"}
#: Of one object in an array; there can be many such objects.
MOST_UNKNOWN_PARTS = 5
ALL_OPERATORS = tuple(dict.fromkeys(name for operators in query.OPERATORS.values() for name in operators))
FILTER_PARTS = ("field", "operator", "data_type", "value")

Faults = dict[str, list[str]]


def read_list_parameters(args: "MultiDict[str, str]", providers: Sequence[str] = KNOWN_PROVIDERS) -> CustomerQuery:
    """The query of ``GET /v1/customers``. ``expand`` is handed on unread.

    Raises:
        InvalidInput: names every wrong and every unknown parameter.
    """
    faults: Faults = unknown_names((name for name in args if name not in LIST_PARAMETERS), LIST_PARAMETERS, "parameter")
    sent: dict[str, Any] = {}
    for name in LIST_PARAMETERS:
        given = args.getlist(name)
        if len(given) > 1 and name != "expand":
            faults[name] = ["Give it once."]
        elif given:
            sent[name] = given if name == "expand" else given[0]
    for name in ("limit", "offset"):
        if name in sent:
            sent[name] = number_of(sent[name])
    return _Reader(sent, faults, providers).read()


def read_search_body(body: Mapping[str, Any], providers: Sequence[str] = KNOWN_PROVIDERS) -> CustomerQuery:
    """The query of ``POST /v1/customers/search``. ``expand`` ("a,b") is handed on unread.

    Raises:
        InvalidInput: names every wrong and every unknown field.
    """
    faults: Faults = unknown_names((name for name in body if name not in SEARCH_FIELDS), SEARCH_FIELDS)
    sent = {name: body[name] for name in SEARCH_FIELDS if body.get(name) is not None}
    if "sort" in sent and not isinstance(sent["sort"], list):
        faults["sort"] = ['Send an array of objects such as {"field": "name", "direction": "asc"}.']
        del sent["sort"]
    return _Reader(sent, faults, providers).read()


class _Reader:
    """Reads what was sent, by name, into a query; gathers what is wrong."""

    def __init__(self, sent: Mapping[str, Any], faults: Faults, providers: Sequence[str]) -> None:
        self._sent = sent
        self._faults = faults
        self._providers = providers

    def read(self) -> CustomerQuery:
        """The query.

        Raises:
            InvalidInput: something is wrong.
        """
        limit = self._number("limit", query.DEFAULT_LIMIT, 1, query.MOST_LIMIT)
        offset = self._number("offset", 0, 0, query.MOST_OFFSET)
        cursor = self._take("cursor", lambda value: read_text(value, query.LONGEST_CURSOR))
        if cursor is not None and offset:
            self._fault("offset", CURSOR_AND_OFFSET)
        conditions = self._conditions()
        sort = self._sort()
        expand = self._take("expand", read_expand) or ()
        if self._faults:
            raise InvalidInput(details=self._faults)
        if not any(condition.field == "status" for condition in conditions):
            conditions.insert(0, Condition("status", "eq", query.DEFAULT_STATUS))
        return CustomerQuery(limit, offset, cursor, tuple(conditions), sort, expand)

    def _fault(self, name: str, message: str) -> None:
        self._faults.setdefault(name, []).append(message)

    def _take(self, name: str, read: Callable[[Any], Any], at: str = "") -> Any:
        """The value of a name, read; None when it is absent or wrong. ``at`` is what a fault is named by."""
        if name not in self._sent:
            return None
        return self._try(at or name, lambda: read(self._sent[name]))

    def _try(self, name: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except WrongValue as fault:
            self._fault(name, str(fault))
            return None

    def _number(self, name: str, default: int, least: int, most: int) -> int:
        number = self._take(name, lambda value: read_whole_number(value, least, most))
        return default if number is None else int(number)

    def _conditions(self) -> list[Condition]:
        readers = {"status": read_status, "external_id": read_trimmed_text, "email": read_trimmed_text}
        conditions = [
            Condition(name, "eq", text)
            for name, read in readers.items()
            if (text := self._take(name, read))  # "" is no filter, as in the published API
        ]
        for name, field in ARRAYS.items():
            # As in the published API, an empty array is no filter.
            if self._sent.get(name) != [] and (texts := self._take(name, read_texts)) is not None:
                conditions.append(Condition(field, "in", texts))
        for key, text in (self._take("metadata", read_pairs) or {}).items():
            conditions.append(Condition(query.METADATA_PREFIX + key, "eq", text))
        for name, operator in (("start_time", "gte"), ("end_time", "lte")):
            if (moment := self._take(name, read_moment)) is not None:
                conditions.append(Condition("created_at", operator, moment))
        return conditions + self._filters()

    def _filters(self) -> list[Condition]:
        items = self._take("filters", lambda value: read_array(value, query.MOST_FILTERS, "filters")) or []
        found = [self._filter(f"filters[{index}]", item) for index, item in enumerate(items)]
        return [condition for condition in found if condition]

    def _filter(self, at: str, item: Any) -> Condition | None:
        parts = self._parts(at, item, FILTER_PARTS)
        if parts is None:
            return None
        field, operator, value = (parts.get(name) for name in ("field", "operator", "value"))
        kind = self._try(f"{at}.field", lambda: self._field_type(field))
        if kind is None:
            if operator not in ALL_OPERATORS:
                known = ", ".join(ALL_OPERATORS)
                self._fault(f"{at}.operator", f"unknown operator {shown(operator)}; known are {known}")
            self._try(f"{at}.value", lambda: read_typed_value(value))
            return None
        operators = query.OPERATORS[kind]
        if not isinstance(operator, str) or operator not in operators:
            known = f"The operators of {shown(field)} are {', '.join(operators)}."
            is_known = operator is None or operator in ALL_OPERATORS
            self._fault(f"{at}.operator", known if is_known else f"unknown operator {shown(operator)}. {known}")
            self._try(f"{at}.value", lambda: read_typed_value(value))
            return None
        read = self._try(f"{at}.value", lambda: read_typed_value(value))
        if read is None:
            return None
        data_type, content = read
        if (declared := parts.get("data_type")) is not None and declared != data_type:
            types = [str(name) for name in DataType]
            message = (
                f"It says {shown(declared)}, but the value is given as '{data_type}'."
                if declared in types
                else f"unknown data type {shown(declared)}; known are {', '.join(types)}"
            )
            self._fault(f"{at}.data_type", message)
            return None
        if data_type not in operators[operator]:
            wanted = " or ".join(f"'{name}'" for name in operators[operator])
            self._fault(f"{at}.value", f"{shown(operator)} of {shown(field)} takes a value of type {wanted}.")
            return None
        if kind is FieldType.STATUS and self._try(f"{at}.value", lambda: read_statuses(content)) is None:
            return None
        if operator in {"eq", "in", "not_in"} and isinstance(content, str):
            content = trim(content)  # as it was when it was stored
        return Condition(str(field), operator, content)

    def _parts(self, at: str, item: Any, known: Sequence[str]) -> dict[str, Any] | None:
        """The parts of an object in an array, nulls dropped; None when it is none or has unknown ones."""
        if not isinstance(item, dict):
            self._fault(at, f"Send an object with {', '.join(known)}.")
            return None
        unknown = unknown_names(islice((name for name in item if name not in known), MOST_UNKNOWN_PARTS), known)
        self._faults |= {f"{at}.{name[:100]}": messages for name, messages in unknown.items()}
        return None if unknown else {name: value for name, value in item.items() if value is not None}

    def _field_type(self, field: Any) -> FieldType:
        if not isinstance(field, str):
            raise WrongValue("Name a field.")
        kind = query.field_type(field)
        known = [*query.FILTER_FIELDS, f"{query.METADATA_PREFIX}KEY"]
        known += [query.MAPPING_PREFIX + provider for provider in self._providers]
        if kind is None or (kind is FieldType.MAPPING and field not in known):
            raise WrongValue(unknown_name(field, known))
        read_text(field, len(query.METADATA_PREFIX) + query.LONGEST_METADATA_KEY)
        return kind

    def _sort(self) -> tuple[SortKey, ...]:
        order: query.Direction | None = self._take("order", read_direction)
        sent = self._sent.get("sort")
        if isinstance(sent, list):
            items = self._try("sort", lambda: read_array(sent, query.MOST_SORT_KEYS, "sort keys")) or []
            keys = [self._sort_key(f"sort[{index}]", item, order) for index, item in enumerate(items)]
            if items:
                return tuple(key for key in keys if key)
            sent = None  # an empty array is no sort, as in the published API
        field: str = (sent and self._take("sort", read_sort_field)) or query.DEFAULT_SORT_FIELD
        return (SortKey(field, order or query.DEFAULT_DIRECTION),)

    def _sort_key(self, at: str, item: Any, order: query.Direction | None) -> SortKey | None:
        parts = self._parts(at, item, ("field", "direction"))
        if parts is None:
            return None
        field = self._try(f"{at}.field", lambda: read_sort_field(parts.get("field")))
        direction: query.Direction | None = order or query.DEFAULT_DIRECTION
        if "direction" in parts:
            direction = self._try(f"{at}.direction", lambda: read_direction(parts["direction"]))
        return SortKey(field, direction) if field and direction else None
