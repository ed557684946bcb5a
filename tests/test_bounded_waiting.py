"""Waiting for the database has an end: for a connection of the pool, and for a server that says nothing."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.support.clients import ApiClient, DeskClient
from tests.support.databases import EACH_DATABASE, new_postgresql_database, postgresql_app
from tests.support.world import World, seed_world
from webapp.bounded_connection import BoundedConnection, lift_time_limits
from webapp.database import db, reading


@pytest.fixture(params=EACH_DATABASE)
def impatient_world(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[World]:
    """On each database, with short timeouts and few connections."""
    with ExitStack() as stack:
        chosen = {}
        if request.param == "postgresql":
            server, template = map(request.getfixturevalue, ("postgresql_server", "migrated_postgresql"))
            chosen["database_url"] = stack.enter_context(new_postgresql_database(server, template))
        app = make_app(database_timeout_seconds=1, database_pool_size=2, **chosen)
        yield seed_world(app)
        with app.app_context():
            db.engine.dispose()


def test_a_pool_without_a_free_connection_is_503_on_both_faces_and_over_when_there_is_one(
    impatient_world: World,
) -> None:
    """With when to come back; /livez needs none, and /readyz has its own."""
    world = impatient_world
    api, desk = ApiClient(world.app, world), DeskClient(world.app)
    probe = world.app.test_client()
    with ExitStack() as taken, world.app.app_context():
        for _ in range(db.engine.pool.size() + db.engine.pool._max_overflow):  # type: ignore[attr-defined] # noqa: SLF001
            taken.enter_context(reading())
        refused = [api.get("/v1/customers"), desk.get("/customers").response]
        assert [(answer.status_code, answer.headers["Retry-After"]) for answer in refused] == [(503, "2")] * 2
        assert [probe.get(path).status_code for path in ("/livez", "/readyz")] == [200, 200]
    assert [api.get("/v1/customers").status_code, desk.get("/customers").status] == [200, 200]


def test_a_server_that_says_nothing_is_given_up(postgresql_server: Callable[[str], str]) -> None:
    """The connection is closed: its next answer would be that of another statement."""
    with closing(BoundedConnection.connect(postgresql_server("postgres"))) as connection:
        assert isinstance(connection, BoundedConnection)
        connection.longest_silence = 0.3
        with pytest.raises(psycopg.OperationalError, match="said nothing for"):
            connection.execute("SELECT pg_sleep(30)")
        assert connection.closed


def test_an_error_of_a_server_that_speaks_is_handed_on(postgresql_server: Callable[[str], str]) -> None:
    """And the connection stays."""
    with closing(BoundedConnection.connect(postgresql_server("postgres"))) as connection:
        connection.longest_silence = 5
        connection.execute("SET statement_timeout = 50")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(30)")
        connection.rollback()
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_error_amid_many_statements_is_handed_on(postgresql_server: Callable[[str], str]) -> None:
    """Also where the server says it before all of them are sent: it tells whether to try again."""
    with closing(BoundedConnection.connect(postgresql_server("postgres"))) as connection:
        connection.longest_silence = 5
        statement = "DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"
        with pytest.raises(psycopg.errors.DeadlockDetected):
            connection.cursor().executemany(statement, [()] * 20000)
        connection.rollback()
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_transaction_that_may_take_long_is_waited_for_until_it_ends(
    postgresql_server: Callable[[str], str], make_app: Callable[..., Flask]
) -> None:
    """Committed or not, the limit holds again for the next one."""
    with postgresql_app(postgresql_server, make_app) as app, app.app_context():
        for ends_by in ("commit", "rollback"):
            with db.engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert isinstance(driver, BoundedConnection)
                driver.longest_silence = 0.2
                lift_time_limits(connection)
                connection.execute(text("SELECT pg_sleep(0.5)"))
                getattr(connection, ends_by)()
                with pytest.raises(OperationalError, match="said nothing"):
                    connection.execute(text("SELECT pg_sleep(0.5)"))


def test_readyz_does_not_wait_for_a_host_that_takes_connections_and_says_nothing(
    make_app: Callable[..., Flask],
) -> None:
    """As a firewall, or a stopped machine, seems to do."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        app = make_app(database_url=f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none")
        began = time.monotonic()
        answer = app.test_client().get("/readyz")
        assert time.monotonic() - began < app.extensions["customer_desk_settings"].database_timeout_seconds
    assert (answer.status_code, answer.json["reason"]) == (503, "the database cannot be reached")
