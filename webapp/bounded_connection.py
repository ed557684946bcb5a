"""A connection to PostgreSQL that gives up on a server that says nothing, and lets others run. Knows no table.

``statement_timeout`` is kept by the server. One that hangs, or that a network swallows, keeps nothing: whoever asked it
something would wait for ever, and soon everybody would.
"""

import asyncio
from typing import Any, TypeVar, cast

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from sqlalchemy import Connection, Dialect, Engine, event

from webapp.greenlets import RequestGreenlet, current_greenlet
from webapp.loop_socket import LoopSocket, TooLong

#: So much longer than a statement may take, the server may be silent: it is to end the statement itself.
MARGIN_SECONDS = 2
#: How often the driver looks whether it was interrupted.
LOOK_SECONDS = 0.1

Result = TypeVar("Result")


class BoundedConnection(psycopg.Connection[Any]):
    """psycopg's connection, with a limit of its own.

    Attributes:
        longest_silence: seconds that the server may take over one answer; None: as long as it likes.
        is_unhurried: whether there is no limit until the transaction ends.
        kept_cursors: see :mod:`webapp.statements`.
    """

    longest_silence: float | None = None
    is_unhurried = False
    _socket: LoopSocket | None = None

    def __init__(self, pgconn: PGconn) -> None:
        """Over a connection of libpq's."""
        super().__init__(pgconn)
        self.kept_cursors: dict[str, psycopg.Cursor[Any]] = {}

    def wait(self, gen: PQGen[Result], interval: float = LOOK_SECONDS, timeout: float | None = None) -> Result:
        """Wait for an answer. All that the driver does on an open connection comes through here.

        Raises:
            OperationalError: there was none in time. The connection is closed then: what the server would say later
                belongs to a statement that nobody waits for any more.
        """
        request = current_greenlet()
        if request is not None and timeout is None:
            return self._wait_in_greenlet(request, gen)
        if timeout is not None or self.is_unhurried:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.longest_silence)
        except psycopg.OperationalError as error:
            # What the server itself says has a code. Of several statements sent at once, others may still be under way.
            if error.sqlstate or self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            raise self._silent() from None

    def _wait_in_greenlet(self, request: RequestGreenlet, gen: PQGen[Result]) -> Result:
        """As :meth:`wait`, while the event loop runs other requests in this thread."""
        try:
            wanted, watched = next(gen), self._watched_by(request.loop)
            watched.begin(None if self.is_unhurried else self.longest_silence)
            while True:
                wanted = gen.send(request.wait_for(watched.ready(wanted)))
        except StopIteration as ended:
            return cast(Result, ended.value)
        except TooLong:
            raise self._silent() from None
        except BaseException as error:
            self.leave_loop()  # the driver may have closed it
            if not isinstance(error, psycopg.Error):  # none of the server: its answer would be taken for the next one's
                self.pgconn.finish()
            raise

    def _watched_by(self, loop: asyncio.AbstractEventLoop) -> LoopSocket:
        if self._socket is None or self._socket.loop is not loop:
            self.leave_loop()
            self._socket = LoopSocket(loop, self.pgconn.socket)
        return self._socket

    def _silent(self) -> psycopg.OperationalError:
        self.leave_loop()
        self.pgconn.finish()
        return psycopg.OperationalError(f"the server has said nothing for {self.longest_silence} seconds")

    def leave_loop(self) -> None:
        """Have no event loop watch it any more: before it is closed, and before another thread may have it."""
        if self._socket is not None:
            self._socket.leave()
            self._socket = None

    def close(self) -> None:
        """Close it."""
        self.leave_loop()
        super().close()

    def commit(self) -> None:
        """Commit; the limit holds again."""
        super().commit()
        self.is_unhurried = False

    def rollback(self) -> None:
        """Roll back; the limit holds again."""
        super().rollback()
        self.is_unhurried = False


def bound_waiting(engine: Engine, seconds: float) -> None:
    """Have the connections of an engine give up on a PostgreSQL that says nothing for so long."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Dialect, _record: object, positional: list[Any], named: dict[str, Any]) -> BoundedConnection:
        connection = BoundedConnection.connect(*positional, **named)
        connection.longest_silence = seconds
        return connection

    @event.listens_for(engine, "checkin")
    def leave_loop(connection: BoundedConnection | None, _record: object) -> None:
        if connection is not None:
            connection.leave_loop()


def lift_time_limits(connection: Connection) -> None:
    """Let a transaction on PostgreSQL take as long as it needs: a migration, a rebuilt search index.

    The limit for locks stays, DATABASE_TIMEOUT_SECONDS: behind one that waits for a table, everybody else who wants it
    would wait too.
    """
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    driver: Any = connection.connection.driver_connection
    driver.is_unhurried = True
