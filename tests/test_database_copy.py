"""Moving to another database: everything is copied, nothing differs, everybody goes on; and what is refused."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite
import pytest
from flask import Flask
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import cast, delete, select, text
from sqlalchemy.types import JSON, Text

from tests.access.test_second_factor import with_second_factor
from tests.conftest import SECRET_KEY
from tests.support.administration import send
from tests.support.clients import ApiClient, DeskClient
from tests.support.databases import new_postgresql_database
from tests.support.world import HOME, World, seed_world
from webapp.customers.model import customer_search
from webapp.customers.operations import erase_customer
from webapp.database import db, reading, transaction
from webapp.database_copy import tables
from webapp.settings import PROJECT_ROOT

MakeApp = Callable[..., Flask]
VIEW = "/customers?q=zebra"


@pytest.fixture
def new_sqlite(make_app: MakeApp, migrated_sqlite: Path, tmp_path: Path) -> Callable[[str], Flask]:
    """Installations on SQLite files, each migrated and empty, by the file's name."""

    def make(name: str) -> Flask:
        shutil.copy(migrated_sqlite, tmp_path / name)
        return make_app(database_url=f"sqlite:///{name}")

    return make


@pytest.fixture
def new_postgresql(
    make_app: MakeApp, postgresql_server: Callable[[str], str], migrated_postgresql: str
) -> Iterator[Flask]:
    """An installation on PostgreSQL, migrated and empty."""
    with new_postgresql_database(postgresql_server, migrated_postgresql) as url:
        app = make_app(database_url=url)
        yield app
        with app.app_context():
            db.engine.dispose()


def url_of(app: Flask) -> str:
    """As DATABASE_URL has it."""
    return str(app.extensions["customer_desk_settings"].database_url)


def copy(source: Flask, target: Flask) -> tuple[int, list[str]]:
    """Run the command in the target's installation. Returns the exit code and the lines."""
    return run(target, url_of(source))


def run(target: Flask, source_url: str) -> tuple[int, list[str]]:
    """The same, from any URL."""
    done = target.test_cli_runner().invoke(args=["copy-database", source_url])
    return done.exit_code, done.output.splitlines()


def stored(app: Flask) -> dict[str, list[str]]:
    """Every row of every table that is copied; JSON to the letter."""
    with app.app_context(), reading() as connection:
        return {
            table.name: sorted(
                repr(tuple(row))
                for row in connection.execute(
                    select(*(cast(column, Text) if isinstance(column.type, JSON) else column for column in table.c))
                )
            )
            for table in tables()
        }


def refusal(source: Flask, target: Flask) -> str:
    """What the command says when it refuses; the target stays as it was."""
    before = stored(target)
    code, lines = copy(source, target)
    assert code == 1
    assert stored(target) == before
    return lines[-1]


def fill(app: Flask) -> tuple[World, DeskClient]:
    """A row or more in every table. Returns the world and an editor who is signed in and has a record open."""
    world = seed_world(app)
    with_second_factor(app)
    entries = {"plän": "gold", "b": "2", "a": "", "ü" * 90: "Ω"}
    top = world.create_customer(name="Zebra 斑马 \U0001f993 é", metadata=entries)
    low = world.create_customer(parent=top.external_id, mappings={"stripe": "cus_1", "paddle": "pad/1"})
    world.update_customer(low, external_id="another", address_country="DE", metadata={"n": "10.5", "d": "2026-01-31"})
    world.archive(world.create_customer())
    erased = world.create_customer(email="gone@example.com")
    with app.app_context():
        erase_customer(HOME, world.actor, erased.id)
    sent = ApiClient(app, world).put(f"/v1/customers/{low.id}", {"contact": "1"}, headers={"Idempotency-Key": "key 1"})
    assert sent.status_code == 200
    admin = DeskClient(app, "admin")
    assert send(admin, "/staff/invite", email="new@desk.example", role="viewer").status < 400
    editor = DeskClient(app)
    assert editor.get(f"/customers/{low.id}").status == 200
    values = editor.get(VIEW).form_values(".view-form")
    assert editor.post("/customers/views", {**values, "name": "Zebras"}).status == 303
    wrong = DeskClient(app, role=None)
    send(wrong, "/sign-in", "form[action='/sign-in']", email="viewer@desk.example", password="not this one")
    return world, editor


