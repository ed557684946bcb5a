"""The database layer, on SQLite and on PostgreSQL: transactions and their retries, pragmas, times."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
from flask import Flask
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from webapp.access.model import Tenant
from webapp.database import (
    ATTEMPTS,
    OLDEST_SAFE_SQLITE,
    LostRace,
    db,
    is_postgresql,
    reading,
    refuse_unsafe_sqlite,
    snapshot,
    transaction,
)
from webapp.errors import ServiceUnavailable
from webapp.settings import SettingsError

TENANT = {"id": "tenant_1", "name": "0"}


def add_tenant(connection: Connection) -> None:
    """A row to work on."""
    connection.execute(insert(Tenant), TENANT)


def names(connection: Connection) -> list[str]:
    """The names of all tenants."""
    return list(connection.execute(select(Tenant.name)).scalars())


def test_a_transaction_commits_and_hands_on_its_result(app_on_each_database: Flask) -> None:
    """What the work returns."""

    def work(connection: Connection) -> str:
        add_tenant(connection)
        return "result"

    with app_on_each_database.app_context():
        assert transaction(work) == "result"
        with reading() as connection:
            assert names(connection) == ["0"]


def test_a_transaction_that_fails_leaves_nothing(app_on_each_database: Flask) -> None:
    """And runs once: a fault is no lost race."""
    runs = []

    def work(connection: Connection) -> None:
        runs.append(1)
        add_tenant(connection)
        raise ZeroDivisionError

    with app_on_each_database.app_context():
        with pytest.raises(ZeroDivisionError):
            transaction(work)
        with reading() as connection:
            assert names(connection) == []
    assert len(runs) == 1


@pytest.mark.parametrize("losses", [1, ATTEMPTS - 1])
def test_a_lost_race_runs_the_whole_work_again(app_on_each_database: Flask, losses: int) -> None:
    """And what the lost run wrote is gone."""
    runs = []

    def work(connection: Connection) -> None:
        runs.append(1)
        add_tenant(connection)
        if len(runs) <= losses:
            raise LostRace

    with app_on_each_database.app_context():
        transaction(work)
        with reading() as connection:
            assert names(connection) == ["0"]
    assert len(runs) == losses + 1


def test_a_race_that_is_always_lost_ends_as_service_unavailable(app_on_each_database: Flask) -> None:
    """After a few attempts, with nothing written."""
    runs = []

    def work(connection: Connection) -> None:
        runs.append(1)
        add_tenant(connection)
        raise LostRace

    with app_on_each_database.app_context():
        with pytest.raises(ServiceUnavailable):
            transaction(work)
        with reading() as connection:
            assert names(connection) == []
    assert len(runs) == ATTEMPTS


def test_a_constraints_refusal_is_not_tried_again(app_on_each_database: Flask) -> None:
    """It would be refused for ever."""
    runs = []

    def work(connection: Connection) -> None:
        runs.append(1)
        add_tenant(connection)

    with app_on_each_database.app_context():
        transaction(work)
        with pytest.raises(IntegrityError):
            transaction(work)
    assert len(runs) == 2


def test_simultaneous_writers_all_get_their_turn(app_on_each_database: Flask) -> None:
    """Each reads what the one before wrote, where it locks the row that it reads."""

    def count_up(connection: Connection) -> None:
        name = connection.execute(select(Tenant.name).with_for_update()).scalar_one()
        connection.execute(update(Tenant).values(name=str(int(name) + 1)))

    def run(_number: int) -> None:
        with app_on_each_database.app_context():
            transaction(count_up)

    with app_on_each_database.app_context():
        transaction(add_tenant)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(run, range(20)))
        with reading() as connection:
            assert names(connection) == ["20"]


def test_a_serialization_failure_is_tried_again(app_on_each_database: Flask) -> None:
    """40001, provoked by another writer between the read and the write; on SQLite the other one waits."""
    runs = []

    def work(connection: Connection) -> None:
        runs.append(1)
        if is_postgresql(connection):
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        before = names(connection)
        if len(runs) == 1 and is_postgresql(connection):
            transaction(lambda other: other.execute(update(Tenant).values(name="other")))
        connection.execute(update(Tenant).values(name=f"after {before[0]}"))

    with app_on_each_database.app_context():
        transaction(add_tenant)
        transaction(work)
        with reading() as connection:
            expected = "after other" if is_postgresql(connection) else "after 0"
            assert names(connection) == [expected]


@pytest.mark.sqlite_only("one writer keeps out all others there")
def test_a_busy_sqlite_ends_as_service_unavailable(make_app: Callable[..., Flask]) -> None:
    """Who holds the file for longer than the timeout makes the others wait, and at last tell so."""
    app = make_app(database_timeout_seconds=1)
    with app.app_context():
        path = str(db.engine.url.database)
        holder = sqlite.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(ServiceUnavailable):
                transaction(add_tenant)
        finally:
            holder.close()
        transaction(add_tenant)


def test_readers_do_not_wait_for_a_writer(app_on_each_database: Flask) -> None:
    """They see what was committed last."""

    def work(connection: Connection) -> list[str]:
        connection.execute(update(Tenant).values(name="uncommitted"))
        with reading() as reader:
            return names(reader)

    with app_on_each_database.app_context():
        transaction(add_tenant)
        assert transaction(work) == ["0"]


def test_a_snapshot_sees_one_moment(app_on_each_database: Flask) -> None:
    """Whatever is committed meanwhile."""
    with app_on_each_database.app_context():
        transaction(add_tenant)
        with snapshot() as connection:
            assert names(connection) == ["0"]
            transaction(lambda writer: writer.execute(update(Tenant).values(name="later")))
            assert names(connection) == ["0"]


@pytest.mark.sqlite_only("its settings")
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 10_000),
    ],
)
def test_sqlite_is_set_up_safely_on_each_connection(app: Flask, pragma: str, value: object) -> None:
    """WAL, synchronous FULL, foreign keys, a busy timeout."""
    with app.app_context(), reading() as one, reading() as other:
        for connection in (one, other):
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


@pytest.mark.parametrize("version", [(3, 51, 2), (3, 40, 1), (3, 9, 0), (2, 8, 17)], ids=str)
def test_a_sqlite_that_can_corrupt_a_database_is_refused(version: tuple[int, int, int]) -> None:
    """With both versions named."""
    with pytest.raises(SettingsError, match=r"SQLite \d+\.\d+\.\d+ can corrupt.*3\.51\.3"):
        refuse_unsafe_sqlite(version)


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 52, 0), (4, 0, 0)], ids=str)
def test_a_mended_sqlite_is_fine(version: tuple[int, int, int]) -> None:
    """From 3.51.3 on."""
    refuse_unsafe_sqlite(version)


@pytest.mark.sqlite_only("its library")
def test_the_sqlite_that_runs_is_a_mended_one(app: Flask) -> None:
    """The one that the engine really uses, not the standard library's."""
    with app.app_context(), reading() as connection:
        version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
    assert tuple(map(int, version.split("."))) >= OLDEST_SAFE_SQLITE


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2024, 1, 15, 10, 30, 0, 123456, tzinfo=UTC),
        datetime(2024, 1, 15, 12, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
    ],
    ids=["UTC", "two hours east"],
)
def test_a_time_comes_back_in_utc_to_the_microsecond(app_on_each_database: Flask, moment: datetime) -> None:
    """Whatever its zone was."""
    with app_on_each_database.app_context():
        transaction(lambda connection: connection.execute(insert(Tenant), {**TENANT, "created_at": moment}))
        with reading() as connection:
            stored = connection.execute(select(Tenant.created_at)).scalar_one()
    assert (stored, stored.tzinfo) == (moment, UTC)


