"""PostgreSQL databases of a test's own, and the switch that gives every test one: ``TEST_DATABASE=postgresql``."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from flask import Flask

from webapp.database import db

#: Whether the fixtures that every test shares are on PostgreSQL rather than on SQLite (``make test-postgresql``).
ON_POSTGRESQL = os.environ.get("TEST_DATABASE", "sqlite") == "postgresql"
#: What tests of the data layer run on: both, or PostgreSQL alone where the whole suite does.
EACH_DATABASE = ("postgresql",) if ON_POSTGRESQL else ("sqlite", "postgresql")


@contextmanager
def new_postgresql_database(url: Callable[[str], str], template: str = "template1") -> Iterator[str]:
    """The URL of a new database, a copy of ``template``, which is dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
    try:
        yield url(name)
    finally:
        with psycopg.connect(url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgresql_app(
    url: Callable[[str], str], make_app: Callable[..., Flask], template: str = "template1"
) -> Iterator[Flask]:
    """An application on a new database, a copy of ``template``, which is dropped at the end."""
    with new_postgresql_database(url, template) as database_url:
        app = make_app(database_url=database_url)
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
