"""Installations on both databases, served by real processes, and what takes them away."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask_migrate import upgrade

from tests.safety.installation import (
    Installation,
    Live,
    application,
    environment_of,
    installed,
    on_postgresql,
    on_sqlite,
)
from tests.safety.postgresql import OwnPostgresql, own_postgresql
from tests.support.databases import EACH_DATABASE

ON_EACH_DATABASE = {"sqlite": on_sqlite, "postgresql": on_postgresql}


@pytest.fixture(scope="session", params=EACH_DATABASE)
def served_on_each_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The production server on SQLite, and then on PostgreSQL; shared by all tests that leave it running."""
    folder = tmp_path_factory.mktemp("safety")
    with ON_EACH_DATABASE[request.param](request, folder) as installation, installation.served() as running:
        yield Live(installation, running.address)


@pytest.fixture(params=EACH_DATABASE)
def installation_on_each_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation of the test's own, on SQLite and then on PostgreSQL, that is not served yet."""
    with ON_EACH_DATABASE[request.param](request, tmp_path) as installation:
        yield installation


@pytest.fixture
def installation_on_postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation of the test's own on PostgreSQL, that is not served yet."""
    with on_postgresql(request, tmp_path) as installation:
        yield installation


@pytest.fixture
def own_server(postgresql_server: Callable[[str], str]) -> Iterator[OwnPostgresql]:
    """A PostgreSQL server that nobody else uses."""
    with own_postgresql() as server:
        yield server


@pytest.fixture
def installation_on_own_server(own_server: OwnPostgresql, tmp_path: Path) -> Iterator[Installation]:
    """An installation on ``own_server``, that is not served yet."""
    environment = environment_of(tmp_path, own_server.url)
    app = application(environment)
    with app.app_context():
        upgrade()
    with installed(app, environment) as installation:
        yield installation
