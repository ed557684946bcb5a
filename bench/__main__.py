"""``make bench``: what requests take on a big database, beside what they cannot do without.

Knows which parts make up a run; the parts know how.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.databases import DATABASES, database
from bench.dataset import CUSTOMERS
from bench.measuring import Amounts, Figures, environment_of, measure_all
from bench.pace import pace
from bench.report import heading, legend, line_of, machine, machine_lines, write_file
from webapp.settings import PROJECT_ROOT

KEPT = PROJECT_ROOT / "bench" / "data"
QUICK = Amounts(rounds=1, requests=200, taken_down=50, crowd=200, warm_up=30)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="how many there are (default: a million)")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--only", nargs="+", default=[""], help="kinds of requests whose name holds one of these")
    parser.add_argument("--quick", action="store_true", help="one short round; for a look, not for a record")
    parser.add_argument("--log-level", default="INFO", help="the server's LOG_LEVEL (default: its own default)")
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder in which databases and figures are kept")
    arguments = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("make bench needs Debian's package 'wrk' (as root: apt-get install wrk).")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # or its servers would outlive it
    amounts = QUICK if arguments.quick else Amounts()
    if arguments.customers < 2 * amounts.most:
        parser.error(f"--customers: at least {2 * amounts.most}")
    run(arguments.databases, arguments.kept, arguments.customers, amounts, arguments.only, arguments.log_level)


def run(
    kinds: Sequence[str], kept: Path, customers: int, amounts: Amounts, only: Sequence[str], log_level: str
) -> None:
    """Print the table of each kind of database, and keep the figures in ``last.json``.

    Args:
        kinds: of ``DATABASES``.
        kept: the folder of databases and figures.
        customers: how many there are.
        amounts: how much is sent.
        only: kinds of requests whose name holds one of these.
        log_level: the server's.
    """
    found = machine()
    with tempfile.TemporaryDirectory() as folder:
        found |= pace(environment_of("", folder, log_level), Path(folder))
    _print(machine_lines(found))
    tables: dict[str, list[Figures]] = {}
    for kind in kinds:
        with database(kind, kept, customers, _print) as opened:
            _print(f"\n{kind}, {customers:,} customers")
            _print(heading(has_database=bool(opened.postmaster)))
            tables[kind] = []
            for figures in measure_all(opened, amounts, only, time.time_ns(), log_level):
                tables[kind].append(figures)
                _print(line_of(figures))
    write_file(kept / "last.json", found, amounts, tables)
    _print("\n" + legend(amounts))


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
