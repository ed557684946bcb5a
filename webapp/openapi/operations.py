"""What each route of the API does, takes and answers, in the words of the document; the rest is derived.

A route of ``blueprint.API`` that is not described here stops the start. Knows no schema from the inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.customers.api_request import JSON, MERGE_PATCH
from webapp.customers.query_wire import LIST_PARAMETERS
from webapp.openapi import examples

IDENTIFIED = (404,)
WRITES = (404, 409, 412, 422)
READ_HEADERS = ("ETag",)
WRITE_HEADERS = ("ETag", "Idempotency-Replayed")
LENIENT_HEADERS = (*WRITE_HEADERS, "Preference-Applied")
CONDITIONAL = ("IfMatch", "IfNoneMatch")


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request: component, example, media types, and whether there must be one."""

    schema: str
    example: Any
    media_types: tuple[str, ...] = (JSON,)
    required: bool = True


@dataclass(frozen=True, slots=True)
class Described:
    """One operation, as far as it cannot be derived.

    Attributes:
        id: the operation's ID; where an official client has it, that client's.
        parameters: component names, without those that every route takes.
        status, schema, example, headers: the answer to a request that succeeds; no schema for an answer without body.
        errors: statuses, without those that any route can answer.
    """

    id: str
    summary: str
    about: str
    example: Any
    schema: str | None
    parameters: tuple[str, ...] = ()
    body: Body | None = None
    status: int = 200
    headers: tuple[str, ...] = ()
    errors: tuple[int, ...] = field(default=())
    not_modified: bool = False


def _update(operation_id: str, summary: str, about: str, *named_by: str) -> Described:
    return Described(
        operation_id,
        summary,
        about,
        examples.updated_customer(),
        "Customer",
        (*named_by, "Expand", "IfMatch", "IdempotencyKey", "Prefer"),
        Body("UpdateCustomer", examples.UPDATE),
        headers=LENIENT_HEADERS,
        errors=WRITES,
    )


def _by_external_id(operation_id: str, summary: str) -> Described:
    return Described(
        operation_id,
        summary,
        "One published customer by its external ID. Where no published customer has it, a customer that had it "
        "earlier is "
        "found, and the answer carries `X-Retired-External-ID: true`. Archived customers are not found by external ID.",
        examples.customer(),
        "Customer",
        ("ExternalId", "Expand", *CONDITIONAL),
        headers=(*READ_HEADERS, "X-Retired-External-ID"),
        errors=(404, 412, 501),
        not_modified=True,
    )


#: By the endpoint of ``blueprint.API``.
DESCRIBED: Mapping[str, Described] = {
    "api_create": Described(
        "createCustomer",
        "Create a customer",
        "`external_id` and `name` are required, everything else has a default. `Location` has the new customer's "
        "address.",
        examples.customer(),
        "Customer",
        ("Expand", "IdempotencyKey", "Prefer"),
        Body("CreateCustomer", examples.CREATE),
        status=201,
        headers=("Location", *LENIENT_HEADERS),
        errors=(404, 409, 422),
    ),
    "api_list": Described(
        "listCustomers",
        "List customers",
        "One page of the customers that fit every parameter. Page on with `cursor`.",
        examples.page(),
        "CustomerPage",
        tuple("Expand" if name == "expand" else f"List{name.title().replace('_', '')}" for name in LIST_PARAMETERS),
    ),
    "api_search": Described(
        "queryCustomer",
        "Search customers",
        "The same as the list, with more filters, several sort keys, and the filter language. An empty object finds "
        "every published customer.",
        examples.page(),
        "CustomerPage",
        body=Body("SearchCustomers", examples.SEARCH),
    ),
    "api_update_by_query": _update(
        "updateCustomer",
        "Update a customer that the query names",
        "Changes the fields that are sent and leaves the others alone. The customer is named by `id` or by "
        "`external_customer_id`; if both are sent, they must mean the same one.",
        "Id",
        "ExternalCustomerId",
    ),
    "api_update": _update(
        "updateCustomerById",
        "Update a customer",
        "Changes the fields that are sent and leaves the others alone. An update that changes nothing writes "
        "nothing: the "
        "version stays.",
        "CustomerId",
    ),
    "api_patch": Described(
        "patchCustomer",
        "Update a customer, metadata key by key",
        "As the update, but `metadata` is a merge patch (RFC 7396): a text sets its key, null removes it, keys that "
        "are "
        "not named stay. The other fields behave as in the update.",
        examples.patched_customer(),
        "Customer",
        ("CustomerId", "Expand", "IfMatch", "IdempotencyKey", "Prefer"),
        Body("PatchCustomer", examples.PATCH, (JSON, MERGE_PATCH)),
        headers=LENIENT_HEADERS,
        errors=WRITES,
    ),
    "api_get": Described(
        "getCustomer",
        "Get a customer",
        "One customer by its ID, an archived one too.",
        examples.customer(),
        "Customer",
        ("CustomerId", "Expand", *CONDITIONAL),
        headers=READ_HEADERS,
        errors=(404, 412),
        not_modified=True,
    ),
    "api_archive": Described(
        "deleteCustomer",
        "Archive a customer",
        "Nothing is lost: the record and its history stay, and it can be restored. It is no longer found by its "
        "external "
        "ID, which is free again. A customer that published customers have as their parent is not archived.",
        None,
        None,
        ("CustomerId", "IfMatch", "IdempotencyKey"),
        status=204,
        headers=WRITE_HEADERS,
        errors=WRITES,
    ),
    "api_restore": Described(
        "restoreCustomer",
        "Restore an archived customer",
        "Brings it back as it was. 409 when its external ID has been taken meanwhile. The body is empty, or an empty "
        "object.",
        examples.customer(version=3, updated_at=examples.UPDATED),
        "Customer",
        ("CustomerId", "Expand", "IfMatch", "IdempotencyKey"),
        Body("NoFields", {}, required=False),
        headers=WRITE_HEADERS,
        errors=WRITES,
    ),
    "api_history": Described(
        "listCustomerHistory",
        "Read a customer's history",
        "Every change, newest first: who, when, from where, and each value before and after.",
        examples.history(),
        "HistoryPage",
        ("CustomerId", "HistoryLimit", "HistoryOffset", "HistoryCursor"),
        errors=IDENTIFIED,
    ),
    "api_get_by_external_id": _by_external_id("getCustomerByExternalId", "Get a customer by its external ID"),
    "api_look_up": _by_external_id("lookUpCustomer", "Get a customer by its external ID (the older address)"),
}
