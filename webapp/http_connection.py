"""HTTP/1.1 on one connection: uvicorn's protocol, with limits on heads, and with bodies that break off told as such.

Knows no route and no application: what it refuses was no request yet.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from webapp.request_intake import BODY_STATE, BROKEN, LINGER_SECONDS, WHOLE

#: The longest head: request line and headers; and the most headers in it.
HEAD_BYTES = 64 * 1024
MOST_HEADERS = 100
#: Connections of one worker, idle and slow ones included; a further one is closed at once.
MOST_CONNECTIONS = 4096
BAD_REQUEST, URI_TOO_LONG, HEADERS_TOO_LARGE = 400, 414, 431


class _TooLarge(Exception):
    """The head is. The parser, in whose callback it is raised, then gives up."""


class Connection(HttpToolsProtocol):
    """One connection of a client.

    Attributes:
        refusal_headers: what goes out with a refusal.
    """

    refusal_headers: ClassVar[tuple[tuple[str, str], ...]] = ()

    #: Whether a head has begun to come, and so many bytes of it after those that came with its first one.
    _is_in_head = False
    _head_bytes = 0
    #: What came last is longer than a head may be.
    _is_long = False
    #: What comes is not listened to any more.
    _is_deaf = False
    _refusal = BAD_REQUEST
    #: The end of the time within which a head must be here.
    _head_limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.close()
        else:
            self._limit_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._lift_limit()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take some bytes of a request in, which may be of any part of it, and of the next one too."""
        if self._is_deaf:
            return
        if self._is_in_head:
            self._head_bytes += len(data)
        self._is_long = len(data) > HEAD_BYTES
        super().data_received(data)
        if self._is_deaf:
            return
        if self._is_in_head and self._head_bytes > HEAD_BYTES:
            self._refusal = HEADERS_TOO_LARGE if self.headers or len(self.url) < HEAD_BYTES else URI_TOO_LONG
            self.send_400_response("")
        elif self._head_limit is None and (self._is_in_head or not self._is_answering):
            self._limit_head()

    def on_message_begin(self) -> None:
        """A request has begun to come."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Its head is here."""
        self._is_in_head = False
        self._lift_limit()
        if len(self.url) > HEAD_BYTES - 2:
            self._refusal = URI_TOO_LONG
            raise _TooLarge
        is_long = self._is_long or self._head_bytes
        if len(self.headers) > MOST_HEADERS or (is_long and self._size() > HEAD_BYTES):
            self._refusal = HEADERS_TOO_LARGE
            raise _TooLarge
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        self.scope[BODY_STATE] = WHOLE  # type: ignore[typeddict-unknown-key]
        super().on_message_complete()

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends no more. Returns whether the connection stays, for an answer that it may still read."""
        if self._is_answering:
            self.send_400_response("")
        return self._is_answering

    def send_400_response(self, msg: str) -> None:
        """What comes cannot be read: it is no request, or is the rest of one that has begun to be answered."""
        self._is_deaf = True
        self._lift_limit()
        if self._is_answering:
            self.cycle.keep_alive = False
            if self.cycle.more_body:
                self.cycle.scope[BODY_STATE] = BROKEN  # type: ignore[typeddict-unknown-key]
                self.cycle.more_body = False
                self.cycle.message_event.set()
        elif not self.transport.is_closing():
            self._refuse()

    def _refuse(self) -> None:
        """Answer without a request, and hear the client out for a while: who hangs up takes the answer from it."""
        headers = (
            *((name.encode(), value.encode()) for name, value in self.refusal_headers),
            *self.server_state.default_headers,
            (b"content-length", b"0"),
            (b"connection", b"close"),
        )
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[self._refusal] + head + b"\r\n")
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    @property
    def _is_answering(self) -> bool:
        """Whether a request is being taken in or answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _size(self) -> int:
        """Of the head that has just come, as it is counted."""
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _limit_head(self) -> None:
        self._head_limit = self.loop.call_later(self.timeout_keep_alive, self._look_for_head)

    def _look_for_head(self) -> None:
        """Time is up, unless the loop was held up: what has come meanwhile is seen in its next turn."""
        self._head_limit = self.loop.call_later(0, self._end_of_patience)

    def _end_of_patience(self) -> None:
        self._head_limit = None
        if self._is_answering:  # the one before; the next one comes on the same connection
            self._limit_head()
        else:
            self.transport.close()

    def _lift_limit(self) -> None:
        if self._head_limit is not None:
            self._head_limit.cancel()
            self._head_limit = None


def connection_class(refusal_headers: dict[str, str]) -> type[Connection]:
    """:class:`Connection` whose refusals carry these headers."""
    attributes: dict[str, Any] = {"refusal_headers": tuple(refusal_headers.items())}
    return type("Connection", (Connection,), attributes)
