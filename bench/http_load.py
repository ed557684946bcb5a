"""Requests over one real socket, timed at the client, with the server's processor time. Knows no route."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import orjson

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class WrongAnswer(Exception):
    """A request was not answered as it should be: there is nothing to time."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request. ``body`` is JSON, or None for none; ``expected`` is the status it must be answered with."""

    method: str
    path: str
    body: object = None
    expected: int = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run of requests took.

    Attributes:
        requests: how many there were.
        per_second: requests a second, one after the other on one connection.
        p50, p99: milliseconds from sending a request to having read its answer.
        server: milliseconds of processor time, user and system, that the server's workers used for a request.
    """

    requests: int
    per_second: float
    p50: float
    p99: float
    server: float


def measure(address: str, key: str, workers: Iterable[str], requests: Iterable[Sent]) -> Figures:
    """Send ``requests`` one after the other.

    Args:
        address: the server's, such as ``http://127.0.0.1:8000``.
        key: an API key.
        workers: the process IDs of the server's workers.
        requests: what to send.

    Raises:
        WrongAnswer: an answer has another status than was expected; its body says why.
    """
    at = urlsplit(address)
    connection = HTTPConnection(at.hostname or "", at.port, timeout=120)
    workers = tuple(workers)
    times = []
    used, began = _processor_seconds(workers), time.perf_counter()
    for sent in requests:
        body = None if sent.body is None else orjson.dumps(sent.body)
        headers = {"x-api-key": key} | ({"Content-Type": "application/json"} if body is not None else {})
        start = time.perf_counter()
        connection.request(sent.method, sent.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        times.append((time.perf_counter() - start) * 1000)
        if answer.status != sent.expected:
            raise WrongAnswer(f"{sent.method} {sent.path}: {answer.status} {content[:500]!r}")
    elapsed, used = time.perf_counter() - began, _processor_seconds(workers) - used
    connection.close()
    times.sort()
    number = len(times)
    return Figures(
        number,
        number / elapsed,
        times[number // 2],
        times[min(number - 1, number * 99 // 100)],
        used * 1000 / number,
    )


def _processor_seconds(processes: Iterable[str]) -> float:
    """User and system time of processes so far (proc(5): fields 14 and 15 of ``stat``)."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / CLOCK_TICKS
