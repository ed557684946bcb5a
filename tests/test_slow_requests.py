"""Slow, huge and idle clients of a served instance with one worker: the others are answered meanwhile.

The tests share the instances, each has a customer and connections of its own; those that wait do so side by side.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.conftest import SECRET_KEY
from tests.support.databases import EACH_DATABASE, new_postgresql_database
from tests.support.served import Served, serve
from tests.support.slow_clients import ANSWER_SECONDS, Instance, answer_of, has_been_answered, seeded, visit
from tests.support.world import World

SLOW = 30
#: Short enough for tests that wait for it.
SHORT_TIMEOUT = "1"


Serve = Callable[..., tuple[Served, World]]


@pytest.fixture(scope="module")
def serve_on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """A function from a database and settings to a server for all tests of this module, and its world."""
    running: dict[tuple[str, ...], tuple[Served, World]] = {}
    with ExitStack() as stack:

        def of(database: str, **settings: str) -> tuple[Served, World]:
            key = (database, *settings.values())
            if key not in running:
                folder = tmp_path_factory.mktemp("slow")
                environment = {"INSTANCE_PATH": str(folder), "SECRET_KEY": SECRET_KEY, "WORKERS": "1", **settings}
                environment["DATABASE_URL"] = _new_database(request, stack, database, folder)
                world = stack.enter_context(seeded(environment))
                running[key] = stack.enter_context(serve(environment, folder / "server.log")), world
            return running[key]

        yield of


def _new_database(request: pytest.FixtureRequest, stack: ExitStack, database: str, folder: Path) -> str:
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folder)
        return ""
    server, template = map(request.getfixturevalue, ("postgresql_server", "migrated_postgresql"))
    return stack.enter_context(new_postgresql_database(server, template))


@pytest.fixture(params=EACH_DATABASE)
def instance(request: pytest.FixtureRequest, serve_on: Serve) -> Iterator[Instance]:
    """On SQLite (one thread), and then on PostgreSQL (four)."""
    with visit(*serve_on(request.param)) as instance:
        yield instance


@pytest.fixture
def impatient(serve_on: Serve) -> Iterator[Instance]:
    """With a short timeout."""
    with visit(*serve_on(EACH_DATABASE[0], REQUEST_TIMEOUT_SECONDS=SHORT_TIMEOUT)) as instance:
        yield instance


SLOW_CLIENTS: dict[str, Callable[[Instance], bytes]] = {
    "a body that never comes": lambda instance: instance.head("PUT", "Content-Length: 1000"),
    "a body that stops half-way": lambda instance: instance.head("PUT", "Content-Length: 1000") + b'{"name":',
    "a chunked body that stops": lambda instance: (
        instance.head("PUT", "Transfer-Encoding: chunked") + b'5\r\n{"nam\r\n'
    ),
    "a body of a stranger": lambda instance: (
        f"POST /sign-in HTTP/1.1\r\nHost: {instance.netloc}\r\nContent-Length: 1000\r\n\r\na=".encode()
    ),
    "a head that stops": lambda instance: instance.head()[:-2],
    "a head that never comes": lambda _instance: b"",
}


def test_ordinary_requests_are_answered_while_slow_ones_are_open(instance: Instance) -> None:
    """Many more slow ones, of every kind, than there are threads."""
    slow = [instance.connect(sent(instance)) for sent in SLOW_CLIENTS.values() for _ in range(SLOW // 3)]
    assert [instance.get() for _ in range(20)] == [200] * 20
    assert not any(has_been_answered(connection) for connection in slow)
    instance.assert_unchanged()


def test_a_body_that_arrives_byte_by_byte_blocks_nobody_and_is_read(instance: Instance) -> None:
    """As long as it is in time."""
    body = b'{"name": "After"}'
    slow = [
        instance.connect(instance.head("PUT", f"Content-Length: {len(body)}", "Connection: close")) for _ in range(8)
    ]
    for byte in body:
        for connection in slow:
            connection.sendall(bytes([byte]))
        assert instance.get() == 200
    assert [answer_of(connection)[0] for connection in slow] == [200] * 8
    assert instance.world.reload(instance.customer).name == "After"


@dataclass(frozen=True)
class Late:
    """What a client that was too slow was told until its connection was closed, and after how many seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@pytest.fixture(scope="module")
