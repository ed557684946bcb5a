"""Writes of several requests in one transaction, which is durable before any of them is answered. Knows no table.

A durable transaction costs as much as all else about a short page. Requests that run in the event loop's own thread
leave their writes to the front, which has those of requests that run at the same time made together.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from flask import Flask
from sqlalchemy import Connection

from webapp.current import current_request
from webapp.database import LONGER_PATIENCE_MILLISECONDS, db, write_if_free
from webapp.request_connection import connection_kept
from webapp.together import DO_TOGETHER, LEFT

#: So long after the beginning no further one of several is tried alone: their pages wait for the last of them.
MOST_SECONDS = 3.0


class Write(NamedTuple):
    """A write that is a pity to lose, but no reason to refuse a page.

    Attributes:
        key: what it writes to. In a transaction they are made in this order, so that no two wait for each other.
        work: makes it; it may run in another request's transaction, within the application but no request.
        give_up: tells that it was not made.
        tidy: removes what is old, behind all writes of the transaction: so whoever waits for them waits for no tidying.
    """

    key: tuple[str, ...]
    work: Callable[[Connection], object]
    give_up: Callable[[], object]
    tidy: Callable[[Connection], object]


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
    """Make writes in one transaction; where one of several cannot be made, each in its own while there is time."""
    give_up_at = time.monotonic() + MOST_SECONDS
    if _are_written(writes):
        return
    is_alone = len(writes) == 1 or db.engine.dialect.name == "sqlite"  # one writer there keeps out all others
    for write in writes:
        if is_alone or time.monotonic() > give_up_at or not _are_written([write]):
            write.give_up()


def _are_written(writes: Sequence[Write]) -> bool:
    def work(connection: Connection) -> None:
        for write in sorted(writes, key=lambda write: write.key):
            write.work(connection)
        for write in writes:
            write.tidy(connection)

    return write_if_free(work, LONGER_PATIENCE_MILLISECONDS)
