"""Writes of several requests in one transaction, which is durable before any of them is answered. Knows no table.

A durable transaction costs as much as all else about a short page. Requests that run in the event loop's own thread
leave their writes to the front, which has those of requests that run at the same time made together.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from flask import Flask
from sqlalchemy import Connection

from webapp.current import current_request
from webapp.database import LONGER_PATIENCE_MILLISECONDS, write_if_free
from webapp.request_connection import connection_kept
from webapp.together import DO_TOGETHER, LEFT


class Write(NamedTuple):
    """A write that is a pity to lose, but no reason to refuse a page.

    Attributes:
        key: what it writes to. In a transaction they are made in this order, so that no two wait for each other.
        work: makes it; it may run in another request's transaction, within the application but no request.
        give_up: tells that it was not made.
    """

    key: tuple[str, ...]
    work: Callable[[Connection], object]
    give_up: Callable[[], object]


def init_written_together(app: Flask) -> None:
    """Let the front have writes of several requests made together."""
    app.extensions[DO_TOGETHER] = partial(_in_application, app)


def write_before_answer(write: Write) -> None:
    """Have a write made before the current request is answered: together with those of others, or else now."""
    left: list[Write] | None = current_request().environ.get(LEFT)
    if left is None:
        _write_all([write])
    else:
        left.append(write)


def _in_application(app: Flask, writes: Sequence[Write]) -> None:
    with app.app_context(), connection_kept(app):
        _write_all(writes)


def _write_all(writes: Sequence[Write]) -> None:
    def work(connection: Connection) -> None:
        for write in sorted(writes, key=lambda write: write.key):
            write.work(connection)

    if not write_if_free(work, LONGER_PATIENCE_MILLISECONDS):
        for write in writes:
            write.give_up()
