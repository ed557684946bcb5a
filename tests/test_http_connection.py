"""What the server itself makes of bytes on a connection, over real sockets: heads it refuses, clients half gone."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import SECRET_KEY
from tests.support.served import serve
from tests.support.slow_clients import Instance, answer_of, seeded, visit
from webapp.http_connection import HEAD_BYTES, MOST_HEADERS

#: Short enough for tests that wait for it.
TIMEOUT = "1"


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Instance]:
    """One for all of these tests."""
    folder = tmp_path_factory.mktemp("connection")
    (folder / migrated_sqlite.name).write_bytes(migrated_sqlite.read_bytes())
    environment = {"INSTANCE_PATH": str(folder), "SECRET_KEY": SECRET_KEY, "WORKERS": "1"}
    environment["REQUEST_TIMEOUT_SECONDS"] = TIMEOUT
    with seeded(environment) as world, serve(environment, folder / "server.log") as served, visit(served, world) as one:
        yield one


Head = Callable[[Instance], bytes]
LONG = "a" * (HEAD_BYTES + 500)
REFUSED: dict[str, tuple[Head, int, str]] = {
    "an address": (lambda one: one.head("GET", path=f"/v1/customers?{LONG}"), 414, "longer"),
    "an address in pieces": (lambda one: one.head("GET", path=f"/v1/customers?{LONG * 9}"), 414, "longer"),
    "many headers": (lambda one: one.head("GET", *(f"x-{n}: 1" for n in range(MOST_HEADERS + 1))), 431, "headers"),
    "a header": (lambda one: one.head("GET", f"x-a: {LONG}"), 431, "headers"),
    "a header in pieces": (lambda one: one.head("GET", f"x-a: {LONG * 9}"), 431, "headers"),
    "a header without an end": (lambda one: one.head("GET", f"x-a: {LONG * 9}")[:-4], 431, "headers"),
    "a header without a colon": (lambda one: one.head("GET", "no colon"), 400, "HTTP request"),
    "a space in a header's name": (lambda one: one.head("GET", "a b: c"), 400, "HTTP request"),
    "two lengths": (lambda one: one.head("PUT", "Content-Length: 1", "Content-Length: 2"), 400, "HTTP request"),
    "a length and chunks": (
        lambda one: one.head("PUT", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        400,
        "HTTP request",
    ),
    "a length that is none": (lambda one: one.head("PUT", "Content-Length: -1"), 400, "HTTP request"),
}


def told_at_once(instance: Instance, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """What is answered to a client that sends so much and no more: for others the server goes on to listen a while."""
    connection = instance.connect(sent)
    connection.shutdown(socket.SHUT_WR)
    return answer_of(connection)


@pytest.mark.parametrize("name", REFUSED)
def test_a_head_that_cannot_be_taken_is_refused_in_the_one_error_body(instance: Instance, name: str) -> None:
    """With the headers and the request ID that every answer has; then the connection is closed."""
    head, status, word = REFUSED[name]
    answered, headers, body = told_at_once(instance, head(instance))
    told = json.loads(body)
    assert (answered, told["http_status_code"], headers["connection"]) == (status, status, "close")
    assert word in told["message"]
    assert (headers["x-request-id"], headers["x-content-type-options"]) == (told["request_id"], "nosniff")
    assert f'"request_id":"{told["request_id"]}"' in instance.served.log.read_text()
    assert instance.get() == 200
    instance.assert_unchanged()


@pytest.mark.parametrize(
    "sent", [b"GARBAGE\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /\r\n\r\n"]
)
def test_what_is_no_http_is_400_as_a_page(instance: Instance, sent: bytes) -> None:
    """TLS at the wrong port, say: nobody knows which address was meant."""
    status, headers, body = told_at_once(instance, sent)
    assert (status, headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert b"cannot be read as an HTTP request" in body


def test_a_method_that_is_none_is_405(instance: Instance) -> None:
    """As any other that the address does not have, with those that it has; whatever the parser knows."""
    status, headers, body = told_at_once(instance, instance.head("BREW"))
    assert (status, json.loads(body)["code"]) == (405, "method_not_allowed")
    assert {"GET", "PUT"} <= set(headers["allow"].split(", "))
    assert told_at_once(instance, instance.head("BREW", path="/v1/nowhere"))[0] == 404
    assert answer_of(instance.connect(instance.head("PROPFIND", "Connection: close")))[0] == 405


def test_a_client_that_goes_on_sending_sees_that_it_was_refused(instance: Instance) -> None:
    """Who hangs up on it would take the answer from it."""
    connection = instance.connect(instance.head("GET", "no colon"))
    for _ in range(20):
        connection.sendall(b" " * 65_536)
        time.sleep(0.01)
    assert answer_of(connection)[0] == 400


def test_requests_on_one_connection_are_answered_in_their_order(instance: Instance) -> None:
    """Sent without waiting for answers; one that cannot be read ends it behind the answers to those before it."""
    found, missing = instance.head("GET"), instance.head("GET", path="/v1/customers/none")
    connection = instance.connect(found + missing + found + b"GARBAGE\r\n\r\n" + found)
    answers = b"".join(iter(lambda: connection.recv(65536), b""))
    statuses = [part.split()[0] for part in answers.split(b"HTTP/1.1 ")[1:]]
    assert statuses in ([b"200", b"404", b"200"], [b"200", b"404", b"200", b"400"])


def test_a_client_that_sends_no_more_has_its_answer(instance: Instance) -> None:
    """It closes its side alone (RFC 9293, section 3.6); the connection ends behind the answer."""
    connection = instance.connect(instance.head("GET"))
    connection.shutdown(socket.SHUT_WR)
    status, _, body = answer_of(connection)
    assert (status, json.loads(body)["id"]) == (200, instance.customer.id)


def test_an_offer_of_another_protocol_is_declined_by_answering(instance: Instance) -> None:
    """Java's HTTP client offers HTTP/2 so (RFC 9110, section 7.8)."""
    body = b'{"name": "Before"}'
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
    got = instance.connect(instance.head("GET", *offer))
    got.shutdown(socket.SHUT_WR)
    put = instance.connect(instance.head("PUT", *offer, f"Content-Length: {len(body)}") + body)
    put.shutdown(socket.SHUT_WR)
    chunked = instance.connect(instance.head("PUT", *offer, "Transfer-Encoding: chunked"))
    for piece in (b"3\r\n{ }", b"\r\n0\r\n", b"\r\n"):
        time.sleep(0.05)
        chunked.sendall(piece)
    chunked.shutdown(socket.SHUT_WR)
    assert [answer_of(connection)[0] for connection in (got, put, chunked)] == [200, 200, 200]


