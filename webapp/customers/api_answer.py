"""Answers of the API: customers with ETag and expansions; a write is answered once for each idempotency key.

Knows how an answer looks; not what led to it.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import orjson
from flask import Response, current_app, request
from sqlalchemy import Connection

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

#: What makes the answer to a write, on the connection that it was written on.
AnswerOf = Callable[[Connection, Outcome], Answer]


def customer_json(
    connection: Connection, customer: Customer, expansions: Collection[str]
) -> tuple[dict[str, Any], Customer | None]:
    """A customer as JSON with its expansions, and its parent where that is shown."""
    parent = find_parent(connection, scope(), customer) if "parent_customer" in expansions else None
    mappings = find_mappings(connection, scope(), customer.id) if "integrations" in expansions else None
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
    if expansions:
        with reading() as connection:
            body, parent = customer_json(connection, customer, expansions)
    else:
        body, parent = write_customer(customer), None
    answer = json_response(body)
    answer.set_etag(str(customer.version))
    if parent is None:  # a parent that is shown changes on its own, the version does not
        # If-Match is judged above; Werkzeug would take "*" for another version and answer 412 with the customer.
        answer.make_conditional({**request.environ, "HTTP_IF_MATCH": ""})
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
    answers: list[Answer] = []

    def kept_answer(connection: Connection, outcome: Outcome) -> Answer:
        answers[:] = [answer_of(connection, outcome)]  # the last attempt's, where the transaction ran again
        return answers[0]

    def run(work: Callable[[Connection], Outcome]) -> Outcome:
        if sent is not None:
            return run_once(sent, work, kept_answer)

        def answered(connection: Connection) -> Outcome:
            outcome = work(connection)
            kept_answer(connection, outcome)
            return outcome

        return transaction(answered)

    try:
        operate(run)
    except Replayed as replayed:
        response = _response(replayed.answer)
        response.headers["Idempotency-Replayed"] = "true"
        return response
    if sent is not None:
        purge_now_and_then(current_app)
    return _response(answers[0])


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, mimetype="application/json")
    if not answer.body:
        del response.headers["Content-Type"]
    response.headers.update(answer.headers)
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

    def answer_of(connection: Connection, outcome: Outcome) -> Answer:
        body, _ = customer_json(connection, outcome.customer, expansions)
        headers = {"ETag": f'"{outcome.customer.version}"'}
        if is_lenient:
            headers["Preference-Applied"] = "handling=lenient"
        if location is not None:
            headers["Location"] = location(outcome.customer.id)
        return Answer(status, headers, orjson.dumps(body).decode())

    return answer_of


def archived_customer(_connection: Connection, outcome: Outcome) -> Answer:
    """What answers a DELETE: nothing but the version."""
    return Answer(204, {"ETag": f'"{outcome.customer.version}"'}, "")
