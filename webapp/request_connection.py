"""The connection of a request: taken from the pool once, and lent to one step of the request after the other.

Taking one from the pool and giving it back costs more than reading a customer does, so a thread keeps it for its next
request, too; where several share a thread by turns (:mod:`webapp.greenlets`), it keeps one for each. Knows no
statement.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple

from flask import Flask
from flask.globals import app_ctx
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

from webapp.current import current_globals

#: Connections that nobody keeps of a pool that can make no more: for steps within others.
SPARE = 2

_KEPT = "request_connection"


class Losses:
    """How often connections of an engine were found to lead nowhere, or its pool was given up.

    What was taken from the pool before the last of these is not kept: the server that it led to may be gone, or silent.

    Attributes:
        count: so often.
    """

    def __init__(self, engine: Engine) -> None:
        """Counts from now on."""
        self.count = 0

        @event.listens_for(engine, "engine_disposed")
        def given_up(_engine: Engine) -> None:
            self.count += 1

        @event.listens_for(engine, "invalidate")
        def lost(_connection: object, _record: object, error: BaseException | None) -> None:
            if error is not None:
                self.count += 1


class Taken(NamedTuple):
    """A connection, and how many losses there had been when it was taken from the pool."""

    connection: Connection
    losses: int


class BetweenRequests(threading.local):
    """What a thread keeps from one request to the next, without a transaction: a connection of each that it runs."""

    def __init__(self, engine: Engine, losses: Losses, is_lost: Callable[[Connection], bool], most_out: int) -> None:
        """With none; see :func:`init_request_connection`. Called once by each thread."""
        self._engine, self._losses, self._is_lost, self._most_out = engine, losses, is_lost, most_out
        self._idle: list[Taken] = []
        self._losses_seen = losses.count

    def take(self) -> Taken | None:
        """The one that was kept last, if it is still good: neither lost itself nor of a time before a loss."""
        if self._losses_seen != self._losses.count:
            self._give_up_old()
        if not self._idle:
            return None
        idle = self._idle.pop()
        is_of_now = idle.losses == self._losses.count
        if is_of_now and not self._is_lost(idle.connection):
            return idle
        _give_up(idle, DisconnectionError() if is_of_now else None)  # as the pool does where it finds one lost
        return None

    def _give_up_old(self) -> None:
        """Also those that nobody may ask for soon: their pool counts them no more."""
        self._losses_seen = self._losses.count
        old = [idle for idle in self._idle if idle.losses != self._losses_seen]
        self._idle = [idle for idle in self._idle if idle.losses == self._losses_seen]
        for idle in old:
            _give_up(idle, None)

    def keep(self, idle: Taken) -> bool:
        """Keep a connection, unless too many are out. Returns whether it is kept."""
        pool = self._engine.pool
        if not isinstance(pool, QueuePool) or pool.checkedout() > self._most_out:
            return False
        self._idle.append(idle)
        return True


def _give_up(idle: Taken, lost: DisconnectionError | None) -> None:
    idle.connection.invalidate(lost)
    idle.connection.close()


class RequestConnection:
    """What a request has taken from the pool, and uses no more just now: one connection at the most."""

    def __init__(self, engine: Engine, losses: Losses, between: BetweenRequests) -> None:
        """With none. ``between``: where threads keep theirs between two requests."""
        self._engine, self._losses, self._between = engine, losses, between
        self._idle: Taken | None = None

    def take(self) -> Taken:
        """The idle one, or another of the pool while that one is in use."""
        idle, losses = self._pop(), self._losses.count
        return Taken(self._engine.connect(), losses) if idle is None else idle

    def _pop(self) -> Taken | None:
        idle, self._idle = self._idle, None
        return self._between.take() if idle is None else idle

    def give_back(self, taken: Taken, *, is_sound: bool) -> None:
        """Keep a connection for the next step; one that saw an error goes back to the pool, which resets it."""
        connection = taken.connection
        if not is_sound or connection.closed or connection.invalidated or self._idle is not None:
            connection.close()
            return
        if connection.in_transaction():
            connection.rollback()
        self._idle = taken

    def close(self) -> None:
        """Give it back to the pool, also if it is of the request before."""
        idle = self._pop()
        if idle is not None:
            idle.connection.close()

    def end(self) -> None:
        """Keep it for the thread's next request, or give it back."""
        if self._idle is None:
            return
        if self._between.keep(self._idle):
            self._idle = None
        else:
            self.close()


class Loan:
    """A ``with`` block's connection. A transaction that is still open at its end is rolled back.

    Attributes:
        connection: it.
    """

    __slots__ = ("_lender", "_taken", "connection")

    def __init__(self, lender: RequestConnection) -> None:
        """It begins here, not with the block."""
        self._lender = lender
        self._taken = lender.take()
        self.connection = self._taken.connection

    def __enter__(self) -> Connection:
        """The connection."""
        return self.connection

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None) -> None:
        """Give it back."""
        self._lender.give_back(self._taken, is_sound=kind is None)


def init_request_connection(
    app: Flask, engine: Engine, *, is_lost: Callable[[Connection], bool], most_out: int
) -> None:
    """Give each request of ``app`` a connection of its own, as soon as it asks for one, until it ends.

    Args:
        app: the application.
        engine: where the connections come from.
        is_lost: whether one that has rested between two requests was ended meanwhile.
        most_out: a thread keeps its connection while no more than so many are out of the pool.
    """
    losses = Losses(engine)
    between = BetweenRequests(engine, losses, is_lost, most_out)

    @event.listens_for(engine, "engine_disposed")
    def forget(_engine: Engine) -> None:
        between.take()  # this thread's own; the others see it when they take theirs

    @app.before_request
    def begin() -> None:
        setattr(current_globals(), _KEPT, RequestConnection(engine, losses, between))

    @app.teardown_request
    def end(_error: BaseException | None = None) -> None:
        kept = current_globals().pop(_KEPT, None)
        if kept is not None:
            kept.end()

    app.extensions[_KEPT] = begin, end


@contextmanager
def connection_kept(app: Flask) -> Iterator[None]:
    """Within the ``with`` block, in a context of ``app`` but in no request, there is a connection as in a request."""
    begin, end = app.extensions[_KEPT]
    begin()
    try:
        yield
    finally:
        end()


def release_connection() -> None:
    """Give the request's connection back to the pool, unless it is in use: what comes next takes long."""
    kept: RequestConnection | None = current_globals().get(_KEPT) if app_ctx else None
    if kept is not None:
        kept.close()


def borrow() -> Loan | None:
    """The request's connection for a ``with`` block; None in no request."""
    lender: RequestConnection | None = current_globals().get(_KEPT)
    return None if lender is None else Loan(lender)
