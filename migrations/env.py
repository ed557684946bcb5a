"""Runs the migrations on the application's own engine, in one transaction, one process at a time. Knows no table."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from webapp.access import model as _access_tables  # noqa: F401 - registers its tables
from webapp.bounded_connection import lift_time_limits
from webapp.customers import desk_model as _desk_tables  # noqa: F401 - the same
from webapp.customers.model import is_of_the_models
from webapp.database import Base, is_postgresql

#: PostgreSQL's lock for one migration at a time in a database: any number that nobody else uses in it.
LOCK = 7_262_054_391
LOOK_SECONDS = 0.2
WAITING = "Another process migrates or writes this database; waiting for it to end (Ctrl+C gives up) …"


@contextmanager
def turn(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other migration runs beside, waited for as long as it takes.

    Whoever waited finds the database migrated and has nothing left to do.
    """
    is_told = False
    while True:
        with engine.connect() as connection:
            if begin(connection):
                yield connection
                connection.commit()
                return
        if not is_told:
            click.echo(WAITING, err=True)
            is_told = True
        time.sleep(LOOK_SECONDS)


def begin(connection: Connection) -> bool:
    """Begin the transaction. Returns whether it has the database's migrations for itself; if not, it is over."""
    if is_postgresql(connection):
        lift_time_limits(connection)  # a million customers take longer than a request may
        return bool(connection.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}).scalar_one())
    driver: Any = connection.connection.driver_connection
    (usual,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA busy_timeout = 0")  # or Ctrl+C would not be heard while SQLite waits
    try:
        connection.begin()
    except OperationalError as error:
        if "locked" not in str(error.orig):
            raise
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout = {usual}")
    return True


with turn(current_app.extensions["migrate"].db.engine.execution_options(writing=True)) as own:
    context.configure(
        connection=own,
        target_metadata=Base.metadata,
        render_as_batch=own.dialect.name == "sqlite",
        compare_type=True,
        include_name=is_of_the_models,
    )
    context.run_migrations()