def test_there_and_back_again(new_sqlite: Callable[[str], Flask], new_postgresql: Flask) -> None:
    """SQLite to PostgreSQL to SQLite: every table is as it was, and sign-ins, keys and writes go on in each."""
    first, last = new_sqlite("first.sqlite3"), new_sqlite("last.sqlite3")
    world, editor = fill(first)
    kept = stored(first)
    assert [name for name, rows in kept.items() if not rows] == []

    for source, target in ((first, new_postgresql), (new_postgresql, last)):
        code, lines = copy(source, target)
        assert code == 0, lines
        assert stored(target) == kept
        told = dict(line.split("\t") for line in lines if "\t" in line)
        assert told == {name: str(len(rows)) for name, rows in kept.items()}
        assert f"{sum(map(len, kept.values()))} rows copied in" in lines[-2]
        assert lines[-2].endswith(f"; {len(kept['customers'])} customers verified, 0 with faults")

    for app in (new_postgresql, last):
        moved = DeskClient(app, role=None)
        name, value = editor.session_cookie()
        moved.client.set_cookie(name, value)
        assert moved.get(VIEW).status == 200
        api = ApiClient(app, world)
        made = api.request("POST", "/v1/customers", json={"external_id": "after", "name": "Made after the move"})
        assert made.status_code == 201
        assert api.get("/v1/customers?email=gone@example.com").get_json()["items"] == []
        assert api.get("/v1/customers/lookup/user_2").get_json()["external_id"] == "another"


def test_a_terminal_shows_how_far_the_copying_and_the_verifying_are(
    new_sqlite: Callable[[str], Flask], tmp_path: Path
) -> None:
    """A bar for each, which ends full. What is no terminal is shown none (the other tests see the lines alone)."""
    source, target = new_sqlite("source.sqlite3"), new_sqlite("target.sqlite3")
    world = seed_world(source)
    for _ in range(3):
        world.create_customer()
    environment = {**os.environ, "INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "LOG_LEVEL": "ERROR"}
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "copy-database", url_of(source)],
            cwd=PROJECT_ROOT,
            env=environment | {"DATABASE_URL": url_of(target)},
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # the other end is closed
            while part := terminal.read(1000):
                shown += part
    assert process.wait() == 0, shown
    for what in ("Copying", "Verifying"):
        assert re.search(rf"{what}  \[#+\]  100%", shown.decode()), shown
    assert shown.index(b"Copying") < shown.index(b"Verifying")


