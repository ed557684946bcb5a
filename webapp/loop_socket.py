"""The socket of a PostgreSQL connection as an event loop watches it, while a greenlet waits for the database's answer.

Knows no statement: psycopg's generators say what they wait for (https://www.psycopg.org/psycopg3/docs/api/waiting.html).
"""

import asyncio
import threading
from contextvars import Context

from psycopg.waiting import Ready, Wait


class TooLong(Exception):
    """Nothing came in time."""


class LoopSocket:
    """A socket that stays with its loop between two waits: to be registered anew costs as much as to wait.

    So it must be told (:meth:`leave`) before anything outside of the loop's thread may close it.

    Attributes:
        loop: the event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
        """Nobody waits; to be called in the loop's thread. ``descriptor``: the socket's."""
        self.loop, self._descriptor, self._thread = loop, descriptor, threading.get_ident()
        self._is_registered = False
        self._waiting: asyncio.Future[Ready] | None = None
        self._give_up_at: float | None = None
        self._looking: asyncio.TimerHandle | None = None
        # The loop keeps the context variables that a callback was given to it with: not those of some request.
        self._context = Context()

    def begin(self, seconds: float | None) -> None:
        """From now on it may take so long in all until what is asked for is here; None: as long as it likes."""
        self._give_up_at = None if seconds is None else self.loop.time() + seconds

    def ready(self, wanted: Wait) -> asyncio.Future[Ready]:
        """Is done when the socket can be read from, or written to where that is wanted, too.

        Raises (where it is awaited):
            TooLong: nothing came in time.
        """
        self._waiting = self.loop.create_future()
        if not self._is_registered:
            self._context.run(self.loop.add_reader, self._descriptor, self._tell_readable)
            self._is_registered = True
        if wanted & Wait.W:
            self._context.run(self.loop.add_writer, self._descriptor, self._tell_writable)
        if self._looking is None and self._give_up_at is not None:
            self._look_at(self._give_up_at)
        return self._waiting

    def leave(self) -> None:
        """Watch it no more. Also from another thread."""
        if self._is_registered:
            self._is_registered = False
            if self.loop.is_closed():
                return
            if threading.get_ident() == self._thread:
                self._unregister()
            else:
                self.loop.call_soon_threadsafe(self._unregister)

    def _look_at(self, moment: float) -> None:
        """One timer looks after many waits, nearly all of which are over long before their time."""
        self._looking = self.loop.call_at(moment, self._look, context=self._context)

    def _look(self) -> None:
        self._looking = None
        if self._give_up_at is None or not self._is_waited_for():
            return  # the next wait has it looked after again
        if self._give_up_at > self.loop.time():
            self._look_at(self._give_up_at)
        else:
            self._waiting.set_exception(TooLong())  # type: ignore[union-attr]

    def _is_waited_for(self) -> bool:
        return self._waiting is not None and not self._waiting.done()

    def _tell_readable(self) -> None:
        if self._is_waited_for():
            self._waiting.set_result(Ready.R)  # type: ignore[union-attr]
        else:  # the server says something of its own accord, such as that it ends; who asks next will see it
            self.leave()

    def _tell_writable(self) -> None:
        self.loop.remove_writer(self._descriptor)
        if self._is_waited_for():
            self._waiting.set_result(Ready.W)  # type: ignore[union-attr]

    def _unregister(self) -> None:
        self.loop.remove_reader(self._descriptor)
        self.loop.remove_writer(self._descriptor)
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
