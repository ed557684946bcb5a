"""What is wrong with a database: told in one line, without the password, at the start of a server and by commands."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pysqlite3.dbapi2 as sqlite
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from tests.conftest import SECRET_KEY, SettingsMaker
from tests.support.databases import new_postgresql_database
from tests.support.pgbouncer import pgbouncer
from tests.support.served import free_port, serve
from webapp import Settings, create_app, database_faults
from webapp.app import MIGRATIONS
from webapp.database import db
from webapp.database_faults import database_fault, fault_of
from webapp.migration_head import migration_head
from webapp.settings import PROJECT_ROOT

PASSWORD = "zebra-crossing"
HEAD = migration_head(MIGRATIONS)
LOCKED = "desk_with_a_password"
COMMAND_SECONDS = 120
BACK_SECONDS = 60


@pytest.fixture(scope="session")
def locked_server(postgresql_server: Callable[[str], str]) -> Callable[[str], str]:
    """The tests' PostgreSQL for a user who needs a password: from a database's name to a URL with a wrong one."""
    folder = Path(str(conninfo_to_dict(postgresql_server("postgres"))["host"]))
    rules = folder / "pg_hba.conf"
    rules.write_text(f"local all {LOCKED} scram-sha-256\n" + rules.read_text())
    with psycopg.connect(postgresql_server("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE USER {LOCKED} PASSWORD 'another one'")
        connection.execute("SELECT pg_reload_conf()")
    return lambda name: f"postgresql://{LOCKED}:{PASSWORD}@/{name}?host={folder}"


@pytest.fixture
def migrated(postgresql_server: Callable[[str], str], migrated_postgresql: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of the test's own."""
    with new_postgresql_database(postgresql_server, migrated_postgresql) as url:
        yield url


@pytest.fixture
def no_postgresql() -> Iterator[int]:
    """The port of something that is no PostgreSQL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_answer_as_a_web_server, args=[listener], daemon=True).start()
        yield listener.getsockname()[1]


def _answer_as_a_web_server(listener: socket.socket) -> None:
    try:
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    except OSError:
        return  # the test is over


def fault(tmp_path: Path, url: str) -> tuple[str, bool]:
    """What is told of a database, and whether it is final. Never the password, never more than a line."""
    environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "DATABASE_URL": url}
    found = database_fault(Settings.from_environment(environment), HEAD)
    assert found is not None
    assert PASSWORD not in found.told
    assert len(found.told.splitlines()) == 1
    return found.told, found.is_final


def test_a_sound_database_has_no_fault(make_settings: SettingsMaker) -> None:
    """Nothing is told."""
    assert database_fault(make_settings(), HEAD) is None


def test_a_sound_postgresql_has_no_fault(make_settings: SettingsMaker, migrated: str) -> None:
    """Nothing is told."""
    assert database_fault(make_settings(database_url=migrated), HEAD) is None


def test_a_wrong_password_is_final(tmp_path: Path, locked_server: Callable[[str], str]) -> None:
    """A person must mend it."""
    told, is_final = fault(tmp_path, locked_server("postgres"))
    assert (f"refuses the password of the user {LOCKED}" in told, is_final) == (True, True)


def test_an_unknown_user_is_final(tmp_path: Path, postgresql_server: Callable[[str], str]) -> None:
    """The same."""
    url = make_url(postgresql_server("postgres")).set(username="nobody_of_that_name", password=PASSWORD)
    told, is_final = fault(tmp_path, url.render_as_string(hide_password=False))
    assert ("has no user nobody_of_that_name" in told, is_final) == (True, True)


def test_an_unknown_database_is_final(tmp_path: Path, postgresql_server: Callable[[str], str]) -> None:
    """The same."""
    told, is_final = fault(tmp_path, postgresql_server("none_of_that_name"))
    assert ("has no database none_of_that_name" in told, is_final) == (True, True)


def test_what_is_no_postgresql_is_final(tmp_path: Path, no_postgresql: int) -> None:
    """A port that is another's."""
    told, is_final = fault(tmp_path, f"postgresql://desk:{PASSWORD}@127.0.0.1:{no_postgresql}/desk")
    assert (f"What listens at 127.0.0.1:{no_postgresql} is no PostgreSQL" in told, is_final) == (True, True)


