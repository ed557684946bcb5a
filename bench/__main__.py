"""``make bench``: the service on a big database, as two tables of figures: requests over a socket, and searches alone.

Knows which parts make up a run; the parts know how.
"""

import argparse
import sys
import tempfile
from itertools import islice, repeat
from pathlib import Path

from bench.databases import DATABASES, database
from bench.dataset import CUSTOMERS, SECRET_KEY, bench_app
from bench.http_cases import Case, http_cases
from bench.http_load import Figures, Sent, measure
from bench.people import SCOPE
from bench.search import cases as search_cases
from bench.search import measure as measure_search
from tests.support.served import Served, serve, workers_of
from webapp.access.api_keys import create_api_key
from webapp.database import db
from webapp.settings import PROJECT_ROOT

KEPT = PROJECT_ROOT / "bench" / "data"
FLOOR = Case("floor: GET /livez", lambda: repeat(Sent("GET", "/livez")))
WARM_UP = 30


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="how many there are (default: a million)")
    parser.add_argument("--requests", type=int, default=400, help="how many of each kind are timed")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder in which the databases are kept")
    arguments = parser.parse_args()
    for kind in arguments.databases:
        with database(kind, arguments.kept, arguments.customers) as url:
            _print(f"\n{kind}, {arguments.customers:,} customers\n")
            _time_requests(url, arguments.requests)
            _time_searches(url, arguments.requests)


def _time_requests(url: str, number: int) -> None:
    """Over a socket, one after the other on one connection, one worker."""
    with tempfile.TemporaryDirectory() as instance:
        app = bench_app(url, instance)
        with app.app_context():
            key = create_api_key(SCOPE.environment_id, "write", "Bench", "command")
            wanted = [FLOOR, *http_cases()]
            db.engine.dispose()
        environment = {
            "DATABASE_URL": url,
            "INSTANCE_PATH": instance,
            "SECRET_KEY": SECRET_KEY,
            "WORKERS": "1",
            "LOG_LEVEL": "WARNING",
        }
        with serve(environment, Path(instance) / "server.log") as served:
            _print("requests over a socket", "req/s", "p50 ms", "p99 ms", "server ms", "to floor")
            floor = 0.0
            for case in wanted:
                figures = _time(served, key, case, number)
                floor = floor or figures.server
                texts = (
                    f"{figures.per_second:,.0f}",
                    f"{figures.p50:.2f}",
                    f"{figures.p99:.2f}",
                    f"{figures.server:.2f}",
                )
                _print(case.name, *texts, f"{figures.server / floor:.1f}")


def _time(served: Served, key: str, case: Case, number: int) -> Figures:
    requests = case.requests()
    workers = workers_of(served)
    measure(served.address, key, workers, islice(requests, WARM_UP))
    return measure(served.address, key, workers, islice(requests, number))


def _time_searches(url: str, number: int) -> None:
    """Without server and socket, so that the database shows."""
    with tempfile.TemporaryDirectory() as instance:
        app = bench_app(url, instance, SEARCH_TIMEOUT_SECONDS="60", DATABASE_TIMEOUT_SECONDS="60")
        with app.app_context():
            _print("\nsearches, page of 50 with its total", "p50 ms", "p99 ms")
            for case in search_cases():
                figure = measure_search(case, number)
                _print(case.name, f"{figure.p50:.2f}", f"{figure.p99:.2f}")
            db.engine.dispose()


def _print(name: str, *columns: str) -> None:
    sys.stdout.write(f"{name:<44}" + "".join(f"{column:>11}" for column in columns) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
