"""Installations of the service for the safety tests: a seeded database, settings, and a crowd of clients.

Knows how one is made and served; not what the clients do to it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import SECRET_KEY
from tests.safety.stored import Stored, read_stored
from tests.support.databases import postgresql_app
from tests.support.load import Answer, Crowd, Request, Run, crowd
from tests.support.served import Served, serve
from tests.support.world import World, seed_world
from webapp import Settings, create_app
from webapp.database import db
from webapp.settings import PROJECT_ROOT

WORKERS = 2
VERIFY_SECONDS = 300


@dataclass(frozen=True)
class Installation:
    """A seeded database, the environment that the service reads its settings from, and clients with a write key."""

    world: World
    environment: dict[str, str]
    clients: Crowd

    @contextmanager
    def served(self) -> Iterator[Served]:
        """Serve until the block is left; again, if wanted."""
        folder = Path(self.environment["INSTANCE_PATH"])
        with serve(self.environment, folder / "server.log") as running:
            yield running

    def stored(self) -> Stored:
        """What the database holds at this moment."""
        return read_stored(self.world.app)

    def verify(self, what: str) -> int:
        """``history verify`` or ``search verify``, as an operator runs it; it must pass.

        Returns how many customers it has seen.
        """
        command = [sys.executable, "-m", "flask", "--app", "wsgi", what, "verify"]
        done = subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=VERIFY_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        count, _, told = done.stdout.partition(" ")
        assert told == "customers verified, 0 with faults\n", told
        return int(count)


@dataclass(frozen=True)
class Live:
    """An installation that is being served."""

    installation: Installation
    address: str

    @property
    def world(self) -> World:
        """What is in its database. The tests that share it make customers of their own."""
        return self.installation.world

    def at_once(self, works: Sequence[Sequence[Request]], repeated: Sequence[str] = ()) -> Run:
        """Send lists of requests, each from a thread of its own, all of which begin at the same moment."""
        return self.installation.clients.at_once(self.address, works, repeated)

    def race(self, *requests: Request) -> list[Answer]:
        """Send the requests at the same moment, each from a thread of its own. Returns the answers in order."""
        return self.at_once([[request] for request in requests]).final


def environment_of(folder: Path, database_url: str = "") -> dict[str, str]:
    """What the settings of an installation are read from; without ``database_url`` it is on SQLite, in ``folder``."""
    return {
        "INSTANCE_PATH": str(folder),
        "SECRET_KEY": SECRET_KEY,
        "WORKERS": str(WORKERS),
        "DATABASE_URL": database_url,
    }


def application(environment: dict[str, str]) -> Flask:
    """The application on an installation's database, for the test to look into it."""
    return create_app(Settings.from_environment({**environment, "LOG_LEVEL": "ERROR"}))


@contextmanager
def installed(app: Flask, environment: dict[str, str]) -> Iterator[Installation]:
    """An installation on an empty, migrated database, until the block is left."""
    world = seed_world(app)
    try:
        with crowd(world.keys["write"]) as clients:
            yield Installation(world, environment, clients)
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@contextmanager
def on_sqlite(request: pytest.FixtureRequest, folder: Path) -> Iterator[Installation]:
    """A new installation on SQLite."""
    shutil.copy(request.getfixturevalue("migrated_sqlite"), folder)
    environment = environment_of(folder)
    with installed(application(environment), environment) as installation:
        yield installation


@contextmanager
def on_postgresql(request: pytest.FixtureRequest, folder: Path) -> Iterator[Installation]:
    """A new installation on PostgreSQL."""
    environment = environment_of(folder)

    def make_app(database_url: str) -> Flask:
        environment["DATABASE_URL"] = database_url
        return application(environment)

    server, template = map(request.getfixturevalue, ("postgresql_server", "migrated_postgresql"))
    with postgresql_app(server, make_app, template) as app, installed(app, environment) as installation:
        yield installation
