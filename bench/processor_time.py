"""Processor time, user and system, that processes have used. Knows not what for.

The kernel counts each thread's nanoseconds in ``schedstat``, where ``stat`` has ticks of ten milliseconds.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def of_processes(processes: Iterable[str]) -> float:
    """Seconds that processes, given by their IDs, have used so far, with all threads that they still have."""
    return (
        sum(_nanoseconds(thread) for process in processes for thread in Path(f"/proc/{process}/task").iterdir()) / 1e9
    )


def of_family(parent: str) -> float:
    """Seconds that a process and all of its children have used so far, those that have ended since included."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    used = 0.0
    for process in (parent, *children):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended: the line below has it then
            used += of_processes([process])
    fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
    return used + (int(fields[13]) + int(fields[14])) / TICKS


def _nanoseconds(thread: Path) -> int:
    return int((thread / "schedstat").read_text().split()[0])
