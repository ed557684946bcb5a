"""A thread keeps its connection for its next request, if it is still good and others find one, too."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DisconnectionError

from tests.safety.postgresql import terminate_connections
from tests.support.databases import new_postgresql_database
from tests.support.requests_here import in_a_request, requesting
from tests.support.threads import at_once
from webapp.database import db, reading
from webapp.request_connection import release_connection

ONE = text("SELECT 1")
PID = text("SELECT pg_backend_pid()")
#: SQLAlchemy's default, and more threads than that.
POOL_SIZE, THREADS = 5, 8
LONGEST_SECONDS = 30


@pytest.fixture
def on_postgresql(
    postgresql_server: Callable[[str], str], migrated_postgresql: str, make_app: Callable[..., Flask]
) -> Iterator[Callable[..., Flask]]:
    """Makes the application on PostgreSQL; settings can be given by name."""
    with new_postgresql_database(postgresql_server, migrated_postgresql) as database_url:
        yield partial(make_app, database_url=database_url)


def test_the_next_request_of_a_thread_has_the_same(app_on_each_database: Flask) -> None:
    """Also behind one that read nothing; and in no transaction of the one before."""
    with in_a_request(app_on_each_database), reading() as first:
        first.begin()
    with in_a_request(app_on_each_database):
        pass
    with in_a_request(app_on_each_database) as noted:
        with reading() as second:
            assert second is first
            assert not second.in_transaction()
        assert noted == []


def test_one_that_the_server_has_ended_is_replaced(on_postgresql: Callable[..., Flask]) -> None:
    """A thread looks at what it has kept before it lends it."""
    app = on_postgresql()
    with in_a_request(app), reading() as first:
        pid = first.scalar(PID)
    terminate_connections(app.extensions["customer_desk_settings"].database_url)
    with in_a_request(app) as noted:
        with reading() as second:
            assert second.scalar(PID) != pid
        assert noted == ["given back", "taken"]
    assert first.closed


def test_one_of_a_pool_that_was_given_up_is_not_lent_again(app_on_each_database: Flask) -> None:
    """Another thread has found the database gone; whoever rested meanwhile need not find it out anew."""
    with in_a_request(app_on_each_database), reading() as first:
        first.execute(ONE)

    def give_up() -> None:
        db.engine.dispose()

    at_once(app_on_each_database, [give_up])
    with in_a_request(app_on_each_database), reading() as second:
        assert second is not first
        assert second.scalar(ONE) == 1
    assert first.closed


def test_one_that_was_in_use_when_its_pool_was_given_up_is_not_kept(app_on_each_database: Flask) -> None:
    """The request that has it goes on with it; the next one of the thread has another, which the new pool counts."""

    def give_up() -> None:
        db.engine.dispose()

    with in_a_request(app_on_each_database):
        with reading() as first:
            first.execute(ONE)
        at_once(app_on_each_database, [give_up])
    with in_a_request(app_on_each_database), reading() as second:
        assert second is not first
        assert second.scalar(ONE) == 1
        pool: Any = db.engine.pool
        assert pool.checkedout() == 1


def test_one_that_rested_while_another_was_found_lost_is_not_lent(app_on_each_database: Flask) -> None:
    """Whatever found it: the database behind both may be gone without a word."""
    with in_a_request(app_on_each_database), reading() as first:
        first.execute(ONE)

    def lose_another() -> None:
        with db.engine.connect() as connection:
            connection.invalidate(DisconnectionError())

    at_once(app_on_each_database, [lose_another])
    with in_a_request(app_on_each_database), reading() as second:
        assert second is not first
    with in_a_request(app_on_each_database), reading() as third:
        assert third is second


@pytest.mark.parametrize(
    ("size", "threads", "kept"), [(2, 1, 0), (3, 1, 1), (6, 4, 4), (7, 6, 5), (8, 6, 6), (8, 8, 6)]
)
def test_a_pool_that_makes_no_more_keeps_two_for_steps_within_others(
    on_postgresql: Callable[..., Flask], size: int, threads: int, kept: int
) -> None:
    """Whoever needs a second connection finds one, though all threads that rest have kept theirs."""
    app = on_postgresql(database_pool_size=size, database_timeout_seconds=2)
    assert kept_by(app, threads) == kept


def test_a_thread_keeps_one_connection(app_on_each_database: Flask) -> None:
    """A second one that a request needed for a while goes back."""
    with in_a_request(app_on_each_database) as noted:
        with reading(), reading():
            pass
        with reading():
            pass
    assert noted == ["taken", "taken", "given back"]


@pytest.mark.sqlite_only("there threads make as many connections as they need")
def test_many_threads_keep_no_more_than_the_pool_would(app: Flask) -> None:
    """What was made beyond it is closed."""
    assert 1 <= kept_by(app, THREADS) <= POOL_SIZE


def kept_by(app: Flask, threads: int) -> int:
    """How many connections threads keep that have each run a request, all at the same time."""
    meeting, one_by_one = threading.Barrier(threads), threading.Lock()

    def ask() -> int:
        with ExitStack() as turn:  # they end one by one: each sees how many are out behind those before
            turn.callback(one_by_one.release)
            turn.enter_context(requesting(app))
            turn.callback(one_by_one.acquire)
            with reading():
                meeting.wait(LONGEST_SECONDS)
        meeting.wait(LONGEST_SECONDS)
        pool: Any = db.engine.pool
        kept: int = pool.checkedout()
        meeting.wait(LONGEST_SECONDS)  # a thread that ends keeps nothing
        return kept

    [kept] = set(at_once(app, [ask] * threads))
    return kept


def test_what_a_thread_kept_is_released_like_its_own(app_on_each_database: Flask) -> None:
    """Before the request has asked for any."""
    with in_a_request(app_on_each_database), reading():
        pass
    with in_a_request(app_on_each_database) as noted:
        release_connection()
        assert noted == ["given back"]
