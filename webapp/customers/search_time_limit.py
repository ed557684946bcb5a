"""The time limit of searches: a slow one must not take the service from others. Knows not what is searched for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from webapp.database import is_postgresql
from webapp.errors import ServiceUnavailable

QUERY_CANCELED = "57014"
#: Of SQLite's virtual machine; some tenths of a millisecond, or more where a step compares long texts.
STEPS_BETWEEN_QUESTIONS = 4_000


@contextmanager
def search_time_limit(connection: Connection) -> Iterator[None]:
    """Give up reads that take longer than SEARCH_TIMEOUT_SECONDS: all of them together on SQLite, each on PostgreSQL.

    Raises:
        ServiceUnavailable: the time is up.
    """
    seconds: int = connection.get_execution_options()["search_timeout_seconds"]
    try:
        if is_postgresql(connection):
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds * 1000}")
            yield
        else:
            with _interrupted_at(connection, time.monotonic() + seconds):
                yield
    except OperationalError as error:
        original: Any = error.orig
        if getattr(original, "sqlstate", None) == QUERY_CANCELED or str(original) == "interrupted":
            raise ServiceUnavailable(
                f"The search took longer than {seconds} seconds. Narrow it: add a filter, or sort by another field."
            ) from None
        raise


@contextmanager
def _interrupted_at(connection: Connection, moment: float) -> Iterator[None]:
    """SQLite has no time limit of its own; it asks between steps whether to stop."""
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: time.monotonic() > moment, STEPS_BETWEEN_QUESTIONS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
