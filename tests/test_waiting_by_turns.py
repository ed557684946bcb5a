"""While one request waits for PostgreSQL, others run in the same thread."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import copy_context
from functools import partial
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.safety.postgresql import terminate_connections
from tests.support import event_loop
from tests.support.databases import postgresql_app
from tests.support.requests_here import requesting
from webapp.bounded_connection import BoundedConnection
from webapp.database import db, reading, transaction
from webapp.greenlets import run_in_greenlet

SLEEP = text("SELECT pg_sleep(0.3)")
LONG_TEXT = "x" * 20_000_000


@pytest.fixture
def connection(postgresql_server: Callable[[str], str]) -> Iterator[BoundedConnection]:
    """A connection of the driver's."""
    with closing(BoundedConnection.connect(postgresql_server("postgres"), autocommit=True)) as connection:
        assert isinstance(connection, BoundedConnection)
        connection.longest_silence = 20
        yield connection


@pytest.fixture
def on_postgresql(postgresql_server: Callable[[str], str], make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application, on a pool of two connections."""
    made = partial(make_app, database_pool_size=2, database_timeout_seconds=5)
    with postgresql_app(postgresql_server, made) as app:
        yield app


async def by_turns(*works: Callable[[], Any]) -> list[Any]:
    """What each returns, or the error that it raises, run in greenlets of one thread."""

    def step(work: Callable[..., Any], *values: Any) -> Any:
        return work(*values)

    calls = (run_in_greenlet(step, copy_context(), work) for work in works)
    return await asyncio.gather(*calls, return_exceptions=True)


def requested(app: Flask, work: Callable[[], Any]) -> Callable[[], Any]:
    """``work`` in a request."""

    def run() -> Any:
        with requesting(app):
            return work()

    return run


def test_an_answer_is_waited_for_while_others_run(connection: BoundedConnection) -> None:
    """And is the same as without."""
    ticks = 0

    async def run() -> Any:
        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.01)

        ticking = asyncio.create_task(tick())
        [found] = await by_turns(lambda: connection.execute("SELECT pg_sleep(0.3), 7").fetchone())
        ticking.cancel()
        return found

    assert event_loop.run(run())[1] == 7
    assert ticks > 10
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_statement_that_fits_in_no_buffer_goes_out_in_parts(connection: BoundedConnection) -> None:
    """The server's answers to it, too."""
    asked: Callable[[], Any] = lambda: connection.execute("SELECT %s::text", [LONG_TEXT]).fetchone()  # noqa: E731
    assert event_loop.run(by_turns(asked)) == [(LONG_TEXT,)]


def test_an_error_of_the_server_is_handed_on(connection: BoundedConnection) -> None:
    """And the connection stays."""

    def ask() -> Any:
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
        return connection.execute("SELECT 1").fetchone()

    assert event_loop.run(by_turns(ask)) == [(1,)]


def test_a_server_that_says_nothing_is_given_up(connection: BoundedConnection) -> None:
    """As where a thread waits."""
    connection.longest_silence = 0.2
    [error] = event_loop.run(by_turns(lambda: connection.execute("SELECT pg_sleep(30)")))
    assert isinstance(error, psycopg.OperationalError)
    assert "said nothing for 0.2" in str(error)
    assert connection.closed


def test_a_connection_that_the_server_ends_is_seen_at_once(
    connection: BoundedConnection, postgresql_server: Callable[[str], str]
) -> None:
    """By who waits; and by who asks next, where nobody did."""
    pid = connection.info.backend_pid

    async def run() -> Any:
        def end() -> None:
            time.sleep(0.1)
            with psycopg.connect(postgresql_server("postgres")) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])

        ending = asyncio.create_task(asyncio.to_thread(end))
        [error] = await by_turns(lambda: connection.execute("SELECT pg_sleep(30)"))
        await ending
        return error

    assert isinstance(event_loop.run(run()), psycopg.OperationalError)
    assert connection.closed


def test_a_request_that_is_ended_leaves_no_answer_to_another(connection: BoundedConnection) -> None:
    """Its connection is closed."""

    async def run() -> None:
        running = asyncio.create_task(by_turns(lambda: connection.execute("SELECT pg_sleep(30)")))
        await asyncio.sleep(0.1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    event_loop.run(run())
    assert connection.closed


def test_requests_have_connections_of_their_own_and_keep_them(
    postgresql_server: Callable[[str], str], make_app: Callable[..., Flask]
) -> None:
    """Those that come behind them find these."""
    threads = set()

    def ask() -> Any:
        with reading() as connection:
            connection.execute(SLEEP)
            threads.add(threading.current_thread().name)
            return connection.scalar(text("SELECT pg_backend_pid()"))

    with postgresql_app(postgresql_server, make_app) as app:

        async def run() -> list[set[Any]]:
            return [set(await by_turns(*[requested(app, ask)] * 3)) for _ in range(2)]

        first, second = event_loop.run(run())
    assert len(first) == 3
    assert first == second
    assert len(threads) == 1


def test_behind_a_loss_none_of_before_is_kept(
    postgresql_server: Callable[[str], str], make_app: Callable[..., Flask]
) -> None:
    """Not even those that nobody asks for while few come."""

    def ask() -> Any:
        with reading() as connection:
            connection.execute(SLEEP)
            return connection.scalar(text("SELECT pg_backend_pid()"))

    def count() -> Any:
        with reading() as connection:
            return connection.scalar(
                text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid = ANY(:pids)"),
                {"pids": before},
            )

    with postgresql_app(postgresql_server, make_app) as app:

        async def run() -> list[Any]:
            before[:] = await by_turns(*[requested(app, ask)] * 4)
            with app.app_context():
                db.engine.dispose()
            return await by_turns(requested(app, count))

        before: list[int] = []
        [left] = event_loop.run(run())
    assert len(set(before)) == 4
    assert left == 0


def test_who_finds_no_connection_waits_while_others_run(on_postgresql: Flask) -> None:
    """Also for one of those that run in the same thread."""

    def ask() -> int:
        with reading() as connection:
            connection.execute(SLEEP)
            return 1

    assert event_loop.run(by_turns(*[requested(on_postgresql, ask)] * 6)) == [1] * 6


def test_a_lost_connection_is_replaced(on_postgresql: Flask) -> None:
    """In the same request, where nothing was under way."""
    settings = on_postgresql.extensions["customer_desk_settings"]

    def ask() -> int:
        with reading() as connection:
            connection.execute(text("SELECT 1"))
        terminate_connections(settings.database_url)
        with pytest.raises(OperationalError), reading() as connection:
            connection.execute(text("SELECT 1"))
        with reading() as connection:
            return int(connection.scalar(text("SELECT 2")))

    assert event_loop.run(by_turns(requested(on_postgresql, ask))) == [2]


def test_writers_of_one_row_wait_for_each_other(on_postgresql: Flask) -> None:
    """A lock that another greenlet of the same thread has is no deadlock."""
    with on_postgresql.app_context(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE counted (number int)"))
        connection.execute(text("INSERT INTO counted VALUES (0)"))

    def count() -> None:
        def work(connection: Any) -> None:
            connection.execute(text("SELECT number FROM counted FOR UPDATE"))
            connection.execute(text("SELECT pg_sleep(0.02)"))
            connection.execute(text("UPDATE counted SET number = number + 1"))

        transaction(work)

    assert event_loop.run(by_turns(*[requested(on_postgresql, count)] * 6)) == [None] * 6
    with on_postgresql.app_context(), reading() as connection:
        assert connection.scalar(text("SELECT number FROM counted")) == 6
