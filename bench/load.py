"""Load over real sockets by wrk, and the processor time that the server took for it. Knows no route."""

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.sent import Sent, WrongAnswer, as_file

SCRIPT = Path(__file__).with_name("wrk.lua")
#: wrk ends by its own when all is answered; this is for a server that answers no more.
LONGEST_SECONDS = 300

#: Tells the seconds of processor time that somebody has used so far.
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests took.

    Attributes:
        requests: how many were answered.
        refused: how many of those with 503.
        per_second: requests a second.
        p50, p99: milliseconds from sending a request to having read its answer, as wrk tells them: those that waited
            for a slow one are counted in.
        used: milliseconds of processor time for each request, by clock.
    """

    requests: int
    refused: int
    per_second: float
    p50: float
    p99: float
    used: tuple[float, ...]


def spare(connections: int) -> int:
    """So many more requests than are to be answered wrk needs: one to look at, and one under way on each connection."""
    return 1 + 2 * connections


def load(address: str, requests: Sequence[Sent], connections: int, clocks: Sequence[Clock]) -> Load:
    """Send requests over so many connections, each as soon as the one before it is answered.

    Args:
        address: the server's.
        requests: what to send, each once, all with the same expected status; :func:`spare` of them are not waited for.
        connections: how many.
        clocks: those to read before and after.

    Raises:
        WrongAnswer: an answer has another status than was expected, or a connection broke. With several connections a
            server may refuse some requests, which it says by 503.
    """
    number = len(requests) - spare(connections)
    with tempfile.NamedTemporaryFile() as file:
        file.write(as_file(requests))
        file.flush()
        limits = ["--threads", "1", "--connections", str(connections), "--duration", f"{LONGEST_SECONDS}s"]
        command = ["wrk", *limits, "--timeout", "60s", "--script", str(SCRIPT), address, "--", file.name, str(number)]
        before = [clock() for clock in clocks]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
        used = [clock() - began for clock, began in zip(clocks, before, strict=True)]
    line, _, wrong_answer = ended.stderr.partition("\n")
    if ended.returncode or not line:
        raise WrongAnswer(f"wrk failed: {ended.stdout} {ended.stderr}")
    answered, refused, wrong, broken, microseconds, p50, p99 = (int(figure) for figure in line.split())
    if wrong or broken or answered < number or (refused and connections == 1):
        first = f"{requests[0].method} {requests[0].path}"
        raise WrongAnswer(f"{first} …: {wrong} wrong answers, {refused} refused, {broken} faults: {wrong_answer}")
    milliseconds = tuple(seconds * 1000 / answered for seconds in used)
    return Load(answered, refused, answered * 1e6 / microseconds, p50 / 1000, p99 / 1000, milliseconds)
