"""PostgreSQL databases of a test's own."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from flask import Flask

from webapp.database import db


@contextmanager
def postgresql_app(
    url: Callable[[str], str], make_app: Callable[..., Flask], template: str = "template1"
) -> Iterator[Flask]:
    """An application on a new database, a copy of ``template``, which is dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        app = make_app(database_url=url(name))
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
