"""Sight for operators: request IDs, a log line for each request, /livez and /readyz. Never logs a field's content."""

import re
import time

from alembic.runtime.migration import MigrationContext
from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError

from webapp.current import current_globals, current_request
from webapp.draining import is_draining
from webapp.happenings import READINESS, note
from webapp.identifiers import new_request_id
from webapp.json_response import json_response
from webapp.log_lines import log, own_logger
from webapp.migration_head import schema_fault
from webapp.probing import probing

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: The method of requests with any other: callers can make up what they like.
OTHER_METHOD = "other"
#: The route of requests that no route took: unknown paths, and methods that a path does not have.
NO_ROUTE = "none"


def init_observability(app: Flask, expected_schema: str) -> None:
    """Give every request an ID and a log line, and the app its health.

    Args:
        app: the application.
        expected_schema: the migration that the database must be at for /readyz to say so.
    """
    line = own_logger()
    app.before_request(_begin)

    @app.after_request
    def end(response: Response) -> Response:
        asked, kept, identifier = current_request(), current_globals(), request_id()
        caller, method, rule = kept.get("caller"), asked.method, asked.url_rule
        response.headers.add("X-Request-ID", identifier)
        more = {"trace_id": kept.trace_id} if "trace_id" in kept else {}
        line.info(
            "request",
            request_id=identifier,
            method=method if method in METHODS else OTHER_METHOD,
            route=rule.rule if rule else "",
            status=response.status_code,
            milliseconds=round(elapsed_seconds() * 1000, 2),
            actor=caller.id if caller else None,
            tenant=caller.tenant_id if caller else None,
            environment=caller.environment_id if caller else None,
            **more,
        )
        return response

    def livez() -> Response:
        return json_response({"status": "alive"})

    def unready(kind: str, reason: str) -> Response:
        note(READINESS, kind)
        return json_response({"status": "unready", "reason": reason}, 503)

    def readyz() -> Response:
        try:
            with probing() as connection:
                schema = MigrationContext.configure(connection).get_current_revision()
        except SQLAlchemyError as error:
            log_failure(error)
            return unready("unreachable", "the database cannot be reached")
        if fault := schema_fault(schema, expected_schema):
            return unready("wrong_migration", fault)
        if is_draining():
            return unready("stopping", "this instance is being stopped")
        note(READINESS, "ready")
        return json_response({"status": "ready"})

    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)


def request_id() -> str:
    """This request's ID: the caller's own where it has the right form, else a new one (contract section 8)."""
    kept = current_globals()
    if "request_id" not in kept:
        _begin()  # what failed before the first function that runs before a request has none yet
    identifier: str = kept.request_id
    return identifier


def elapsed_seconds() -> float:
    """How long this request has run."""
    began: float = current_globals().began
    return time.perf_counter() - began


def log_failure(error: BaseException) -> None:
    """Write what an unforeseen error was; the answer shows its request ID alone."""
    log.error("unforeseen error", request_id=request_id(), exc_info=error)


def _begin() -> None:
    kept, sent = current_globals(), current_request().environ.get("HTTP_X_REQUEST_ID", "")
    kept.began = time.perf_counter()
    kept.request_id = sent if sent and REQUEST_ID.fullmatch(sent) else new_request_id()
