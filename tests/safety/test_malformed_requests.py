"""Malformed input of every kind over a raw socket: refused or read, never a 5xx, never a hang, and nothing is changed.

What is too slow or too large is tested in ``tests/test_slow_requests.py``.
"""

import gzip
import select
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest

from tests.safety.installation import Live
from webapp.customers.model import Customer

ANSWER_SECONDS = 30
#: For what may have no end.
PATIENCE_SECONDS = 0.3
HOST = b"Host: localhost\r\n"
LAST = b"Connection: close\r\n"
END = b"\r\n"


def plain(line: bytes, *headers: bytes) -> bytes:
    """A request without a body."""
    return line + END + HOST + LAST + b"".join(header + END for header in headers) + END


#: The head of the request, all of it. Nothing stands behind it.
HEADS = {
    "no path": plain(b"GET"),
    "HTTP/0.9": b"GET /livez\r\n\r\n",
    "HTTP/1.0": plain(b"GET /livez HTTP/1.0"),
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "HTTP/9": plain(b"GET /livez HTTP/9.9"),
    "a lower-case method": plain(b"get /livez HTTP/1.1"),
    "a method of its own": plain(b"BREW /livez HTTP/1.1"),
    "a method with a NUL": plain(b"GE\x00T /livez HTTP/1.1"),
    "TRACE": plain(b"TRACE /livez HTTP/1.1"),
    "CONNECT": plain(b"CONNECT evil.example:443 HTTP/1.1"),
    "TLS to a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300),
    "NULs": bytes(200) + b"\r\n\r\n",
    "an absolute URI": plain(b"GET http://evil.example/livez HTTP/1.1"),
    "an authority": plain(b"GET evil.example:80 HTTP/1.1"),
    "an asterisk": plain(b"OPTIONS * HTTP/1.1"),
    "two spaces": plain(b"GET  /livez  HTTP/1.1"),
    "line feeds alone": b"GET /livez HTTP/1.1\nHost: localhost\nConnection: close\n\n",
    "carriage returns alone": b"GET /livez HTTP/1.1\rHost: localhost\rConnection: close\r\r",
    "empty lines ahead": b"\r\n\r\n\r\n" + plain(b"GET /livez HTTP/1.1"),
    "a space before the colon": plain(b"GET /livez HTTP/1.1", b"X-A : 1"),
    "a folded header": plain(b"GET /livez HTTP/1.1", b"X-A: 1\r\n 2"),
    "a header without a name": plain(b"GET /livez HTTP/1.1", b": 1"),
    "a header without a colon": plain(b"GET /livez HTTP/1.1", b"X-A"),
    "a header with a NUL": plain(b"GET /livez HTTP/1.1", b"X-A: 1\x002"),
    "a header with a carriage return": plain(b"GET /livez HTTP/1.1", b"X-A: 1\r2"),
    "a header that is no UTF-8": plain(b"GET /v1/customers HTTP/1.1", b"x-api-key: \xff\xfe"),
    "a cookie that is no UTF-8": plain(b"GET /customers HTTP/1.1", b"Cookie: customer_desk=\xff\xfe; \x80=\x81"),
    "a header of a megabyte": plain(b"GET /livez HTTP/1.1", b"X-A: " + b"a" * (1 << 20)),
    "10,000 headers": plain(b"GET /livez HTTP/1.1", *(b"X-%d: 1" % number for number in range(10_000))),
    "no host": b"GET /sign-in HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": plain(b"GET /sign-in HTTP/1.1", b"Host: evil.example"),
    "a host that is none": b"GET /sign-in HTTP/1.1\r\nHost: a b/c@d:e\r\nConnection: close\r\n\r\n",
    "Expect of something else": plain(b"GET /livez HTTP/1.1", b"Expect: the-unexpected"),
    "Upgrade": plain(b"GET /livez HTTP/1.1", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"),
    "a range": plain(b"GET /static/desk.css HTTP/1.1", b"Range: bytes=9999999999-,-1,5-2,x"),
    "dates that are none": plain(b"GET /static/desk.css HTTP/1.1", b"If-Modified-Since: 99/99/99999 \xff"),
    "languages that are none": plain(b"GET /sign-in HTTP/1.1", b"Accept-Language: " + b"*;q=9," * 2000),
    "types that are none": plain(b"GET /v1/customers HTTP/1.1", b"Accept: ;;;q=,/," * 500),
}
#: What stands in the path, or the query, of a GET with a key.
PATHS = {
    "a NUL": b"/v1/customers/a%00b",
    "half an escape": b"/v1/customers/%",
    "no escape": b"/v1/customers/%zz",
    "an overlong slash": b"/v1/customers/%c0%af",
    "a surrogate": b"/v1/customers/external/%ed%a0%80",
    "no UTF-8": b"/v1/customers/external/%ff",
    "raw bytes": b"/v1/customers/external/\xff\xfe",
    "up and away": b"/static/..%2f..%2f..%2fetc/passwd",
    "further up": b"/v1/customers/../../../../etc/passwd",
    "60 kB": b"/v1/customers/external/" + b"a" * 60_000,
    "a query of escapes": b"/v1/customers?" + b"%26" * 15_000,
    "a query that is no UTF-8": b"/v1/customers?external_id=%ff",
    "numbers past all bounds": b"/v1/customers?limit=" + b"9" * 5000,
    "Unicode digits": b"/v1/customers?limit=%D9%A1",
}
#: Framing, and a body, of a PUT with a key.
FRAMINGS = {
    "two lengths": (b"Content-Length: 4\r\nContent-Length: 15", b'{"name": "Bad"}'),
    "a list of lengths": (b"Content-Length: 15, 4", b'{"name": "Bad"}'),
    "a negative length": (b"Content-Length: -1", b'{"name": "Bad"}'),
    "a signed length": (b"Content-Length: +15", b'{"name": "Bad"}'),
    "a length in hexadecimal": (b"Content-Length: 0xf", b'{"name": "Bad"}'),
    "a length past all bounds": (b"Content-Length: 99999999999999999999999", b'{"name": "Bad"}'),
    "an empty length": (b"Content-Length:", b'{"name": "Bad"}'),
    "a length and chunks": (
        b"Content-Length: 4\r\nTransfer-Encoding: chunked",
        b"0\r\n\r\nGET /livez HTTP/1.1\r\nHost: smuggled\r\n\r\n",
    ),
    "chunks of an unknown kind": (b"Transfer-Encoding: xchunked", b'f\r\n{"name": "Bad"}\r\n0\r\n\r\n'),
    "chunks that are not last": (b"Transfer-Encoding: chunked, identity", b'f\r\n{"name": "Bad"}\r\n0\r\n\r\n'),
    "chunks of chunks": (b"Transfer-Encoding: chunked, chunked", b'f\r\n{"name": "Bad"}\r\n0\r\n\r\n'),
    "a tab before chunked": (b"Transfer-Encoding:\x0bchunked", b'f\r\n{"name": "Bad"}\r\n0\r\n\r\n'),
    "a chunk past all bounds": (b"Transfer-Encoding: chunked", b"ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
    "a negative chunk": (b"Transfer-Encoding: chunked", b"-2\r\n{}\r\n0\r\n\r\n"),
    "an endless chunk extension": (b"Transfer-Encoding: chunked", b"2;" + b"a" * 200_000 + b"\r\n{}\r\n0\r\n\r\n"),
    "trailers that are none": (b"Transfer-Encoding: chunked", b"2\r\n{}\r\n0\r\n\x00\x01\x02\r\n\r\n"),
    "10,000 trailers": (b"Transfer-Encoding: chunked", b"2\r\n{}\r\n0\r\n" + b"x: 1\r\n" * 10_000 + b"\r\n"),
    "more than announced": (b"Content-Length: 2", b'{}{"name": "Bad"} GET /nowhere'),
}
NESTED = 10_000
#: The body of a PUT, with its length, and what is said of it beside its type.
BODIES = {
    "gzip": (b"Content-Encoding: gzip", gzip.compress(b'{"name": "Bad"}')),
    "10,000 levels": (b"", b"[" * NESTED + b"]" * NESTED),
    "10,000 levels of objects": (b"", b'{"metadata":' * NESTED + b"1" + b"}" * NESTED),
    "10,000 levels without an end": (b"", b'{"name":' + b"[" * NESTED),
    "a number past all bounds": (b"", b'{"name": 1e999999999}'),
    "a number of 100,000 digits": (b"", b'{"name": ' + b"9" * 100_000 + b"}"),
    "a name twice": (b"", b'{"name": "Bad", "name": "Worse"}'),
    "a byte order mark": (b"", b'\xef\xbb\xbf{"name": "Bad"}'),
    "UTF-16": (b"", '{"name": "Bad"}'.encode("utf-16")),
    "UTF-32": (b"", '{"name": "Bad"}'.encode("utf-32-le")),
    "no UTF-8": (b"", b'{"name": "\xff\xfe"}'),
    "overlong UTF-8": (b"", b'{"name": "\xc0\xaf"}'),
    "a lone surrogate": (b"", b'{"name": "\\ud800"}'),
    "a NUL": (b"", b'{"name": "a\\u0000b"}'),
    "a raw NUL": (b"", b'{"name": "a\x00b"}'),
    "something behind it": (b"", b'{"name": "Bad"} {}'),
    "NaN": (b"", b'{"name": NaN}'),
    "a list": (b"", b'[{"name": "Bad"}]'),
    "nothing but a text": (b"", b'"name"'),
    "nothing": (b"", b""),
    "a name of a megabyte": (b"", b'{"' + b"n" * 1_000_000 + b'": "Bad"}'),
    "100,001 values": (b"", b'{"name": [' + b"1," * 100_000 + b"1]}"),
    "a form": (b"", b"name=Bad"),
}


@pytest.fixture
def customer(served_on_each_database: Live) -> Iterator[Customer]:
    """One that must not change; and whatever was sent, the next one on a new connection is answered."""
    made = served_on_each_database.world.create_customer(name="Before")
    yield made
    assert status_of(served_on_each_database, plain(b"GET /readyz HTTP/1.1")) == 200
    assert served_on_each_database.world.reload(made) == made


def status_of(live: Live, sent: bytes, patience: float = ANSWER_SECONDS) -> int:
    """The status of the only answer, behind which the server hangs up; 0 where it does so without one.

    It waits for the rest of what has no end. So the client says that it sends no more when it is answered, or after so
    many seconds without an answer.
    """
    address = urlsplit(live.address)
    received = b""
    with closing(socket.create_connection((address.hostname, address.port), timeout=ANSWER_SECONDS)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it had seen enough
            connection.sendall(sent)
            select.select([connection], [], [], patience)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65_536):
                received += chunk
    received = received.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")
    assert received.count(b"HTTP/1.1 ") + received.count(b"HTTP/1.0 ") <= 1
    return int(received.split(maxsplit=2)[1]) if received else 0


def put(live: Live, customer: Customer, framing: bytes, body: bytes) -> bytes:
    """A PUT of the customer."""
    key = live.world.keys["write"].encode()
    line = f"PUT /v1/customers/{customer.id} HTTP/1.1".encode()
    headers = (b"x-api-key: " + key, b"Content-Type: application/json", *((framing,) if framing else ()))
    return plain(line, *headers) + body


@pytest.mark.parametrize("name", HEADS)
def test_a_head_of_another_form_is_refused_or_read(
    served_on_each_database: Live, customer: Customer, name: str
) -> None:
    """As what it says, where it says something."""
    assert status_of(served_on_each_database, HEADS[name], PATIENCE_SECONDS) < 500


@pytest.mark.parametrize("name", PATHS)
def test_an_address_of_another_form_finds_nothing(served_on_each_database: Live, customer: Customer, name: str) -> None:
    """400 or 404; or 414 by the server itself."""
    key = b"x-api-key: " + served_on_each_database.world.keys["read"].encode()
    status = status_of(served_on_each_database, plain(b"GET " + PATHS[name] + b" HTTP/1.1", key))
    assert status in {400, 404, 414}


@pytest.mark.parametrize("name", FRAMINGS)
def test_a_body_whose_end_is_in_doubt_is_not_run(served_on_each_database: Live, customer: Customer, name: str) -> None:
    """Nor is anything behind it taken for a request of its own."""
    sent = put(served_on_each_database, customer, *FRAMINGS[name])
    assert status_of(served_on_each_database, sent, PATIENCE_SECONDS) < 500


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_json_of_ours_is_refused(
    served_on_each_database: Live, customer: Customer, name: str
) -> None:
    """400; or 413 or 415."""
    more, body = BODIES[name]
    framing = b"Content-Length: %d" % len(body) + (END + more if more else b"")
    status = status_of(served_on_each_database, put(served_on_each_database, customer, framing, body))
    assert status in {400, 413, 415}
