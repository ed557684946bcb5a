"""A request takes one connection from the pool and lends it to one step after the other; its thread keeps it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError, OperationalError

from tests.safety.postgresql import terminate_connections
from tests.support.databases import new_postgresql_database
from tests.support.threads import at_once
from webapp.database import db, reading, snapshot, transaction, write_if_free
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


@contextmanager
def in_a_request(app: Flask) -> Iterator[list[str]]:
    """Within a request; what is taken from the pool and given back is noted."""
    noted: list[str] = []

    def taken(*_: object) -> None:
        noted.append("taken")

    def given_back(*_: object) -> None:
        noted.append("given back")

    with app.app_context():
        pool = db.engine.pool
    event.listen(pool, "checkout", taken)
    event.listen(pool, "checkin", given_back)
    try:
        with requesting(app):
            yield noted
    finally:
        event.remove(pool, "checkout", taken)
        event.remove(pool, "checkin", given_back)


@contextmanager
def requesting(app: Flask) -> Iterator[None]:
    """Within a request."""
    with app.test_request_context("/livez"):
        try:
            app.preprocess_request()
            yield
        finally:
            app.do_teardown_request()


def test_all_steps_of_a_request_share_one_connection(app_on_each_database: Flask) -> None:
    """Reads and writes alike."""
    with in_a_request(app_on_each_database) as noted:
        with reading() as connection:
            connection.execute(ONE)
        transaction(lambda connection: connection.execute(ONE))
        assert write_if_free(lambda connection: connection.execute(ONE))
        with reading() as connection:
            assert connection.execute(ONE).scalar_one() == 1
        assert noted == ["taken"]
    assert noted == ["taken"]


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
    ("size", "threads", "kept"), [(2, 1, 0), (3, 1, 0), (6, 4, 0), (7, 4, 4), (7, 6, 5), (8, 6, 6), (8, 8, 6)]
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
        request = requesting(app)
        request.__enter__()
        with reading():
            meeting.wait(LONGEST_SECONDS)
        with one_by_one:  # each sees how many are out behind those that have ended
            request.__exit__(None, None, None)
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


def test_a_step_within_another_has_a_connection_of_its_own(app_on_each_database: Flask) -> None:
    """Which sees nothing of what the other has not committed."""
    with in_a_request(app_on_each_database) as noted:
        with reading() as outer, reading() as inner:
            assert outer is not inner
        assert noted == ["taken", "taken", "given back"]


def test_a_snapshot_is_the_only_connection_of_its_request(app_on_each_database: Flask) -> None:
    """On PostgreSQL it is told what it is, so it is a new one; the idle one goes back before."""
    with in_a_request(app_on_each_database) as noted:
        with reading() as connection:
            connection.execute(ONE)
        with snapshot() as connection:
            assert connection.in_transaction()
            connection.execute(ONE)
        assert noted.count("taken") - noted.count("given back") <= 1
        with reading() as connection:
            assert not connection.in_transaction()


def test_what_was_read_leaves_no_transaction_behind(app_on_each_database: Flask) -> None:
    """Core begins one with each statement; the next step must not see the past."""
    with in_a_request(app_on_each_database):
        with reading() as connection:
            connection.execute(ONE)
            assert connection.in_transaction()
        with reading() as connection:
            assert not connection.in_transaction()


def test_a_connection_that_saw_an_error_goes_back(app_on_each_database: Flask) -> None:
    """The pool resets it; the next step has a clean one."""
    with in_a_request(app_on_each_database) as noted:
        with pytest.raises(ZeroDivisionError):
            _fail_while_reading()
        assert noted == ["taken", "given back"]
        with reading() as connection:
            assert connection.execute(ONE).scalar_one() == 1


def _fail_while_reading() -> None:
    with reading() as connection:
        connection.execute(ONE)
        raise ZeroDivisionError


def test_a_lost_connection_is_not_lent_again(app: Flask) -> None:
    """It is given up."""
    with in_a_request(app):
        with reading() as connection:
            connection.invalidate()
        with reading() as connection:
            assert not connection.invalidated
            assert connection.execute(ONE).scalar_one() == 1


def test_an_empty_pool_gets_the_idle_connection_of_who_waits(make_app, tmp_path) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Or requests could wait for each other, each with one in its hand."""
    app = make_app()
    with in_a_request(app) as noted:
        with reading() as connection:
            connection.execute(ONE)
        db.engine.connect().close()
        assert noted[:3] == ["taken", "given back", "taken"]


def test_a_released_connection_is_back_before_the_request_ends(app: Flask) -> None:
    """For what takes long and needs none."""
    with in_a_request(app) as noted:
        with reading() as connection:
            connection.execute(ONE)
        release_connection()
        release_connection()
        assert noted == ["taken", "given back"]


def test_without_a_request_each_step_has_its_own(app: Flask) -> None:
    """Commands and threads beside requests keep nothing."""
    with app.app_context():
        with reading() as connection:
            assert connection.execute(ONE).scalar_one() == 1
        assert connection.closed
        release_connection()
        assert "request_connection" not in g


def test_a_fault_of_a_write_that_may_be_lost_is_no_error(app: Flask) -> None:
    """It says that it was not written, and the request goes on."""

    def fail(_connection: object) -> None:
        raise OperationalError("statement", {}, Exception("away"))

    with in_a_request(app):
        assert not write_if_free(fail)
        with reading() as connection:
            assert connection.execute(ONE).scalar_one() == 1
