"""The database: engine, declarative base, and :func:`transaction` with its retries. Knows no table.

SQLite runs through ``pysqlite3`` with a library that has the WAL fault of 3.51.2 and older mended; PostgreSQL through
psycopg 3.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pysqlite3.dbapi2 as sqlite
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, MetaData, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase

from webapp import happenings
from webapp.bounded_connection import MARGIN_SECONDS, bound_waiting
from webapp.database_pool import WatchedPool
from webapp.errors import ServiceUnavailable
from webapp.front import at_once_of
from webapp.greenlets import pause
from webapp.happenings import note
from webapp.phrases import phrase
from webapp.postgresql import (
    begin_to_see_one_moment,
    commits_each_statement,
    connect_arguments,
    is_lost,
    tune_postgresql,
)
from webapp.request_connection import Loan, borrow, init_request_connection
from webapp.settings import Settings, SettingsError
from webapp.sqlite import begin_to_write, tune_sqlite, waiting_for
from webapp.statements import run_text

OLDEST_SAFE_SQLITE = (3, 51, 3)
ATTEMPTS = 6
#: No new attempt after this long: one that waited for a lock in vain has used up the caller's patience.
RETRYING_SECONDS = 2.0
#: How long a write that may be lost waits for a lock, and how long one waits that is a pity to lose.
SHORT_PATIENCE_MILLISECONDS = 100
LONGER_PATIENCE_MILLISECONDS = 1000
LONGEST_PAUSE_SECONDS = 0.05
#: A transaction that has not begun after this long waits for a connection, or for SQLite's lock.
NOTABLE_WAIT_SECONDS = 0.001
RETRIED_SQLSTATES = {"40001", "40P01"}
READ_ONLY = "attempt to write a readonly database"

Result = TypeVar("Result")


class Base(DeclarativeBase):
    """The declarative base; its naming convention gives every constraint the same name on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database(SQLAlchemy):
    """Flask-SQLAlchemy's, for requests of which few have use for its session."""

    def _teardown_session(self, exc: BaseException | None) -> None:
        if self.session.registry.registry:  # else nobody has opened one
            super()._teardown_session(exc)


db = Database(model_class=Base, session_options={"expire_on_commit": False})


class LostRace(Exception):
    """Another transaction changed the row first. :func:`transaction` runs the work again."""


def init_database(app: Flask, settings: Settings) -> None:
    """Give ``app`` its engine.

    Raises:
        SettingsError: DATABASE_URL cannot be read, or the linked SQLite library can corrupt a database.
    """
    try:
        app.config["SQLALCHEMY_DATABASE_URI"] = make_url(settings.sqlalchemy_url)
    except (ArgumentError, ValueError) as error:
        raise SettingsError(f"Customer Desk cannot start:\n  - DATABASE_URL cannot be read: {error}") from None
    is_sqlite = settings.sqlalchemy_url.startswith("sqlite")
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _sqlite_options(settings) if is_sqlite else _postgresql_options(settings)
    db.init_app(app)
    if is_sqlite:
        refuse_unsafe_sqlite(sqlite.sqlite_version_info)
        Path(settings.instance_path).mkdir(mode=0o700, parents=True, exist_ok=True)
    with app.app_context():
        if is_sqlite:
            tune_sqlite(db.engine, settings.database_timeout_seconds)
        else:
            tune_postgresql(db.engine, settings)
            bound_waiting(db.engine, settings.database_timeout_seconds + MARGIN_SECONDS)
        pool: Any = db.engine.pool
        at_once = at_once_of(settings)
        most_out = pool.most_kept(at_once.requests + at_once.searches)
        init_request_connection(app, db.engine, is_lost=is_lost, most_out=most_out)


def refuse_unsafe_sqlite(version: tuple[int, int, int]) -> None:
    """Raise SettingsError for a SQLite library that can corrupt a database in WAL mode (fixed in 3.51.3)."""
    if version < OLDEST_SAFE_SQLITE:
        found, needed = (".".join(map(str, numbers)) for numbers in (version, OLDEST_SAFE_SQLITE))
        raise SettingsError(f"Customer Desk cannot start: SQLite {found} can corrupt a database; {needed} is needed.")


def is_postgresql(connection: Connection) -> bool:
    """Whether the connection leads to PostgreSQL."""
    return connection.dialect.name == "postgresql"


def transaction(
    work: Callable[[Connection], Result], alone: Callable[[Connection], Result | None] | None = None
) -> Result:
    """Run ``work`` in one writing transaction and commit it.

    On a lost race, a serialization failure (SQLSTATE 40001, 40P01) or a busy SQLite the whole function runs again, a
    few times, with jitter; so ``work`` must have no effect but through its connection.

    Args:
        work: what is done.
        alone: the same by a single statement that is a transaction of its own, for where that spares the round trips
            of the others (decision 22). It is tried first; it answers None where it takes more than one.

    Raises:
        ServiceUnavailable: the last attempt lost too.
    """
    began, outcome = time.perf_counter(), "rolled_back"
    try:
        result = _until_it_holds(work, alone)
        outcome = "committed"
        return result
    finally:
        note(happenings.TRANSACTION, outcome, time.perf_counter() - began)


