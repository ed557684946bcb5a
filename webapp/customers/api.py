"""The JSON face of customers: find, bind, operate, answer. Knows no rule and no SQL."""

from collections.abc import Callable

from flask import Response, request, url_for

from webapp.current import current_request
from webapp.customers import operations
from webapp.customers.api_answer import (
    answer_read,
    answer_write,
    archived_customer,
    customers_json,
    written_customer,
)
from webapp.customers.api_request import (
    JSON,
    MERGE_PATCH,
    accept_json,
    expected_versions,
    is_lenient,
    json_object,
    reference,
    refuse_fields,
)
from webapp.customers.calling import actor, limits, scope
from webapp.customers.changeset import CustomerChanges
from webapp.customers.history import list_changes
from webapp.customers.history_wire import read_history_parameters, write_history
from webapp.customers.lookup import find_by_external_id, find_customer
from webapp.customers.query import CustomerQuery
from webapp.customers.query_wire import read_list_parameters, read_search_body
from webapp.customers.rows import trim
from webapp.customers.search import search_customers_page
from webapp.customers.wire import read_changes, read_expansions, read_new_customer, read_patch, write_page
from webapp.database import reading, snapshot_possibly_stale
from webapp.errors import CustomerNotFound, NotProvided
from webapp.json_response import json_response

#: What the wider billing product answers below ``/v1/customers/external/{external_id}/``.
FOREIGN_BELOW_EXTERNAL_ID = {"entitlements", "subscriptions"}


def create_customer() -> Response:
    """``POST /v1/customers``."""
    accept_json()
    lenient = is_lenient()
    answer_of = written_customer(_expansions(), status=201, is_lenient=lenient, location=_address_of)
    changes = read_new_customer(json_object(), limits(), lenient=lenient)
    return answer_write(lambda run: operations.create_customer(scope(), actor(), changes, run=run), answer_of)


def update_customer(customer_id: str | None = None) -> Response:
    """``PUT /v1/customers/{id}``, ``PUT /v1/customers?id=``, ``PUT /v1/customers?external_customer_id=``."""
    return _update(customer_id, read_changes, JSON)


def patch_customer(customer_id: str) -> Response:
    """``PATCH /v1/customers/{id}``: as PUT, but ``metadata`` is a merge patch (RFC 7396)."""
    return _update(customer_id, read_patch, JSON, MERGE_PATCH)


def _update(customer_id: str | None, read: Callable[..., CustomerChanges], *mimetypes: str) -> Response:
    accept_json()
    lenient = is_lenient()
    answer_of = written_customer(_expansions(), is_lenient=lenient)
    named = reference(customer_id)
    changes = read(json_object(*mimetypes), limits(), lenient=lenient)
    expected = expected_versions()
    return answer_write(
        lambda run: operations.update_customer(scope(), actor(), named, changes, expected_versions=expected, run=run),
        answer_of,
    )


def archive_customer(customer_id: str) -> Response:
    """``DELETE /v1/customers/{id}``."""
    accept_json()
    expected = expected_versions()
    return answer_write(
        lambda run: operations.archive_customer(scope(), actor(), customer_id, expected_versions=expected, run=run),
        archived_customer,
    )


def restore_customer(customer_id: str) -> Response:
    """``POST /v1/customers/{id}/restore``."""
    accept_json()
    answer_of = written_customer(_expansions())
    refuse_fields()
    expected = expected_versions()
    return answer_write(
        lambda run: operations.restore_customer(scope(), actor(), customer_id, expected_versions=expected, run=run),
        answer_of,
    )


def get_customer(customer_id: str) -> Response:
    """``GET /v1/customers/{id}``."""
    accept_json()
    expansions = _expansions()
    with reading() as connection:
        customer = find_customer(connection, scope(), customer_id)
    return answer_read(customer, expansions)


def get_customer_by_external_id(external_id: str) -> Response:
    """``GET /v1/customers/external/{external_id}``, ``GET /v1/customers/lookup/{external_id}``."""
    accept_json()
    expansions = _expansions()
    try:
        with reading() as connection:
            found = find_by_external_id(connection, scope(), trim(external_id))
    except CustomerNotFound:
        head, _, tail = external_id.rpartition("/")
        if head and tail in FOREIGN_BELOW_EXTERNAL_ID:
            raise NotProvided from None
        raise
    answer = answer_read(found.customer, expansions)
    if found.by_retired_external_id:
        answer.headers["X-Retired-External-ID"] = "true"
    return answer


def list_customers() -> Response:
    """``GET /v1/customers``."""
    accept_json()
    return _page(read_list_parameters(request.args, limits().providers))


def search_customers() -> Response:
    """``POST /v1/customers/search``."""
    accept_json()
    return _page(read_search_body(json_object(), limits().providers))


def _page(query: CustomerQuery) -> Response:
    expansions = read_expansions(query.expand)
    with snapshot_possibly_stale() as connection:
        page = search_customers_page(connection, scope(), query)
        items = customers_json(connection, page.customers, expansions)
    return json_response(write_page(items, query, page))


def list_history(customer_id: str) -> Response:
    """``GET /v1/customers/{id}/history``."""
    accept_json()
    page = read_history_parameters(request.args)
    with snapshot_possibly_stale() as connection:
        total = find_customer(connection, scope(), customer_id).version
        changes = list_changes(connection, scope(), customer_id, most=page.limit, before=page.before(total))
    return json_response(write_history(changes, page, total))


def refuse_foreign_route(**_parts: str) -> Response:
    """A published route that belongs to the wider billing product."""
    raise NotProvided


def _expansions() -> frozenset[str]:
    asked = current_request()
    return read_expansions(asked.args.getlist("expand")) if asked.query_string else frozenset()


def _address_of(customer_id: str) -> str:
    return url_for("customers.api_get", customer_id=customer_id)
