"""The OpenAPI document: paths from the table of routes, components from the declarations. Knows no rule of its own."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from webapp.access.permissions import WRITE_CUSTOMERS
from webapp.customers.blueprint import API, FOREIGN
from webapp.customers.limits import Limits
from webapp.openapi.answers import (
    ANYWHERE,
    JSON,
    WITH_BODY,
    error_answers,
    error_responses,
    error_schemas,
    headers,
    headers_of,
)
from webapp.openapi.customer_schemas import customer_schemas
from webapp.openapi.operations import DESCRIBED, Body, Described
from webapp.openapi.parameters import parameter, parameters
from webapp.openapi.probes import probe_paths
from webapp.openapi.prose import description
from webapp.openapi.query_schemas import query_schemas
from webapp.openapi.texts import Schema, object_of, schema_ref
from webapp.settings import Settings

OPENAPI_VERSION = "3.1.1"
#: The contract that is described, not the release of the service.
API_VERSION = "1"
METHODS = ("get", "post", "put", "patch", "delete")

Document = dict[str, Any]


class NotDescribed(Exception):
    """Routes and descriptions do not match; the message names each that is alone."""


def build(settings: Settings) -> Document:
    """The document of an installation: its limits and providers are in it."""
    limits = Limits.of(settings)
    return {
        "openapi": OPENAPI_VERSION,
        "info": {
            "title": "Customer Desk API",
            "version": API_VERSION,
            "description": description(settings, limits, FOREIGN),
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"apiKey": []}],
        "tags": [
            {"name": "customers", "description": "Customer records."},
            {"name": "operators", "description": "Probes. No key is needed."},
        ],
        "paths": {**_paths(), **probe_paths()},
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer KEY`"},
                "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "`x-api-key: KEY`"},
            },
            "schemas": {
                **customer_schemas(limits),
                **query_schemas(limits),
                **error_schemas(),
                "NoFields": object_of({}),
            },
            "parameters": parameters(),
            "headers": headers(),
            "responses": error_responses(),
        },
    }


def path_of(rule: str) -> str:
    """A rule of the URL map as OpenAPI writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def _paths() -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for rule, endpoint, _, method, permission in API:
        operation = _operation(DESCRIBED[endpoint], needs_write_key=permission == WRITE_CUSTOMERS)
        paths.setdefault(path_of(rule), {})[method.lower()] = operation
    return {path: {name: paths[path][name] for name in METHODS if name in paths[path]} for path in paths}


def refuse_strays(endpoints: Iterable[str]) -> None:
    """Go on only where each of these routes is described, and nothing else.

    Raises:
        NotDescribed: names each that is alone.
    """
    if strays := sorted(set(endpoints) ^ set(DESCRIBED)):
        raise NotDescribed(f"Routes and their descriptions do not match: {', '.join(strays)}")


def _operation(described: Described, *, needs_write_key: bool) -> dict[str, Any]:
    key = "Needs a `write` key." if needs_write_key else "A `read` key will do."
    operation: dict[str, Any] = {
        "operationId": described.id,
        "summary": described.summary,
        "description": f"{described.about} {key}",
        "tags": ["customers"],
        "parameters": [parameter(name) for name in (*described.parameters, "RequestId")],
    }
    if described.body:
        operation["requestBody"] = _request_body(described.body)
    operation["responses"] = _responses(described)
    return operation


def _links() -> dict[str, Any]:
    """Where a customer that was just created can be used."""
    return {
        described.id: {"operationId": described.id, "parameters": {"customer_id": "$response.body#/id"}}
        for described in DESCRIBED.values()
        if "CustomerId" in described.parameters
    }


def _request_body(body: Body) -> dict[str, Any]:
    content = {"schema": schema_ref(body.schema), "examples": {"usual": {"value": body.example}}}
    return {"required": body.required, "content": dict.fromkeys(body.media_types, content)}


def _responses(described: Described) -> dict[str, Schema]:
    statuses: Sequence[int] = (*ANYWHERE, *described.errors, *(WITH_BODY if described.body else ()))
    success: Schema = {
        "description": HTTPStatus(described.status).phrase,
        "headers": headers_of("X-Request-ID", *described.headers),
    }
    if described.schema:
        content = {"schema": schema_ref(described.schema), "examples": {"usual": {"value": described.example}}}
        success["content"] = {JSON: content}
    if described.status == HTTPStatus.CREATED:
        success["links"] = _links()
    answers = {str(described.status): success}
    if described.not_modified:
        answers["304"] = {
            "description": "The customer is at the version of `If-None-Match`.",
            "headers": headers_of("X-Request-ID", "ETag"),
        }
    return {**answers, **error_answers(statuses)}
