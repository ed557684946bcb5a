"""This service beside FastAPI, by turns on one PostgreSQL with a million customers, 16 requests at a time.

.venv/bin/pip install -r bench/requirements-fastapi.txt
.venv/bin/python -m bench.beside_fastapi

Both serve with one process, behind uvicorn with uvloop and httptools, while the other one is idle. See
bench/fastapi_service.py for what that one leaves out.
"""

import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench import processor_time
from bench.__main__ import KEPT
from bench.cases import Requests, cases, endless_customers
from bench.databases import database
from bench.dataset import CUSTOMERS, bench_app
from bench.desk import Browser, password_of_bench
from bench.load import load, spare
from bench.measuring import environment_of
from bench.people import SCOPE
from tests.support.served import free_port, serve, workers_of
from webapp.access.api_keys import create_api_key

KINDS = ("PUT, city", "GET")
TURNS, REQUESTS, CONNECTIONS = 6, 500, 16
PATIENCE_SECONDS = 20


class Server(NamedTuple):
    """One that is asked."""

    name: str
    address: str
    processes: list[int]


def fastapi_server(stack: ExitStack, database_url: str) -> Server:
    """FastAPI on a port of its own, until ``stack`` is left."""
    port = free_port()
    options = f"--port {port} --no-access-log --log-level warning --loop uvloop --http httptools"
    process = subprocess.Popen(  # noqa: S603 - what is run is all our own
        [sys.executable, "-m", "uvicorn", "bench.fastapi_service:app", *options.split()],
        env={"DATABASE_URL": database_url},
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > give_up_at:
                raise
            time.sleep(0.1)
        else:
            return Server("FastAPI", f"http://127.0.0.1:{port}", [process.pid])


def main() -> None:
    """Print requests a second and processor milliseconds of both, the medians of their turns."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        opened = stack.enter_context(database("postgresql", KEPT, CUSTOMERS))
        app = bench_app(opened.url, folder)
        with app.app_context():
            key, password = create_api_key(SCOPE.environment_id, "write", "Bench", "command"), password_of_bench()
        served = stack.enter_context(serve(environment_of(opened.url, folder, "INFO"), Path(folder) / "server.log"))
        both = [
            Server("Customer Desk", served.address, workers_of(served)),
            fastapi_server(stack, opened.url),
        ]
        kinds = {case.name: case for case in cases(key, Browser(served.address, password))}
        for kind in KINDS:
            requests = Requests(kinds[kind], endless_customers(time.time_ns()))
            seen: dict[str, list[tuple[float, float]]] = {server.name: [] for server in both}
            for turn in range(TURNS + 1):
                for server in both:
                    with app.app_context():
                        sent = requests.take(REQUESTS + spare(CONNECTIONS))
                    before = processor_time.of_processes(server.processes)
                    run = load(server.address, sent, CONNECTIONS, ())
                    used = processor_time.of_processes(server.processes) - before
                    if turn:  # the first one finds what is made once
                        seen[server.name].append((run.per_second, used / run.requests * 1000))
            for name, turns in seen.items():
                rate, milliseconds = (median(figures) for figures in zip(*turns, strict=True))
                sys.stdout.write(f"{kind:12}{name:16}{rate:8,.0f}/s {milliseconds:8.2f} ms of the processor\n")


if __name__ == "__main__":
    main()