def test_a_naive_time_is_refused(app_on_each_database: Flask) -> None:
    """Nobody knows when it was."""
    naive = datetime(2024, 1, 15, 10, 30)  # noqa: DTZ001 - the point
    with app_on_each_database.app_context(), pytest.raises(StatementError, match="without a time zone"):
        transaction(lambda connection: connection.execute(insert(Tenant), {**TENANT, "created_at": naive}))


def test_foreign_keys_are_enforced(app_on_each_database: Flask) -> None:
    """On both."""
    statement = text("INSERT INTO environments VALUES ('env_1', 'tenant_unknown', 'Name', 'sandbox', '2024-01-15')")
    with app_on_each_database.app_context(), pytest.raises(IntegrityError):
        transaction(lambda connection: connection.execute(statement))


def test_an_error_does_not_show_the_values_of_its_statement(app_on_each_database: Flask) -> None:
    """Errors are logged, and a field's content must not be."""
    statement = text("INSERT INTO nowhere VALUES (:value)")
    with app_on_each_database.app_context(), pytest.raises(DBAPIError) as failure:
        transaction(lambda connection: connection.execute(statement, {"value": "zebra-crossing"}))
    assert "zebra-crossing" not in str(failure.value)


def test_a_relative_sqlite_file_is_in_the_instance_folder(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    """Wherever the service is started from."""
    app = make_app(database_url="sqlite:///other.sqlite3")
    with app.app_context(), reading() as connection:
        connection.execute(text("SELECT 1"))
    assert (tmp_path / "other.sqlite3").exists()
