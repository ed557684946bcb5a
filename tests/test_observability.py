"""What operators see: request IDs, log lines, health; and that no field's content is ever among it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import fill_in
from tests.support.world import PASSWORD, World, seed_world
from webapp.database import transaction
from webapp.log_lines import configure_logging
from webapp.observability import elapsed_seconds, request_id

SECRET = "zebra-crossing-at-midnight"
AWAY = "postgresql://nobody:hush-hush@127.0.0.1:1/none"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The log since the last look."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def follow_log(app: Flask) -> None:
    """Have the log go to what ``capsys`` captures: pytest gives each phase of a test a standard error of its own."""
    configure_logging(app.extensions["customer_desk_settings"])


@pytest.fixture
def logged_world(make_app: Callable[..., Flask]) -> World:
    """The world in an application that logs everything; for tests that begin with ``follow_log``."""
    return seed_world(make_app(log_level="DEBUG"))


@pytest.mark.parametrize("sent", ["abc", "A-b_9", "x" * 64, "0"])
def test_the_callers_own_request_id_is_kept(api: ApiClient, sent: str) -> None:
    """So that a trace goes on."""
    answer = api.get("/v1/customers/cust_1", headers={"X-Request-ID": sent})
    assert answer.headers["X-Request-ID"] == sent


@pytest.mark.parametrize(
    "sent", ["", "x" * 65, "a b", "a.b", "ä", 'a"b', "a\tb", "<script>"], ids=["empty", "65", *"abcdef"]
)
def test_a_request_id_of_another_form_is_replaced(api: ApiClient, sent: str) -> None:
    """Nothing strange gets into the log."""
    answer = api.get("/v1/customers/cust_1", headers={"X-Request-ID": sent})
    assert answer.headers["X-Request-ID"].startswith("req_")


def test_each_request_has_an_id_of_its_own(api: ApiClient) -> None:
    """A new one each time."""
    assert len({api.get("/v1/customers/cust_1").headers["X-Request-ID"] for _ in range(3)}) == 3


@pytest.mark.parametrize("path", ["/sign-in", "/livez", "/static/desk.css", "/nothing", "/customers"])
def test_every_kind_of_answer_has_a_request_id(app: Flask, path: str) -> None:
    """Pages and files too."""
    with app.test_client().get(path) as answer:
        assert answer.headers["X-Request-ID"]


def test_a_request_is_one_line_of_json(logged_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Who, what, how long, how it ended."""
    follow_log(logged_world.app)
    customer = logged_world.create_customer()
    answer = ApiClient(logged_world.app, logged_world).get(f"/v1/customers/{customer.id}?expand=integrations")
    (line,) = lines(capsys)
    assert line.pop("milliseconds") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("actor").startswith("key_")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "request_id": answer.headers["X-Request-ID"],
        "route": "/v1/customers/<customer_id>",
        "status": 200,
        "tenant": "tenant_home",
        "environment": "env_home_production",
    }


def test_a_persons_request_names_the_person(logged_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """By ID."""
    follow_log(logged_world.app)
    DeskClient(logged_world.app).get("/customers")
    assert lines(capsys)[-1]["actor"] == "staff_editor"


def test_a_strangers_request_names_nobody(logged_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """And is logged all the same."""
    follow_log(logged_world.app)
    logged_world.app.test_client().get("/nothing")
    (line,) = lines(capsys)
    assert (line["actor"], line["tenant"], line["route"], line["status"]) == (None, None, "", 404)


def test_no_credential_is_logged(logged_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither password, nor key, nor cookie."""
    follow_log(logged_world.app)
    desk = DeskClient(logged_world.app, role=None)
    fill_in(desk, email="editor@desk.example", password=SECRET)
    fill_in(desk, email="editor@desk.example")
    ApiClient(logged_world.app, logged_world).get("/v1/customers/cust_1")
    log = capsys.readouterr().err
    cookie = desk.client.get_cookie("customer_desk")
    assert cookie
    assert not [secret for secret in (SECRET, PASSWORD, logged_world.keys["write"], cookie.value) if secret in log]


def test_no_field_content_is_logged_with_a_database_error(
    world_on_each_database: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """The traceback names the statement, not its values."""
    world = world_on_each_database
    follow_log(world.app)
    customer = world.create_customer()
    with world.app.app_context():
        transaction(lambda connection: connection.execute(text("ALTER TABLE customer_changes RENAME TO away")))
    answer = ApiClient(world.app, world).put(f"/v1/customers/{customer.id}", {"name": SECRET})
    assert answer.status_code >= 500
    log = capsys.readouterr().err
    assert "customer_changes" in log
    assert SECRET not in log


def test_the_log_level_is_a_setting(make_app: Callable[..., Flask], capsys: pytest.CaptureFixture[str]) -> None:
    """WARNING leaves out the requests."""
    make_app(log_level="WARNING").test_client().get("/livez")
    assert lines(capsys) == []


def test_livez_says_that_the_process_lives(make_app: Callable[..., Flask]) -> None:
    """Without asking the database, so that its fault restarts no worker."""
    answer = make_app(database_url=AWAY).test_client().get("/livez")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})


def test_readyz_says_that_the_database_is_there(app_on_each_database: Flask) -> None:
    """Reached, and at the newest migration."""
    answer = app_on_each_database.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    "statement",
    ["UPDATE alembic_version SET version_num = 'older'", "DELETE FROM alembic_version", "DROP TABLE alembic_version"],
    ids=["another migration", "none", "never migrated"],
)
def test_readyz_is_503_when_the_database_is_not_migrated(app_on_each_database: Flask, statement: str) -> None:
    """With the reason."""
    with app_on_each_database.app_context():
        transaction(lambda connection: connection.execute(text(statement)))
    answer = app_on_each_database.test_client().get("/readyz")
    assert (answer.status_code, answer.mimetype) == (503, "application/json")
    assert answer.json == {"status": "unready", "reason": "the database is not migrated"}


def test_readyz_is_503_when_the_database_is_away(make_app: Callable[..., Flask]) -> None:
    """With the reason, and nothing of the driver's complaint."""
    answer = make_app(database_url=AWAY).test_client().get("/readyz")
    assert (answer.status_code, answer.mimetype) == (503, "application/json")
    assert answer.json == {"status": "unready", "reason": "the database cannot be reached"}


def test_a_request_that_fails_before_it_begins_has_an_id(app: Flask) -> None:
    """Whatever answers it asks for one, and for how long it took."""
    with app.test_request_context("/livez"):
        assert [request_id() for _ in range(2)] == [request_id()] * 2
        assert elapsed_seconds() >= 0
