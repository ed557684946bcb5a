"""The floor of a request's SQL: the statements that the service itself makes for it, run by the bare driver alone.

They are taken down at the driver while the application answers the request in this process, with each commit turned
into a rollback, also that of a statement which is a transaction of its own: so they can be run once more, with the very
values, and committed then. Knows no statement.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import event

from bench.load import Clock
from bench.sent import Sent
from webapp.database import db

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
WRITES = {"WITH", "INSERT", "UPDATE", "DELETE"}


@dataclass(frozen=True, slots=True)
class Step:
    """A statement, or the end of a transaction.

    Attributes:
        connection: tells connections apart that a request has open at the same time.
        values: one set of values, as a tuple of one; with ``many`` a list of sets; without values empty.
        autocommit: whether psycopg begins no transaction for it.
        options: what psycopg is told beside, such as to prepare it.
    """

    connection: int
    statement: str
    values: tuple[Any, ...] = ()
    many: bool = False
    autocommit: bool = False
    options: tuple[tuple[str, Any], ...] = ()


class Recorder:
    """An application that takes down what its requests do in the database, and leaves nothing there."""

    def __init__(self, app: Flask) -> None:
        """Changes the connections of ``app``: it is good for nothing else from now on."""
        self._client = app.test_client(use_cookies=False)
        self._steps: list[Step] = []
        self._connections: dict[int, int] = {}
        with app.app_context():
            engine = db.engine
            engine.dispose()  # those that are open already take nothing down
        if engine.dialect.name == "sqlite":
            factory = _sqlite_connection(self)
            event.listen(
                engine, "do_connect", lambda _, __, named, more: sqlite.connect(*named, factory=factory, **more)
            )
        else:
            event.listen(engine, "connect", lambda driver, _: setattr(driver, "cursor_factory", _psycopg_cursor(self)))
        engine.dialect.do_commit = lambda driver: self._end(driver, COMMIT)  # type: ignore[method-assign]
        engine.dialect.do_rollback = lambda driver: self._end(driver, ROLLBACK)  # type: ignore[method-assign]

    def take_down(self, requests: Sequence[Sent]) -> list[list[Step]]:
        """What each request does in the database.

        Only requests that do what most of them do are told of: now and then one looks for old answers, too.
        """
        taken = []
        for sent in requests:
            self._steps.clear()
            sent.run(self._client)
            taken.append(list(self._steps))
        usual, _ = Counter(_statements(steps) for steps in taken).most_common(1)[0]
        return [steps for steps in taken if _statements(steps) == usual]

    def note(self, driver: Any, statement: str, values: tuple[Any, ...], *, many: bool = False, **options: Any) -> str:
        """Take a statement down. Returns what is to be run in its place."""
        is_autocommit = bool(getattr(driver, "autocommit", False))
        told = tuple(options.items())
        self._steps.append(Step(self._number_of(driver), statement, values, many, is_autocommit, told))
        return ROLLBACK if statement == COMMIT else statement

    def _end(self, driver: Any, how: str) -> None:
        self._steps.append(Step(self._number_of(driver), how))
        driver.rollback()

    def _number_of(self, driver: Any) -> int:
        driver = getattr(driver, "dbapi_connection", driver)  # the pool hands out a frame around it
        return self._connections.setdefault(id(driver), len(self._connections))


def _sqlite_connection(recorder: Recorder) -> Any:
    class Cursor(sqlite.Cursor):
        def execute(self, statement: str, *values: Any) -> Any:
            return super().execute(recorder.note(self.connection, statement, values), *values)

        def executemany(self, statement: str, many: Any) -> Any:
            many = list(many)
            return super().executemany(recorder.note(self.connection, statement, (many,), many=True), many)

    class Connection(sqlite.Connection):
        def cursor(self) -> Any:
            return super().cursor(Cursor)

    return Connection


def _psycopg_cursor(recorder: Recorder) -> Any:
    class Cursor(psycopg.Cursor[Any]):
        def execute(self, statement: Any, *values: Any, **options: Any) -> Any:
            in_its_place = recorder.note(self.connection, statement, values, **options)
            if not _commits_itself(self.connection, statement):
                return super().execute(in_its_place, *values, **options)
            beside = psycopg.Cursor(self.connection)
            beside.execute("BEGIN")
            super().execute(in_its_place, *values, **options)
            beside.execute(ROLLBACK)
            return self

        def executemany(self, statement: Any, many: Any, **options: Any) -> None:
            many = list(many)
            super().executemany(recorder.note(self.connection, statement, (many,), many=True), many, **options)

    return Cursor


def _commits_itself(connection: Any, statement: str) -> bool:
    """Whether a statement writes outside of a transaction."""
    return connection.info.transaction_status == TransactionStatus.IDLE and statement.split(maxsplit=1)[0] in WRITES


def run_bare(app: Flask, taken: Sequence[Sequence[Step]], clocks: Sequence[Clock]) -> tuple[float, ...]:
    """Run what was taken down on connections of the bare driver, set up as the service's own are.

    Returns:
        Milliseconds of processor time for each request: of this process, then by each of the clocks.
    """
    clocks = (time.process_time, *clocks)
    number = 1 + max((step.connection for steps in taken for step in steps), default=0)
    with app.app_context():
        pooled = [db.engine.raw_connection() for _ in range(number)]
    drivers = [connection.driver_connection for connection in pooled]
    before = [clock() for clock in clocks]
    for steps in taken:
        for step in steps:
            _run(drivers[step.connection], step)
    used = [clock() - began for clock, began in zip(clocks, before, strict=True)]
    for connection in pooled:
        connection.close()
    return tuple(seconds * 1000 / len(taken) for seconds in used)


def _run(driver: Any, step: Step) -> None:
    if step.statement == COMMIT:
        driver.commit()
    elif step.statement == ROLLBACK:
        driver.rollback()
    else:
        if step.autocommit != getattr(driver, "autocommit", False):
            driver.autocommit = step.autocommit
        cursor = driver.cursor()
        (cursor.executemany if step.many else cursor.execute)(step.statement, *step.values, **dict(step.options))
        if cursor.description:
            cursor.fetchall()
        cursor.close()


def _statements(steps: Sequence[Step]) -> tuple[str, ...]:
    return tuple(step.statement for step in steps)
