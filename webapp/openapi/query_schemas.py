"""Schemas of lists: the search body with its filter language, pages, the history (contract sections 9 and 11).

Made of the declarations in ``query``. Knows no route.
"""

import re
from typing import get_args, get_type_hints

from webapp.customers import query
from webapp.customers.history import NO_VERSION_REACHES
from webapp.customers.limits import REASON_LENGTH, Limits
from webapp.customers.model import ACTOR_LENGTH, ID_LENGTH, Actor
from webapp.customers.query import DataType, FieldType
from webapp.customers.query_wire import ARRAYS, SEARCH_FIELDS
from webapp.customers.wire import EXPANSIONS
from webapp.openapi.customer_schemas import CUSTOMER_ID, MOMENT
from webapp.openapi.texts import PLAIN, Schema, nullable, object_of, one_of, plain_text, schema_ref

#: What each field of the search body, and each parameter of a list, does.
ABOUT = {
    "limit": "Customers of one page.",
    "offset": "How many to pass over. Not together with `cursor`.",
    "cursor": "`pagination.next_cursor` of the page before, with the same filters and the same sort.",
    "status": "Only those of this status; published ones by default.",
    "sort": "What to sort by, applied in turn; then by `id`. By default the newest come first.",
    "order": "The direction of whatever `sort` leaves open.",
    "external_id": "The one with this external ID.",
    "email": "Those with exactly this email.",
    "expand": f"What to show beside each customer: {' and '.join(f'`{name}`' for name in EXPANSIONS)}.",
    "customer_ids": "Those with one of these IDs.",
    "external_ids": "Those with one of these external IDs.",
    "parent_customer_ids": "Those whose parent has one of these IDs.",
    "metadata": "Those whose metadata has every one of these entries, exactly.",
    "start_time": "Those created then or later.",
    "end_time": "Those created then or earlier.",
    "filters": "Conditions of the filter language, all of which must hold.",
}
FILTER_KINDS = {
    FieldType.TEXT: "texts of a customer, compared by code point; `contains` in any case",
    FieldType.STATUS: "the status",
    FieldType.TIME: "times",
    FieldType.METADATA: "one metadata key, such as `metadata.plan_tier`",
    FieldType.MAPPING: "the ID at a provider, such as `integration_entity_mapping.stripe`",
}
OPERATIONS = ("create", "update", "archive", "restore", "revert", "erase")


def query_schemas(limits: Limits) -> dict[str, Schema]:
    """The schemas of lists and of the history, by component name."""
    return {
        "SearchCustomers": _search(),
        "Filter": {
            "description": "A condition of the filter language.",
            "anyOf": [schema_ref(name) for name in _filters(limits)],
        },
        **_filters(limits),
        "SortKey": object_of(
            {
                "field": {**one_of(query.SORT_FIELDS), "description": "What to sort by."},
                "direction": {**nullable(one_of(query.DIRECTIONS)), "description": "`order`, where it is left out."},
            },
            ["field"],
        ),
        "Moment": {
            "description": "RFC 3339 with an offset, or a date alone, which is its beginning in UTC.",
            "anyOf": [MOMENT, {"type": "string", "format": "date"}],
        },
        "CustomerPage": _page("Customer", "Pagination"),
        "HistoryPage": _page("Change", "HistoryPagination"),
        "Pagination": _pagination(is_search=True),
        "HistoryPagination": _pagination(is_search=False),
        "Change": _change(),
        "FieldChange": _field_change(),
    }


def _search() -> Schema:
    text, most = plain_text(most=query.LONGEST_TEXT), query.MOST_ARRAY_LENGTH
    texts = {"type": "array", "items": text, "minItems": 1, "maxItems": most}
    choice = "|".join(EXPANSIONS)
    schemas: dict[str, Schema] = {
        "limit": whole_number(1, query.MOST_LIMIT, query.DEFAULT_LIMIT),
        "offset": whole_number(0, query.MOST_OFFSET, 0),
        "cursor": plain_text(most=query.LONGEST_CURSOR),
        "status": one_of(query.STATUSES),
        "sort": {"type": "array", "items": schema_ref("SortKey"), "maxItems": query.MOST_SORT_KEYS},
        "order": one_of(query.DIRECTIONS),
        "external_id": text,
        "email": text,
        "expand": {
            "anyOf": [
                {"type": "string", "pattern": f"^ *(?:{choice})? *(?:, *(?:{choice})? *)*$"},
                {"type": "array", "items": one_of(EXPANSIONS)},
            ]
        },
        **dict.fromkeys(ARRAYS, texts),
        "metadata": {
            "type": "object",
            "maxProperties": query.MOST_METADATA_PAIRS,
            "propertyNames": plain_text(1, query.LONGEST_METADATA_KEY),
            "additionalProperties": text,
        },
        "start_time": schema_ref("Moment"),
        "end_time": schema_ref("Moment"),
        "filters": {"type": "array", "items": schema_ref("Filter"), "maxItems": query.MOST_FILTERS},
    }
    most_offset = (
        f"{ABOUT['offset']} At most {query.MOST_OFFSET_OF_SEVERAL_STATUSES} where several statuses are asked for."
    )
    about = {**ABOUT, "offset": most_offset}
    return object_of({name: {**nullable(schemas[name]), "description": about[name]} for name in SEARCH_FIELDS})


