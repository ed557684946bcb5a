"""The asynchronous front: takes a request in whole, within a size and a time, before it takes a thread to run it.

It speaks ASGI to the server and WSGI to the application. Knows no route but the prefix ``/v1``, and no answer: what is
wrong with a body it tells the application, which answers as it answers everything.
"""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask

from webapp.request_body import BODY_FAULT, LATE, TOO_LARGE, TOO_MANY
from webapp.settings import Settings

#: Threads of one worker that run requests. A SQLite writer holds the whole file, so more of them would only wait.
SQLITE_THREADS = 1
POSTGRESQL_THREADS = 4
#: Larger bodies share so much memory in one process; smaller ones always find room.
SMALL_BODY_BYTES = 64 * 1024
MOST_BUFFERED_BYTES = 128 * 1024 * 1024
#: How long a client that was refused may go on sending before the connection is closed: who hangs up on a client that
#: still sends takes the answer from it.
LINGER_SECONDS = 2.0
#: An answer goes out in pieces of this size: so a client that reads slowly holds one of them, and is seen to be slow.
PIECE_BYTES = 64 * 1024
#: Header names are few; a client that makes up new ones must not fill the memory.
MOST_KNOWN_NAMES = 500

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _Gone(Exception):
    """The client has hung up."""


class Front:
    """An ASGI application around a WSGI one.

    With one thread, requests run in the event loop's own: handing them over would cost more than a short request, and
    while one runs, the kernel goes on taking in what others send.
    """

    def __init__(
        self, application: Any, *, threads: int, api_body_bytes: int, body_bytes: int, timeout_seconds: float
    ) -> None:
        """Without a server; it is given each request.

        Args:
            application: the WSGI application.
            threads: how many requests run at once.
            api_body_bytes: the largest body below ``/v1``.
            body_bytes: the largest body of any other request.
            timeout_seconds: within which a body must be here, and each piece of an answer must be taken.
        """
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request") if threads > 1 else None
        self._api_body_bytes, self._body_bytes = api_body_bytes, body_bytes
        self._timeout_seconds = timeout_seconds
        self._buffered = 0
        self._names: dict[bytes, str] = {}
        self._environment = {
            "SCRIPT_NAME": "",
            "SERVER_SOFTWARE": "Granian",
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": threads > 1,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }

    @classmethod
    def of(cls, app: Flask, settings: Settings) -> "Front":
        """The front of an installation."""
        return cls(
            app,
            threads=threads_of(settings),
            api_body_bytes=settings.max_body_bytes,
            body_bytes=app.config["MAX_CONTENT_LENGTH"],
            timeout_seconds=settings.request_timeout_seconds,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. One whose client hangs up before it has sent all of it is not run."""
        with suppress(_Gone):
            await self._answer(self._environ(scope), receive, send)

    async def _answer(self, environ: dict[str, Any], receive: Receive, send: Send) -> None:
        body = bytearray()
        fault = ""
        try:
            if environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ:
                fault = await self._take_in(body, environ, receive)
                environ["CONTENT_LENGTH"] = str(len(body))
                environ[BODY_FAULT] = fault
            environ["wsgi.input"] = io.BytesIO(body)
            await self._run(environ, send, closing=bool(fault))
        finally:
            self._buffered -= len(body)
        if fault:
            await _linger(receive)

    async def _take_in(self, body: bytearray, environ: dict[str, Any], receive: Receive) -> str:
        """Read into ``body``, which is counted as buffered. Returns what is wrong with it, or ``""``."""
        most = self._api_body_bytes if environ["PATH_INFO"].startswith("/v1/") else self._body_bytes
        told = environ.get("CONTENT_LENGTH", "")
        if told.isdecimal() and int(told) > most:
            return TOO_LARGE
        try:
            async with asyncio.timeout(self._timeout_seconds):
                more = True
                while more:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise _Gone
                    chunk, more = message["body"], message["more_body"]
                    body += chunk
                    self._buffered += len(chunk)
                    if len(body) > most:
                        return TOO_LARGE
                    if self._buffered > MOST_BUFFERED_BYTES and len(body) > SMALL_BODY_BYTES:
                        return TOO_MANY
        except TimeoutError:
            return LATE
        return ""

    async def _run(self, environ: dict[str, Any], send: Send, *, closing: bool) -> None:
        """Run the application and send its answer: at once where its length is known, else as it comes."""
        in_context = copy_context().run
        status, headers, whole, chunks = await self._in_thread(in_context, _call, self._application, environ)
        if closing:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if whole is None:
            await self._stream(send, chunks, in_context)
        elif len(whole) <= PIECE_BYTES:
            await send({"type": "http.response.body", "body": whole})
        else:
            for start in range(0, len(whole), PIECE_BYTES):
                await self._send_piece(send, whole[start : start + PIECE_BYTES], more=True)
            await self._send_piece(send, b"", more=False)

    async def _stream(self, send: Send, chunks: Iterable[bytes], in_context: Callable[..., Any]) -> None:
        try:
            iterator = iter(chunks)
            while (chunk := await self._in_thread(in_context, next, iterator, None)) is not None:
                await self._send_piece(send, chunk, more=True)
            await self._send_piece(send, b"", more=False)
        finally:
            await self._in_thread(in_context, _close, chunks)

    async def _send_piece(self, send: Send, piece: bytes, *, more: bool) -> None:
        """Send a part of an answer; the server takes it as soon as the client has taken those before it.

        Raises:
            _Gone: that does not happen in time.
        """
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await send({"type": "http.response.body", "body": piece, "more_body": more})
        except TimeoutError:
            raise _Gone from None

    async def _in_thread(self, in_context: Callable[..., Any], work: Callable[..., Any], *values: Any) -> Any:
        if self._pool is None:
            return in_context(work, *values)
        return await asyncio.get_running_loop().run_in_executor(self._pool, in_context, work, *values)

    def _environ(self, scope: Scope) -> dict[str, Any]:
        """The request as WSGI has it (PEP 3333). A header whose name has an underscore is left out.

        It would be taken for the one with a hyphen, which a proxy in front may have set.
        """
        environ = self._environment.copy()
        environ["REQUEST_METHOD"] = scope["method"]
        environ["PATH_INFO"] = unquote_to_bytes(scope["raw_path"]).decode("latin-1")
        environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
        environ["SERVER_PROTOCOL"] = f"HTTP/{scope['http_version']}"
        environ["SERVER_NAME"], port = scope["server"]
        environ["SERVER_PORT"] = str(port)
        environ["REMOTE_ADDR"] = scope["client"][0]
        environ["wsgi.url_scheme"] = scope["scheme"]
        for sent, raw in scope["headers"]:
            name = self._names.get(sent) or self._name_of(sent)
            if name:
                value = raw.decode("latin-1")
                joint = "; " if name == "HTTP_COOKIE" else ","
                environ[name] = f"{environ[name]}{joint}{value}" if name in environ else value
        return environ

    def _name_of(self, sent: bytes) -> str:
        """What WSGI calls a header; ``""`` for one that is left out."""
        if b"_" in sent:
            return ""
        name = sent.decode("latin-1").upper().replace("-", "_")
        if name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            name = f"HTTP_{name}"
        if len(self._names) < MOST_KNOWN_NAMES:
            self._names[sent] = name
        return name


def threads_of(settings: Settings) -> int:
    """How many requests one worker runs at once; on PostgreSQL each takes one connection at a time."""
    if settings.sqlalchemy_url.startswith("sqlite"):
        return SQLITE_THREADS
    return min(POSTGRESQL_THREADS, settings.database_pool_size)


def _call(
    application: Any, environ: dict[str, Any]
) -> tuple[int, list[tuple[bytes, bytes]], bytes | None, Iterable[bytes]]:
    """Status, headers, and the body: whole where its length is known, else None and what it still comes from."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
        started[:] = [int(status[:3]), [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]]

    chunks: Iterable[bytes] = application(environ, start_response)
    status, headers = started
    if status not in {204, 304} and not any(name == b"content-length" for name, _ in headers):
        return status, headers, None, chunks
    try:
        return status, headers, b"".join(chunks), ()
    finally:
        _close(chunks)


def _close(chunks: object) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        close()


async def _linger(receive: Receive) -> None:
    """Read on, and drop it, until the client has sent all, has hung up, or has been waited for long enough."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (message := await receive())["type"] == "http.request" and message["more_body"]:
                pass
