"""What happens is counted: transactions, waits, searches, refusals, sign-ins; each under names that the code has."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.support.clients import ApiClient, DeskClient
from tests.support.exposition import samples
from tests.support.sign_in import fill_in
from tests.support.world import World, seed_world
from webapp import happenings
from webapp.database import LostRace, db, reading, transaction, write_if_free
from webapp.errors import NotFound, ServiceUnavailable
from webapp.happening_metrics import SHOWN
from webapp.request_body import FAULT, HEADERS_TOO_LARGE, LATE, UNKNOWN_METHOD, UNREADABLE, URI_TOO_LONG

Counts = Callable[[], dict[str, float]]


def counts_of(app: Flask) -> Counts:
    """A function that tells what has grown since it was called last, and by how much; times as how many they were."""
    client, known = app.test_client(), dict[str, float]()

    def grown() -> dict[str, float]:
        found = {
            name.removeprefix("customer_desk_") + "".join(f" {value}" for _, value in labels): value
            for (name, labels), value in samples(client.get("/metrics").text).items()
            if name.startswith("customer_desk_") and name.endswith(("_total", "_count"))
        }
        new = {name: value - known.get(name, 0) for name, value in found.items() if value != known.get(name, 0)}
        known.update(found)
        return new

    grown()
    return grown


COMMITTED = "transaction_duration_seconds_count committed"
ROLLED_BACK = "transaction_duration_seconds_count rolled_back"


def test_transactions_are_counted_by_how_they_ended(app_on_each_database: Flask) -> None:
    """With what made them run again."""
    grown = counts_of(app_on_each_database)
    tries = iter((LostRace, LostRace, None))

    def unlucky(_connection: object) -> None:
        if error := next(tries):
            raise error

    def fail(_connection: object) -> None:
        raise NotFound

    with app_on_each_database.app_context():
        transaction(lambda connection: connection.execute(text("SELECT 1")))
        transaction(unlucky)
        with pytest.raises(NotFound):
            transaction(fail)
        assert not write_if_free(lambda connection: connection.execute(text("SELECT * FROM nowhere")))
    found = grown()
    assert {name: found.pop(name) for name in (COMMITTED, ROLLED_BACK)} == {COMMITTED: 2, ROLLED_BACK: 1}
    assert (found["transaction_retries_total lost_race"], found["writes_skipped_total"]) == (2, 1)
    assert found["database_connections_total made"] >= 1


def test_a_transaction_that_always_loses_is_given_up(app_on_each_database: Flask) -> None:
    """After so many repetitions, one fewer than it was tried."""
    grown = counts_of(app_on_each_database)

    def lose(_connection: object) -> None:
        raise LostRace

    with app_on_each_database.app_context(), pytest.raises(ServiceUnavailable):
        transaction(lose)
    found = grown()
    assert (found["transactions_given_up_total"], found["transaction_retries_total lost_race"]) == (1, 5)
    assert found[ROLLED_BACK] == 1


@pytest.fixture
def small_pool(make_app: Callable[..., Flask], app_on_each_database: Flask) -> Iterator[Flask]:
    """An application on each database that gives up on a connection after a second."""
    url = app_on_each_database.extensions["customer_desk_settings"].database_url
    app = make_app(database_url=url, database_pool_size="2", database_timeout_seconds="1")
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_pool_that_runs_dry_is_seen(small_pool: Flask) -> None:
    """How many connections there may be, are, and are waited for in vain."""
    grown = counts_of(small_pool)
    with small_pool.app_context(), ExitStack() as held:
        pool = db.engine.pool
        most: int = pool.most  # type: ignore[attr-defined]
        for _ in range(most):
            held.enter_context(reading())
        with pytest.raises(PoolTimeout):
            reading()
        shown = samples(small_pool.test_client().get("/metrics").text)
        pooled = {name: value for (name, _), value in shown.items() if name.startswith("customer_desk_database_pool")}
    assert pooled["customer_desk_database_pool_size"] == pooled["customer_desk_database_pool_checked_out"] == most
    assert pooled["customer_desk_database_pool_idle"] == pooled["customer_desk_database_pool_waiting"] == 0
    found = grown()
    assert found["database_pool_wait_seconds_count timed_out"] == 1
    assert found["database_pool_wait_seconds_count served"] == most


def test_connections_that_break_are_seen(app_on_each_database: Flask) -> None:
    """A lost one is closed, and the next is made."""
    grown = counts_of(app_on_each_database)
    with app_on_each_database.app_context():
        with reading() as connection:
            connection.invalidate(ConnectionError())
        with reading() as connection:
            connection.execute(text("SELECT 1"))
    found = grown()
    assert found["database_connections_total lost"] == found["database_connections_total closed"] == 1
    assert found["database_connections_total made"] == 2


def test_what_the_api_meets_is_counted(make_app: Callable[..., Flask]) -> None:
    """Searches, replays, rate limits, bodies that did not come."""
    world = seed_world(make_app(rate_limit_per_key="4/hour"))
    api, grown = ApiClient(world.app, world), counts_of(world.app)
    api.get("/v1/customers?email=a@example.com")
    for _ in range(2):
        headers = {"Idempotency-Key": "once"}
        body = {"external_id": "one", "name": "One"}
        assert api.request("POST", "/v1/customers", json=body, headers=headers).status_code == 201
    assert api.get("/v1/customers/cust_1", environ_overrides={FAULT: LATE}).status_code == 408
    api.get("/v1/customers/cust_1")
    assert api.get("/v1/customers/cust_1").status_code == 429
    found = grown()
    assert found["search_duration_seconds_count done"] >= 1
    assert found["idempotent_replays_total"] == found["requests_refused_total late"] == 1
    assert found["rate_limited_total key"] == 1


@pytest.mark.parametrize(
    ("fault", "status"), [(UNREADABLE, 400), (UNKNOWN_METHOD, 405), (URI_TOO_LONG, 414), (HEADERS_TOO_LARGE, 431)]
)
def test_what_the_server_cannot_take_is_counted(app: Flask, fault: str, status: int) -> None:
    """And answered on both faces, to whatever host it may have been meant."""
    world = seed_world(app)
    api, grown = ApiClient(app, world), counts_of(app)
    refused = api.get("/v1/customers/cust_1", environ_overrides={FAULT: fault, "HTTP_HOST": "elsewhere"})
    assert (refused.status_code, refused.json["http_status_code"]) == (status, status)
    page = app.test_client().get("/sign-in", environ_overrides={FAULT: fault})
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert grown()[f"requests_refused_total {fault.replace(' ', '_')}"] == 2


def test_sign_ins_are_counted(make_app: Callable[..., Flask]) -> None:
    """By how they ended; nobody's name is told."""
    world = seed_world(make_app(sign_in_account_limit="1"))
    grown = counts_of(world.app)
    fill_in(DeskClient(world.app, role=None), email="editor@desk.example")
    for _ in range(2):
        fill_in(DeskClient(world.app, role=None), email="viewer@desk.example", password="wrong")
    found = {name: value for name, value in grown().items() if name.startswith("sign_in")}
    assert found == {f"sign_in_attempts_total {kind}": 1 for kind in ("succeeded", "failed", "throttled")}


