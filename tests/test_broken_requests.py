"""Requests that are broken off or malformed, over a real socket: the error body of the API, and nothing is run."""

import json
import socket
from urllib.parse import urlsplit

from tests.support.served import Served
from tests.support.world import World

ANSWER_SECONDS = 30
BROKEN = {
    "a chunk without a length": ("Transfer-Encoding: chunked", b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk of another length": ("Transfer-Encoding: chunked", b'1\r\n{"name": "x"}\r\n0\r\n\r\n'),
    "chunks without an end": ("Transfer-Encoding: chunked", b"2\r\n{}\r\n"),
    "less than was announced": ("Content-Length: 50", b'{"name": "x"'),
}


def send(served: Served, head: str, body: bytes) -> bytes:
    """Send a request, hang up for sending, and read all that comes back."""
    address = urlsplit(served.address)
    with socket.create_connection((address.hostname, address.port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(f"{head}\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_body_that_does_not_come_whole_changes_nothing(served: Served, world: World) -> None:
    """400 in the one error body where an answer can still be sent, and the request ID in its header."""
    customer = world.create_customer()
    for name, (framing, body) in BROKEN.items():
        head = (
            f"PUT /v1/customers/{customer.id} HTTP/1.1\r\nx-api-key: {world.keys['write']}\r\n"
            f"Content-Type: application/json\r\n{framing}"
        )
        answer = send(served, head, body)
        assert world.reload(customer) == customer, name
        headers, _, content = answer.partition(b"\r\n\r\n")
        told = json.loads(content)
        assert (headers.split()[1], told["code"]) == (b"400", "validation_error"), name
        assert f"x-request-id: {told['request_id']}".lower().encode() in headers.lower(), name
