"""The pool of database connections: SQLAlchemy's, which says when somebody has to wait. Knows no metric.

To take a connection from it may be to wait for another's, or to open one: greenlets have a thread do it.
"""

import time

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from webapp.greenlets import beside, current_greenlet
from webapp.happenings import CONNECTION_WAIT, note
from webapp.request_connection import SPARE, release_connection


class WatchedPool(QueuePool):
    """A ``QueuePool`` that notes each wait for a connection. Where one is idle, it costs a look at the pool's length.

    Attributes:
        waiting: how many ask for a connection right now while none is idle.
    """

    waiting = 0

    def connect(self) -> PoolProxiedConnection:
        """A connection of the pool: an idle one, a new one, or the next that comes back.

        Raises:
            sqlalchemy.exc.TimeoutError: none came back in time.
        """
        if current_greenlet() is not None:
            release_connection()  # here, in the thread of the loop that watches it
            return beside(self._connect)
        if not self.checkedin():
            release_connection()  # or all of them could wait, each with one in its hand
        return self._connect()

    def _connect(self) -> PoolProxiedConnection:
        if self.checkedin():
            return super().connect()
        began, kind = time.perf_counter(), "failed"
        self.waiting += 1
        try:
            found = super().connect()
            kind = "served"
        except PoolTimeout:
            kind = "timed_out"
            raise
        else:
            return found
        finally:
            self.waiting -= 1
            note(CONNECTION_WAIT, kind, time.perf_counter() - began)

    def most_kept(self, threads: int) -> int:
        """How many may be out while ``threads`` keep some of them between two requests.

        None is kept where each thread's first connection could leave no second one to any: what a resting thread keeps,
        nobody else can have.
        """
        return min(self.size(), self.most - SPARE) if self.most > threads else 0

    @property
    def most(self) -> int:
        """How many connections it makes at the most."""
        return self.size() + self._max_overflow
