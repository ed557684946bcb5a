"""The JSON face of customers: find, bind, operate, answer. Knows no rule and no SQL."""

import re
from typing import Any

from flask import Response, current_app, request

from webapp.customers import operations
from webapp.customers.calling import actor, limits, scope
from webapp.customers.changeset import CustomerReference
from webapp.customers.lookup import find_by_external_id, find_customer, find_mappings, find_parent
from webapp.customers.model import Customer
from webapp.customers.wire import read_changes, read_expansions, read_object, write_customer
from webapp.database import reading
from webapp.errors import (
    CustomerNotFound,
    InvalidInput,
    NotAcceptable,
    NotProvided,
    UnsupportedMediaType,
    VersionConflict,
)
from webapp.json_response import json_response
from webapp.request_body import read_whole_body
from webapp.settings import Settings

VERSION_TAG = re.compile("[1-9][0-9]{0,8}")
#: What the wider billing product answers below ``/v1/customers/external/{external_id}/``.
FOREIGN_BELOW_EXTERNAL_ID = {"entitlements", "subscriptions"}


def update_customer(customer_id: str | None = None) -> Response:
    """``PUT /v1/customers/{id}``, ``PUT /v1/customers?id=``, ``PUT /v1/customers?external_customer_id=``."""
    _accept_json()
    expansions = read_expansions(request.args.getlist("expand"))
    reference = _reference(customer_id)
    changes = read_changes(read_object(_json_body()), limits(), lenient=_is_lenient())
    outcome = operations.update_customer(scope(), actor(), reference, changes, expected_versions=_expected_versions())
    answer = _answer(outcome.customer, expansions)
    if _is_lenient():
        answer.headers["Preference-Applied"] = "handling=lenient"
    return answer


def get_customer(customer_id: str) -> Response:
    """``GET /v1/customers/{id}``."""
    _accept_json()
    expansions = read_expansions(request.args.getlist("expand"))
    with reading() as connection:
        customer = find_customer(connection, scope(), customer_id)
    return _answer(customer, expansions)


def get_customer_by_external_id(external_id: str) -> Response:
    """``GET /v1/customers/external/{external_id}``."""
    _accept_json()
    expansions = read_expansions(request.args.getlist("expand"))
    try:
        with reading() as connection:
            found = find_by_external_id(connection, scope(), external_id)
    except CustomerNotFound:
        head, _, tail = external_id.rpartition("/")
        if head and tail in FOREIGN_BELOW_EXTERNAL_ID:
            raise NotProvided from None
        raise
    answer = _answer(found.customer, expansions)
    if found.by_retired_external_id:
        answer.headers["X-Retired-External-ID"] = "true"
    return answer


def refuse_foreign_route(**_parts: str) -> Response:
    """A published route that belongs to the wider billing product."""
    raise NotProvided


def _accept_json() -> None:
    accepted = request.accept_mimetypes
    with_parameters = any(quality and name.startswith("application/json;") for name, quality in accepted)
    if accepted and not (accepted["application/json"] or with_parameters):
        raise NotAcceptable


def _json_body() -> bytes:
    settings: Settings = current_app.extensions["customer_desk_settings"]
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType
    return read_whole_body(settings.max_body_bytes)


def _reference(customer_id: str | None) -> CustomerReference:
    """How the path and the query name the customer (contract section 2)."""
    ids = {value for value in (customer_id, *request.args.getlist("id")) if value}
    external_ids = {value for value in request.args.getlist("external_customer_id") if value}
    if not ids and not external_ids:
        raise InvalidInput(
            "Name the customer: by the path, by '?id=' or by '?external_customer_id='.",
            {"id": ["Give the customer's ID, or its external_customer_id."]},
        )
    if len(ids) > 1 or len(external_ids) > 1:
        field = "id" if len(ids) > 1 else "external_customer_id"
        message = "The request names two different customers."
        raise InvalidInput(message, {field: [message]})
    return CustomerReference(next(iter(ids), None), next(iter(external_ids), None))


def _is_lenient() -> bool:
    """Whether unknown fields are to be ignored: ``Prefer: handling=lenient`` (RFC 7240)."""
    preferences = (part.strip().lower().replace('"', "") for part in request.headers.get("Prefer", "").split(","))
    return "handling=lenient" in preferences


def _expected_versions() -> frozenset[int] | None:
    """The versions that ``If-Match`` allows (RFC 9110, 13.1.1); None without that header or with ``*``.

    A tag that can be no version, a weak one among them, allows none.
    """
    if request.headers.get("If-Match", "*").strip() in {"", "*"}:
        return None
    tags = request.if_match.as_set()
    return frozenset(int(tag) for tag in tags if tag and VERSION_TAG.fullmatch(tag))  # Werkzeug reads "" as None


def _answer(customer: Customer, expansions: frozenset[str]) -> Response:
    expected = _expected_versions() if request.method == "GET" else None
    if expected is not None and customer.version not in expected:
        raise VersionConflict(customer.version)
    parent = mappings = None
    if expansions:
        with reading() as connection:
            if "parent_customer" in expansions:
                parent = find_parent(connection, scope(), customer)
            if "integrations" in expansions:
                mappings = find_mappings(connection, scope(), customer.id)
    body: dict[str, Any] = write_customer(customer, parent=parent, mappings=mappings)
    answer = json_response(body)
    answer.set_etag(str(customer.version))
    if request.method == "GET" and parent is None:  # a parent that is shown changes on its own, the version does not
        answer.make_conditional(request)
    return answer
