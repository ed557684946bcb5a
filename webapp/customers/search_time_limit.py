"""The time limit of searches: a slow one must not take the service from others. Knows not what is searched for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from webapp.database import is_postgresql
from webapp.errors import ServiceUnavailable
from webapp.happenings import SEARCH, note
from webapp.phrases import phrase

QUERY_CANCELED = "57014"
#: Of SQLite's virtual machine; about a millisecond, or more where a step compares long texts.
STEPS_BETWEEN_QUESTIONS = 20_000
#: Left to a search whose time is as good as up; PostgreSQL takes 0 for no limit.
LEAST_SECONDS = 0.001
_BRIEF_UNTIL = "brief_until"


@contextmanager
def search_time_limit(connection: Connection) -> Iterator[None]:
    """Give up reads that take longer than SEARCH_TIMEOUT_SECONDS: all of them together on SQLite, each on PostgreSQL.

    Raises:
        ServiceUnavailable: the time is up.
    """
    seconds: float = connection.get_execution_options()["search_timeout_seconds"]
    brief: float | None = connection.info.get(_BRIEF_UNTIL)
    if brief is not None:
        seconds = max(brief - time.monotonic(), LEAST_SECONDS)
    began, outcome = time.perf_counter(), "failed"
    try:
        if is_postgresql(connection):
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
            yield
        else:
            with _interrupted_at(connection, time.monotonic() + seconds):
                yield
        outcome = "done"
    except OperationalError as error:
        original: Any = error.orig
        if getattr(original, "sqlstate", None) == QUERY_CANCELED or str(original) == "interrupted":
            outcome = "timed_out"
            raise ServiceUnavailable(
                phrase(
                    "The search took longer than %(seconds)s seconds. "
                    "Narrow it: add a filter, or sort by another field.",
                    seconds=f"{seconds:g}",
                )
            ) from None
        raise
    finally:
        note(SEARCH, outcome, time.perf_counter() - began)


@contextmanager
def briefly(connection: Connection, seconds: float) -> Iterator[None]:
    """Have all searches in the block end within so many seconds together; for what a page can do without.

    What was read on the connection before can be gone on with afterwards, whether they were given up or not.

    Raises:
        ServiceUnavailable: the time is up.
    """
    kept = connection.info  # of a connection that is lost meanwhile it cannot be asked for any more
    kept[_BRIEF_UNTIL] = time.monotonic() + seconds
    # On PostgreSQL a statement that is given up takes its transaction with it, unless there is a savepoint to go back
    # to; going back takes the time limit away, too.
    savepoint = connection.begin_nested() if is_postgresql(connection) else None
    try:
        yield
    finally:
        kept.pop(_BRIEF_UNTIL, None)
        if savepoint is not None:
            savepoint.rollback()


@contextmanager
def _interrupted_at(connection: Connection, moment: float) -> Iterator[None]:
    """SQLite has no time limit of its own; it asks between steps whether to stop."""
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: time.monotonic() > moment, STEPS_BETWEEN_QUESTIONS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
