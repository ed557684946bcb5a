"""What one connection, and all of them, may take of a worker: in this process, with applications of the tests."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Self

import pytest
import uvicorn
from uvicorn.server import ServerState

from tests.support import event_loop
from webapp import gathering_transport, http_connection
from webapp.http_connection import Connection
from webapp.log_lines import SERVER_LOGGERS
from webapp.request_body import FAULT, HEADERS_TOO_LARGE, UNKNOWN_METHOD, UNREADABLE, URI_TOO_LONG
from webapp.request_intake import BODY_STATE, BROKEN, ENDED, WHOLE

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
PATIENCE_SECONDS = 0.3
SECRET = "a field's content"
Application = Callable[[Any, Any, Any], Awaitable[None]]


async def little(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer without a body."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def much(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer with more than the buffers of a kernel hold."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(200):
        await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


class Listening:
    """A server of one application, by connections of ours. For an ``async with`` block."""

    def __init__(self, application: Application) -> None:
        self._config = uvicorn.Config(
            application,
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_config=SERVER_LOGGERS,
            timeout_keep_alive=PATIENCE_SECONDS,  # type: ignore[arg-type]
        )
        self._config.load()
        self.state = ServerState()
        self.port = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        make = lambda: Connection(self._config, self.state, {}, loop)  # noqa: E731 - a factory
        self._server = await loop.create_server(make, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for connection in list(self.state.connections):
            connection.transport.abort()
        await asyncio.sleep(0.05)

    async def connect(self, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A client that has sent so much."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        return reader, writer


def test_connections_past_the_most_are_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their clients can go elsewhere; one that ends makes room."""
    monkeypatch.setattr(http_connection, "MOST_CONNECTIONS", 2)

    async def run() -> list[bytes]:
        answers, writers = [], []
        async with Listening(little) as listening:
            for number in range(4):
                reader, writer = await listening.connect(ASK)
                writers.append(writer)
                try:
                    answers.append(await reader.read(12))
                except ConnectionResetError:
                    answers.append(b"")
                if number == 2:
                    writers[0].close()
                    await asyncio.sleep(0.05)
            for writer in writers:
                writer.close()
        return answers

    assert event_loop.run(run()) == [b"HTTP/1.1 204", b"HTTP/1.1 204", b"", b"HTTP/1.1 204"]


def test_only_so_many_requests_of_a_connection_wait() -> None:
    """Thousands come with one read, and each takes memory. Those that wait are answered, then the connection ends."""

    async def run() -> int:
        async with Listening(little) as listening:
            reader, writer = await listening.connect(ASK * 5000)
            answers = await reader.read()
            writer.close()
        return answers.count(b"HTTP/1.1 204")

    assert event_loop.run(run()) == 1 + http_connection.MOST_WAITING


@pytest.mark.parametrize("sent", [ASK, ASK * 3, ASK.replace(b"1.1", b"1.0")], ids=["one", "several", "HTTP/1.0"])
def test_who_does_not_take_an_answer_is_let_go(sent: bytes) -> None:
    """In time, and whatever is left of it: a transport that is closed would wait for as long as the client likes."""

    async def run() -> tuple[int, int]:
        async with Listening(much) as listening:
            client = socket.create_connection(("127.0.0.1", listening.port))
            client.sendall(sent)
            await asyncio.sleep(PATIENCE_SECONDS / 3)
            before = len(listening.state.connections)
            await asyncio.sleep(2 * PATIENCE_SECONDS)
            after = len(listening.state.connections), len(listening.state.tasks)
            client.close()
        assert after[1] == 0
        return before, after[0]

    assert event_loop.run(run()) == (1, 0)


def test_who_leaves_the_end_of_an_answer_is_let_go() -> None:
    """Of what is written behind the last wait for the client, too."""

    async def rest(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b"x" * 20_000_000})

    async def run() -> list[int]:
        seen = []
        async with Listening(rest) as listening:
            client = socket.create_connection(("127.0.0.1", listening.port))
            client.sendall(ASK)
            for _ in range(2):
                await asyncio.sleep(PATIENCE_SECONDS / 2 + len(seen) * PATIENCE_SECONDS)
                seen.append(len(listening.state.connections))
            client.close()
        return seen

    assert event_loop.run(run()) == [1, 0]