def test_openings_that_the_access_log_lacks_are_counted(world: World) -> None:
    """They stand in the log of the service, and an alert can be made of them."""
    customer, desk = world.create_customer(), DeskClient(world.app)
    grown = counts_of(world.app)
    with world.app.app_context():
        transaction(lambda connection: connection.execute(text("ALTER TABLE record_accesses RENAME TO away")))
    assert desk.get(f"/customers/{customer.id}").status == 200
    assert grown()["accesses_not_logged_total"] == 1


def test_readiness_is_counted(app_on_each_database: Flask) -> None:
    """By what was answered."""
    client, grown = app_on_each_database.test_client(), counts_of(app_on_each_database)
    client.get("/readyz")
    with app_on_each_database.app_context():
        transaction(lambda connection: connection.execute(text("DELETE FROM alembic_version")))
    client.get("/readyz")
    found = {name: value for name, value in grown().items() if name.startswith("readiness")}
    assert found == {f"readiness_checks_total {kind}": 1 for kind in ("ready", "wrong_migration")}


def test_every_happening_is_shown() -> None:
    """None is noted in vain."""
    names = {value for name, value in vars(happenings).items() if name.isupper() and not name.startswith("_")}
    assert names == set(SHOWN)
    assert len({shown.metric for shown in SHOWN.values()}) == len(SHOWN)
    assert all(shown.metric.endswith(("_total", "_seconds")) for shown in SHOWN.values())


def test_nobody_hears_what_is_noted_outside_of_an_application() -> None:
    """A script that uses a part of the service fails of no counter."""
    happenings.note(happenings.SEARCH, "done", 1.0)
