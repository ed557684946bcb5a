"""Idempotency keys: the first answer to a write is stored in the write's own transaction and replayed for 24 hours.

Contract section 7. Knows neither customers nor routes: a request is its fingerprint, an answer is its bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from webapp.column_types import UtcDateTime
from webapp.database import Base, is_postgresql, transaction, write_if_free
from webapp.errors import IdempotencyMismatch, RequestInProgress
from webapp.happenings import IDEMPOTENT_REPLAY, note
from webapp.identifiers import now
from webapp.now_and_then import is_due
from webapp.statements import Statement

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
#: How often one process looks for answers that are too old, at most.
PURGE_SECONDS = 60

idempotency_keys = Table(
    "idempotency_keys",
    Base.metadata,
    Column("environment_id", String(64), primary_key=True),
    Column("idempotency_key", String(LONGEST_KEY), primary_key=True),
    Column("tenant_id", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["tenant_id", "environment_id"], ["environments.tenant_id", "environments.id"]),
    Index(None, "created_at"),
)

_columns = idempotency_keys.c
_THIS_KEY = and_(
    _columns.environment_id == bindparam("of_environment"),
    _columns.tenant_id == bindparam("of_tenant"),
    _columns.idempotency_key == bindparam("key"),
)
_FIND = Statement(
    select(_columns.fingerprint, _columns.status, _columns.headers, _columns.body, _columns.created_at).where(_THIS_KEY)
)
_FORGET = delete(idempotency_keys).where(_THIS_KEY)
_STORE = Statement(insert(idempotency_keys))
_PURGE = delete(idempotency_keys).where(_columns.created_at <= bindparam("too_old"))
#: One at a time with the same key. Of two keys with the same hash one is told to come back; no harm is done.
_CLAIM = Statement(select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("claim"), 0))))

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is sent: status, headers that belong to it, body as JSON text (empty for none)."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that carries an idempotency key.

    Attributes:
        tenant_id, environment_id: whose key it is; another environment's equal key is another key.
        key: as sent, 1 to 255 characters.
        fingerprint: the SHA-256, in hexadecimal, of all that makes it this request: method, route, query and body.
    """

    tenant_id: str
    environment_id: str
    key: str
    fingerprint: str

    @property
    def names(self) -> dict[str, str]:
        """What finds its stored answer."""
        return {"of_environment": self.environment_id, "of_tenant": self.tenant_id, "key": self.key}


class Replayed(Exception):
    """The request was answered before.

    Attributes:
        answer: what it was answered.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def run_once(
    sent: IdempotentRequest, work: Callable[[Connection], Result], answer_of: Callable[[Connection, Result], Answer]
) -> Result:
    """Run ``work`` in one transaction and store the answer to it there, unless the request was answered before.

    Nothing is stored when ``work`` raises: the request had no effect, and its repetition is judged anew.

    Raises:
        Replayed: it was answered before.
        IdempotencyMismatch: the key was used for another request.
        RequestInProgress: another request with this key is running. On SQLite, where one transaction writes at a time,
            the later request waits for the earlier and is answered with its answer instead.
        What ``work`` and ``transaction`` raise passes through.
    """

    def guarded(connection: Connection) -> Result:
        _claim(connection, sent)
        result = work(connection)
        _store(connection, sent, answer_of(connection, result))
        return result

    return transaction(guarded)


def _claim(connection: Connection, sent: IdempotentRequest) -> None:
    if is_postgresql(connection):
        claim = {"claim": f"idempotency {sent.environment_id} {sent.key}"}
        if _CLAIM.first(connection, claim) != (True,):
            raise RequestInProgress
    found = _FIND.first(connection, sent.names)
    if found is None:
        return
    fingerprint, status, headers, body, created_at = found
    if created_at <= now() - KEPT_FOR:
        connection.execute(_FORGET, sent.names)
        return
    if fingerprint != sent.fingerprint:
        raise IdempotencyMismatch
    note(IDEMPOTENT_REPLAY)
    raise Replayed(Answer(status, headers, body))


def _store(connection: Connection, sent: IdempotentRequest, answer: Answer) -> None:
    row = {
        "environment_id": sent.environment_id,
        "idempotency_key": sent.key,
        "tenant_id": sent.tenant_id,
        "fingerprint": sent.fingerprint,
        "status": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "created_at": now(),
    }
    _STORE.run(connection, row)


def purge_now_and_then(app: Flask) -> None:
    """Remove the answers that are older than 24 hours, if this process has not looked for them in the last minute."""
    if is_due(app, "idempotency keys", PURGE_SECONDS):
        write_if_free(lambda connection: connection.execute(_PURGE, {"too_old": now() - KEPT_FOR}))


def answers_holding(connection: Connection, tenant_id: str, environment_id: str, text: str) -> list[dict[str, Any]]:
    """The stored answers of an environment whose body holds a text: key, status, headers, body and when."""
    statement = select(
        _columns.idempotency_key, _columns.status, _columns.headers, _columns.body, _columns.created_at
    ).where(_holds(tenant_id, environment_id, text))
    return [dict(row) for row in connection.execute(statement.order_by(_columns.idempotency_key)).mappings()]


def forget_answers_holding(connection: Connection, tenant_id: str, environment_id: str, text: str) -> None:
    """Forget those answers, in the caller's transaction: their requests, sent once more, are judged anew."""
    connection.execute(delete(idempotency_keys).where(_holds(tenant_id, environment_id, text)))


def _holds(tenant_id: str, environment_id: str, text: str) -> ColumnElement[bool]:
    return and_(
        _columns.environment_id == environment_id,
        _columns.tenant_id == tenant_id,
        _columns.body.contains(text, autoescape=True),
    )
