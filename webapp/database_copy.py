"""Copies everything from another database, SQLite or PostgreSQL, into this installation's empty one. Knows no rule.

All of it is one transaction of this installation's database, which is committed when the copy has been checked; so what
is interrupted leaves nothing behind (docs/decisions/0015).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pysqlite3.dbapi2 as sqlite
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    URL,
    Column,
    Connection,
    Integer,
    NullPool,
    Table,
    Text,
    cast,
    create_engine,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from webapp.access.rate_limit_counters import rate_limit_counters
from webapp.bounded_connection import lift_time_limits
from webapp.customers import history_check, search_index
from webapp.database import Base, db, is_postgresql
from webapp.database_faults import UPGRADE, fault_of
from webapp.settings import Settings
from webapp.sqlite import sqlite_file

ROWS_OF_A_BATCH = 2000
#: Counts of the moment, which begin anew anyway; on SQLite they are in a file of their own.
LEFT_OUT = (rate_limit_counters,)

#: Told what is being done, and how far it is, of how much: rows are copied, then each customer is verified twice.
Progress = Callable[[str, int, int], None]
COPYING, VERIFYING = "Copying", "Verifying"


class CopyRefused(Exception):
    """The copy was not made, and nothing of it is left. The message says why, in a sentence for an operator."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied.

    Attributes:
        rows: of each table.
        customers: how many had their history and their search entries verified.
    """

    rows: dict[str, int]
    customers: int


def tables() -> list[Table]:
    """All that are copied, each behind those that it refers to."""
    return [table for table in Base.metadata.sorted_tables if table not in LEFT_OUT]


def copy_database(source_url: str, settings: Settings, head: str, progress: Progress) -> Copied:
    """Copy a database, in which nobody can write meanwhile, and verify the copy.

    Args:
        source_url: as DATABASE_URL takes it.
        settings: of the installation whose database is filled; it must be migrated and empty.
        head: the newest migration that the code knows; both databases must be at it.
        progress: is told how far it has come.

    Raises:
        CopyRefused: one of them is not fit for it, somebody writes in the source, or the copy differs.
    """
    with _source(source_url, settings) as source, db.engine.execution_options(writing=True).begin() as target:
        if is_postgresql(target):
            lift_time_limits(target)
        else:
            target.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # a customer may come before its parent
        _refuse_unfit(source, target, head)
        _lock_out_writers(source, settings.database_timeout_seconds)
        wanted = {table.name: _count(source, table) for table in tables()}
        total, done = sum(wanted.values()), 0
        for table in tables():
            for copied in _copy_table(table, source, target):
                done += copied
                progress(COPYING, done, total)
        found = {table.name: _count(target, table) for table in tables()}
        if found != wanted:
            raise CopyRefused(f"The copy has other numbers of rows than the source: {found} in place of {wanted}.")
        if is_postgresql(target):
            target.exec_driver_sql("ANALYZE")  # or what is asked first would be planned for empty tables
        customers = _verify(target, wanted["customers"], progress)
    return Copied(found, customers)


@contextmanager
def _source(source_url: str, settings: Settings) -> Iterator[Connection]:
    """The source as of one moment; until the block is left, nobody can write there."""
    url = _url_of(source_url, settings)
    options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        options |= {"module": sqlite, "connect_args": {"timeout": settings.database_timeout_seconds}}
    else:
        options["connect_args"] = {"connect_timeout": settings.database_timeout_seconds, "prepare_threshold": None}
    engine = create_engine(url, **options)
    try:
        connection = engine.connect()
    except SQLAlchemyError as error:
        raise CopyRefused(f"The source cannot be read. {fault_of(error, url).told}") from error
    with connection:
        yield connection


def _url_of(source_url: str, settings: Settings) -> URL:
    try:
        source = replace(settings, database_url=source_url)
        url = make_url(source.sqlalchemy_url)
        kind = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise CopyRefused("The source's URL cannot be read; it is written as DATABASE_URL is.") from None
    if kind not in {"sqlite", "postgresql"}:
        raise CopyRefused("The source's URL must begin with postgresql:// or sqlite:///.")
    if file := sqlite_file(source):
        if not file.is_file():
            raise CopyRefused(f"There is no SQLite file {file}.")
        url = url.set(database=str(file))
    if url == db.engine.url:
        raise CopyRefused("The source is this installation's own database.")
    return url


def _refuse_unfit(source: Connection, target: Connection, head: str) -> None:
    """Both must be at the newest migration; where there is a row already, nothing is mixed in."""
    for place, connection in (("source", source), ("target", target)):
        schema = MigrationContext.configure(connection).get_current_revision()
        if schema != head:
            at = f"is at migration {schema}" if schema else "is not migrated"
            raise CopyRefused(f"The {place} {at}, this code is at {head}. Upgrade the {place} first. {UPGRADE}")
    if filled := [table.name for table in tables() if _has_rows(target, table)]:
        raise CopyRefused(f"The target is not empty: {', '.join(filled)}. Point DATABASE_URL to a new one. {UPGRADE}")


def _lock_out_writers(source: Connection, seconds: int) -> None:
    """See one moment, and let nobody write until the end: what came later would be lost. Readers go on."""
    source.rollback()  # the moment must not be from before the lock
    try:
        if is_postgresql(source):
            source.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            source.exec_driver_sql(f"SET LOCAL lock_timeout = {seconds * 1000:d}")
            names = ", ".join(table.name for table in tables())
            source.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")
        else:
            source.exec_driver_sql("BEGIN IMMEDIATE")
    except DBAPIError as error:
        raise CopyRefused(
            "Somebody is writing in the source. Stop the service that uses it, then copy again."
        ) from error


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(1).select_from(table).limit(1)).first() is not None


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _copy_table(table: Table, source: Connection, target: Connection) -> Iterator[int]:
    """Copy all rows. Yields of how many, batch by batch."""
    columns = list(table.columns)
    # Text of JSON as it is stored: read and written anew, an order or a spelling might change.
    chosen = [cast(column, Text) if _is_json(column) else column for column in columns]
    rows = source.execution_options(yield_per=ROWS_OF_A_BATCH).execute(select(*chosen))
    processors = [_processor(column, target) for column in columns]
    with _writing(table, columns, target) as write:
        for batch in rows.partitions():
            write([tuple(map(_as_stored, row, processors)) for row in batch])
            yield len(batch)
    _go_on_counting(table, target)


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def _processor(column: Column[Any], target: Connection) -> Callable[[Any], Any] | None:
    """What makes a value of Python's one of the target's driver's."""
    if _is_json(column):
        return None
    return column.type.dialect_impl(target.dialect).bind_processor(target.dialect)


