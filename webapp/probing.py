"""A look at the database for /readyz: on a connection of its own, which gives up soon. Knows no table.

The pool's connections may all be waiting for a database that hangs, and wait for longer than whoever probes.
"""

import pysqlite3.dbapi2 as sqlite
from flask import current_app
from sqlalchemy import Connection, Engine, NullPool, create_engine

from webapp.bounded_connection import bound_waiting
from webapp.database import db

#: For the connection, and for each answer on it. libpq takes no less for a connection.
LONGEST_WAIT_SECONDS = 2


def probing() -> Connection:
    """A new connection, to be used in a ``with`` block."""
    kept = current_app.extensions
    engine: Engine = kept.get("probing") or kept.setdefault("probing", _engine_beside(db.engine))
    return engine.connect()


def _engine_beside(main: Engine) -> Engine:
    if main.dialect.name == "sqlite":
        waiting = {"timeout": LONGEST_WAIT_SECONDS, "check_same_thread": False}
        return create_engine(main.url, module=sqlite, poolclass=NullPool, connect_args=waiting)
    settled = {"connect_timeout": LONGEST_WAIT_SECONDS, "application_name": "customer-desk-probe"}
    engine = create_engine(
        main.url, poolclass=NullPool, hide_parameters=True, connect_args=settled | {"prepare_threshold": None}
    )
    bound_waiting(engine, LONGEST_WAIT_SECONDS)
    return engine
