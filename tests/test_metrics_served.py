"""GET /metrics of a server with two workers: one sum, whichever is asked, and whichever dies."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.conftest import SECRET_KEY
from tests.support.databases import postgresql_app
from tests.support.exposition import requests_of, samples
from tests.support.served import START_SECONDS, Served, serve, signals_of, workers_of
from tests.support.world import seed_world

#: Far more than it takes until each of two workers has one.
CONNECTIONS = 200


def get(connection: HTTPConnection, path: str) -> tuple[str, str]:
    """Content type and text of an answer over a connection that stays open."""
    connection.request("GET", path)
    with connection.getresponse() as answer:
        assert answer.status == 200
        return answer.headers["Content-Type"], answer.read().decode()


def opened_by(process: str) -> Iterator[str]:
    """What a process has open: paths of files, ``socket:[NUMBER]``."""
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            yield str(descriptor.readlink())


def workers_that_hold(served: Served) -> set[str]:
    """The workers that have an open connection with a client."""
    port = f"{urlsplit(served.address).port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    connected = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port}") and row[3] == "01"}

    def holds(worker: str) -> bool:
        return any(opened in connected for opened in opened_by(worker))

    return {worker for worker in workers_of(served) if holds(worker)}


def connect_to_all(served: Served, stack: ExitStack) -> list[HTTPConnection]:
    """So many open connections, each of which has asked /sign-in once, that every worker has one of them."""
    connections: list[HTTPConnection] = []
    while len(workers_that_hold(served)) < 2:
        assert len(connections) < CONNECTIONS
        connections.append(stack.enter_context(closing(HTTPConnection(urlsplit(served.address).netloc, timeout=30))))
        get(connections[-1], "/sign-in")
    return connections


def test_whichever_worker_is_asked_tells_the_sum(served: Served) -> None:
    """Over all of them, exactly."""
    with ExitStack() as stack:
        connections = connect_to_all(served, stack)
        for connection in connections * 3:
            get(connection, "/sign-in")
        for number, connection in enumerate(connections):
            kind, text = get(connection, "/metrics")
            assert kind == "text/plain; version=0.0.4; charset=utf-8"
            counts = requests_of(text)
            assert counts["GET", "/sign-in", "200"] == 4 * len(connections)
            assert counts.get(("GET", "/metrics", "200"), 0) == number
            assert samples(text)["customer_desk_workers", ()] == 2


def test_a_worker_that_dies_leaves_its_counts(served: Served) -> None:
    """The sum does not fall, and the new worker takes the place of the old one."""
    with ExitStack() as stack:
        asked = len(connect_to_all(served, stack))
    first, second = workers_of(served)
    os.kill(int(first), signal.SIGKILL)
    wait_for_another(served, {first, second})
    with ExitStack() as stack:
        connections = connect_to_all(served, stack)
        for connection in connections:
            text = get(connection, "/metrics")[1]
            assert requests_of(text)["GET", "/sign-in", "200"] == asked + len(connections)
            assert samples(text)["customer_desk_workers", ()] == 2


def wait_for_another(served: Served, known: set[str]) -> None:
    """Until there is a worker that is none of these, and that listens for the signal which ends it, as at a start."""
    deadline = time.monotonic() + START_SECONDS
    while not any(listens(worker) for worker in set(workers_of(served)) - known):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def listens(worker: str) -> bool:
    """Whether it has got so far: Ctrl+C is blocked first, then it has a handler of its own for SIGTERM."""
    return signal.SIGINT in signals_of(worker, "SigBlk") and signal.SIGTERM in signals_of(worker, "SigCgt")


def test_the_server_leaves_nothing_behind(served: Served) -> None:
    """Its folder goes with it."""
    files = [Path(opened) for opened in opened_by(workers_of(served)[0]) if "customer-desk-metrics-" in opened]
    (folder,) = {file.parent for file in files if file.suffix == ".db"}
    assert folder.is_dir()
    assert served.stop() == 0
    assert not folder.exists()


@pytest.mark.parametrize(
    "database", [pytest.param("sqlite", marks=pytest.mark.sqlite_only("its pool and file")), "postgresql"]
)
def test_the_database_is_shown_for_all_workers(
    request: pytest.FixtureRequest, make_app: Callable[..., Flask], tmp_path: Path, database: str
) -> None:
    """Their transactions are added up, and so are their pools; the file of SQLite is there once."""
    with ExitStack() as stack:
        if database == "sqlite":
            app = make_app()
        else:
            template = request.getfixturevalue("migrated_postgresql")
            url = request.getfixturevalue("postgresql_server")
            app = stack.enter_context(postgresql_app(url, make_app, template))
        world = seed_world(app)
        customer = world.create_customer()
        settings = app.extensions["customer_desk_settings"]
        environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "WORKERS": "2"}
        environment |= {"DATABASE_URL": settings.database_url, "DATABASE_POOL_SIZE": "3"}
        served = stack.enter_context(serve(environment, tmp_path / "server.log"))
        connections = connect_to_all(served, stack)
        for number, connection in enumerate(connections):
            body = f'{{"name": "Name {number}"}}'
            headers = {"x-api-key": world.keys["write"], "Content-Type": "application/json"}
            connection.request("PUT", f"/v1/customers/{customer.id}", body, headers)
            with connection.getresponse() as answer:
                assert answer.status == 200
                answer.read()
        for connection in connections:
            labelled = samples(get(connection, "/metrics")[1])
            shown = {name: value for (name, labels), value in labelled.items() if not labels}
            committed = "customer_desk_transaction_duration_seconds_count", (("outcome", "committed"),)
            assert labelled[committed] == len(connections)
            assert shown["customer_desk_database_pool_size"] == 2 * (15 if database == "sqlite" else 3)
            assert ("customer_desk_sqlite_wal_bytes" in shown) == (database == "sqlite")
        wait_for_a_tick(connections[0])


def wait_for_a_tick(connection: HTTPConnection) -> None:
    """Until an event loop has told how late it was, which it does once a second."""
    deadline = time.monotonic() + START_SECONDS
    while not samples(get(connection, "/metrics")[1])["customer_desk_event_loop_lag_seconds_count", ()]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
