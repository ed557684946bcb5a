"""An instance that is taken out of service: open connections go on for one answer each, new ones go elsewhere."""

import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import SECRET_KEY
from tests.support.served import STOP_SECONDS, Served, serve, workers_of
from tests.support.world import World

DRAIN_SECONDS = 60


@pytest.fixture
def draining(world: World, tmp_path: Path) -> Iterator[Served]:
    """A server of two workers that drains, for longer than any test waits."""
    environment = {
        "INSTANCE_PATH": str(tmp_path),
        "DATABASE_URL": world.app.extensions["customer_desk_settings"].database_url,
        "SECRET_KEY": SECRET_KEY,
        "WORKERS": "2",
        "DRAIN_SECONDS": str(DRAIN_SECONDS),
    }
    with serve(environment, tmp_path / "server.log") as served:
        yield served


def connected(served: Served) -> HTTPConnection:
    """A connection that has been used, and is kept."""
    connection = HTTPConnection(urlsplit(served.address).netloc, timeout=STOP_SECONDS)
    assert ask(connection, "/livez").status == 200
    return connection


def ask(connection: HTTPConnection, path: str) -> HTTPResponse:
    """One request; its answer, read."""
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer


def wait_until_it_listens_no_more(served: Served) -> None:
    """New connections are refused, by each of the workers."""
    address = urlsplit(served.address)
    while True:
        try:
            socket.create_connection((address.hostname, address.port), timeout=STOP_SECONDS).close()
        except ConnectionRefusedError:
            return


def test_open_connections_go_on_and_new_ones_are_refused(draining: Served) -> None:
    """Each kept connection has one more answer, which says that it is the last one; then the server ends by itself."""
    kept = [connected(draining) for _ in range(6)]
    draining.process.send_signal(signal.SIGTERM)
    wait_until_it_listens_no_more(draining)
    assert len(workers_of(draining)) == 2
    for connection, (path, status) in zip(
        kept, [("/sign-in", 200), ("/livez", 200), ("/readyz", 503)] * 2, strict=True
    ):
        with closing(connection):
            answer = ask(connection, path)
        assert (answer.status, answer.headers["Connection"]) == (status, "close")
    assert draining.process.wait(STOP_SECONDS) == 0


def test_a_second_signal_ends_the_waiting(draining: Served) -> None:
    """An operator who is in a hurry does not wait for clients that stay."""
    with closing(connected(draining)):
        draining.process.send_signal(signal.SIGTERM)
        wait_until_it_listens_no_more(draining)
        draining.process.send_signal(signal.SIGTERM)
        assert draining.process.wait(DRAIN_SECONDS / 2) == 0


def test_ctrl_c_does_not_drain(draining: Served) -> None:
    """Whoever presses it sits in front of it."""
    with closing(connected(draining)):
        draining.process.send_signal(signal.SIGINT)
        assert draining.process.wait(DRAIN_SECONDS / 2) == 0
    assert '"drained"' not in draining.log.read_text()
