"""The answer to a write is stored in the write's own transaction, on both databases (contract section 7)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.support.clients import ApiClient
from tests.support.stored import faults_of, rows_of
from tests.support.threads import LONGEST_WAIT_SECONDS, at_once
from tests.support.world import HOME, World
from webapp.database import is_postgresql, reading, transaction
from webapp.idempotency import Answer, IdempotentRequest, run_once

KEY = {"Idempotency-Key": "a-key"}
NEW = {"external_id": "made", "name": "Made", "integration_entity_mapping": [{"provider": "stripe", "id": "1"}]}


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


@pytest.fixture
def api(world: World) -> ApiClient:
    """A program with a write key."""
    return ApiClient(world.app, world)


def on_postgresql(world: World) -> bool:
    """Which database it is."""
    with world.app.app_context(), reading() as connection:
        return is_postgresql(connection)


def refuse_answers(world: World) -> None:
    """A database that takes no answers, as a full disk would."""
    if on_postgresql(world):
        statements = ["ALTER TABLE idempotency_keys ADD CONSTRAINT full_disk CHECK (status = 0)"]
    else:
        statements = [
            "CREATE TRIGGER full_disk BEFORE INSERT ON idempotency_keys BEGIN SELECT RAISE(ABORT, 'full_disk'); END"
        ]

    def work(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    with world.app.app_context():
        transaction(work)


@pytest.mark.parametrize("write", ["create", "update", "archive"])
def test_without_its_answer_stored_a_write_has_no_effect(api: ApiClient, world: World, write: str) -> None:
    """500, and every row is as it was; the same request without a key works."""
    customer = world.create_customer(name="Before")
    refuse_answers(world)
    before = rows_of(world)
    method, path, body = {
        "create": ("POST", "/v1/customers", NEW),
        "update": ("PUT", f"/v1/customers/{customer.id}", {"external_id": "renamed"}),
        "archive": ("DELETE", f"/v1/customers/{customer.id}", None),
    }[write]
    answer = api.request(method, path, json=body, headers=KEY)
    assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
    assert "full_disk" not in answer.text
    assert rows_of(world) == before
    assert api.request(method, path, json=body).status_code in {200, 201, 204}
    assert rows_of(world) != before
    assert faults_of(world) == []


def test_an_answer_is_stored_with_its_effect(api: ApiClient, world: World) -> None:
    """One of each, and a replay by another process's connection finds it."""
    answer = api.request("POST", "/v1/customers", json=NEW, headers=KEY)
    rows = rows_of(world)
    assert (len(rows["customers"]), len(rows["customer_changes"]), len(rows["idempotency_keys"])) == (1, 1, 1)
    again = ApiClient(world.app, world).request("POST", "/v1/customers", json=NEW, headers=KEY)
    assert (again.data, again.headers["Idempotency-Replayed"]) == (answer.data, "true")


def test_a_request_whose_key_is_running_is_told_or_waits(api: ApiClient, world: World) -> None:
    """PostgreSQL: 409 with Retry-After. SQLite: it waits for its turn, and then finds the key used."""
    begun, go_on = threading.Event(), threading.Event()
    sent = IdempotentRequest(HOME.tenant_id, HOME.environment_id, "a-key", "another request")

    def work(_connection: Connection) -> None:
        begun.set()
        assert go_on.wait(LONGEST_WAIT_SECONDS)

    def run() -> None:
        with world.app.app_context():
            run_once(sent, work, lambda _connection, _result: Answer(200, {}, "{}"))

    def create() -> Any:
        return api.request("POST", "/v1/customers", json=NEW, headers=KEY)

    with ThreadPoolExecutor(2) as pool:
        try:
            running = pool.submit(run)
            assert begun.wait(LONGEST_WAIT_SECONDS)
            later = pool.submit(create)
            if on_postgresql(world):
                answer = later.result(LONGEST_WAIT_SECONDS)
                assert (answer.status_code, answer.json["code"]) == (409, "request_in_progress")
                assert int(answer.headers["Retry-After"]) >= 1
            assert running.running()
        finally:
            go_on.set()
        running.result(LONGEST_WAIT_SECONDS)
        answer = later.result(LONGEST_WAIT_SECONDS)
    assert answer.status_code == (409 if on_postgresql(world) else 422)
    assert rows_of(world)["customers"] == []
    assert create().status_code == 422


def test_of_equal_creates_at_once_one_has_an_effect(api: ApiClient, world: World) -> None:
    """The others are answered as it was, or told that it runs; repeated, each gets that one answer."""

    def create() -> Any:
        return ApiClient(world.app, world).request("POST", "/v1/customers", json=NEW, headers=KEY)

    answers = at_once(world.app, [create] * 6)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} <= {"request_in_progress"}
    made = {answer.data for answer in answers if answer.status_code == 201}
    assert made == {create().data}
    rows = rows_of(world)
    assert (len(rows["customers"]), len(rows["idempotency_keys"])) == (1, 1)
    assert faults_of(world) == []


def test_old_answers_go_when_a_new_one_is_stored(api: ApiClient, world: World) -> None:
    """Without anybody asking for it."""
    api.request("POST", "/v1/customers", json=NEW, headers=KEY)
    with world.app.app_context():
        long_ago = text("UPDATE idempotency_keys SET created_at = '2020-01-01 00:00:00.000000+00:00'")
        transaction(lambda connection: connection.execute(long_ago))
    world.app.extensions.pop("now_and_then")  # a minute passes
    api.request("POST", "/v1/customers", json={**NEW, "external_id": "b"}, headers={"Idempotency-Key": "b-key"})
    (row,) = rows_of(world)["idempotency_keys"]
    assert "b-key" in row
