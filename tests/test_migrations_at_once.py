"""Two processes that migrate one database at the same time: each waits its turn, and both end in order."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pysqlite3.dbapi2 as sqlite
import pytest
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from tests.conftest import SECRET_KEY
from tests.support.databases import EACH_DATABASE, new_postgresql_database
from webapp import create_app
from webapp.app import MIGRATIONS
from webapp.database import Base, db, reading
from webapp.migration_head import migration_head
from webapp.settings import PROJECT_ROOT, Settings

LONGEST_SECONDS = 120
#: As in migrations/env.py, which only Alembic can import.
LOCK = 7_262_054_391
#: What the probes say; the reason is one of docs/operations/faults.md.
ALIVE, READY = {"status": "alive"}, {"status": "ready"}
UNMIGRATED = {"status": "unready", "reason": "the database is not migrated"}


class Migrating:
    """``flask db upgrade`` in a process of its own."""

    def __init__(self, environment: dict[str, str], told: Path) -> None:
        self.told = told
        with told.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
                cwd=PROJECT_ROOT,
                env=os.environ | environment,
                stdout=subprocess.DEVNULL,
                stderr=output,
            )

    def wait_until_it_waits(self) -> None:
        """It says so, once."""
        give_up_at = time.monotonic() + LONGEST_SECONDS
        while "waiting for it to end" not in self.told.read_text():
            assert self._process.poll() is None, self.told.read_text()
            assert time.monotonic() < give_up_at
            time.sleep(0.05)

    def wait(self) -> int:
        """Its exit code."""
        return self._process.wait(LONGEST_SECONDS)


@pytest.fixture(params=EACH_DATABASE)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/blank.sqlite3"
        return
    with new_postgresql_database(request.getfixturevalue("postgresql_server")) as url:
        yield url


@contextmanager
def a_migration_that_runs(database_url: str) -> Iterator[None]:
    """What the others find: the lock is taken."""
    if database_url.startswith("sqlite"):
        other = sqlite.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        yield
        other.close()
        return
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        yield


@pytest.fixture
def look_into(tmp_path: Path) -> Iterator[Callable[[dict[str, str]], Flask]]:
    """The application on a database."""
    made: list[Flask] = []

    def look(environment: dict[str, str]) -> Flask:
        made.append(create_app(Settings.from_environment(environment | {"LOG_LEVEL": "ERROR"})))
        return made[-1]

    yield look
    for app in made:
        with app.app_context():
            db.engine.dispose()


def probes_of(app: Flask) -> list[tuple[int, object]]:
    """What ``/livez`` and ``/readyz`` say."""
    answers = [app.test_client().get(path) for path in ("/livez", "/readyz")]
    return [(answer.status_code, answer.json) for answer in answers]


def test_migrations_wait_for_each_other_and_the_last_finds_nothing_to_do(
    database_url: str, tmp_path: Path, look_into: Callable[[dict[str, str]], Flask]
) -> None:
    """They wait for longer than a request may, say that they do, and leave the newest schema.

    An instance that is there already is alive all the while, unready until they have ended, and then ready by itself.
    """
    environment = {
        "INSTANCE_PATH": str(tmp_path),
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": database_url,
        "DATABASE_TIMEOUT_SECONDS": "1",
    }
    with a_migration_that_runs(database_url):
        both = [Migrating(environment, tmp_path / f"told {number}") for number in range(2)]
        for one in both:
            one.wait_until_it_waits()
        time.sleep(1.2)  # past DATABASE_TIMEOUT_SECONDS
        app = look_into(environment)
        assert probes_of(app) == [(200, ALIVE), (503, UNMIGRATED)]
    assert [one.wait() for one in both] == [0, 0], [one.told.read_text() for one in both]
    assert probes_of(app) == [(200, ALIVE), (200, READY)]
    with app.app_context(), reading() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == migration_head(MIGRATIONS)
        assert set(Base.metadata.tables) <= set(inspect(db.engine).get_table_names())
