"""The service behind pgbouncer in transaction mode: nothing is lost or mixed up, and every time limit holds.

pgbouncer has its own defaults but for the mode: nothing has to be set for the service, neither there nor on the role.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from urllib.request import Request, urlopen

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import OperationalError

from tests.safety.accounting import assert_nothing_is_lost
from tests.safety.installation import Installation
from tests.safety.sizes import SIZES
from tests.safety.writing_load import writing_load
from tests.support.databases import new_postgresql_database
from tests.support.load import COME_BACK
from tests.support.pgbouncer import SERVER_CONNECTIONS, pgbouncer
from tests.support.served import Served
from tests.support.visitor import ANSWER_SECONDS, Visitor
from tests.support.world import HOME, seed_world
from webapp.access.model import Tenant
from webapp.access.rate_limit_counters import Counters, Window
from webapp.customers.lookup import find_mappings
from webapp.database import db, reading, snapshot, transaction

SECONDS = 3
TENANT = {"id": "tenant_1", "name": "0"}
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone")
READS = (
    "/v1/customers?limit=5",
    "/v1/customers?email=a@example.com",
    "/v1/customers?sort=name&order=asc&limit=10",
)
READERS = 2
PEOPLE = 2


@pytest.fixture
def pooled(installation_on_postgresql: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose service reaches its database through pgbouncer; its ``world`` does without."""
    with pgbouncer(installation_on_postgresql.environment["DATABASE_URL"], tmp_path) as url:
        environment = installation_on_postgresql.environment | {"DATABASE_URL": url}
        yield Installation(installation_on_postgresql.world, environment, installation_on_postgresql.clients)


@pytest.fixture
def app(
    postgresql_server: Callable[[str], str], migrated_postgresql: str, make_app: Callable[..., Flask], tmp_path: Path
) -> Iterator[Flask]:
    """The application behind pgbouncer, in this process."""
    with (
        new_postgresql_database(postgresql_server, migrated_postgresql) as database_url,
        pgbouncer(database_url, tmp_path) as url,
    ):
        app = make_app(database_url=url, database_timeout_seconds=SECONDS)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def test_everybody_is_served_and_nothing_is_lost(pooled: Installation) -> None:
    """Writers, readers and people at the desk at once, with fewer connections than there are threads."""
    customer = pooled.world.create_customer(name="Read by all", email="a@example.com")
    paths = (f"/v1/customers/{customer.id}", *READS)
    writes = writing_load(pooled.world, SIZES.writes_of_a_thread)
    key, stop = pooled.world.keys["read"], Event()
    with pooled.served() as served, ThreadPoolExecutor(PEOPLE + READERS) as threads:
        with pooled.clients.run(served.address, writes, COME_BACK) as run:
            others = [threads.submit(_work_at_the_desk, served, customer.id, person) for person in range(PEOPLE)]
            others += [threads.submit(_read, served, key, paths, stop) for _ in range(READERS)]
            run.wait_for_more(SIZES.writes_before_a_kill)
            stop.set()
            for other in others:
                other.result()
            run.stop()
        assert run.unanswered == []
        assert_nothing_is_lost(pooled, writes, [run])
        log = served.log.read_text()
    assert "unforeseen error" not in log
    history = pooled.world.history(pooled.world.reload(customer))
    assert [change.version for change in history] == list(range(PEOPLE + 1, 0, -1))


def _read(served: Served, key: str, paths: Sequence[str], stop: Event) -> None:
    """Ask for each of the paths in turn, which must be answered with a success, until told to stop."""
    while not stop.is_set():
        for path in paths:
            with urlopen(Request(served.address + path, headers={"x-api-key": key}), timeout=ANSWER_SECONDS):
                pass


def _work_at_the_desk(served: Served, customer_id: str, person: int) -> None:
    """Sign in, look at each kind of page, and save a field that nobody else changes."""
    visitor = Visitor()
    visitor.sign_in(served.address)
    record = f"{served.address}/customers/{customer_id}"
    for address in (f"{served.address}/customers?q=read", record, f"{record}/history"):
        assert visitor.get(address).status == 200
    form = visitor.get(f"{record}/edit").form_values(f"form[action='/customers/{customer_id}/edit']")
    field = ("contact", "address_city")[person]
    assert visitor.post(f"{record}/edit", form | {field: "new"}).status == 303


