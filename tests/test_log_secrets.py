"""Nothing that a customer, a person or a program sends is ever in the log: it is sent, marked, and looked for."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import text

from tests.conftest import SECRET_KEY
from tests.support.clients import DeskClient
from tests.support.databases import postgresql_app
from tests.support.secrets_sent import QUOTING_TRIGGERS, SecretSender
from tests.support.served import serve
from tests.support.sign_in import csrf_token
from tests.support.world import World, seed_world
from webapp.database import db, transaction

#: Every kind of answer that can be had of either face without a fault of the database.
STATUSES = {200, 201, 303, 400, 401, 404, 405, 409, 412, 413, 415, 422}
#: POST here ends the session of the one who sends it.
ENDS_SESSION = ("/sign-out", "/account/sessions")


def in_process(app: Flask) -> Callable[..., tuple[int, str, str]]:
    """Send to the application itself."""
    client = app.test_client(use_cookies=False)

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, str]:
        answer = client.open(path, method=method, headers=headers, data=body)
        return answer.status_code, answer.headers["X-Request-ID"], answer.get_data(as_text=True)

    return send


def over_a_socket(address: str) -> Callable[..., tuple[int, str, str]]:
    """Send to a server."""

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, str]:
        connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers["X-Request-ID"], answer.read().decode()
        finally:
            connection.close()

    return send


def sender(world: World, send: Callable[..., Any]) -> SecretSender:
    """Someone who is signed in, has seen a form, and has a key."""
    desk = DeskClient(world.app)
    desk.get("/customers/new")
    return SecretSender(send, world, desk.session_cookie())


def break_database(app: Flask) -> None:
    """From now on each change of a customer fails, in words that quote the customer."""
    with app.app_context():
        statements = QUOTING_TRIGGERS[db.engine.dialect.name]
        transaction(lambda connection: [connection.execute(text(statement)) for statement in statements])


def assert_silent(log: str, sent: SecretSender) -> None:
    """Each answer has its line, and no line has a secret."""
    lines = [json.loads(line) for line in log.splitlines()]
    told = {line["request_id"]: line["status"] for line in lines if line["event"] == "request"}
    assert {request: told.get(request) for request in sent.answers} == sent.answers
    assert [line for line in lines if sent.mark in json.dumps(line).lower()] == []
    assert [key for key in sent.world.keys.values() if key in log] == []
    assert sent.cookie[1] not in log


@pytest.fixture(params=["sqlite", "postgresql"])
def telling_world(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[World]:
    """The world on each database, in an application that logs all it can."""
    make = partial(make_app, log_level="DEBUG")
    if request.param == "sqlite":
        yield seed_world(make())
        return
    template = request.getfixturevalue("migrated_postgresql")
    with postgresql_app(request.getfixturevalue("postgresql_server"), make, template) as app:
        yield seed_world(app)


def test_nothing_that_is_sent_is_logged(telling_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the answer, a fault of the database that quotes the row included."""
    world = telling_world
    sent = sender(world, in_process(world.app))
    capsys.readouterr()
    customer_id = sent.use_the_api()
    sent.use_the_desk(customer_id)
    assert sent.statuses >= STATUSES
    values = sent.form(f"/customers/{customer_id}/edit", "#customer-form")
    break_database(world.app)
    assert sent.api("PUT", f"/{customer_id}", {"name": f"{sent.mark} broken"})[0] == 500
    assert sent.desk("POST", f"/customers/{customer_id}/edit", values | {"name": f"{sent.mark} broken"})[0] == 500
    log = capsys.readouterr().err
    assert_silent(log, sent)
    assert log.count('"exception"') == 2
    assert "refus" not in log
    assert "webapp/customers/" in log  # where it happened is told


def test_no_route_logs_what_it_is_sent(make_app: Callable[..., Flask], capsys: pytest.CaptureFixture[str]) -> None:
    """Each method of each route, about a customer and about a mark, with marks in path, query and form."""
    world = seed_world(make_app(log_level="DEBUG"))
    sent = sender(world, in_process(world.app))
    capsys.readouterr()
    customer_id = sent.use_the_api()
    admin = DeskClient(world.app, "admin")
    token = csrf_token(admin, "/customers")
    sent.cookie = admin.session_cookie()
    values = dict.fromkeys(("password", "code", "q", "reason", "email", "name", "new_password", "next"), sent.mark)
    for rule in world.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            if rule.rule.startswith(ENDS_SESSION):
                continue
            for identifier in (sent.mark, customer_id) if rule.arguments else ("",):
                parts = {name: "1" if name in {"version", "position"} else identifier for name in rule.arguments}
                path = filled(rule.rule, parts)
                form = {**values, "csrf_token": token} if method == "POST" else None
                sent.desk(method, f"{path}?{sent.mark}={sent.mark}", form)
    assert len(sent.answers) > 100
    assert_silent(capsys.readouterr().err, sent)


def filled(rule: str, parts: dict[str, str]) -> str:
    """A rule with its parts filled in."""
    for name, value in parts.items():
        start = rule.index("<", max(0, rule.index(f"{name}>") - 60))
        while not rule[start : rule.index(">", start) + 1].endswith(f"{name}>"):
            start = rule.index("<", start + 1)
        rule = rule[:start] + quote(value) + rule[rule.index(">", start) + 1 :]
    return rule


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """The SQLite file, held by somebody else who writes."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()


@pytest.mark.sqlite_only("another process holds its one lock")
def test_the_server_logs_nothing_that_is_sent(app: Flask, tmp_path: Path) -> None:
    """Over its socket, through its front and its own log; while the database is busy, too."""
    world, log = seed_world(app), tmp_path / "server.log"
    environment = {
        "INSTANCE_PATH": str(tmp_path),
        "SECRET_KEY": SECRET_KEY,
        "WORKERS": "1",
        "LOG_LEVEL": "DEBUG",
        "DATABASE_TIMEOUT_SECONDS": "1",
    }
    with serve(environment, log) as served:
        sent = sender(world, over_a_socket(served.address))
        customer_id = sent.use_the_api()
        sent.use_the_desk(customer_id)
        assert sent.statuses >= STATUSES
        with locked(tmp_path / "customer_desk.sqlite3"):
            assert sent.api("PUT", f"/{customer_id}", {"name": f"{sent.mark} late"})[0] == 503
        break_database(app)
        assert sent.api("PUT", f"/{customer_id}", {"name": f"{sent.mark} broken"})[0] == 500
    assert_silent(log.read_text(), sent)