def test_who_takes_an_answer_slowly_has_it_whole() -> None:
    """As long as something of it is taken in time."""

    async def run() -> int:
        async with Listening(much) as listening:
            reader, writer = await listening.connect(ASK.replace(b"1.1", b"1.0"))
            taken = 0
            while piece := await reader.read(2_000_000):
                taken += len(piece)
                await asyncio.sleep(PATIENCE_SECONDS / 60)
            writer.close()
        return taken

    assert event_loop.run(run()) > 20_000_000


def test_small_pieces_do_not_gather_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that makes an answer without giving up the loop is written as it comes."""
    most = 0
    send_now = gathering_transport.GatheringTransport._send  # noqa: SLF001 - what it sends is to be seen

    def noting(self: Any) -> None:
        nonlocal most
        most = max(most, sum(map(len, self._pieces)))
        send_now(self)

    monkeypatch.setattr(gathering_transport.GatheringTransport, "_send", noting)

    async def pieces(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(100):
            await send({"type": "http.response.body", "body": b"x" * 5000, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> None:
        async with Listening(pieces) as listening:
            reader, writer = await listening.connect(ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            await reader.read()
            writer.close()

    event_loop.run(run())
    assert 5000 < most < gathering_transport.GATHERED_BYTES + 6000


def test_one_that_hangs_up_amid_requests_leaves_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Neither a request that waits, nor a timer, nor a line in the log."""
    begun = 0

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        nonlocal begun
        begun += 1
        await asyncio.sleep(0.1)
        await little(scope, receive, send)

    async def run() -> tuple[int, int]:
        async with Listening(slow) as listening:
            client = socket.create_connection(("127.0.0.1", listening.port))
            client.sendall(ASK * 5)
            await asyncio.sleep(0.05)
            [connection] = listening.state.connections
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()  # by a reset, not by an end that may be of one side alone
            await asyncio.sleep(0.2)
            assert isinstance(connection, Connection)
            assert connection.timeout_keep_alive_task is None
            return len(connection.pipeline), len(listening.state.tasks)

    assert event_loop.run(run()) == (0, 0)
    assert begun <= 2  # nothing is read while requests wait, so the reset is seen when the first answer is written
    assert caplog.records == []


