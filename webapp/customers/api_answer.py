"""Answers of the API: customers with ETag and expansions; a write is answered once for each idempotency key.

Knows how an answer looks; not what led to it.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from typing import Any

import orjson
from flask import Response, current_app
from sqlalchemy import Connection

from webapp.current import current_request
from webapp.customers.api_request import expected_versions, idempotent_request
from webapp.customers.calling import scope
from webapp.customers.lookup import find_mappings, find_mappings_of, find_parent, find_parents
from webapp.customers.model import Customer
from webapp.customers.operations import Outcome, Run
from webapp.customers.wire import write_customer
from webapp.database import reading, transaction
from webapp.errors import VersionConflict
from webapp.idempotency import Answer, Replayed, purge_now_and_then, run_once
from webapp.json_response import json_response
from webapp.response import DeskResponse

#: What makes the answer to a write, on the connection that it was written on; with None after it has ended.
AnswerOf = Callable[[Outcome, Connection | None], Answer]


def customer_json(
    customer: Customer, expansions: Collection[str], connection: Connection | None = None
) -> tuple[dict[str, Any], Customer | None]:
    """A customer as JSON with its expansions, and its parent where that is shown. None: on a connection of its own."""
    if not expansions:
        return write_customer(customer), None
    with nullcontext(connection) if connection else reading() as used:
        parent = find_parent(used, scope(), customer) if "parent_customer" in expansions else None
        mappings = find_mappings(used, scope(), customer.id) if "integrations" in expansions else None
    return write_customer(customer, parent=parent, mappings=mappings), parent


def customers_json(
    connection: Connection, customers: Sequence[Customer], expansions: Collection[str]
) -> list[dict[str, Any]]:
    """Customers as JSON with their expansions, each kind of which is read in one go for all of them."""
    ids = [customer.id for customer in customers]
    parents = find_parents(connection, scope(), customers) if "parent_customer" in expansions else {}
    mappings = find_mappings_of(connection, scope(), ids) if "integrations" in expansions else None
    return [
        write_customer(
            customer,
            parent=parents.get(customer.parent_customer_id or ""),
            mappings=None if mappings is None else mappings[customer.id],
        )
        for customer in customers
    ]


def answer_read(customer: Customer, expansions: Collection[str]) -> Response:
    """The answer to a GET of one customer, with ``If-Match`` and ``If-None-Match`` (contract section 7).

    Raises:
        VersionConflict: the customer is not at a version of ``If-Match``.
    """
    expected = expected_versions()
    if expected is not None and customer.version not in expected:
        raise VersionConflict(customer.version)
    body, parent = customer_json(customer, expansions)
    answer = json_response(body)
    answer.headers.add("ETag", f'"{customer.version}"')
    # A parent that is shown changes on its own, the version does not.
    environ = current_request().environ
    if parent is None and "HTTP_IF_NONE_MATCH" in environ:
        # If-Match is judged above; Werkzeug would take "*" for another version and answer 412 with the customer.
        answer.make_conditional({**environ, "HTTP_IF_MATCH": ""})
    return answer


def answer_write(operate: Callable[[Run], Outcome], answer_of: AnswerOf) -> Response:
    """Run a write and answer it; with an ``Idempotency-Key`` at most once, and then as it was answered the first time.

    Args:
        operate: the operation, which runs its transaction by what it is given.
        answer_of: makes the answer.

    Raises:
        InvalidInput: the key is not one. What the operation and ``run_once`` raise passes through.
    """
    sent = idempotent_request()
    if sent is None:
        return _response(answer_of(operate(transaction), None))
    answers: list[Answer] = []

    def kept_answer(connection: Connection, outcome: Outcome) -> Answer:
        answers.append(answer_of(outcome, connection))
        return answers[-1]

    try:
        operate(lambda work: run_once(sent, work, kept_answer))
    except Replayed as replayed:
        response = _response(replayed.answer)
        response.headers["Idempotency-Replayed"] = "true"
        return response
    purge_now_and_then(current_app)
    return _response(answers[-1])  # the last one: a transaction that lost a race runs again


def _response(answer: Answer) -> Response:
    response = DeskResponse(answer.body, answer.status, content_type="application/json")
    if not answer.body:
        del response.headers["Content-Type"]
    for name, value in answer.headers.items():
        response.headers.add(name, value)
    return response


def written_customer(
    expansions: Collection[str],
    *,
    status: int = 200,
    is_lenient: bool = False,
    location: Callable[[str], str] | None = None,
) -> AnswerOf:
    """What answers a write with the customer: its ETag, and where wanted its ``Location`` (by ID).

    Args:
        expansions: what is shown beside it.
        status: 200 or 201.
        is_lenient: unknown fields were ignored, which the answer says (RFC 7240, section 3).
        location: the customer's address by its ID, for ``Location``.
    """

    def answer_of(outcome: Outcome, connection: Connection | None) -> Answer:
        body, _ = customer_json(outcome.customer, expansions, connection)
        headers = {"ETag": f'"{outcome.customer.version}"'}
        if is_lenient:
            headers["Preference-Applied"] = "handling=lenient"
        if location is not None:
            headers["Location"] = location(outcome.customer.id)
        return Answer(status, headers, orjson.dumps(body).decode())

    return answer_of


def archived_customer(outcome: Outcome, _connection: Connection | None) -> Answer:
    """What answers a DELETE: nothing but the version."""
    return Answer(204, {"ETag": f'"{outcome.customer.version}"'}, "")
