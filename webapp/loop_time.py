"""Time limits in an event loop in which requests may run. Knows not what is waited for."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

#: Shorter work leaves the loop enough turns to see what has come in time.
LONG_WORK_SECONDS = 0.05
#: Longer work has waited: for SQLite's lock, which another process has, or for the disk.
WAITING_SECONDS = 0.5
#: So long after it others are expected to wait, too.
CAUTION_SECONDS = 60.0


class LoopTime:
    """A clock that stands still while long work holds the loop.

    Whatever a client does meanwhile is seen only afterwards: so it would be told that it was late when the loop was.
    """

    def __init__(self) -> None:
        """At the start of a worker."""
        self._held_seconds = 0.0
        self._careful_until = 0.0

    def hold(self, work: Callable[..., Any], *values: Any) -> Any:
        """Run ``work`` in the loop's own thread. Returns what it does."""
        began = time.monotonic()
        try:
            return work(*values)
        finally:
            if (seconds := time.monotonic() - began) > LONG_WORK_SECONDS:
                self._held_seconds += seconds
                self._look_out(seconds)

    def watch(self, work: Callable[..., Any], *values: Any) -> Any:
        """Run ``work`` in a thread of its own, which holds nobody up. Returns what it does."""
        began = time.monotonic()
        try:
            return work(*values)
        finally:
            self._look_out(time.monotonic() - began)

    @property
    def is_careful(self) -> bool:
        """Whether work has waited lately, so that it had better not hold the loop."""
        return time.monotonic() < self._careful_until

    def _look_out(self, seconds: float) -> None:
        if seconds > WAITING_SECONDS:
            self._careful_until = time.monotonic() + CAUTION_SECONDS

    def limit(self, seconds: float) -> "TimeLimit":
        """As ``asyncio.timeout``, by this clock; to be used in an ``async with`` block."""
        return TimeLimit(self, seconds)

    @property
    def held_seconds(self) -> float:
        """How long work has held the loop so far, all in all."""
        return self._held_seconds


class TimeLimit:
    """A block of code in which a client has its time; made by :meth:`LoopTime.limit`.

    Every body is taken in within one, so it is a class of its own in place of a generator around ``asyncio.timeout``.

    Raises (at the block's end):
        TimeoutError: the block took longer.
    """

    def __init__(self, loop_time: LoopTime, seconds: float) -> None:
        """It begins with the block."""
        self._loop_time, self._seconds = loop_time, seconds

    async def __aenter__(self) -> None:
        """Begin."""
        self._loop = asyncio.get_running_loop()
        self._held_before = self._loop_time.held_seconds
        self._until = self._loop.time() + self._seconds
        self._timeout = await asyncio.timeout(None).__aenter__()
        self._handle = self._loop.call_at(self._until, self._judge)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._handle.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def _judge(self) -> None:
        """Time is up, unless the loop was held meanwhile: the client has that time on top."""
        held = self._loop_time.held_seconds - self._held_before
        self._held_before += held
        if held:
            self._until = max(self._until + held, self._loop.time() + LONG_WORK_SECONDS)
            self._handle = self._loop.call_at(self._until, self._judge)
        else:
            self._timeout.reschedule(self._loop.time())
