"""Takes a request's body in, within a size, a time and a share of the memory, before anything runs.

Of routes it knows the prefix ``/v1`` and which ones take a large form; of a body, nothing but its length.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from webapp.loop_time import LoopTime
from webapp.request_body import CUT_OFF, LATE, TOO_LARGE, TOO_MANY

#: Such bodies always find room; larger ones share a pot. No address outside of /v1 takes more, but those of a form.
SMALL_BODY_BYTES = 64 * 1024
#: Memory for the larger bodies of one face in one process. A pot each, so that strangers who hold back the rest of
#: their forms keep nobody out of the API.
POT_BYTES = 64 * 1024 * 1024
#: A form names every metadata entry. Its rows are sent as often as one is added or removed.
LARGE_FORM = re.compile(r"/customers/((new|[^/]+/edit)(/(rows|address|check))?|[^/]+/history/\d+/revert)")
#: The one coding of transfers that there is here.
CHUNKED = "chunked"
#: How long a client that was refused may go on sending before the connection is closed: who hangs up on a client that
#: still sends takes the answer from it.
LINGER_SECONDS = 2.0

#: Where the scope says what the server knows of a body beside its messages: nothing; that all of it is here; or that no
#: more of it can be read or will come, although the client may still read an answer.
BODY_STATE = "customer_desk.body"
WHOLE, BROKEN, ENDED = "whole", "broken", "ended"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class Pot:
    """What the large bodies of one face may take of the memory, together.

    Attributes:
        most: bytes of one body. One that large always fits when it is alone.
        taken: bytes of all bodies that are here, small ones included.
    """

    def __init__(self, most: int) -> None:
        """Empty."""
        self.most = most
        self.taken = 0

    def is_full(self) -> bool:
        """Whether only small bodies may go on."""
        return self.taken > max(POT_BYTES, self.most)


class Intake:
    """Takes bodies in."""

    def __init__(self, *, api_body_bytes: int, form_bytes: int, timeout_seconds: float, loop_time: LoopTime) -> None:
        """See :class:`webapp.front.Front`."""
        self.api_pot, self.form_pot = Pot(api_body_bytes), Pot(form_bytes)
        self._timeout_seconds = timeout_seconds
        self._loop_time = loop_time

    def pot_of(self, environ: dict[str, Any]) -> Pot:
        """The pot that a request's body is counted in until the request is over."""
        return self.api_pot if environ["PATH_INFO"].startswith("/v1/") else self.form_pot

    async def take_in(
        self, body: bytearray, pot: Pot, environ: dict[str, Any], scope: Mapping[str, Any], receive: Receive
    ) -> str:
        """Read into ``body``, which is counted in ``pot``: whoever calls this takes it out again.

        Returns:
            What is wrong with it, or ``""``.
        """
        if environ.get("HTTP_TRANSFER_ENCODING", CHUNKED).strip().lower() != CHUNKED:
            return CUT_OFF  # compressed, too, say: the server undoes the chunks alone (RFC 9112, section 6.1)
        most = self._most(pot, environ)
        told = environ.get("CONTENT_LENGTH", "")
        if told.isdecimal() and int(told) > most:
            return TOO_LARGE
        taking = _Taking(body, pot, most)
        if scope.get(BODY_STATE) == WHOLE:  # a limit of time would cost more than the rest of a short body's way
            while not taking.take(await receive()):
                pass
            return taking.fault
        try:
            async with self._loop_time.limit(self._timeout_seconds):
                while not taking.take(await receive()):
                    pass
        except TimeoutError:
            return LATE
        return taking.fault or (CUT_OFF if scope.get(BODY_STATE) in {BROKEN, ENDED} else "")

    def _most(self, pot: Pot, environ: dict[str, Any]) -> int:
        if pot is self.api_pot or (environ["REQUEST_METHOD"] == "POST" and LARGE_FORM.fullmatch(environ["PATH_INFO"])):
            return pot.most
        return min(pot.most, SMALL_BODY_BYTES)


class _Taking:
    """What has come of a body.

    Attributes:
        fault: what is wrong with it, or ``""``.
    """

    def __init__(self, body: bytearray, pot: Pot, most: int) -> None:
        """Nothing yet."""
        self._body, self._pot, self._most = body, pot, most
        self.fault = ""

    def take(self, message: Message) -> bool:
        """Add what a message of the server brings. Returns whether nothing more is to be taken."""
        if message["type"] != "http.request":
            self.fault = CUT_OFF
            return True
        chunk = message["body"]
        self._body += chunk
        self._pot.taken += len(chunk)
        if len(self._body) > self._most:
            self.fault = TOO_LARGE
        elif len(self._body) > SMALL_BODY_BYTES and self._pot.is_full():
            self.fault = TOO_MANY
        return bool(self.fault) or not message["more_body"]


async def linger(scope: Mapping[str, Any], receive: Receive) -> None:
    """Read on, and drop it, until the client has sent all, has hung up, or has been waited for long enough."""
    if scope.get(BODY_STATE) in {WHOLE, ENDED}:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (message := await receive())["type"] == "http.request" and message["more_body"]:
                pass
