"""A request of the application in this process, without a client, and what it takes from the pool of connections."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from webapp.database import db


@contextmanager
def in_a_request(app: Flask) -> Iterator[list[str]]:
    """Within a request; what is taken from the pool and given back is noted."""
    noted: list[str] = []

    def taken(*_: object) -> None:
        noted.append("taken")

    def given_back(*_: object) -> None:
        noted.append("given back")

    with app.app_context():
        pool = db.engine.pool
    event.listen(pool, "checkout", taken)
    event.listen(pool, "checkin", given_back)
    try:
        with requesting(app):
            yield noted
    finally:
        event.remove(pool, "checkout", taken)
        event.remove(pool, "checkin", given_back)


@contextmanager
def requesting(app: Flask) -> Iterator[None]:
    """Within a request."""
    with app.test_request_context("/livez"):
        try:
            app.preprocess_request()
            yield
        finally:
            app.do_teardown_request()
