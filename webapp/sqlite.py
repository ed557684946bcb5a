"""How the service talks to SQLite: the pragmas of a connection, and how its transactions begin. Knows no table."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Connection, Engine, RootTransaction, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.settings import Settings
from webapp.statements import run_text

#: Of one connection. As compiled it is 2 MB, which a search of a million customers goes through many times over.
CACHE_KIB = 32 * 1024
#: An execution option, or what is kept of a connection while its transaction begins: that this one is to write.
WRITING = "writing"
#: Kept of a connection: how many milliseconds it waits for another's write to end.
USUAL_WAIT = "usual_wait"
#: How long the end of the service waits for others that have its file open.
LEAVING_SECONDS = 2
#: How soon the switch of a new file to its write-ahead log is tried again.
SWITCH_AGAIN_SECONDS = 0.005
#: Reads go straight to the operating system's cache of the file, which all processes share.
MMAP_BYTES = 8 * 2**30


def sqlite_file(settings: Settings) -> Path | None:
    """An installation's SQLite file; a relative one is in the instance folder. None on PostgreSQL."""
    url = make_url(settings.sqlalchemy_url)
    if url.get_backend_name() != "sqlite":
        return None
    return Path(settings.instance_path) / (url.database or "")  # an absolute name stays as it is


def tune_sqlite(engine: Engine, busy_seconds: int) -> None:
    """Set up an engine's connections, which wait so long for another's write to end."""

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[USUAL_WAIT] = busy_seconds * 1000
        # The driver begins no transaction of its own accord: a read outside of one is a single statement.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {busy_seconds * 1000}")
        use_write_ahead_log(connection, busy_seconds)
        for pragma in (
            "synchronous = FULL",
            "foreign_keys = ON",
            # What is deleted is overwritten, where that touches no further page (docs/decisions/0018).
            "secure_delete = FAST",
            f"cache_size = -{CACHE_KIB}",
            f"mmap_size = {MMAP_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        told = connection.get_execution_options()
        if told.get("isolation_level") == "AUTOCOMMIT":  # for what runs in no transaction, such as VACUUM
            return
        # A writer takes the lock at once: one that begins as a reader can fail half-way, without waiting its turn.
        is_to_write = told.get(WRITING) or connection.info.get(WRITING)
        run_text(connection, "BEGIN IMMEDIATE" if is_to_write else "BEGIN")


def use_write_ahead_log(connection: Any, busy_seconds: float) -> None:
    """Let the file of a driver's connection be written by way of a log (WAL), which it is from then on for everyone.

    Of several that open a new file at once only one can switch it. SQLite tells the others at once that the file is
    locked, whatever ``busy_timeout`` says, so they try again here.

    Raises:
        pysqlite3.dbapi2.OperationalError: another keeps the file locked for longer than ``busy_seconds``.
    """
    give_up_at = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite.SQLITE_BUSY or time.monotonic() >= give_up_at:
                raise
            time.sleep(SWITCH_AGAIN_SECONDS)
        else:
            return


def leave_one_file(file: Path) -> None:
    """Write what stands in the write-ahead log of a database into its file, unless others have it open still.

    SQLite does so itself when the last connection is closed; a worker of the server ends without closing its own.
    """
    if not file.is_file():  # it would be made
        return
    with suppress(sqlite.Error), closing(sqlite.connect(str(file), timeout=LEAVING_SECONDS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def waiting_for(connection: Connection, milliseconds: int) -> Iterator[None]:
    """Wait for another's write to end no longer than that, within a ``with`` block."""
    driver: Any = connection.connection.driver_connection
    usual = connection.info[USUAL_WAIT]
    driver.execute(f"PRAGMA busy_timeout = {milliseconds:d}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {usual:d}")


def begin_to_write(connection: Connection) -> RootTransaction:
    """Begin a transaction that writes, on either database; to be used in a ``with`` block, which commits it."""
    kept = connection.info  # of a connection that is lost meanwhile it cannot be asked for any more
    kept[WRITING] = True
    try:
        return connection.begin()
    finally:
        kept.pop(WRITING, None)
