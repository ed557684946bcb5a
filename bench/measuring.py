"""Times each kind of request beside its floor, by turns, so that a noisy moment hits both. Knows no kind by name."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import update

from bench import processor_time
from bench.bare_sql import Recorder, run_bare
from bench.cases import Case, Requests, cases, endless_customers
from bench.databases import Database
from bench.dataset import SECRET_KEY, bench_app
from bench.desk import Browser, password_of_bench
from bench.load import Clock, load, spare
from bench.people import SCOPE
from bench.sent import BYTES, Sent
from tests.support.served import Served, serve, workers_of
from webapp.access.api_keys import create_api_key
from webapp.access.model import ApiKey, StaffSession
from webapp.database import db, transaction
from webapp.identifiers import now


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is sent.

    Attributes:
        rounds: so often a case and its floor are timed by turns; the best of each counts.
        requests: of a case in each round, on one connection.
        taken_down: requests of which the SQL is run bare in each round.
        crowd: requests of the run on many connections.
        connections: how many those are.
        warm_up: requests before.
    """

    rounds: int = 5
    requests: int = 300
    taken_down: int = 100
    crowd: int = 1000
    connections: int = 16
    warm_up: int = 100

    @property
    def most(self) -> int:
        """How many customers one run of requests is about."""
        return max(self.requests, self.taken_down, self.crowd, self.warm_up) + spare(self.connections)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one kind of request takes. Times are milliseconds for a request, and of processors unless said otherwise.

    Attributes:
        name: the kind's.
        body: bytes of an answer.
        per_second: requests a second, one after the other on one connection.
        p50, p99: from sending a request to having read its answer, on the same connection.
        crowd_per_second: requests a second on many connections.
        crowd_p99: as ``p99``, on many connections.
        crowd_server: as ``server``, on many connections: what a request takes of a server that has no pause.
        crowd_refused: how many of those requests, of each hundred, were refused with 503.
        server: what the server's worker takes, user and system.
        wsgi: what it takes to answer so many bytes with a bare WSGI function behind the same server.
        sql: what the same SQL takes by the bare driver.
        database: what PostgreSQL's processes take.
        database_sql: what they take when the bare driver asks.
    """

    name: str
    body: int
    per_second: float
    p50: float
    p99: float
    crowd_per_second: float
    crowd_p99: float
    crowd_server: float
    crowd_refused: float
    server: float
    wsgi: float
    sql: float
    database: float | None = None
    database_sql: float | None = None

    @property
    def floor(self) -> float:
        """No server that does this SQL can take less."""
        return self.wsgi + self.sql

    @property
    def ratio(self) -> float:
        """How many times its floor a request takes."""
        return self.server / self.floor


class Bench:
    """A database behind the production server, and the same server with a bare function."""

    def __init__(self, app: Flask, recorder: Recorder, database: Database, served: Served, bare: Served) -> None:
        self._app, self._recorder, self._served, self._bare = app, recorder, served, bare
        self._database_clock: list[Clock] = []
        if database.postmaster:
            self._database_clock = [partial(processor_time.of_family, database.postmaster)]

    def measure(self, case: Case, requests: Requests, amounts: Amounts) -> Figures:
        """Time one kind."""
        body = len(self._take(requests, 1)[0].send(self._served.address))
        load(self._served.address, self._take(requests, amounts.warm_up, 1), 1, ())
        turns = [self._turn(case, requests, amounts, body) for _ in range(amounts.rounds)]
        crowd_requests = self._take(requests, amounts.crowd, amounts.connections)
        crowd = load(self._served.address, crowd_requests, amounts.connections, [_clock(self._served)])
        return replace(
            _best(turns),
            crowd_per_second=crowd.per_second,
            crowd_p99=crowd.p99,
            crowd_server=crowd.used[0],
            crowd_refused=100 * crowd.refused / crowd.requests,
        )

    def _turn(self, case: Case, requests: Requests, amounts: Amounts, body: int) -> Figures:
        sent = self._take(requests, amounts.requests, 1)
        timed = load(self._served.address, sent, 1, [_clock(self._served), *self._database_clock])
        on_bare = [replace(one.with_header(BYTES, str(body)), expected=200) for one in sent]
        bare = load(self._bare.address, on_bare, 1, [_clock(self._bare)])
        self._note_uses()
        taken = self._recorder.take_down(self._take(requests, amounts.taken_down))
        sql, *database_sql = run_bare(self._app, taken, self._database_clock)
        server, *database = timed.used
        return Figures(
            name=case.name,
            body=body,
            per_second=timed.per_second,
            p50=timed.p50,
            p99=timed.p99,
            crowd_per_second=0,
            crowd_p99=0,
            crowd_server=0,
            crowd_refused=0,
            server=server,
            wsgi=bare.used[0],
            sql=sql,
            database=database[0] if database else None,
            database_sql=database_sql[0] if database_sql else None,
        )

    def _take(self, requests: Requests, number: int, connections: int = 0) -> list[Sent]:
        with self._app.app_context():
            return requests.take(number + (spare(connections) if connections else 0))

    def _note_uses(self) -> None:
        """Have no request of the recorder note that its key or session was used, as one does each minute."""
        with self._app.app_context():
            transaction(lambda connection: connection.execute(update(ApiKey).values(last_used_at=now())))
            transaction(lambda connection: connection.execute(update(StaffSession).values(last_seen_at=now())))


def measure_all(
    database: Database, amounts: Amounts, only: Sequence[str], seed: int, log_level: str
) -> Iterator[Figures]:
    """The figures of each kind whose name holds one of ``only``, one after the other."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        app, recorded = bench_app(database.url, folder), bench_app(database.url, folder)
        stack.callback(_dispose, app)
        stack.callback(_dispose, recorded)
        served, bare = (
            stack.enter_context(serve(environment_of(database.url, folder, log_level), Path(folder) / log, *program))
            for log, *program in (("server.log",), ("bare.log", "bench.bare", "wsgi"))
        )
        bench = Bench(app, Recorder(recorded), database, served, bare)
        with app.app_context():
            key = create_api_key(SCOPE.environment_id, "write", "Bench", "command")
            password = password_of_bench()
        browser = Browser(served.address, password)
        supply = endless_customers(seed)
        for case in cases(key, browser):
            if any(part in case.name for part in only):
                yield bench.measure(case, Requests(case, supply), amounts)


def environment_of(url: str, folder: str, log_level: str) -> dict[str, str]:
    """The settings of a server of the bench: one worker, and its defaults."""
    return {
        "DATABASE_URL": url,
        "INSTANCE_PATH": folder,
        "SECRET_KEY": SECRET_KEY,
        "WORKERS": "1",
        "LOG_LEVEL": log_level,
    }


def _clock(served: Served) -> Clock:
    return partial(processor_time.of_processes, workers_of(served))


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def _best(turns: Sequence[Figures]) -> Figures:
    """The best of each figure: what else the machine does can only make one worse."""
    best = {}
    for field in fields(Figures):
        values = [getattr(turn, field.name) for turn in turns]
        if field.name in {"name", "body"} or values[0] is None:
            best[field.name] = values[0]
        else:
            best[field.name] = max(values) if field.name == "per_second" else min(values)
    return Figures(**best)