def test_every_transaction_has_its_time_limits(app: Flask) -> None:
    """Whichever of the server's connections it gets."""
    with reading() as one, reading() as other, snapshot() as third:
        pids = {connection.scalar(select(func.pg_backend_pid())) for connection in (one, other, third)}
        assert len(pids) == SERVER_CONNECTIONS
        for connection in (one, other, third):
            told = [connection.scalar(text(f"SHOW {name}")) for name in LIMITS]
            assert told == [f"{SECONDS}s"] * 3 + ["UTC"]


def test_a_statement_that_takes_too_long_is_ended(app: Flask) -> None:
    """By the server, with the state that says so; the connection goes on to be used."""
    with reading() as connection:
        with pytest.raises(OperationalError) as ended:
            connection.execute(text("SELECT pg_sleep(60)"))
        assert getattr(ended.value.orig, "sqlstate", None) == "57014"
        connection.rollback()
        assert connection.scalar(text("SELECT 1")) == 1


def test_a_change_that_waits_for_a_lock_is_ended(app: Flask) -> None:
    """By the server, at the same time: so also a change that would be one statement is a transaction here."""
    world = seed_world(app)
    customer = world.create_customer()
    url = app.extensions["customer_desk_settings"].database_url
    with psycopg.connect(url, prepare_threshold=None) as other:
        other.execute("SELECT 1 FROM customers WHERE id = %s FOR UPDATE", [customer.id])
        with pytest.raises(OperationalError) as ended:
            world.update_customer(customer, name="New")
    # Whichever of the two limits, for a lock or for a statement, it reaches first. The client's own has no state.
    assert getattr(ended.value.orig, "sqlstate", None) in {"55P03", "57014"}


def test_nothing_of_a_session_stays_behind(app: Flask) -> None:
    """What a transaction is told holds for it alone: pgbouncer lends the same connections to others."""
    with reading() as connection:
        connection.scalar(text("SELECT 1"))
    url = app.extensions["customer_desk_settings"].database_url
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as other:
        assert [other.execute(f"SHOW {name}").fetchone() for name in LIMITS[:3]] == [("0",)] * 3


def test_no_statement_is_prepared(app: Flask) -> None:
    """It would outlive its transaction, on a connection that others are lent."""
    with reading() as connection:
        for _ in range(10):
            find_mappings(connection, HOME, "cust_1")
        assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0


def test_a_snapshot_sees_one_moment(app: Flask) -> None:
    """Whatever is committed meanwhile; and the next transaction of the connection sees what there is then."""
    transaction(lambda connection: connection.execute(insert(Tenant), TENANT))
    named = select(Tenant.name).where(Tenant.id == TENANT["id"])
    with snapshot() as connection:
        assert connection.scalar(named) == "0"
        transaction(lambda writer: writer.execute(update(Tenant).where(Tenant.id == TENANT["id"]).values(name="1")))
        assert connection.scalar(named) == "0"
    with reading() as connection:
        assert connection.scalar(named) == "1"


def test_a_request_that_one_limit_refuses_counts_against_none(app: Flask) -> None:
    """The counters, which speak to the driver itself, have a transaction too."""
    counters = Counters(db.engine)
    key, tenant = Window("key:a", 1, 60), Window("tenant:a", 9, 60)
    now = time.time()
    assert [counters.take([key, tenant], now)[0] for _ in range(3)] == [True, False, False]
    passed, windows = counters.take([tenant], now)
    assert (passed, [window.used for window in windows]) == (True, [2])


def test_a_connection_that_was_ended_meanwhile_is_replaced_without_a_word(app: Flask) -> None:
    """Nobody is told of it: the pool sees it when it lends the connection."""
    with reading() as connection:
        connection.scalar(text("SELECT 1"))
        lost = connection.connection.driver_connection
    assert isinstance(lost, psycopg.Connection)
    with socket.socket(fileno=os.dup(lost.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
    with reading() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
        assert connection.connection.driver_connection is not lost
