"""Slow, huge and idle clients of a served instance with one worker: the others are answered meanwhile."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import SECRET_KEY
from tests.support.served import Served, serve
from tests.support.world import World
from webapp.customers.model import Customer

SLOW = 30
ANSWER_SECONDS = 60
#: Short enough for tests that wait for it.
SHORT_TIMEOUT = "2"


class Instance:
    """A served instance with one customer, and clients of it that see the bytes."""

    def __init__(self, served: Served, world: World, customer: Customer) -> None:
        self.served, self.world, self.customer = served, world, customer
        self.open = ExitStack()
        self.netloc = urlsplit(served.address).netloc

    @property
    def path(self) -> str:
        """Of the customer."""
        return f"/v1/customers/{self.customer.id}"

    def head(self, method: str = "PUT", *headers: str, path: str = "") -> bytes:
        """A request's head, with its key."""
        lines = [
            f"{method} {path or self.path} HTTP/1.1",
            f"Host: {self.netloc}",
            f"x-api-key: {self.world.keys['write']}",
        ]
        return "\r\n".join([*lines, "Content-Type: application/json", *headers, "", ""]).encode()

    def connect(self, sent: bytes) -> socket.socket:
        """A connection on which so much has been sent; it stays open to the end of the test."""
        address = urlsplit(self.served.address)
        connection = socket.create_connection((address.hostname, address.port), timeout=ANSWER_SECONDS)
        self.open.enter_context(connection)
        connection.sendall(sent)
        return connection

    def get(self) -> int:
        """An ordinary request of somebody else, on a connection of its own."""
        with closing(HTTPConnection(self.netloc, timeout=ANSWER_SECONDS)) as connection:
            connection.request("GET", self.path, headers={"x-api-key": self.world.keys["read"]})
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def assert_unchanged(self) -> None:
        """Nothing of what was sent was written."""
        assert self.world.reload(self.customer) == self.customer


def start(world: World, tmp_path: Path, **settings: str) -> Iterator[Instance]:
    """Serve ``world``'s database with one worker."""
    customer = world.create_customer(name="Before")
    chosen = world.app.extensions["customer_desk_settings"]
    environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "WORKERS": "1", **settings}
    environment["DATABASE_URL"] = chosen.database_url
    with serve(environment, tmp_path / "server.log") as served:
        instance = Instance(served, world, customer)
        with instance.open:
            yield instance


@pytest.fixture
def instance(world_on_each_database: World, tmp_path: Path) -> Iterator[Instance]:
    """On SQLite (one thread), and then on PostgreSQL (four)."""
    yield from start(world_on_each_database, tmp_path)


@pytest.fixture
def impatient(world: World, tmp_path: Path) -> Iterator[Instance]:
    """On SQLite, with a short timeout."""
    yield from start(world, tmp_path, REQUEST_TIMEOUT_SECONDS=SHORT_TIMEOUT)


def answer_of(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """All that the server sends until it closes the connection: status, headers, body. Status 0: nothing."""
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]) if received else 0, headers, body


def has_been_answered(connection: socket.socket) -> bool:
    """Whether something, or the end, has come."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(ANSWER_SECONDS)
    return True


SLOW_CLIENTS: dict[str, Callable[[Instance], bytes]] = {
    "a body that never comes": lambda instance: instance.head("PUT", "Content-Length: 1000"),
    "a body that stops half-way": lambda instance: instance.head("PUT", "Content-Length: 1000") + b'{"name":',
    "a chunked body that stops": lambda instance: (
        instance.head("PUT", "Transfer-Encoding: chunked") + b'5\r\n{"nam\r\n'
    ),
    "a body of a stranger": lambda _instance: b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\na=",
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


@pytest.mark.parametrize("kind", ["a body that never comes", "a body that stops half-way", "a chunked body that stops"])
def test_a_body_that_does_not_arrive_in_time_is_408(impatient: Instance, kind: str) -> None:
    """In the one error body, and the connection is closed."""
    began = time.monotonic()
    status, headers, body = answer_of(impatient.connect(SLOW_CLIENTS[kind](impatient)))
    assert time.monotonic() - began >= float(SHORT_TIMEOUT)
    told = json.loads(body)
    assert (status, told["code"], told["http_status_code"]) == (408, "request_timeout", 408)
    assert told["request_id"] == headers["x-request-id"]
    assert (headers["content-type"], headers["connection"]) == ("application/json", "close")
    impatient.assert_unchanged()


def test_a_form_that_does_not_arrive_in_time_is_408_as_a_page(impatient: Instance) -> None:
    """Whoever sent it sees why."""
    status, headers, body = answer_of(impatient.connect(SLOW_CLIENTS["a body of a stranger"](impatient)))
    assert (status, headers["content-type"]) == (408, "text/html; charset=utf-8")
    assert b"That took too long" in body


@pytest.mark.parametrize("kind", ["a head that stops", "a head that never comes"])
def test_a_head_that_does_not_arrive_in_time_closes_the_connection(impatient: Instance, kind: str) -> None:
    """There is no request that could be answered."""
    assert answer_of(impatient.connect(SLOW_CLIENTS[kind](impatient)))[0] == 0


def test_an_idle_connection_is_closed_in_time(impatient: Instance) -> None:
    """After the last request on it."""
    connection = impatient.connect(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer_of(connection)[0] == 200


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


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(lambda instance: instance.head("GET", path="/v1/customers?" + "a" * 66_000), 414, id="URL"),
        pytest.param(lambda instance: instance.head("GET", *(f"x-{n}: 1" for n in range(200))), 431, id="headers"),
        pytest.param(lambda instance: instance.head("GET", f"x-a: {'a' * 600_000}"), 431, id="header"),
        pytest.param(lambda _instance: b"GARBAGE\r\n\r\n", 400, id="garbage"),
    ],
)
def test_a_head_past_the_limits_is_refused_by_the_server_itself(
    impatient: Instance, head: Callable[[Instance], bytes], status: int
) -> None:
    """Before there is a request, so without a body of ours; nobody else waits."""
    try:
        connection = impatient.connect(head(impatient))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it had seen enough
    else:
        assert answer_of(connection)[0] == status
    assert impatient.get() == 200


def test_as_many_parameters_as_an_address_can_hold_are_read(impatient: Instance) -> None:
    """Eight thousand of them, which say nothing."""
    connection = impatient.connect(
        impatient.head("GET", "Connection: close", path=f"{impatient.path}?{'expand=&' * 8000}")
    )
    status, _, body = answer_of(connection)
    assert (status, json.loads(body)["id"]) == (200, impatient.customer.id)
