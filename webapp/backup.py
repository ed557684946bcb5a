"""A consistent copy of a SQLite database while it is being served. Knows no table of the service's.

PostgreSQL has tools of its own for this, which docs/operations/backup.md names.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from alembic.runtime.migration import MigrationContext

from webapp.database import db, reading
from webapp.errors import InvalidInput, InvalidOperation
from webapp.phrases import phrase

#: Copied from one report of the progress to the next: 8 MiB.
PAGES_OF_A_STEP = 2048

#: Called with the pages that are copied so far, and with how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What was copied.

    Attributes:
        size: bytes of the copy.
        revision: the migration that it is at.
    """

    size: int
    seconds: float
    revision: str


def back_up(target: Path, progress: Progress, pages_of_a_step: int = PAGES_OF_A_STEP) -> Backup:
    """Copy the database to ``target``, which appears whole and checked, or not at all; its owner alone may read it.

    The copy is the database as of one moment. Others go on writing: what they write meanwhile is not in it, and makes
    the write-ahead log longer, which is used anew afterwards.

    Raises:
        InvalidInput: there is something at ``target`` already, or no folder to put it in.
        InvalidOperation: the service is on PostgreSQL, its database was never migrated, or the copy is damaged.
        OSError: the copy cannot be written.
        pysqlite3.Error: the same.
    """
    began = time.monotonic()
    if db.engine.dialect.name != "sqlite":
        raise InvalidOperation(
            phrase("This database is on PostgreSQL: use pg_dump or pg_basebackup, as docs/operations/backup.md tells.")
        )
    with _unfinished(target) as unfinished:
        revision = _copy(unfinished, progress, pages_of_a_step)
        size = unfinished.stat().st_size
    return Backup(size, time.monotonic() - began, revision)


def _copy(target: Path, progress: Progress, pages_of_a_step: int) -> str:
    """Fill the empty file ``target``. Returns the migration that it is at.

    SQLite begins a copy anew whenever another process has written between two steps, so that it would never end under
    load. It does not while the connection has a transaction open, which sees the database as of its beginning.
    """
    with reading() as connection, closing(sqlite.connect(str(target), isolation_level=None)) as copy:
        revision = MigrationContext.configure(connection).get_current_revision()  # the transaction begins here
        if revision is None:
            raise InvalidOperation(phrase("There is nothing to back up: the database was never migrated."))
        # Nobody else has the file yet, and all of it is written out at the end.
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        source: Any = connection.connection.driver_connection
        source.backup(
            copy, pages=pages_of_a_step, progress=lambda _status, left, all_: progress(all_ - left, all_), sleep=0
        )
        faults = [fault for (fault,) in copy.execute("PRAGMA quick_check(1)")]
        if faults != ["ok"]:
            raise InvalidOperation(phrase("The copy is damaged: %(fault)s", fault=faults[0]))
    return revision


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A new file beside ``target`` that takes its name when the block is left without a fault, else is removed."""
    if os.path.lexists(target):
        raise InvalidInput(phrase("%(file)s exists already.", file=str(target)))
    if not target.parent.is_dir():
        raise InvalidInput(phrase("There is no folder %(folder)s.", folder=str(target.parent)))
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield unfinished
        _settle(unfinished)
        unfinished.rename(target)
        _settle(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Wait until a file, or what a folder says of its files, is on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
