"""How the service talks to PostgreSQL: options, the time limits of a session, what a pooler changes. Knows no table.

A pooler such as pgbouncer in transaction mode lends out a server's connection for one transaction at a time. What a
session is told does not last there, so each transaction is told anew (docs/decisions/0015).
"""

import select
import sys
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

from webapp.settings import Settings
from webapp.statements import run_text

APPLICATION_NAME = "customer-desk"
#: In what is kept of a connection that a pooler is in front of: the limits that each of its transactions begins with.
LIMITS = "limits"
#: Statements are prepared that ask for it, as those of ``statements.py`` do. Prepared ones outlive a transaction, so a
#: pooler would mix them up; and a search is better planned for what is searched for.
ONLY_WHEN_ASKED = sys.maxsize
#: In what is kept of a connection: that the transaction which begins next shall see one moment.
ONE_MOMENT = "one_moment"


def connect_arguments(settings: Settings) -> dict[str, Any]:
    """What the driver is given beside the URL; nothing that pgbouncer would refuse, as it does ``options``."""
    return {
        "connect_timeout": settings.database_timeout_seconds,
        "application_name": APPLICATION_NAME,
        "prepare_threshold": None,  # until it is known that no pooler is in front
    }


def tune_postgresql(engine: Engine, settings: Settings) -> None:
    """Have nothing wait for ever on an engine's connections, with a pooler in front of the server or without."""
    milliseconds = settings.database_timeout_seconds * 1000
    limits = {
        "TimeZone": "'UTC'",
        "statement_timeout": milliseconds,
        "lock_timeout": milliseconds,
        "idle_in_transaction_session_timeout": milliseconds,
    }

    @event.listens_for(engine, "connect")
    def set_limits(connection: Any, record: Any) -> None:
        # The driver begins no transaction of its own accord: a statement outside of one is a single round trip.
        connection.autocommit = True
        if _is_pooled(connection):
            record.info[LIMITS] = "; ".join(f"SET LOCAL {name} = {value}" for name, value in limits.items())
        else:
            connection.execute("; ".join(f"SET {name} = {value}" for name, value in limits.items()))
            connection.prepare_threshold = ONLY_WHEN_ASKED

    @event.listens_for(engine, "checkout")
    def refuse_if_lost(connection: Any, _record: object, _proxy: object) -> None:
        if _is_lost(connection):
            raise DisconnectionError

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        told, limits = connection.get_execution_options(), connection.info.get(LIMITS)
        if told.get("isolation_level") == "AUTOCOMMIT":  # for what runs in no transaction, such as VACUUM
            return
        level = " ISOLATION LEVEL REPEATABLE READ" if connection.info.pop(ONE_MOMENT, False) else ""
        run_text(connection, f"BEGIN{level}; {limits}" if limits else f"BEGIN{level}")


def _is_lost(connection: Any) -> bool:
    """Whether the server has ended the driver's connection, or a system reset it: they say so without being asked.

    To look costs nothing; a ping would cost each request a round trip.
    """
    said = select.poll()
    said.register(connection.fileno(), select.POLLIN)
    return bool(said.poll(0))


def is_lost(connection: Connection) -> bool:
    """Whether a connection that has rested for a while leads nowhere any more."""
    return connection.dialect.name == "postgresql" and _is_lost(connection.connection.dbapi_connection)


def begin_to_see_one_moment(connection: Connection) -> None:
    """Begin a transaction that sees one moment, whatever others write meanwhile. One of SQLite's always does."""
    if connection.dialect.name == "postgresql":
        connection.info[ONE_MOMENT] = True
    connection.begin()


def commits_each_statement(connection: Connection) -> bool:
    """Whether a statement outside of a transaction is one, under the same time limits.

    SQLite would have to wait for its lock in a transaction anyway; behind a pooler the limits come with BEGIN.
    """
    return connection.dialect.name == "postgresql" and LIMITS not in connection.info


def begin_by_hand(connection: Any) -> str:
    """What the driver's own ``connection``, fresh from the pool, must be told to begin a transaction."""
    limits: str | None = connection.info.get(LIMITS)
    return f"BEGIN; {limits}" if limits else "BEGIN"


def _is_pooled(connection: Any) -> bool:
    """Whether a pooler is in front of the server: what it says that the connection's process is, is made up."""
    (process,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    return bool(process != connection.info.backend_pid)
