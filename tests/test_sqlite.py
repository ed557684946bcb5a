"""How SQLite files are opened, also by several at the same moment, and left."""

import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError

from tests.conftest import SECRET_KEY
from webapp.settings import Settings
from webapp.sqlite import leave_one_file, sqlite_file, tune_sqlite, use_write_ahead_log

pytestmark = pytest.mark.sqlite_only("its files")

HELD_SECONDS = 0.2
OPENERS = 3
FILES = 100


@contextmanager
def held_by_a_writer(path: Path) -> Iterator[sqlite.Connection]:
    """A new file that is not in WAL yet, and the connection that has it locked."""
    with closing(sqlite.connect(str(path), isolation_level=None, check_same_thread=False)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("CREATE TABLE of_another (id INTEGER)")
        yield writer


def opened(path: Path) -> sqlite.Connection:
    """A connection as the driver gives it, with no wait of its own."""
    return sqlite.connect(str(path), timeout=0, isolation_level=None, check_same_thread=False)


def test_a_new_file_that_another_has_locked_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself would not wait."""
    path = tmp_path / "new.sqlite3"
    with held_by_a_writer(path) as writer, closing(opened(path)) as connection:
        free = threading.Timer(HELD_SECONDS, lambda: writer.execute("COMMIT"))
        free.start()
        use_write_ahead_log(connection, 30)
        free.join()
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_it_is_not_waited_for_any_longer(tmp_path: Path) -> None:
    """Then SQLite's own error says what is wrong."""
    path = tmp_path / "new.sqlite3"
    with held_by_a_writer(path), closing(opened(path)) as connection:
        began = time.monotonic()
        with pytest.raises(sqlite.OperationalError, match="locked"):
            use_write_ahead_log(connection, HELD_SECONDS)
        assert time.monotonic() - began >= HELD_SECONDS


def test_a_file_that_is_no_database_is_told_at_once(tmp_path: Path) -> None:
    """Only a lock is worth a wait."""
    path = tmp_path / "new.sqlite3"
    path.write_bytes(b"no database" * 1000)
    with closing(opened(path)) as connection, pytest.raises(sqlite.DatabaseError, match="not a database"):
        use_write_ahead_log(connection, 3600)


@pytest.mark.parametrize(
    ("database_url", "file"),
    [
        ("", "/instance/customer_desk.sqlite3"),
        ("sqlite:///other.sqlite3", "/instance/other.sqlite3"),
        ("sqlite:////elsewhere/other.sqlite3", "/elsewhere/other.sqlite3"),
        ("postgresql://host/name", None),
    ],
)
def test_a_relative_name_is_one_in_the_instance_folder(database_url: str, file: str | None) -> None:
    """As Flask-SQLAlchemy has it."""
    environment = {"INSTANCE_PATH": "/instance", "SECRET_KEY": SECRET_KEY, "DATABASE_URL": database_url}
    settings = Settings.from_environment(environment)
    assert sqlite_file(settings) == (Path(file) if file else None)


def test_a_file_that_others_have_open_is_whole_all_the_same(tmp_path: Path) -> None:
    """Its log stays, and is empty."""
    path = tmp_path / "kept.sqlite3"
    with closing(opened(path)) as connection:
        use_write_ahead_log(connection, 30)
        connection.execute("CREATE TABLE kept (id INTEGER)")
        leave_one_file(path)
        assert path.with_name("kept.sqlite3-wal").stat().st_size == 0


@pytest.mark.parametrize("content", [None, b"no database" * 1000], ids=["nothing", "something else"])
def test_what_is_no_database_is_left_alone(tmp_path: Path, content: bytes | None) -> None:
    """The service ends without a fault."""
    path = tmp_path / "none.sqlite3"
    if content is not None:
        path.write_bytes(content)
    leave_one_file(path)
    assert (path.read_bytes() if path.exists() else None) == content


def test_processes_open_new_files_at_once(tmp_path: Path) -> None:
    """As workers do that begin together: each gets its connections."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # what this file imports is imported once for all of them
    barrier = context.Barrier(OPENERS)
    refused = context.Queue()
    openers = [context.Process(target=open_new_files, args=(tmp_path, barrier, refused)) for _ in range(OPENERS)]
    for opener in openers:
        opener.start()
    assert [refused.get(timeout=60) for _ in openers] == [[]] * OPENERS
    for opener in openers:
        opener.join(60)


def open_new_files(folder: Path, barrier: Any, refused: Any) -> None:
    """One of the processes. Puts what it could not open, and why, on the queue."""
    faults: list[str] = []
    for number in range(FILES):
        engine = create_engine(f"sqlite:///{folder / f'{number}.sqlite3'}", module=sqlite)
        tune_sqlite(engine, 30)
        barrier.wait(30)
        try:
            engine.connect().close()
        except DatabaseError as error:
            faults.append(f"{number}: {error.orig}")
        engine.dispose()
    refused.put(faults)
