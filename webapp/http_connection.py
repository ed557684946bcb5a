"""HTTP/1.1 on one connection: uvicorn's protocol, with limits on heads, and what cannot be read told as such.

Knows no route and no answer: what is wrong with a request is told to the application (``webapp.request_body``).
"""

import asyncio
import re
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from webapp.gathering_transport import GatheringTransport
from webapp.request_body import FAULT, HEADERS_TOO_LARGE, UNKNOWN_METHOD, UNREADABLE, URI_TOO_LONG
from webapp.request_intake import BODY_STATE, BROKEN, ENDED, WHOLE

#: The longest head: request line and headers; and the most headers in it.
HEAD_BYTES = 64 * 1024
MOST_HEADERS = 100
#: Connections of one worker, idle and slow ones included; a further one is closed at once.
MOST_CONNECTIONS = 4096
#: Requests of one connection that wait for the one before them. Behind so many its client is not listened to any more.
MOST_WAITING = 16
#: What is looked for in a head that the parser has given up: method (a token: RFC 9110, section 5.6.2), path, the rest.
_REQUEST_LINE = re.compile(rb"\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}) (/[^\s?#]*)(\S* HTTP/1\.[01]\r?\n)?")
_VERSIONS = frozenset({"1.0", "1.1"})


class _Refused(Exception):
    """The head is. The parser, in whose callback it is raised, then gives up."""


