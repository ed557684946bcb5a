"""The database: engine, declarative base, column types, and :func:`transaction` with its retries. Knows no table.

SQLite runs through ``pysqlite3`` with a library that has the WAL fault of 3.51.2 and older mended; PostgreSQL through
psycopg 3.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pysqlite3.dbapi2 as sqlite
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Engine, MetaData, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from webapp.errors import ServiceUnavailable
from webapp.phrases import phrase
from webapp.settings import Settings, SettingsError

OLDEST_SAFE_SQLITE = (3, 51, 3)
ATTEMPTS = 6
#: No new attempt after this long: one that waited for a lock in vain has used up the caller's patience.
RETRYING_SECONDS = 2.0
#: How long a write that may be lost waits for a lock, and how long one waits that is a pity to lose.
SHORT_PATIENCE_MILLISECONDS = 100
LONGER_PATIENCE_MILLISECONDS = 1000
LONGEST_PAUSE_SECONDS = 0.05
RETRIED_SQLSTATES = {"40001", "40P01"}
#: Of one connection. As compiled it is 2 MB, which a search of a million customers goes through many times over.
SQLITE_CACHE_KIB = 32 * 1024
#: Reads go straight to the operating system's cache of the file, which all processes share.
SQLITE_MMAP_BYTES = 8 * 2**30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

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


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class LostRace(Exception):
    """Another transaction changed the row first. :func:`transaction` runs the work again."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC, on databases with and without time zones. Refuses a naive value."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Microseconds(TypeDecorator[datetime]):
    """An aware time in UTC as a number, microseconds since 1970: short in an index, and the same on each database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To a number."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """To a time."""
        return None if value is None else EPOCH + value * MICROSECOND


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
            _tune_sqlite(db.engine, settings)


def refuse_unsafe_sqlite(version: tuple[int, int, int]) -> None:
    """Raise SettingsError for a SQLite library that can corrupt a database in WAL mode (fixed in 3.51.3)."""
    if version < OLDEST_SAFE_SQLITE:
        found, needed = (".".join(map(str, numbers)) for numbers in (version, OLDEST_SAFE_SQLITE))
        raise SettingsError(f"Customer Desk cannot start: SQLite {found} can corrupt a database; {needed} is needed.")


def is_postgresql(connection: Connection) -> bool:
    """Whether the connection leads to PostgreSQL."""
    return connection.dialect.name == "postgresql"


def transaction(work: Callable[[Connection], Result]) -> Result:
    """Run ``work`` in one writing transaction and commit it.

    On a lost race, a serialization failure (SQLSTATE 40001, 40P01) or a busy SQLite the whole function runs again, a
    few times, with jitter; so ``work`` must have no effect but through its connection.

    Raises:
        ServiceUnavailable: the last attempt lost too.
    """
    engine = db.engine.execution_options(writing=True)
    give_up_at = time.monotonic() + RETRYING_SECONDS
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with engine.begin() as connection:
                return work(connection)
        except LostRace:
            pass
        except DBAPIError as error:
            if not _is_worth_retrying(error):
                raise
        if time.monotonic() > give_up_at:
            break
        if attempt < ATTEMPTS:
            time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS) * attempt)  # noqa: S311 - jitter, not a secret
    raise ServiceUnavailable(phrase("Too many are writing at once. Nothing was changed; try again in a few seconds."))


def write_if_free(work: Callable[[Connection], object], patience: int = SHORT_PATIENCE_MILLISECONDS) -> bool:
    """Run ``work`` in one writing transaction if nothing is in its way; for what may be lost, such as a last use.

    Returns:
        Whether it was written. It waits ``patience`` milliseconds for a lock at the most, and no error of the database
        passes.
    """
    try:
        with db.engine.execution_options(writing=True).connect() as connection, _patient(connection, patience):
            work(connection)
            connection.commit()
            return True
    except SQLAlchemyError:
        return False


@contextmanager
def _patient(connection: Connection, patience: int) -> Iterator[None]:
    if is_postgresql(connection):
        connection.execute(text(f"SET LOCAL lock_timeout = {patience:d}"))
        yield
        return
    driver: Any = connection.connection.driver_connection
    (usual,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute(f"PRAGMA busy_timeout = {patience:d}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {usual}")


def reading() -> Connection:
    """A connection for reads, to be used in a ``with`` block."""
    return db.engine.connect()


def snapshot() -> Connection:
    """As :func:`reading`, with every read as of one moment. SQLite reads like that anyway."""
    connection = reading()
    return connection.execution_options(isolation_level="REPEATABLE READ") if is_postgresql(connection) else connection


def _is_worth_retrying(error: DBAPIError) -> bool:
    original: Any = error.orig
    if getattr(original, "sqlstate", None) in RETRIED_SQLSTATES:
        return True
    return isinstance(original, sqlite.OperationalError) and "locked" in str(original)


def _json_text(value: object) -> str:
    return orjson.dumps(value).decode()


def _sqlite_options(settings: Settings) -> dict[str, Any]:
    return {
        "module": sqlite,
        "hide_parameters": True,  # errors are logged, and a field's content must not be
        "execution_options": {"search_timeout_seconds": settings.search_timeout_seconds},
        "json_serializer": _json_text,
        "json_deserializer": orjson.loads,
        "connect_args": {"timeout": settings.database_timeout_seconds, "check_same_thread": False},
    }


def _postgresql_options(settings: Settings) -> dict[str, Any]:
    milliseconds = settings.database_timeout_seconds * 1000
    return {
        "hide_parameters": True,  # errors are logged, and a field's content must not be
        "execution_options": {"search_timeout_seconds": settings.search_timeout_seconds},
        "json_serializer": _json_text,
        "json_deserializer": orjson.loads,
        "pool_size": settings.database_pool_size,
        "max_overflow": 0,
        "pool_timeout": settings.database_timeout_seconds,
        "pool_pre_ping": True,
        "connect_args": {
            "connect_timeout": settings.database_timeout_seconds,
            "application_name": "customer-desk",
            "options": (
                f"-c timezone=UTC -c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
                f" -c idle_in_transaction_session_timeout={milliseconds}"
            ),
            # Prepared statements outlive a transaction, so pgbouncer in transaction mode would mix them up.
            "prepare_threshold": None,
        },
    }


def _tune_sqlite(engine: Engine, settings: Settings) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own accord; see begin()
        for pragma in (
            f"busy_timeout = {settings.database_timeout_seconds * 1000}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"cache_size = -{SQLITE_CACHE_KIB}",
            f"mmap_size = {SQLITE_MMAP_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: one that begins as a reader can fail half-way, without waiting its turn.
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