LONG = b"a" * (http_connection.HEAD_BYTES + 500)
HOST = b"\r\nHost: a\r\n"
OFFER = HOST + b"Connection: Upgrade\r\nUpgrade: x\r\n"
#: What is sent, in pieces -> what the application is told of it: method, path, fault, state of the body, headers.
SENT: dict[str, tuple[list[bytes], list[tuple[str, bytes, str, str, int]]]] = {
    "a long address": ([b"GET /v1?" + LONG + b" HTTP/1.1" + HOST + b"\r\n"], [("GET", b"/v1", URI_TOO_LONG, "", 0)]),
    "in pieces": ([b"GET /v1?", LONG, LONG], [("GET", b"/v1", URI_TOO_LONG, "", 0)]),
    "a long header": ([b"GET /v1 HTTP/1.1" + HOST, b"a: " + LONG, LONG], [("GET", b"/v1", HEADERS_TOO_LARGE, "", 0)]),
    "one in one piece": (
        [b"GET /v1 HTTP/1.1" + HOST + b"a: " + LONG + b"\r\n\r\n"],
        [("GET", b"/v1", HEADERS_TOO_LARGE, "", 0)],
    ),
    "many headers": (
        [b"GET /v1 HTTP/1.1" + HOST + b"a: b\r\n" * 100 + b"\r\n"],
        [("GET", b"/v1", HEADERS_TOO_LARGE, "", 0)],
    ),
    "no header": ([b"PUT /v1?a=b HTTP/1.1\r\nno colon\r\n\r\n"], [("PUT", b"/v1", UNREADABLE, "", 0)]),
    "no method": ([b"BREW /v1 HTTP/1.1" + HOST + b"\r\n"], [("BREW", b"/v1", UNKNOWN_METHOD, "", 0)]),
    "nothing": ([b"GARBAGE\r\n\r\n"], [("GET", b"/", UNREADABLE, "", 0)]),
    "another protocol": ([b"CONNECT a:443 HTTP/1.1" + HOST + b"\r\n"], [("GET", b"/", UNREADABLE, "", 0)]),
    "another version": ([b"GET /v1 HTTP/2.0" + OFFER + b"\r\n"], [("GET", b"/v1", UNREADABLE, "", 0)]),
    "an offer": (
        [b"PUT /v1 HTTP/1.1" + OFFER + b"Content-Length: 4\r\n\r\nab", b"cd"],
        [("PUT", b"/v1", "", "", 3), ("", b"abcd", "", WHOLE, 0)],
    ),
    "trailers": (
        [b"PUT /v1 HTTP/1.1" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n"],
        [("PUT", b"/v1", "", WHOLE, 2), ("", b"a", "", WHOLE, 0)],
    ),
    "trailers without end": (
        [b"PUT /v1 HTTP/1.1" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: ", LONG, LONG],
        [("PUT", b"/v1", "", "", 2), ("", b"a", "", BROKEN, 0)],
    ),
    "a broken chunk": (
        [b"PUT /v1 HTTP/1.1" + HOST + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n", b"more"],
        [("PUT", b"/v1", "", "", 2), ("", b"", "", BROKEN, 0)],
    ),
    "an end amid a body": (
        [b"PUT /v1 HTTP/1.1" + HOST + b"Content-Length: 4\r\n\r\nab", b""],
        [("PUT", b"/v1", "", "", 2), ("", b"ab", "", ENDED, 0)],
    ),
    "an end behind a request": ([ASK, b""], [("GET", b"/", "", WHOLE, 1), ("", b"", "", WHOLE, 0)]),
    "a head that stops": ([b"GET / HTTP/1.1"], []),
}


@pytest.mark.parametrize("name", SENT)
def test_what_comes_is_told_as_it_is(name: str) -> None:
    """Each piece is taken in by itself; then the connection ends, by what was sent or when its time is over."""
    pieces, expected = SENT[name]
    told: list[tuple[str, bytes, str, str, int]] = []

    async def telling(scope: Any, receive: Any, send: Any) -> None:
        fault = scope.get(FAULT, "")
        told.append((scope["method"], scope["raw_path"], fault, scope.get(BODY_STATE, ""), len(scope["headers"])))
        body, more = b"", not fault
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        if not fault:
            told.append(("", body, "", scope.get(BODY_STATE, ""), 0))
        await little(scope, receive, send)

    async def run() -> None:
        async with Listening(telling) as listening:
            reader, writer = await listening.connect(b"")
            for piece in pieces:
                if piece:
                    writer.write(piece)
                else:
                    writer.write_eof()
                await asyncio.sleep(0.03)
            await reader.read()
            writer.close()

    event_loop.run(run())
    assert told == expected


def test_what_fails_outside_of_the_application_is_told_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    """And answered; the server by itself would print the error as Python does."""

    async def failing(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ValueError(SECRET)

    async def run() -> bytes:
        async with Listening(failing) as listening:
            reader, writer = await listening.connect(ASK)
            answered = await reader.read()
            writer.close()
        return answered

    answered, told = event_loop.run(run()), capsys.readouterr().err
    line = json.loads(told)
    assert answered.startswith(b"HTTP/1.1 500 ")
    assert (line["logger"], line["event"], line["level"]) == ("uvicorn.error", "Exception in ASGI application", "error")
    assert line["exception"].endswith("builtins.ValueError")
    assert SECRET not in told