def test_the_source_may_be_told_in_the_environment(
    new_sqlite: Callable[[str], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password on a command line is seen by everybody on the machine."""
    first, last = new_sqlite("first.sqlite3"), new_sqlite("last.sqlite3")
    seed_world(first)
    monkeypatch.setenv("SOURCE_DATABASE_URL", url_of(first))
    assert last.test_cli_runner().invoke(args=["copy-database"]).exit_code == 0
    assert stored(last) == stored(first)


def test_a_target_with_a_row_is_refused(new_sqlite: Callable[[str], Flask]) -> None:
    """Nothing is mixed in."""
    first, last = new_sqlite("first.sqlite3"), new_sqlite("last.sqlite3")
    seed_world(first)
    seed_world(last)
    assert refusal(first, last).startswith("Error: The target is not empty: tenants, environments, staff")


SCHEMAS = {
    "of before": ("UPDATE alembic_version SET version_num = '0001'", "is at migration 0001"),
    "none": ("DELETE FROM alembic_version", "is not migrated"),
}


@pytest.mark.parametrize("place", ["source", "target"])
@pytest.mark.parametrize(("statement", "words"), SCHEMAS.values(), ids=SCHEMAS.keys())
def test_another_migration_is_refused(
    new_sqlite: Callable[[str], Flask], place: str, statement: str, words: str
) -> None:
    """Of the source or of the target; the tables would not fit."""
    apps = {"source": new_sqlite("first.sqlite3"), "target": new_sqlite("last.sqlite3")}
    with apps[place].app_context():
        transaction(lambda connection: connection.execute(text(statement)))
    assert refusal(apps["source"], apps["target"]).startswith(f"Error: The {place} {words}")


def test_a_sqlite_source_that_is_being_written_is_refused(
    new_sqlite: Callable[[str], Flask], make_app: MakeApp, tmp_path: Path
) -> None:
    """What came after the copy began would be lost."""
    first = new_sqlite("first.sqlite3")
    new_sqlite("last.sqlite3")
    last = make_app(database_url="sqlite:///last.sqlite3", database_timeout_seconds=1)
    with closing(sqlite.connect(tmp_path / "first.sqlite3", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert refusal(first, last).startswith("Error: Somebody is writing in the source.")


def test_a_postgresql_source_that_is_being_written_is_refused(
    new_postgresql: Flask, new_sqlite: Callable[[str], Flask], make_app: MakeApp
) -> None:
    """The same."""
    new_sqlite("last.sqlite3")
    last = make_app(database_url="sqlite:///last.sqlite3", database_timeout_seconds=1)
    with psycopg.connect(url_of(new_postgresql)) as writer:
        writer.execute("INSERT INTO tenants VALUES ('tenant_1', 'Name', now())")
        assert refusal(new_postgresql, last).startswith("Error: Somebody is writing in the source.")


def test_a_source_that_is_not_sound_is_refused(new_sqlite: Callable[[str], Flask], new_postgresql: Flask) -> None:
    """The copy is verified before it is kept: history, search entries, and the references of rows."""
    first = new_sqlite("first.sqlite3")
    seed_world(first).create_customer()
    with first.app_context():
        transaction(lambda connection: connection.execute(text("UPDATE customers SET name = 'Changed by hand'")))
    assert "The copy has 2 faults; is the source sound? The first: cust_" in refusal(first, new_postgresql)
    with first.app_context():
        transaction(lambda connection: connection.execute(delete(customer_search)))
    assert "faults" in refusal(first, new_postgresql)


def test_an_interruption_leaves_the_target_empty(
    new_sqlite: Callable[[str], Flask], new_postgresql: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C in the midst of it, or a power cut: it is one transaction."""
    first = new_sqlite("first.sqlite3")
    fill(first)
    before = stored(new_postgresql)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("webapp.database_copy._go_on_counting", interrupt)
    code, _ = copy(first, new_postgresql)
    assert code != 0
    assert stored(new_postgresql) == before
    monkeypatch.undo()
    assert copy(first, new_postgresql)[0] == 0


URLS = {
    "no file": ("sqlite:///none.sqlite3", "There is no SQLite file "),
    "another kind": ("mysql://host/name", "The source's URL must begin with postgresql:// or sqlite:///."),
    "no URL": ("my database", "The source's URL cannot be read"),
    "itself": ("sqlite:///last.sqlite3", "The source is this installation's own database."),
}


@pytest.mark.parametrize(("source_url", "words"), URLS.values(), ids=URLS.keys())
def test_a_source_that_is_none_is_refused(new_sqlite: Callable[[str], Flask], source_url: str, words: str) -> None:
    """One line each."""
    code, lines = run(new_sqlite("last.sqlite3"), source_url)
    assert code == 1
    assert lines[-1].startswith(f"Error: {words}")


def test_a_source_that_does_not_answer_is_told_plainly(
    new_sqlite: Callable[[str], Flask], postgresql_server: Callable[[str], str]
) -> None:
    """As at the start of a server."""
    host = conninfo_to_dict(postgresql_server("postgres"))["host"]
    code, lines = run(new_sqlite("last.sqlite3"), f"postgresql://postgres@/none_of_that_name?host={host}")
    assert code == 1
    assert lines[-1].startswith("Error: The source cannot be read. PostgreSQL at ")