def _until_it_holds(
    work: Callable[[Connection], Result], alone: Callable[[Connection], Result | None] | None
) -> Result:
    give_up_at = time.monotonic() + RETRYING_SECONDS
    for attempt in range(1, ATTEMPTS + 1):
        began = time.perf_counter()
        try:
            with reading() as connection:
                if attempt == 1 and alone is not None and commits_each_statement(connection):
                    if (result := _written(alone, connection)) is not None:
                        return result
                    began = time.perf_counter()
                with begin_to_write(connection):
                    if (waited := time.perf_counter() - began) > NOTABLE_WAIT_SECONDS:
                        note(happenings.TRANSACTION_WAIT, seconds=waited)
                    return work(connection)
        except (LostRace, DBAPIError) as error:
            lost_to = _lost_to(error)
            if not lost_to:
                raise
        if time.monotonic() > give_up_at:
            break
        if attempt < ATTEMPTS:
            note(happenings.TRANSACTION_RETRIED, lost_to)
            pause(random.uniform(0, LONGEST_PAUSE_SECONDS) * attempt)  # noqa: S311 - jitter, not a secret
    note(happenings.TRANSACTION_GIVEN_UP)
    raise ServiceUnavailable(phrase("Too many are writing at once. Nothing was changed; try again in a few seconds."))


def _written(alone: Callable[[Connection], Result | None], connection: Connection) -> Result | None:
    """What a single statement has done; None where it has not, so that a transaction must."""
    try:
        return alone(connection)
    except LostRace:  # the transaction locks the row, so that it need not race
        note(happenings.TRANSACTION_RETRIED, "lost_race")
        return None


def write_if_free(work: Callable[[Connection], object], patience: int = SHORT_PATIENCE_MILLISECONDS) -> bool:
    """Run ``work`` in one writing transaction if nothing is in its way; for what may be lost, such as a last use.

    Returns:
        Whether it was written. It waits ``patience`` milliseconds for a lock at the most, and no error of the database
        passes.
    """
    try:
        with reading() as connection, _begin_to_write_if_free(connection, patience):
            work(connection)
    except SQLAlchemyError:
        note(happenings.WRITE_SKIPPED)
        return False
    return True


@contextmanager
def _begin_to_write_if_free(connection: Connection, patience: int) -> Iterator[None]:
    if is_postgresql(connection):
        with begin_to_write(connection):
            run_text(connection, f"SET LOCAL lock_timeout = {patience:d}")
            yield
        return
    with waiting_for(connection, patience), begin_to_write(connection):
        yield


def reading() -> Loan | Connection:
    """A connection for reads that see everything committed so far, to be used in a ``with`` block.

    Each is of a moment of its own; :func:`snapshot` is for several that must fit each other. Whatever decides needs
    them: who is calling, what a form or a write is built on; and what somebody looks at right after writing it.
    """
    return borrow() or db.engine.connect()


def reading_possibly_stale() -> AbstractContextManager[Connection]:
    """As :func:`reading`, for reads on which nothing is decided: they may be some seconds behind (decision 16)."""
    return reading()


def snapshot() -> AbstractContextManager[Connection]:
    """As :func:`reading`, with every read as of one moment."""
    opened = reading()
    try:
        begin_to_see_one_moment(opened.connection if isinstance(opened, Loan) else opened)
    except BaseException:
        opened.__exit__(*sys.exc_info())
        raise
    return opened


def snapshot_possibly_stale() -> AbstractContextManager[Connection]:
    """As :func:`snapshot`, of a moment that may be some seconds ago; see :func:`reading_possibly_stale`."""
    return snapshot()


def _lost_to(error: LostRace | DBAPIError) -> str:
    """To what an attempt was lost, one of the kinds of ``TRANSACTION_RETRIED``; ``""``: another would not help."""
    if isinstance(error, LostRace):
        return "lost_race"
    original: Any = error.orig
    if READ_ONLY in str(original):
        db.engine.dispose()  # what was opened on a read-only file stays so, whatever becomes of the file
    if getattr(original, "sqlstate", None) in RETRIED_SQLSTATES:
        return "serialization"
    return "busy" if isinstance(original, sqlite.OperationalError) and "locked" in str(original) else ""


def _json_text(value: object) -> str:
    return orjson.dumps(value).decode()


def _sqlite_options(settings: Settings) -> dict[str, Any]:
    return {
        "module": sqlite,
        "poolclass": WatchedPool,
        "pool_use_lifo": True,  # what was used last has its pages and statements still at hand
        "hide_parameters": True,  # errors are logged, and a field's content must not be
        "execution_options": {"search_timeout_seconds": settings.search_timeout_seconds},
        "json_serializer": _json_text,
        "json_deserializer": orjson.loads,
        "connect_args": {"timeout": settings.database_timeout_seconds, "check_same_thread": False},
        "pool_timeout": settings.database_timeout_seconds,
    }


def _postgresql_options(settings: Settings) -> dict[str, Any]:
    return {
        "poolclass": WatchedPool,
        "pool_use_lifo": True,  # what was used last has its pages and statements still at hand
        "hide_parameters": True,  # errors are logged, and a field's content must not be
        "execution_options": {"search_timeout_seconds": settings.search_timeout_seconds},
        "json_serializer": _json_text,
        "json_deserializer": orjson.loads,
        "pool_size": settings.database_pool_size,
        "max_overflow": 0,
        "pool_timeout": settings.database_timeout_seconds,
        "connect_args": connect_arguments(settings),
    }
