"""``make bench``: the service on a big database, over a real socket, as a table of figures.

Knows which parts make up a run; the parts know how.
"""

import argparse
import itertools
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench.cases import Case, reads, writes
from bench.databases import DATABASES, database
from bench.dataset import CUSTOMERS, SECRET_KEY, bench_app
from bench.http_load import Figures, Sent, measure
from bench.people import SCOPE
from tests.support.served import Served, serve, workers_of
from webapp.access.api_keys import create_api_key
from webapp.database import db
from webapp.settings import PROJECT_ROOT

KEPT = PROJECT_ROOT / "bench" / "data"
FLOOR = Case("floor: an empty answer", lambda: itertools.repeat(Sent("GET", "/livez")))
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
            _run(kind, url, arguments.customers, arguments.requests)


def _run(kind: str, url: str, customers: int, requests: int) -> None:
    with tempfile.TemporaryDirectory() as instance:
        app = bench_app(url, instance)
        with app.app_context():
            key = create_api_key(SCOPE.environment_id, "write", "Bench", "command")
            wanted = [FLOOR, *reads(), *writes()]
            db.engine.dispose()
        environment = {
            "DATABASE_URL": url,
            "INSTANCE_PATH": instance,
            "SECRET_KEY": SECRET_KEY,
            "WORKERS": "1",
            "LOG_LEVEL": "WARNING",
        }
        with serve(environment, Path(instance) / "server.log") as served:
            _print(
                f"{kind}, {customers:,} customers, one worker, one connection", "req/s", "p50", "p99", "server", "ratio"
            )
            floor = None
            for case in wanted:
                figures = _time(served, key, case.requests(), requests)
                floor = floor or figures
                ratio = f"{figures.server / floor.server:.1f}"
                _print(
                    case.name,
                    f"{figures.per_second:,.0f}",
                    f"{figures.p50:.2f} ms",
                    f"{figures.p99:.2f} ms",
                    f"{figures.server:.2f} ms",
                    ratio,
                )
            sys.stdout.write("\n")


def _time(served: Served, key: str, requests: Iterable[Sent], number: int) -> Figures:
    stream = iter(requests)
    workers = workers_of(served)
    measure(served.address, key, workers, itertools.islice(stream, WARM_UP))
    return measure(served.address, key, workers, itertools.islice(stream, number))


def _print(name: str, *columns: str) -> None:
    sys.stdout.write(f"{name:<58}" + "".join(f"{column:>11}" for column in columns) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