def late(serve_on: Serve) -> Iterator[dict[str, Late]]:
    """Slow clients of every kind, and an idle one, which wait side by side for the end of the server's patience."""
    idle = {"idle": lambda _instance: b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"}
    kinds = {**SLOW_CLIENTS, **idle}

    def told(instance: Instance, sent: Callable[[Instance], bytes]) -> Late:
        began = time.monotonic()
        answer = answer_of(instance.connect(sent(instance)))
        return Late(*answer, time.monotonic() - began)

    with (
        visit(*serve_on(EACH_DATABASE[0], REQUEST_TIMEOUT_SECONDS=SHORT_TIMEOUT)) as instance,
        ThreadPoolExecutor(len(kinds)) as pool,
    ):
        waiting = {kind: pool.submit(told, instance, sent) for kind, sent in kinds.items()}
        yield {kind: future.result() for kind, future in waiting.items()}
        instance.assert_unchanged()


@pytest.mark.parametrize("kind", ["a body that never comes", "a body that stops half-way", "a chunked body that stops"])
def test_a_body_that_does_not_arrive_in_time_is_408(late: dict[str, Late], kind: str) -> None:
    """In the one error body, not before its time, and the connection is closed."""
    answer = late[kind]
    assert answer.seconds >= float(SHORT_TIMEOUT)
    told = json.loads(answer.body)
    assert (answer.status, told["code"], told["http_status_code"]) == (408, "request_timeout", 408)
    assert told["request_id"] == answer.headers["x-request-id"]
    assert (answer.headers["content-type"], answer.headers["connection"]) == ("application/json", "close")


def test_a_form_that_does_not_arrive_in_time_is_408_as_a_page(late: dict[str, Late]) -> None:
    """Whoever sent it sees why."""
    answer = late["a body of a stranger"]
    assert (answer.status, answer.headers["content-type"]) == (408, "text/html; charset=utf-8")
    assert b"That took too long" in answer.body


@pytest.mark.parametrize("kind", ["a head that stops", "a head that never comes"])
def test_a_head_that_does_not_arrive_in_time_closes_the_connection(late: dict[str, Late], kind: str) -> None:
    """There is no request that could be answered."""
    assert late[kind].status == 0


def test_an_idle_connection_is_closed_in_time(late: dict[str, Late]) -> None:
    """After the last request on it."""
    assert late["idle"].status == 200


def test_hundreds_of_idle_connections_block_nobody(instance: Instance) -> None:
    """More than the listen queue and any number of threads."""
    idle = [instance.connect(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(600)]
    assert all(connection.recv(4096).startswith(b"HTTP/1.1 200") for connection in idle)
    assert [instance.get() for _ in range(20)] == [200] * 20


def test_clients_that_do_not_read_their_answers_block_nobody(instance: Instance) -> None:
    """Each asks a hundred times."""
    for _ in range(SLOW):
        instance.connect(instance.head("GET") * 100)
    assert [instance.get() for _ in range(20)] == [200] * 20


@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "length"])
@pytest.mark.parametrize("size", [(1 << 20) + 1, 32 << 20], ids=["a byte too many", "32 MiB"])
def test_a_huge_body_is_413_and_the_client_sees_it(instance: Instance, size: int, chunked: bool) -> None:
    """Although it is still sending: one that hangs up on it would take the answer from it."""
    headers = {"x-api-key": instance.world.keys["write"], "Content-Type": "application/json"}
    pieces = (b" " * min(65_536, size - start) for start in range(0, size, 65_536))
    if not chunked:
        headers["Content-Length"] = str(size)
    with closing(HTTPConnection(instance.netloc, timeout=ANSWER_SECONDS)) as connection:
        connection.request("PUT", instance.path, pieces, headers, encode_chunked=chunked)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (413, "payload_too_large")
    assert instance.get() == 200
    instance.assert_unchanged()


def test_as_many_parameters_as_an_address_can_hold_are_read(impatient: Instance) -> None:
    """Eight thousand of them, which say nothing."""
    connection = impatient.connect(
        impatient.head("GET", "Connection: close", path=f"{impatient.path}?{'expand=&' * 8000}")
    )
    status, _, body = answer_of(connection)
    assert (status, json.loads(body)["id"]) == (200, impatient.customer.id)
