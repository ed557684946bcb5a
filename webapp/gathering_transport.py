"""A transport that gathers what is written, and that is not held open by who does not read. Knows nothing of HTTP."""

import asyncio

#: So much waits for more that comes in the same turn of the loop.
GATHERED_BYTES = 16 * 1024


class GatheringTransport:
    """A transport that sends in one piece what is written in one turn of the loop, such as a head and its body."""

    __slots__ = ("_abortion", "_bytes", "_loop", "_patience_seconds", "_pieces", "_transport", "is_closing")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, patience_seconds: float) -> None:
        self._transport, self._loop, self._patience_seconds = transport, loop, patience_seconds
        self.is_closing = transport.is_closing
        self._pieces: list[bytes] = []
        self._bytes = 0
        self._abortion: asyncio.TimerHandle | None = None

    def write(self, data: bytes) -> None:
        """Send it, at the latest at the end of this turn."""
        if not self._pieces:
            self._loop.call_soon(self._send)
        self._pieces.append(data)
        self._bytes += len(data)
        if self._bytes > GATHERED_BYTES:
            self._send()

    def _send(self) -> None:
        if self._pieces and not self.is_closing():
            self._transport.write(b"".join(self._pieces))
        self._pieces.clear()
        self._bytes = 0

    def close(self) -> None:
        """As soon as the client has taken what was written, for which it has its time."""
        if self.is_closing():
            return
        self._send()
        left = self._transport.get_write_buffer_size()
        self._transport.close()
        if left:
            self._abortion = self._loop.call_later(self._patience_seconds, self._transport.abort)

    def abort(self) -> None:
        """At once, whatever is left of what was written."""
        self._transport.abort()

    def end(self) -> None:
        """The connection is lost."""
        self._pieces.clear()
        if self._abortion is not None:
            self._abortion.cancel()
