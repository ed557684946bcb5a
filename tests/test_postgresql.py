"""How the service talks to PostgreSQL without a pooler; behind one: tests/safety/test_pgbouncer.py."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.safety.postgresql import terminate_connections
from tests.support.databases import postgresql_app
from tests.support.world import HOME
from webapp.access.model import Tenant
from webapp.customers.lookup import find_mappings
from webapp.database import reading


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "3s"),
        ("lock_timeout", "3s"),
        ("idle_in_transaction_session_timeout", "3s"),
        ("TimeZone", "UTC"),
    ],
)
def test_postgresql_is_set_up_safely(
    make_app: Callable[..., Flask], postgresql_server: Callable[[str], str], setting: str, value: str
) -> None:
    """Nothing waits for ever."""
    app = make_app(database_url=postgresql_server("postgres"), database_timeout_seconds=3)
    with app.app_context(), reading() as connection:
        assert connection.execute(text(f"SHOW {setting}")).scalar_one() == value


@pytest.fixture
def on_postgresql(
    make_app: Callable[..., Flask], postgresql_server: Callable[[str], str], migrated_postgresql: str
) -> Iterator[Flask]:
    """The application on PostgreSQL alone."""
    with postgresql_app(postgresql_server, make_app, migrated_postgresql) as app, app.app_context():
        yield app


@pytest.mark.usefixtures("on_postgresql")
def test_statements_that_look_rows_up_are_prepared() -> None:
    """On PostgreSQL; those that searches are made of are not."""
    with reading() as connection:
        for _ in range(10):
            find_mappings(connection, HOME, "cust_1")
            connection.execute(select(Tenant.name)).all()
        (prepared,) = connection.execute(text("SELECT statement FROM pg_prepared_statements")).scalars()
    assert "FROM integration_mappings" in prepared


def test_a_connection_that_was_lost_while_idle_is_replaced(on_postgresql: Flask) -> None:
    """Without a word, and without asking the server each time."""
    with reading() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    terminate_connections(on_postgresql.extensions["customer_desk_settings"].database_url)
    with reading() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != pid
