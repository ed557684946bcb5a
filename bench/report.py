"""Writes figures down: a table for a person, a file for docs/performance.md. Measures nothing."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench.measuring import Amounts, Figures
from webapp.settings import PROJECT_ROOT

#: From such a load on, other work on the machine shows in the figures.
NOISY_LOAD = 0.5
NAME_WIDTH = 28

LEGEND = """\
/s: requests a second, one at a time; many/s: {connections} at a time; p50, p99: a client's milliseconds at that rate.
The rest is processor time for each request in milliseconds. server: the service's worker, one request at a time; busy:
the same, {connections} at a time. wsgi: a bare function behind the same server; sql: the same SQL by the bare driver;
floor: both together; ratio: server / floor.
db: PostgreSQL's processes; db sql: the same for the bare driver.
"""


def machine() -> dict[str, Any]:
    """What the figures depend on beside the service: code, versions, processor, and how busy the machine was before."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _commit(),
        "python": platform.python_version(),
        "processors": f"{os.cpu_count()} of {model.partition(': ')[2] or platform.machine()}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def _commit() -> str:
    """With a ``+`` where the tree has more than the commit."""
    command = ["git", "-C", str(PROJECT_ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    return ended.stdout.strip() or "unknown"


def machine_lines(found: dict[str, Any]) -> str:
    """For a person to read."""
    line = (
        "{at} · commit {commit} · Python {python} · {processors} · load {load_before}\n"
        "pace of the machine, processor ms: a request to a bare Flask application {flask_ms:.3f}, "
        "a bare durable transaction on SQLite {transaction_ms:.3f}"
    ).format_map(found)
    if found["load_before"] > NOISY_LOAD:
        line += "\nThe machine is busy with other work: trust the ratios more than the figures, and neither much."
    return line


def heading(*, has_database: bool) -> str:
    """The first line of a table."""
    return _line("", *(column for column, _, _ in _columns(has_database=has_database)))


def line_of(figures: Figures) -> str:
    """A line of the table."""
    columns = _columns(has_database=figures.database is not None)
    line = _line(figures.name, *(f"{getattr(figures, name):,.{digits}f}" for _, name, digits in columns))
    if figures.crowd_refused:
        line += f"\n  of those many {figures.crowd_refused:.1f} % were refused (503)"
    return line


def legend(amounts: Amounts) -> str:
    """What the columns mean."""
    return LEGEND.format(connections=amounts.connections)


def write_file(path: Path, found: dict[str, Any], amounts: Amounts, tables: dict[str, Sequence[Figures]]) -> None:
    """Keep all figures of a run as JSON."""
    lines = {
        kind: [{**asdict(one), "floor": one.floor, "ratio": one.ratio} for one in figures]
        for kind, figures in tables.items()
    }
    content = {"machine": found, "amounts": asdict(amounts), "databases": lines}
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))


def _columns(*, has_database: bool) -> list[tuple[str, str, int]]:
    """(title, figure, digits)."""
    columns = [
        ("/s", "per_second", 0),
        ("p50", "p50", 2),
        ("p99", "p99", 2),
        ("many/s", "crowd_per_second", 0),
        ("p99", "crowd_p99", 0),
        ("busy", "crowd_server", 2),
        ("server", "server", 2),
        ("wsgi", "wsgi", 2),
        ("sql", "sql", 2),
        ("floor", "floor", 2),
        ("ratio", "ratio", 1),
    ]
    database = [("db", "database", 2), ("db sql", "database_sql", 2)]
    return [*columns, *(database if has_database else [])]


def _line(name: str, *columns: str) -> str:
    width = max((119 - NAME_WIDTH) // len(columns), 8)
    return f"{name:<{NAME_WIDTH}}" + "".join(f"{column:>{width}}" for column in columns)