def whole_number(least: int, most: int, default: int | None = None) -> Schema:
    """An integer between two."""
    schema: Schema = {"type": "integer", "minimum": least, "maximum": most}
    return schema if default is None else {**schema, "default": default}


def _filters(limits: Limits) -> dict[str, Schema]:
    """One schema for each type of field and type of value: which operators that pair has."""
    found = {}
    for kind, operators in query.OPERATORS.items():
        for data_type in DataType:
            if names := [name for name, types in operators.items() if data_type in types]:
                found[f"Filter{kind.title()}{data_type.title()}"] = _filter(kind, data_type, names, limits)
    return found


def _filter(kind: FieldType, data_type: DataType, operators: list[str], limits: Limits) -> Schema:
    value = {str(name): {"type": "null"} for name in DataType}
    properties = {
        "field": {**_field(kind, limits), "description": "What is compared."},
        "operator": {**one_of(operators), "description": "How."},
        "data_type": {"enum": [str(data_type), None], "description": "The type of the value, once more."},
        "value": {
            **object_of({**value, str(data_type): _value(kind, data_type)}, [str(data_type)]),
            "description": f"With what: an object that has `{data_type}`, and nothing else that is not null.",
        },
    }
    about = f"A condition on {FILTER_KINDS[kind]}, with a value of type {data_type}."
    return object_of(properties, ["field", "operator", "value"], description=about)


def _field(kind: FieldType, limits: Limits) -> Schema:
    if kind is FieldType.METADATA:
        most = len(query.METADATA_PREFIX) + query.LONGEST_METADATA_KEY
        return {"type": "string", "pattern": f"^{re.escape(query.METADATA_PREFIX)}{PLAIN}+$", "maxLength": most}
    if kind is FieldType.MAPPING:
        return one_of([query.MAPPING_PREFIX + provider for provider in limits.providers])
    return one_of([name for name, found in query.FILTER_FIELDS.items() if found is kind])


def _value(kind: FieldType, data_type: DataType) -> Schema:
    text = one_of(query.STATUSES) if kind is FieldType.STATUS else plain_text(most=query.LONGEST_TEXT)
    schemas: dict[DataType, Schema] = {
        DataType.STRING: text,
        DataType.NUMBER: {"type": "number"},
        DataType.BOOLEAN: {"type": "boolean"},
        DataType.DATE: schema_ref("Moment"),
        DataType.ARRAY: {"type": "array", "items": text, "minItems": 1, "maxItems": query.MOST_ARRAY_LENGTH},
    }
    return schemas[data_type]


def _page(item: str, pagination: str) -> Schema:
    items = {"type": "array", "items": schema_ref(item), "maxItems": query.MOST_LIMIT, "description": "In order."}
    properties = {"items": items, "pagination": schema_ref(pagination)}
    return object_of(properties, list(properties))


def _pagination(*, is_search: bool) -> Schema:
    properties: dict[str, Schema] = {
        "total": {"type": "integer", "minimum": 0, "description": "How many there are in all."},
        "limit": {**whole_number(1, query.MOST_LIMIT), "description": "As it was asked for."},
        "offset": {**whole_number(0, query.MOST_OFFSET), "description": "As it was asked for."},
        "next_cursor": {"type": ["string", "null"], "description": "Leads to the next page; null on the last one."},
    }
    if is_search:
        exact = f"`eq`: the total is exact, as it is up to {query.EXACT_TOTAL}. `gte`: there are at least so many."
        properties["total_relation"] = {"enum": ["eq", "gte"], "description": exact}
    return object_of(properties, list(properties), description="Where the page lies in the list.")


def _change() -> Schema:
    kinds = get_type_hints(Actor)
    properties: dict[str, Schema] = {
        "id": {"type": "string", "maxLength": ID_LENGTH, "description": "The change's ID."},
        "customer_id": {"type": "string", "pattern": CUSTOMER_ID, "description": "The customer that was changed."},
        "version": {**whole_number(1, NO_VERSION_REACHES), "description": "The version that it led to."},
        "operation": {**one_of(OPERATIONS), "description": "What was done."},
        "at": {**MOMENT, "description": "When."},
        "actor_type": {**one_of(get_args(kinds["type"])), "description": "What kind of caller did it."},
        "actor_id": {"type": "string", "maxLength": ID_LENGTH, "description": "The caller's ID."},
        "actor_name": {"type": "string", "maxLength": ACTOR_LENGTH, "description": "The caller's name at the time."},
        "source": {**one_of(get_args(kinds["source"])), "description": "From where."},
        "request_id": {"type": "string", "maxLength": 64, "description": "The request; empty for a command."},
        "reason": {"type": "string", "maxLength": REASON_LENGTH, "description": "Why, where somebody gave a reason."},
        "fields": {"type": "array", "items": schema_ref("FieldChange"), "description": "Each value that changed."},
        "reverted_version": {
            **nullable(whole_number(1, NO_VERSION_REACHES)),
            "description": "The version whose change a `revert` undid; null for every other operation.",
        },
    }
    return object_of(properties, list(properties))


def _field_change() -> Schema:
    value: Schema = {
        "type": ["string", "object", "null"],
        "description": "A text, or for a mapping its `id` and `metadata`; null where there was, or is, none.",
    }
    properties: dict[str, Schema] = {
        "field": {"type": "string", "description": "The field's JSON name."},
        "key": {"type": ["string", "null"], "description": "The metadata key or the provider; null for a plain field."},
        "old": value,
        "new": value,
    }
    return object_of(properties, list(properties))
