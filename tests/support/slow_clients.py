"""Clients of a served instance that see the bytes, and keep their connections open as long as they like.

Knows nothing of what they send.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import SECRET_KEY
from tests.support.served import Served, serve
from tests.support.world import World, seed_world
from webapp import Settings, create_app
from webapp.customers.model import Customer
from webapp.database import db

ANSWER_SECONDS = 60


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
    chosen = world.app.extensions["customer_desk_settings"]
    environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "WORKERS": "1", **settings}
    environment["DATABASE_URL"] = chosen.database_url
    with serve(environment, tmp_path / "server.log") as served, visit(served, world) as instance:
        yield instance


@contextmanager
def visit(served: Served, world: World) -> Iterator[Instance]:
    """A customer and connections of one test's own at a server; the connections end with the block."""
    instance = Instance(served, world, world.create_customer(name="Before"))
    with instance.open:
        yield instance


@contextmanager
def seeded(environment: Mapping[str, str]) -> Iterator[World]:
    """A world in the empty, migrated database of these settings."""
    app = create_app(Settings.from_environment({**environment, "LOG_LEVEL": "ERROR"}))
    yield seed_world(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


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
