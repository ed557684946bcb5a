"""Requests as an ASGI server gives them to the front, an application behind it, and a front of small limits."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.support import event_loop
from webapp.front import AtOnce, Front

StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass
class Client:
    """A client's side of one request, as ASGI has it.

    Attributes:
        parts: of its body; None: nothing comes any more, but the connection stays open.
        hangs_up: it closes the connection after its last part.
        takes_answers: it reads what it is sent.
        comes_at_once: the server has each message by the time that it is asked for it, as it has a short body.
    """

    comes_at_once: ClassVar[bool] = False

    parts: Sequence[bytes | None] = (b"",)
    hangs_up: bool = False
    takes_answers: bool = True
    sent: list[dict[str, Any]] = field(default_factory=list)
    received: int = 0

    def receive(self) -> Awaitable[dict[str, Any]]:
        """The next part of the body."""
        message = self._next_message()
        if message is None or not self.comes_at_once:
            return self._by_and_by(message)
        here: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        here.set_result(message)
        return here

    async def _by_and_by(self, message: dict[str, Any] | None) -> dict[str, Any]:
        if message is None:
            await asyncio.Event().wait()
            raise AssertionError
        return message

    def _next_message(self) -> dict[str, Any] | None:
        if self.received >= len(self.parts) or (part := self.parts[self.received]) is None:
            return {"type": "http.disconnect"} if self.hangs_up else None
        self.received += 1
        more = self.hangs_up or self.received < len(self.parts)
        return {"type": "http.request", "body": part, "more_body": more}

    async def send(self, message: Any) -> None:
        """A message of the answer."""
        if not self.takes_answers and message.get("more_body"):
            await asyncio.Event().wait()
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        """What was answered."""
        return b"".join(message.get("body", b"") for message in self.sent)


class Application:
    """A WSGI application that keeps what it was called with and answers with ``chunks``."""

    def __init__(self, chunks: Iterable[bytes] = (b"ok",), headers: Sequence[tuple[str, str]] = ()) -> None:
        self.chunks, self.headers = chunks, list(headers)
        self.environs: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.threads: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        self.environs.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        self.threads.add(threading.current_thread().name)
        start_response("200 OK", [("Content-Type", "text/plain"), *self.headers])
        return self.chunks


def scope(method: str = "PUT", path: bytes = b"/v1/customers/x", **headers: str) -> dict[str, Any]:
    """A request's head; underscores of header names become hyphens."""
    named = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {
        "type": "http", "method": method, "raw_path": path, "query_string": b"a=%FF", "http_version": "1.1",
        "scheme": "http", "server": ("127.0.0.1", 8000), "client": ("192.0.2.1", 5000), "headers": named,
    }  # fmt: skip


def front_of(application: Any, **chosen: Any) -> Front:
    """A front that takes bodies of 10 bytes, and forms of 20, within 0.1 seconds."""
    usual: dict[str, Any] = {
        "at_once": AtOnce(1, 1), "api_body_bytes": 10, "form_bytes": 20, "timeout_seconds": 0.1,
        "search_wait_seconds": 10,
    }  # fmt: skip
    return Front(application, **usual | chosen)


def answer(application: Any, head: dict[str, Any], client: Client) -> Client:
    """Send one request through a front."""
    event_loop.run(front_of(application)(head, client.receive, client.send))
    return client
