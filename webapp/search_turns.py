"""Whose turn it is to search: few searches at once while they are quick, and others beside those that are not.

Knows no thread and no request.
"""

import asyncio

from webapp.loop_time import LoopTime

#: A search that has run for so long is a slow one.
SLOW_SECONDS = 0.02
#: Searches of one worker that may wait for their turn. Each waits as long as a search may take, at most.
MOST_WAITING = 64


class SearchTurns:
    """The searches of one worker.

    Attributes:
        waiting: so many wait for their turn.
    """

    def __init__(self, most: int, most_quick: int, *, wait_seconds: float, loop_time: LoopTime) -> None:
        """With nobody searching.

        Args:
            most: so many search at once.
            most_quick: so many of those that are not slow yet.
            wait_seconds: so long one waits for its turn.
            loop_time: the clock for that.
        """
        self._most, self._most_quick = most, most_quick
        self._wait_seconds, self._loop_time = wait_seconds, loop_time
        self._running = self._quick = self._offered = 0
        self._offers = asyncio.Semaphore(0)
        self.waiting = 0
        self._offer()

    async def take(self) -> "Turn | None":
        """Wait for a turn. None where too many wait already, or it has not come in time."""
        if self.waiting >= MOST_WAITING:
            return None
        self.waiting += 1
        try:
            async with self._loop_time.limit(self._wait_seconds):
                await self._offers.acquire()
        except TimeoutError:
            return None
        finally:
            self.waiting -= 1
        self._offered -= 1
        self._running += 1
        self._quick += 1
        return Turn(self)

    def turn_slow(self) -> None:
        """One that runs is slow."""
        self._quick -= 1
        self._offer()

    def end(self, *, was_slow: bool) -> None:
        """One that ran has ended."""
        self._running -= 1
        self._quick -= not was_slow
        self._offer()

    def _offer(self) -> None:
        """Let others begin, as many as may."""
        while self._quick + self._offered < self._most_quick and self._running + self._offered < self._most:
            self._offered += 1
            self._offers.release()


class Turn:
    """A search that runs."""

    def __init__(self, turns: SearchTurns) -> None:
        """It begins."""
        self._turns, self._is_slow = turns, False
        self._turning_slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, self._turn_slow)

    def _turn_slow(self) -> None:
        self._is_slow = True
        self._turns.turn_slow()

    def end(self) -> None:
        """It is over."""
        self._turning_slow.cancel()
        self._turns.end(was_slow=self._is_slow)
