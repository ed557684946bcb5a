"""How fast the machine is, by two things that have nothing of this service: so runs on different machines compare."""

import time
from pathlib import Path

import pysqlite3.dbapi2 as sqlite

from bench import processor_time
from bench.load import load, spare
from bench.sent import Sent
from tests.support.served import serve, workers_of

ROUNDS = 5
REQUESTS = 1000
TRANSACTIONS = 500


def pace(environment: dict[str, str], folder: Path) -> dict[str, float]:
    """Processor milliseconds of a request to a bare Flask application, and of a bare durable transaction on SQLite.

    Args:
        environment: the settings of its server.
        folder: for what it writes.
    """
    return {"flask_ms": _flask(environment, folder), "transaction_ms": _transaction(folder / "pace.sqlite3")}


def _flask(environment: dict[str, str], folder: Path) -> float:
    """Behind the same server; the best of several rounds."""
    requests = [Sent("GET", f"/v1/customers/cust_{number}") for number in range(REQUESTS + spare(1))]
    with serve(environment, folder / "flask.log", "bench.bare", "flask") as served:
        workers = workers_of(served)
        clock = [lambda: processor_time.of_processes(workers)]
        return min(load(served.address, requests, 1, clock).used[0] for _ in range(ROUNDS))


def _transaction(file: Path) -> float:
    """BEGIN IMMEDIATE, an UPDATE of one row by its key, COMMIT, as durable as the service's; the best round."""
    connection = sqlite.connect(file, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE pace (id INTEGER PRIMARY KEY, city TEXT)")
    connection.executemany("INSERT INTO pace VALUES (?, 'City')", ((number,) for number in range(TRANSACTIONS)))
    best = min(_transactions(connection, turn) for turn in range(ROUNDS))
    connection.close()
    return best * 1000 / TRANSACTIONS


def _transactions(connection: sqlite.Connection, turn: int) -> float:
    began = time.process_time()
    for number in range(TRANSACTIONS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE pace SET city = ? WHERE id = ?", (f"City {turn}", number))
        connection.execute("COMMIT")
    return time.process_time() - began
