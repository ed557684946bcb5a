"""``make bench`` on a tiny database: it still runs, and its floor is of the very SQL that the service makes."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select

from bench.__main__ import run
from bench.bare_sql import Recorder, run_bare
from bench.calls import lines_of, steps_of
from bench.cases import endless_customers
from bench.databases import database
from bench.dataset import bench_app, load
from bench.desk import EMAIL, form_values, password_of_bench
from bench.measuring import Amounts
from bench.people import SCOPE
from bench.sent import Sent
from tests.support.clients import DeskClient
from tests.support.databases import EACH_DATABASE, new_postgresql_database
from tests.support.sign_in import fill_in
from webapp.access.api_keys import create_api_key
from webapp.customers.history import list_changes
from webapp.customers.lookup import find_customer
from webapp.customers.model import integration_mappings
from webapp.database import db, reading

CUSTOMERS = 150
TINY = Amounts(rounds=1, requests=5, taken_down=3, crowd=5, connections=2, warm_up=1)
KINDS = ["PUT, metadata", "search, 25 of some 150", "desk: form save"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny database of the bench."""
    folder = tmp_path_factory.mktemp("bench")
    with database("sqlite", folder, CUSTOMERS, lambda _: None):
        return folder


@pytest.fixture(scope="module")
def app(kept: Path) -> Iterator[Flask]:
    """The service on that database."""
    made = bench_app(f"sqlite:///{kept / f'{CUSTOMERS}.sqlite3'}", str(kept))
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture(params=EACH_DATABASE)
def app_on_each_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The service on SQLite, and then on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("app")
        return
    server, template = map(request.getfixturevalue, ("postgresql_server", "migrated_postgresql"))
    with new_postgresql_database(server, template) as url:
        made = bench_app(url, str(tmp_path))
        with made.app_context():
            load(CUSTOMERS, say=lambda _: None)
        yield made
        with made.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("sent", [{"address_city": "Kiruna"}, {"metadata": {"plan": "basic"}}], ids=["plain", "more"])
def test_the_floor_runs_the_sql_of_the_service_itself(app_on_each_database: Flask, sent: dict[str, Any]) -> None:
    """Taken down it leaves nothing in the database; run by the bare driver it changes the customer as a PUT does."""
    app, [(name, value)] = app_on_each_database, sent.items()
    with app.app_context():
        key = create_api_key(SCOPE.environment_id, "write", "Bench", "command")
        customer = next(endless_customers(1))
    headers = {"x-api-key": key, "Content-Type": "application/json"}
    put = Sent("PUT", f"/v1/customers/{customer.id}", headers, orjson.dumps(sent))
    recorded = bench_app(app.extensions["customer_desk_settings"].database_url, app.instance_path)
    taken = Recorder(recorded).take_down([put])
    with recorded.app_context():
        db.engine.dispose()
    with app.app_context(), reading() as connection:
        assert find_customer(connection, SCOPE, customer.id) == customer
    run_bare(app, taken, ())
    with app.app_context(), reading() as connection:
        after = find_customer(connection, SCOPE, customer.id)
        newest, *_ = list_changes(connection, SCOPE, customer.id, most=1)
    assert (getattr(after, name), after.version) == (value, customer.version + 1)
    assert {change.field for change in newest.fields} == {name}


def test_a_form_is_sent_as_a_browser_sends_it(app: Flask) -> None:
    """Every field of the page, with its rows, and nothing else."""
    desk = DeskClient(app, None)
    with app.app_context():
        fill_in(desk, email=EMAIL, password=password_of_bench())
        with reading() as connection:
            customer_id = connection.execute(select(integration_mappings.c.customer_id).limit(1)).scalar_one()
    shown = desk.get(f"/customers/{customer_id}/edit").form_values()
    with app.app_context():
        assert form_values(shown["csrf_token"], customer_id) == shown


def test_the_calls_of_a_request_are_counted_step_by_step(app: Flask) -> None:
    """A step's calls are its own and those of the steps in it; what the client does beside is left out."""
    lines = list(lines_of(steps_of(app, Sent("GET", "/livez")), 1))
    assert "Flask.__call__" in lines[0]
    assert [line for line in lines if not line.startswith(" ")] == lines[:1]
    steps = [(len(line) - len(line.lstrip()), int(line.rpartition(" ")[2])) for line in lines]
    assert steps[0][1] >= len(steps)
    second = [calls for depth, calls in steps if depth == 2]
    assert steps[0][1] > sum(second)
    assert any("_begin" in line for line in lines)


def test_a_run_times_requests_beside_their_floor(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table has a line for each kind, the file its figures. Three kinds stand for all: each takes its time."""
    if shutil.which("wrk") is None:
        pytest.skip("no wrk for this test; scripts/install_debian_packages.sh wrk installs it")
    run(["sqlite"], kept, CUSTOMERS, TINY, KINDS, "WARNING")
    figures = orjson.loads((kept / "last.json").read_bytes())["databases"]["sqlite"]
    printed = capsys.readouterr().out.splitlines()
    assert [one["name"] for one in figures] == KINDS
    for one in figures:
        assert one["server"] > 0
        assert one["floor"] > one["sql"] > 0
        assert any(line.startswith(f"{one['name']} ") for line in printed)