def _as_stored(value: Any, processor: Callable[[Any], Any] | None) -> Any:
    return value if value is None or processor is None else processor(value)


@contextmanager
def _writing(
    table: Table, columns: Sequence[Column[Any]], target: Connection
) -> Iterator[Callable[[Sequence[tuple[Any, ...]]], None]]:
    """A function that writes rows of driver's values."""
    quoted = target.dialect.identifier_preparer
    into = f"{quoted.format_table(table)} ({', '.join(map(quoted.format_column, columns))})"
    with closing(target.connection.cursor()) as cursor:
        if not is_postgresql(target):
            marks = ", ".join("?" * len(columns))
            yield lambda rows: cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)  # noqa: S608 - names of ours
            return
        driver: Any = cursor
        with driver.copy(f"COPY {into} FROM STDIN") as copy:  # references are checked at its end, those to itself too

            def write(rows: Sequence[tuple[Any, ...]]) -> None:
                for row in rows:
                    copy.write_row(row)

            yield write


def _go_on_counting(table: Table, target: Connection) -> None:
    """PostgreSQL numbers rows by a sequence, which has not seen those that came with their numbers."""
    column = table.autoincrement_column
    if column is None or not is_postgresql(target) or not isinstance(column.type, Integer):
        return
    last = target.execute(select(func.max(column))).scalar_one()
    if last is not None:
        target.execute(select(func.setval(func.pg_get_serial_sequence(table.name, column.name), last)))


def _verify(target: Connection, customers: int, progress: Progress) -> int:
    """History, then search entries, of every customer of the copy. Returns how many there are."""

    def watched(check: Iterator[str | None], before: int) -> Iterator[str | None]:
        for number, fault in enumerate(check, start=1):
            if number % ROWS_OF_A_BATCH == 0:
                progress(VERIFYING, before + number, 2 * customers)
            yield fault

    told = list(watched(history_check.verify(target), 0))
    more = (*watched(search_index.verify(target), customers), search_index.trigrams_fault(target))
    if faults := [fault for fault in (*told, *more) if fault]:
        raise CopyRefused(f"The copy has {len(faults)} faults; is the source sound? The first: {faults[0]}")
    progress(VERIFYING, 2 * customers, 2 * customers)
    return len(told)
