"""Time limits in an event loop in which requests may run. Knows not what is waited for."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
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

    @asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        """As ``asyncio.timeout``, by this clock.

        Raises:
            TimeoutError: the block took longer.
        """
        loop = asyncio.get_running_loop()
        held_before = self._held_seconds
        until = loop.time() + seconds
        handle: asyncio.TimerHandle

        def judge() -> None:
            nonlocal handle, held_before, until
            held, held_before = self._held_seconds - held_before, self._held_seconds
            if held:
                until = max(until + held, loop.time() + LONG_WORK_SECONDS)
                handle = loop.call_at(until, judge)
            else:
                timeout.reschedule(loop.time())

        handle = loop.call_at(until, judge)
        try:
            async with asyncio.timeout(None) as timeout:
                yield
        finally:
            handle.cancel()
