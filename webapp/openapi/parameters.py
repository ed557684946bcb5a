"""The parameters and headers of requests, as components (contract sections 2, 3, 7 to 9). Knows no route."""

from webapp.customers import query
from webapp.customers.history import NO_VERSION_REACHES
from webapp.customers.query_wire import LIST_PARAMETERS
from webapp.customers.wire import EXPANSIONS
from webapp.idempotency import LONGEST_KEY
from webapp.openapi import examples
from webapp.openapi.customer_schemas import CUSTOMER_ID
from webapp.openapi.query_schemas import ABOUT, whole_number
from webapp.openapi.texts import PLAIN, Schema, one_of, plain_text, ref

_EXPAND = {
    "style": "form",
    "explode": False,
    "schema": {"type": "array", "items": one_of(EXPANSIONS)},
    "example": [EXPANSIONS[0]],
}


def parameter(name: str) -> Schema:
    """A reference to a parameter."""
    return ref("parameters", name)


def parameters() -> dict[str, Schema]:
    """Every parameter by component name."""
    return {
        "CustomerId": {
            **_path("customer_id", "The customer's ID.", {"type": "string", "pattern": CUSTOMER_ID}),
            "example": examples.CUSTOMER_ID,
        },
        "ExternalId": {
            **_path(
                "external_id",
                "The external ID, percent-encoded. It may hold `/`, spaces and any Unicode; a retired one finds its "
                "customer too.",
                {"type": "string", "pattern": f"^{PLAIN}+$"},
            ),
            "example": examples.TEXTS["external_id"],
        },
        "Id": _query("id", "The customer's ID.", plain_text()),
        "ExternalCustomerId": {
            **_query("external_customer_id", "The customer's present external ID.", plain_text()),
            "example": examples.TEXTS["external_id"],
        },
        "Expand": {**_query("expand", ABOUT["expand"], {}), **_EXPAND},
        **{f"List{name.title().replace('_', '')}": _of_list(name) for name in LIST_PARAMETERS if name != "expand"},
        "HistoryLimit": _query("limit", "Changes of one page.", whole_number(1, query.MOST_LIMIT, query.DEFAULT_LIMIT)),
        "HistoryOffset": _query(
            "offset", "How many to pass over. Not together with `cursor`.", whole_number(0, query.MOST_OFFSET, 0)
        ),
        "HistoryCursor": _query(
            "cursor", "`pagination.next_cursor` of the page before.", whole_number(1, NO_VERSION_REACHES)
        ),
        "IfMatch": _header(
            "If-Match",
            'Versions, as `ETag` gave them, such as `"3"`. The customer is changed, or shown, only while it is at '
            "one of "
            "them; else 412. A weak tag matches none.",
        ),
        "IfNoneMatch": _header(
            "If-None-Match", 'A version that you have, such as `"3"`. 304 without a body while the customer is at it.'
        ),
        "IdempotencyKey": {
            **_header(
                "Idempotency-Key",
                "A text of your choice, new for each new request. Sent again with the same request within 24 hours, "
                "the "
                "first answer is repeated and nothing is done twice.",
            ),
            "schema": plain_text(1, LONGEST_KEY),
        },
        "Prefer": {
            **_header("Prefer", "`handling=lenient` ignores unknown fields rather than refuse them (RFC 7240)."),
            "example": "handling=lenient",
        },
        "RequestId": _header(
            "X-Request-ID",
            "Your own ID of the request, of up to 64 letters, digits, `_` and `-`. Anything else is replaced by a "
            "new one.",
        ),
    }


def _path(name: str, about: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "description": about, "schema": schema}


def _query(name: str, about: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": about, "schema": schema}


def _header(name: str, about: str) -> Schema:
    return {"name": name, "in": "header", "description": about, "schema": {"type": "string"}}


def _of_list(name: str) -> Schema:
    text = plain_text(most=query.LONGEST_TEXT)
    schemas: dict[str, Schema] = {
        "limit": whole_number(1, query.MOST_LIMIT, query.DEFAULT_LIMIT),
        "offset": whole_number(0, query.MOST_OFFSET, 0),
        "cursor": plain_text(most=query.LONGEST_CURSOR),
        "status": {**one_of(query.STATUSES), "default": query.DEFAULT_STATUS},
        "sort": {**one_of(query.SORT_FIELDS), "default": query.DEFAULT_SORT_FIELD},
        "order": {**one_of(query.DIRECTIONS), "default": query.DEFAULT_DIRECTION},
        "external_id": text,
        "email": text,
    }
    about = {**ABOUT, "sort": "The field to sort by; then by `id`.", "order": "The direction to sort in."}
    return _query(name, about[name], schemas[name])