def test_an_offer_makes_no_other_version_of_it(instance: Instance) -> None:
    """HTTP/2 is not spoken, and HTTP/1.0 keeps no connection."""
    offer = "Host: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    assert told_at_once(instance, f"GET /livez HTTP/2.0\r\n{offer}".encode())[0] == 400
    assert answer_of(instance.connect(f"GET /livez HTTP/1.0\r\n{offer}".encode()))[0] == 200


def test_a_trailer_is_no_header(instance: Instance) -> None:
    """A proxy that has its own headers in front may let trailers pass (RFC 9110, section 6.5.1)."""
    head = instance.head("PUT", "Transfer-Encoding: chunked", "Connection: close")
    trailers = b"X-Request-ID: trailer\r\nX-Forwarded-For: 6.6.6.6\r\nX-Api-Key: none\r\n"
    status, headers, _ = answer_of(instance.connect(head + b"2\r\n{}\r\n0\r\n" + trailers + b"\r\n"))
    assert (status, headers["x-request-id"][:4]) == (200, "req_")


def test_trailers_have_an_end(instance: Instance) -> None:
    """The parser would keep as many as come."""
    connection = instance.connect(instance.head("PUT", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n")
    for _ in range(8):
        connection.sendall(b"x: " + b"a" * 65_536)
        time.sleep(0.01)
    connection.shutdown(socket.SHUT_WR)
    assert answer_of(connection)[0] == 400
    instance.assert_unchanged()


def test_many_offers_are_declined_one_by_one(instance: Instance) -> None:
    """As many as come in one piece."""
    offer = b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    connection = instance.connect(offer * 12)
    connection.shutdown(socket.SHUT_WR)
    answers = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    assert answers.count(b"HTTP/1.1 200 OK") == 12
    assert instance.get() == 200


def test_an_address_with_its_host_is_that_path(instance: Instance) -> None:
    """As it is sent to a proxy (RFC 9112, section 3.2.2)."""
    absolute = f"http://{instance.netloc}{instance.path}"
    status, _, body = answer_of(instance.connect(instance.head("GET", "Connection: close", path=absolute)))
    assert (status, json.loads(body)["id"]) == (200, instance.customer.id)


@pytest.mark.parametrize("path", ["*", "no-slash", "/v1/customers/\N{SNOWMAN}", "/v1/customers/a b", "http://"])
def test_a_target_that_is_none_is_refused(instance: Instance, path: str) -> None:
    """400, or 404 where it can be read all the same; never a fault."""
    head = f"OPTIONS {path} HTTP/1.1\r\nHost: {instance.netloc}\r\nConnection: close\r\n\r\n"
    assert told_at_once(instance, head.encode())[0] in {400, 404}


def test_a_body_is_waited_for_where_the_client_asks_first(instance: Instance) -> None:
    """``Expect: 100-continue`` (RFC 9110, section 10.1.1)."""
    body = b'{"name": "Before"}'
    head = instance.head("PUT", f"Content-Length: {len(body)}", "Expect: 100-continue", "Connection: close")
    connection = instance.connect(head)
    assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(body)
    assert answer_of(connection)[0] == 200


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET", b"GET /livez HTTP/1.1\r\nHost: a\r\n"])
def test_a_head_has_its_time_after_another_request_too(instance: Instance, sent: bytes) -> None:
    """An empty line before a request (RFC 9112, section 2.2) does not begin the time anew forever."""
    connection = instance.connect(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
    assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    connection.sendall(sent)
    connection.settimeout(4 * float(TIMEOUT))
    assert connection.recv(1) == b""