def test_a_refused_connection_may_pass(tmp_path: Path) -> None:
    """PostgreSQL may be starting."""
    told, is_final = fault(tmp_path, f"postgresql://desk:{PASSWORD}@127.0.0.1:{(port := free_port())}/desk")
    assert (f"Nothing listens at 127.0.0.1:{port}" in told, is_final) == (True, False)


def test_a_socket_that_is_not_there_may_pass(tmp_path: Path) -> None:
    """The same, without a network."""
    told, is_final = fault(tmp_path, f"postgresql:///desk?host={tmp_path}")
    assert ("No PostgreSQL runs on this machine's socket" in told, is_final) == (True, False)


def test_a_host_that_does_not_resolve_may_pass(tmp_path: Path) -> None:
    """A name server may be away as well."""
    told, is_final = fault(tmp_path, f"postgresql://desk:{PASSWORD}@nobody.invalid/desk")
    assert ("nobody.invalid, cannot be found" in told, is_final) == (True, False)


def test_an_old_postgresql_is_final(
    make_settings: SettingsMaker, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With both versions named."""
    monkeypatch.setattr(database_faults, "OLDEST_POSTGRESQL", 99)
    found = database_fault(make_settings(database_url=migrated), HEAD)
    assert found is not None
    assert found.told.startswith("This is PostgreSQL 18.")
    assert (found.told.endswith("; 99 or newer is needed."), found.is_final) == (True, True)


MIGRATED = {
    "not at all": (["DROP TABLE alembic_version", "DROP TABLE tenants CASCADE"], "not migrated: it is at no migration"),
    "half": (["DELETE FROM alembic_version"], "has tables, but no record of its migrations"),
    "not far enough": (["UPDATE alembic_version SET version_num = '0001'"], "not migrated: it is at 0001"),
    "too far": (["UPDATE alembic_version SET version_num = '9999_needs_9999'"], "migrated past this version"),
    "twice": (["INSERT INTO alembic_version VALUES ('0001')"], "more than one row"),
}


@pytest.mark.parametrize(("statements", "words"), MIGRATED.values(), ids=MIGRATED.keys())
def test_another_migration_than_the_codes_is_final(
    tmp_path: Path, migrated: str, statements: list[str], words: str
) -> None:
    """And the line says what to do, or at what the two are."""
    with psycopg.connect(migrated) as connection:
        for statement in statements:
            connection.execute(statement)
    told, is_final = fault(tmp_path, migrated)
    assert (words in told, is_final) == (True, True)


def test_a_newer_migration_that_only_adds_is_no_fault(make_settings: SettingsMaker, migrated: str) -> None:
    """The version before goes on running, and may start again, while the next one is being brought in."""
    with psycopg.connect(migrated) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert database_fault(make_settings(database_url=migrated), HEAD) is None


def test_a_missing_sqlite_file_is_final_and_is_not_made(tmp_path: Path) -> None:
    """Looking leaves nothing behind."""
    told, is_final = fault(tmp_path, "sqlite:///desk.sqlite3")
    assert (f"There is no SQLite file {tmp_path}/desk.sqlite3 yet. Run 'flask" in told, is_final) == (True, True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_final(tmp_path: Path) -> None:
    """Such as one that was damaged."""
    (tmp_path / "desk.sqlite3").write_text("not a database " * 100)
    told, is_final = fault(tmp_path, "sqlite:///desk.sqlite3")
    assert ("is no SQLite database" in told, is_final) == (True, True)


#: As the driver, the server or pgbouncer words what is hard to bring about here.
WORDED = {
    "starting": ("FATAL:  the database system is starting up", "is starting or stopping", False),
    "full": ("FATAL:  sorry, too many clients already", "has no connection left", False),
    "silent": ("connection timeout expired", "does not answer", False),
    "let in by no rule": ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', "pg_hba.conf has no line", True),
    "not encrypted": ("server does not support SSL, but SSL was required", "cannot be encrypted", True),
    "pooler": ("FATAL:  no such database: desk", "has no database desk", True),
    "rights": ("permission denied for table customers", "has no right to use customers", True),
}


@pytest.mark.parametrize(("said", "words", "is_final"), WORDED.values(), ids=WORDED.keys())
def test_what_a_server_says_is_told_in_plain_words(said: str, words: str, is_final: bool) -> None:
    """Whatever it is, without the driver's own text."""
    found = fault_of(psycopg.OperationalError(said), make_url(f"postgresql://desk:{PASSWORD}@db.example:5432/desk"))
    assert (words in found.told, found.is_final) == (True, is_final)


def test_what_nobody_foresaw_is_told_without_the_password() -> None:
    """And may pass."""
    url = make_url(f"postgresql://desk:{PASSWORD}@db.example/desk")
    found = fault_of(psycopg.OperationalError(f"a new fault with {PASSWORD} in it"), url)
    assert found.told.startswith("The database cannot be used: ")
    assert PASSWORD not in found.told
    assert not found.is_final


def run(tmp_path: Path, url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with the settings of an installation. What it prints never has the password."""
    settings = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "DATABASE_URL": url, "PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT_ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    assert PASSWORD not in done.stdout + done.stderr
    return done


def test_a_server_does_not_start_on_a_final_fault(tmp_path: Path, locked_server: Callable[[str], str]) -> None:
    """One clear message and an exit code that a supervisor sees."""
    done = run(tmp_path, locked_server("postgres"), "-m", "webapp.server")
    assert (done.returncode, done.stdout) == (1, "")
    first, line = done.stderr.splitlines()
    assert first == "Customer Desk cannot start:"
    assert line.startswith("  - PostgreSQL at ")


def test_a_server_starts_before_its_database_and_finds_it_later(tmp_path: Path, migrated: str) -> None:
    """Unready until then, and back by itself."""
    port = free_port()
    url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/{make_url(migrated).database}"
    environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "WORKERS": "1", "DATABASE_URL": url}
    with serve(environment, tmp_path / "server.log") as served:
        with pytest.raises(HTTPError) as unready:
            urlopen(f"{served.address}/readyz", timeout=BACK_SECONDS)
        assert unready.value.code == 503
        unready.value.close()
        with pgbouncer(migrated, tmp_path, port), urlopen(f"{served.address}/readyz", timeout=BACK_SECONDS) as ready:
            assert ready.status == 200
        log = served.log.read_text()
    assert "Nothing listens at 127.0.0.1" in log
    assert PASSWORD not in log


def test_an_upgrade_says_what_is_wrong(tmp_path: Path) -> None:
    """The migrations' own command, without a traceback."""
    url = f"postgresql://desk:{PASSWORD}@127.0.0.1:{free_port()}/desk"
    done = run(tmp_path, url, "-m", "flask", "--app", "wsgi", "db", "upgrade")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: Nothing listens at 127.0.0.1:")


COMMANDS = (["keys", "list"], ["staff", "list"], ["history", "verify"], ["demo"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_says_what_is_wrong(tmp_path: Path, command: list[str]) -> None:
    """On a database that nobody has migrated."""
    (tmp_path / "desk.sqlite3").touch()
    environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "DATABASE_URL": "sqlite:///desk.sqlite3"}
    app = create_app(Settings.from_environment(environment))
    done = app.test_cli_runner().invoke(args=command)
    with app.app_context():
        db.engine.dispose()
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "Error: The database is not migrated. Run 'flask --app wsgi db upgrade'."


def test_a_sqlite_file_that_cannot_be_opened_is_final(tmp_path: Path) -> None:
    """A folder, for instance."""
    (tmp_path / "desk.sqlite3").mkdir()
    with pytest.raises(sqlite.OperationalError):
        sqlite.connect(tmp_path / "desk.sqlite3").execute("SELECT 1 FROM tenants")
    told, is_final = fault(tmp_path, "sqlite:///desk.sqlite3")
    assert ("cannot be opened" in told, is_final) == (True, True)
