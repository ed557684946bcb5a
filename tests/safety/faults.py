"""What can befall a database while the service runs on it. Each is a block: the fault is there until it is left.

Knows how a fault is brought about, not what the service makes of it.
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import psycopg
import pysqlite3.dbapi2 as sqlite

from tests.safety.installation import Installation
from tests.safety.postgresql import terminate_connections
from tests.support.served import Served, workers_of

Fault = Callable[[Installation, Served], AbstractContextManager[None]]

_FULL = """
    CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER disk_is_full AFTER INSERT ON customer_changes EXECUTE FUNCTION disk_is_full();
"""
_FULL_NO_MORE = "DROP TRIGGER disk_is_full ON customer_changes; DROP FUNCTION disk_is_full()"


def database_file(installation: Installation) -> Path:
    """Of an installation on SQLite."""
    return Path(installation.environment["INSTANCE_PATH"]) / "customer_desk.sqlite3"


@contextmanager
def full_disk_below_sqlite(installation: Installation, served: Served) -> Iterator[None]:
    """No file of the workers may grow past the present size of the write-ahead log, from whose begin nobody may write.

    It needs no disk of its own, and no rights: the kernel refuses the writing as it does on a full disk.
    """
    file = database_file(installation)
    workers = [int(worker) for worker in workers_of(served)]
    with closing(sqlite.connect(str(file), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM tenants").fetchall()  # its moment keeps the log from beginning anew
        size = Path(f"{file}-wal").stat().st_size
        assert size > 128 * 1024, "small files, such as those of the metrics, must go on growing"
        usual = [resource.prlimit(worker, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY)) for worker in workers]
        try:
            yield
        finally:
            for worker, limits in zip(workers, usual, strict=True):
                resource.prlimit(worker, resource.RLIMIT_FSIZE, limits)


@contextmanager
def sqlite_locked_by_another(installation: Installation, _served: Served) -> Iterator[None]:
    """A migration, or a rebuilt index: a long transaction of another process."""
    with closing(sqlite.connect(str(database_file(installation)), isolation_level=None)) as other:
        _begin(other)
        yield


def _begin(other: sqlite.Connection) -> None:
    """Take the lock from those who write all the time."""
    other.execute("PRAGMA busy_timeout = 60000")
    other.execute("BEGIN IMMEDIATE")


@contextmanager
def full_disk_below_postgresql(installation: Installation, _served: Served) -> Iterator[None]:
    """Its answer to a write then, from a trigger."""
    with psycopg.connect(installation.environment["DATABASE_URL"], autocommit=True) as operator:
        operator.execute(_FULL)
        try:
            yield
        finally:
            operator.execute(_FULL_NO_MORE)


@contextmanager
def read_only_postgresql(installation: Installation, _served: Served) -> Iterator[None]:
    """As a standby is, or a primary that an operator has set so; connections that were there before are not."""
    url = installation.environment["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as operator:
        (name,) = operator.execute("SELECT current_database()").fetchone() or ("",)
        operator.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        terminate_connections(url)
        try:
            yield
        finally:
            operator.execute("SET default_transaction_read_only = off")
            operator.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
            operator.execute("SELECT 1")
            terminate_connections(url)


@contextmanager
def postgresql_locked_by_another(installation: Installation, _served: Served) -> Iterator[None]:
    """Somebody holds every customer's row, and the table against those who are not there yet."""
    with psycopg.connect(installation.environment["DATABASE_URL"]) as other:
        other.execute("LOCK TABLE customers IN EXCLUSIVE MODE")
        yield
        other.rollback()


ON_SQLITE: dict[str, Fault] = {"disk full": full_disk_below_sqlite, "locked by another": sqlite_locked_by_another}
ON_POSTGRESQL: dict[str, Fault] = {
    "disk full": full_disk_below_postgresql,
    "read-only": read_only_postgresql,
    "locked by another": postgresql_locked_by_another,
}
