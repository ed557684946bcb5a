"""A request takes one connection from the pool and lends it to one step after the other."""

import pytest
from flask import Flask, g
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.support.requests_here import in_a_request
from webapp.database import db, reading, snapshot, transaction, write_if_free
from webapp.request_connection import release_connection

ONE = text("SELECT 1")


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
