"""What an application is told of what comes on a connection, and what is told of an application that fails."""

import asyncio
import json
from typing import Any

import pytest

from tests.support import event_loop
from tests.support.listening import ASK, Listening, little
from webapp.http_connection import HEAD_BYTES
from webapp.request_body import FAULT, HEADERS_TOO_LARGE, UNKNOWN_METHOD, UNREADABLE, URI_TOO_LONG
from webapp.request_intake import BODY_STATE, BROKEN, ENDED, WHOLE

SECRET = "a field's content"
LONG = b"a" * (HEAD_BYTES + 500)
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
