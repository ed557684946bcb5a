"""Sight for operators: request IDs, a log line for each request, /livez and /readyz. Never logs a field's content."""

import logging
import re
import sys
import time

import structlog
from alembic.runtime.migration import MigrationContext
from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import EventDict

from webapp.database import reading
from webapp.identifiers import new_id
from webapp.json_response import json_response
from webapp.settings import Settings

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
DETAIL_LINE = re.compile(r"^DETAIL:.*$", re.MULTILINE)
log = structlog.get_logger("customer_desk")


def configure_logging(settings: Settings) -> None:
    """JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_details,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _without_details(_logger: object, _method: str, entry: EventDict) -> EventDict:
    """Take PostgreSQL's DETAIL lines out of a traceback: they quote the row, and a field's content is never logged."""
    if "exception" in entry:
        entry["exception"] = DETAIL_LINE.sub("DETAIL: (not logged)", entry["exception"])
    return entry


def init_observability(app: Flask, expected_schema: str) -> None:
    """Give every request an ID and a log line, and the app its health.

    Args:
        app: the application.
        expected_schema: the migration that the database must be at for /readyz to say so.
    """
    app.before_request(_begin)
    app.after_request(_end)

    def livez() -> Response:
        return json_response({"status": "alive"})

    def readyz() -> Response:
        try:
            with reading() as connection:
                schema = MigrationContext.configure(connection).get_current_revision()
        except SQLAlchemyError as error:
            log_failure(error)
            return json_response({"status": "unready", "reason": "the database cannot be reached"}, 503)
        if schema != expected_schema:
            return json_response({"status": "unready", "reason": "the database is not migrated"}, 503)
        return json_response({"status": "ready"})

    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)


def request_id() -> str:
    """This request's ID: the caller's own where it has the right form, else a new one (contract section 8)."""
    if "request_id" not in g:
        sent = request.headers.get("X-Request-ID", "")
        g.request_id = sent if REQUEST_ID.fullmatch(sent) else new_id("req")
    identifier: str = g.request_id
    return identifier


def elapsed_seconds() -> float:
    """How long this request has run."""
    now = time.perf_counter()
    began: float = g.get("began", now)
    return now - began


def log_failure(error: BaseException) -> None:
    """Write what an unforeseen error was; the answer shows its request ID alone."""
    log.error("unforeseen error", request_id=request_id(), exc_info=error)


def _begin() -> None:
    g.began = time.perf_counter()
    request_id()


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id()
    caller = g.get("caller")
    log.info(
        "request",
        request_id=request_id(),
        method=request.method,
        route=str(request.url_rule or ""),
        status=response.status_code,
        milliseconds=round(elapsed_seconds() * 1000, 2),
        actor=caller.id if caller else None,
        tenant=caller.tenant_id if caller else None,
    )
    return response
