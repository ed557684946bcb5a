"""A connection to PostgreSQL that gives up on a server that says nothing. Knows no table.

``statement_timeout`` is kept by the server. One that hangs, or that a network swallows, keeps nothing: whoever asked it
something would wait for ever, and soon every thread would.
"""

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Dialect, Engine, event

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
    """

    longest_silence: float | None = None
    is_unhurried = False

    def wait(self, gen: PQGen[Result], interval: float = LOOK_SECONDS, timeout: float | None = None) -> Result:
        """Wait for an answer. All that the driver does on an open connection comes through here.

        Raises:
            OperationalError: there was none in time. The connection is closed then: what the server would say later
                belongs to a statement that nobody waits for any more.
        """
        if timeout is not None or self.is_unhurried:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.longest_silence)
        except psycopg.OperationalError as error:
            # What the server itself says has a code. Of several statements sent at once, others may still be under way.
            if error.sqlstate or self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the server has said nothing for {self.longest_silence} seconds") from None

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


def lift_time_limits(connection: Connection) -> None:
    """Let a transaction on PostgreSQL take as long as it needs: a migration, a rebuilt search index.

    The limit for locks stays, DATABASE_TIMEOUT_SECONDS: behind one that waits for a table, everybody else who wants it
    would wait too.
    """
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    driver: Any = connection.connection.driver_connection
    driver.is_unhurried = True
