"""The counters of the rate limits, which all processes share: on PostgreSQL an unlogged table, on SQLite an own file.

Knows neither keys nor HTTP.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Engine,
    String,
    Table,
    bindparam,
    case,
    create_engine,
    delete,
    event,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from webapp.database import Base
from webapp.postgresql import begin_by_hand
from webapp.settings import Settings
from webapp.sqlite import sqlite_file, use_write_ahead_log

SUBJECT_LENGTH = 80
#: How long a request waits for the SQLite file. Its lock is held for some microseconds at a time.
BUSY_MILLISECONDS = 500
#: A writer takes SQLite's lock at once: one that begins as a reader can fail half-way, without waiting its turn.
BEGIN = "BEGIN IMMEDIATE"
#: How often one process removes counters of windows that have ended, at most.
REMOVE_SECONDS = 60.0

#: No index but the primary key, and room in each page: so PostgreSQL updates a row in place (a "heap-only" update).
rate_limit_counters = Table(
    "rate_limit_counters",
    Base.metadata,
    Column("subject", String(SUBJECT_LENGTH), primary_key=True),
    Column("allowed", BigInteger, primary_key=True, autoincrement=False),
    Column("seconds", BigInteger, primary_key=True, autoincrement=False),
    Column("used", BigInteger, nullable=False),
    Column("ends_at", Double, nullable=False),
)
_table = rate_limit_counters.c
_FIND = select(_table.subject, _table.allowed, _table.seconds, _table.used, _table.ends_at).where(
    _table.subject == bindparam("subject"),
    _table.allowed == bindparam("allowed"),
    _table.seconds == bindparam("seconds"),
)
#: Rows that a request is just counting in are left to the next time: waiting for them in another order than the
#: request does could be a deadlock. SQLite has no row locks and leaves the words out.
_ENDED = (
    select(_table.subject, _table.allowed, _table.seconds)
    .where(_table.ends_at <= bindparam("now"))
    .with_for_update(skip_locked=True)
)
_REMOVE_ENDED = delete(rate_limit_counters).where(tuple_(_table.subject, _table.allowed, _table.seconds).in_(_ENDED))


@dataclass(frozen=True, slots=True)
class Window:
    """The window of one limit of one subject.

    Attributes:
        subject: whose requests are counted.
        allowed: how many requests it lets pass.
        seconds: how long it is.
        used: how many have passed in it.
        ends_at: when it ends, in Unix time.
    """

    subject: str
    allowed: int
    seconds: int
    used: int = 0
    ends_at: float = 0.0


class CountersAway(Exception):
    """The counters cannot be reached, or not in time."""


class Counters:
    """The counters of one process; every other process that is given the same database counts along.

    The statements are built by SQLAlchemy, once, and run by the driver: run by SQLAlchemy they took 370 microseconds a
    request on SQLite in place of 30, and 730 on PostgreSQL in place of 200.
    """

    def __init__(self, engine: Engine) -> None:
        """``engine``: see :func:`counters_engine`."""
        self._engine = engine
        self._begin = "" if engine.dialect.name == "postgresql" else BEGIN  # psycopg begins of its own accord
        self._find = _Statement(_FIND, engine)
        self._count: dict[int, _Statement] = {}
        self._errors = (SQLAlchemyError, engine.dialect.loaded_dbapi.Error)
        self._remove_at = time.monotonic() + REMOVE_SECONDS

    def take(self, limits: Sequence[Window], now: float) -> tuple[bool, list[Window]]:
        """Count one request against all of ``limits``, or against none if one of them is used up.

        Args:
            limits: distinct ones, always in the same order: rows are locked in it.
            now: Unix time.

        Returns:
            Whether the request may pass, and the windows as they are then; of a refused one, those that are used up.

        Raises:
            CountersAway: it could not be counted.
        """
        count = self._count.get(len(limits))
        if count is None:
            count = self._count[len(limits)] = _Statement(_counting(len(limits), self._engine), self._engine)
        sent: dict[str, Any] = {"now": now}
        for number, limit in enumerate(limits):
            sent |= {
                f"subject_{number}": limit.subject,
                f"allowed_{number}": limit.allowed,
                f"seconds_{number}": limit.seconds,
                f"ends_at_{number}": now + limit.seconds,
            }
        try:
            told = self._take(limits, count, sent)
        except self._errors as error:
            raise CountersAway from error
        if time.monotonic() >= self._remove_at:
            self._remove_at = time.monotonic() + REMOVE_SECONDS
            with suppress(*self._errors):  # the next time will do
                self.remove_ended(now)
        return told

    def _take(self, limits: Sequence[Window], count: "_Statement", sent: dict[str, Any]) -> tuple[bool, list[Window]]:
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            if begin := self._begin or begin_by_hand(connection):
                cursor.execute(begin)
            windows = [Window(*row) for row in count.run(cursor, sent)]
            if len(windows) == len(limits):
                connection.commit()
                return True, windows
            passed = {(window.subject, window.allowed, window.seconds) for window in windows}
            used_up: list[Window] = []
            for limit in limits:
                key = (limit.subject, limit.allowed, limit.seconds)
                if key not in passed:
                    row = self._find.run(cursor, dict(zip(("subject", "allowed", "seconds"), key, strict=True)))
                    used_up += [Window(*found) for found in row]
            connection.rollback()
        except BaseException:
            connection.invalidate()  # whatever state it is in, nobody gets it again
            raise
        else:
            return False, used_up
        finally:
            connection.close()

    def remove_ended(self, now: float) -> None:
        """Remove the counters of windows that have ended; those subjects begin anew anyway."""
        with self._engine.begin() as connection:
            connection.execute(_REMOVE_ENDED, {"now": now})


class _Statement:
    """A statement as the driver takes it."""

    def __init__(self, statement: Any, engine: Engine) -> None:
        compiled: Any = statement.compile(dialect=engine.dialect)
        self._sql = str(compiled)
        self._constants: dict[str, Any] = compiled.params
        self._order: list[str] | None = compiled.positiontup  # None: the driver takes values by name

    def run(self, cursor: Any, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows that it gives."""
        sent = {**self._constants, **values}
        cursor.execute(self._sql, sent if self._order is None else [sent[name] for name in self._order])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def counters_engine(settings: Settings, main: Engine) -> Engine:
    """The engine that leads to the counters.

    On PostgreSQL the service's own, ``main``. On SQLite that of a file beside the database,
    ``NAME.rate_limits.sqlite3``: in the database itself each count would take the one lock for writing, and wait for
    the disk. It may be deleted while the service is down.
    """
    database = sqlite_file(settings)
    if database is None:
        return main
    engine = create_engine(
        f"sqlite:///{database.with_name(f'{database.stem}.rate_limits.sqlite3')}",
        module=sqlite,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    )
    create = str(CreateTable(rate_limit_counters, if_not_exists=True).compile(engine))

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own accord; see begin()
        use_write_ahead_log(connection, BUSY_MILLISECONDS / 1000)
        # A power cut may lose the counts or spoil the file; they are not worth a wait for the disk.
        for statement in ("PRAGMA synchronous = OFF", create):
            connection.execute(statement)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN)

    return engine


def _counting(limits: int, engine: Engine) -> Any:
    """The statement that counts a request in so many rows. It gives back the rows that had room left.

    A window begins with its first request; a row whose window has ended begins the next one.
    """
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite_dialect.insert
    rows: list[Mapping[str, Any]] = [
        {
            "subject": bindparam(f"subject_{number}"),
            "allowed": bindparam(f"allowed_{number}"),
            "seconds": bindparam(f"seconds_{number}"),
            "used": 1,
            "ends_at": bindparam(f"ends_at_{number}"),
        }
        for number in range(limits)
    ]
    new = insert(rate_limit_counters).values(rows)
    has_ended = _table.ends_at <= bindparam("now")
    return new.on_conflict_do_update(
        index_elements=[_table.subject, _table.allowed, _table.seconds],
        set_={
            "used": case((has_ended, 1), else_=_table.used + 1),
            "ends_at": case((has_ended, new.excluded.ends_at), else_=_table.ends_at),
        },
        where=or_(has_ended, _table.used < _table.allowed),
    ).returning(*rate_limit_counters.columns)