class Connection(HttpToolsProtocol):
    """One connection of a client."""

    #: Whether a head has begun to come, and so many bytes of it after those that came with its first one.
    _is_in_head = False
    _head_bytes = 0
    _first_of_head = b""
    #: So many bytes came since the head, or since the last piece of the body.
    _bodiless_bytes = 0
    #: What comes is not listened to any more.
    _is_deaf = False
    _fault = UNREADABLE
    #: The end of the time within which a head must be here.
    _head_limit: asyncio.TimerHandle | None = None
    #: The end of the time within which the client must take what is written.
    _taking_limit: asyncio.TimerHandle | None = None
    #: The request that is being answered, which others may wait behind.
    _answered: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._gathering = GatheringTransport(transport, self.loop, self.timeout_keep_alive)
        self.transport = self._gathering  # type: ignore[assignment]
        if len(self.connections) > MOST_CONNECTIONS or not (self.client and self.server):  # reset by the client
            transport.abort()
        else:
            self._limit_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._lift_limit()
        self.resume_writing()
        self._gathering.end()
        self.pipeline.clear()
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        """Take some bytes of a request in, which may be of any part of it, and of the next one too."""
        if self._is_deaf:
            return
        self._unset_keepalive_if_required()
        if self._is_in_head:
            self._head_bytes += len(data)
        else:
            self._first_of_head = data
            self._bodiless_bytes += len(data)
        try:
            self._feed(data)
        except httptools.HttpParserInvalidMethodError:
            self._give_up(UNKNOWN_METHOD)
        except httptools.HttpParserError:
            self._give_up(self._fault)
        else:
            if self._is_in_head and self._head_bytes > HEAD_BYTES:
                self._give_up(HEADERS_TOO_LARGE if self.headers or len(self.url) <= HEAD_BYTES else URI_TOO_LONG)
            elif self._is_answering and self.cycle.more_body and self._bodiless_bytes > HEAD_BYTES:
                self._give_up(UNREADABLE)  # of trailers the parser keeps as much as comes
            elif self._head_limit is None and (self._is_in_head or not self._is_answering):
                self._limit_head()

    def _feed(self, data: bytes) -> None:
        """Parse, and go on past the offer of another protocol, which is not taken (RFC 9110, section 7.8).

        The parser stops there and leaves the body out. So another one is given the head once more, without the offer.
        """
        rest = memoryview(data)
        while rest:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as stopped:
                method, version, [offset] = self.parser.get_method(), self.parser.get_http_version(), stopped.args
                if method == b"CONNECT":
                    raise httptools.HttpParserError from None
                kept = b"".join(b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade")
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
                self.parser.feed_data(b"%b %b HTTP/%b\r\n%b\r\n" % (method, self.url, version.encode(), kept))
                rest = rest[offset:]
            else:
                return

    def on_message_begin(self) -> None:
        """A request has begun to come."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header is here; or a trailer, which must not be taken for one (RFC 9110, section 6.5.1)."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its head is here."""
        if self.parser.should_upgrade():
            return
        self._is_in_head = False
        self._lift_limit()
        if self.parser.get_http_version() not in _VERSIONS:
            self._refuse(UNREADABLE)
        if len(self.url) > HEAD_BYTES - 2:
            self._refuse(URI_TOO_LONG)
        may_be_long = self._head_bytes or len(self._first_of_head) > HEAD_BYTES
        if len(self.headers) > MOST_HEADERS or (may_be_long and self._size() > HEAD_BYTES):
            self._refuse(HEADERS_TOO_LARGE)
        if len(self.pipeline) >= MOST_WAITING:
            self._refuse(UNREADABLE)
        self._first_of_head, self._bodiless_bytes = b"", 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body is here."""
        self._bodiless_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is here."""
        if self.parser.should_upgrade():
            return
        self.scope[BODY_STATE] = WHOLE  # type: ignore[literal-required]
        super().on_message_complete()

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends no more. True: it may still read an answer, so the connection is not closed for it."""
        if self._is_answering:
            self._give_up(UNREADABLE, ENDED)
        else:
            self.transport.close()
        return True

    def on_response_complete(self) -> None:
        """The answer is written; while others wait for theirs, no more of them is read."""
        super().on_response_complete()
        if self.pipeline and not self._is_deaf:
            self.flow.pause_reading()

    def pause_writing(self) -> None:
        """The client does not take what is written, for which it has its time."""
        super().pause_writing()
        if self._taking_limit is None:
            self._taking_limit = self.loop.call_later(self.timeout_keep_alive, self._look_for_taking)

    def resume_writing(self) -> None:
        """It does."""
        super().resume_writing()
        if self._taking_limit is not None:
            self._taking_limit.cancel()
            self._taking_limit = None

    def _look_for_taking(self) -> None:
        """Time is up, unless the loop was held up: what was taken meanwhile is seen in its next turn."""
        self._taking_limit = self.loop.call_later(0, self._gathering.abort)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def _refuse(self, fault: str) -> None:
        self._fault = fault
        raise _Refused

    def _give_up(self, fault: str, state: str = BROKEN) -> None:
        """Hear no more: what comes is no request, or is the rest of one that has begun to be answered."""
        self._is_deaf = True
        self._lift_limit()
        if not self._is_answering:
            self._answer_fault(fault)
            return
        self.cycle.keep_alive = False
        if self.cycle.more_body:
            self.cycle.scope[BODY_STATE] = state  # type: ignore[literal-required]
            self.cycle.more_body = False
        self.cycle.message_event.set()

    def _answer_fault(self, fault: str) -> None:
        """Have the application say what is wrong, at the address that was meant as far as it can be told."""
        line = _REQUEST_LINE.match(self._first_of_head)
        method, path, rest = line.groups() if line else (b"GET", b"/", None)
        if rest is None and fault == UNKNOWN_METHOD:
            fault = UNREADABLE
        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "method": method.decode(),
            "raw_path": path,
            "query_string": b"",
            "headers": [],
            FAULT: fault,
        }
        self.cycle = RequestResponseCycle(
            scope=scope,  # type: ignore[arg-type]
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )
        self._start_asgi_task(self.cycle, self.app)

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
        if self._is_answering:  # the request before it; what comes next waits
            self._limit_head()
        else:
            self.transport.close()

    def _lift_limit(self) -> None:
        if self._head_limit is not None:
            self._head_limit.cancel()
            self._head_limit = None
