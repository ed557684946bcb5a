"""Migrations on PostgreSQL may take longer than a request may, but wait no longer for a lock."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event, inspect
from sqlalchemy.exc import OperationalError

from tests.support.databases import postgresql_app
from webapp.database import db, reading

TIMEOUT_SECONDS = 1
TIMEOUTS = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")


@pytest.fixture
def impatient_app(postgresql_server: Callable[[str], str], make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application on an empty PostgreSQL database, with short timeouts."""

    def make(**changed: Any) -> Flask:
        return make_app(database_timeout_seconds=TIMEOUT_SECONDS, **changed)

    with postgresql_app(postgresql_server, make) as app, app.app_context():
        yield app


def timeouts(connection: Any) -> list[str]:
    """Those of a connection."""
    return [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in TIMEOUTS]


def test_a_migration_may_take_longer_than_a_statement_of_a_request(impatient_app: Flask) -> None:
    """And it may pause; afterwards the connection is as impatient as before."""
    seen: list[list[str]] = []

    @event.listens_for(db.engine, "after_cursor_execute")
    def dawdle(connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if "CREATE TABLE customers " in statement:
            seen.append(timeouts(connection))
            connection.exec_driver_sql(f"SELECT pg_sleep({TIMEOUT_SECONDS + 0.3})")
            time.sleep(TIMEOUT_SECONDS + 0.3)

    upgrade()
    assert seen == [["0", "0", f"{TIMEOUT_SECONDS}s"]]
    assert inspect(db.engine).has_table("customers")
    with reading() as connection:
        assert timeouts(connection) == [f"{TIMEOUT_SECONDS}s"] * 3


def test_a_migration_does_not_wait_for_a_lock_for_ever(
    impatient_app: Flask, postgresql_server: Callable[[str], str]
) -> None:
    """It is given up, and changes nothing."""
    upgrade(revision="0002")
    database = db.engine.url.database or ""
    with psycopg.connect(postgresql_server(database)) as other:
        other.execute("LOCK TABLE customers IN ACCESS SHARE MODE")
        with pytest.raises(OperationalError, match="lock timeout"):
            upgrade()
    assert not inspect(db.engine).has_table("customer_search")
