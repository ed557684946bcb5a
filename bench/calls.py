"""How many calls a request makes, step by step: a measure of how much code it runs, which no other work disturbs.

python -m bench.calls GET             each step with 15 calls or more
python -m bench.calls "PUT, city" 1   each step

It asks the kept SQLite database of ``make bench``. Calls of Python functions and of built-in ones are counted alike.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import FrameType

from flask import Flask

from bench.__main__ import KEPT
from bench.cases import Requests, cases, endless_customers
from bench.databases import database
from bench.dataset import CUSTOMERS, bench_app
from bench.desk import Browser, password_of_bench
from bench.measuring import environment_of
from bench.people import SCOPE
from bench.sent import Sent
from tests.support.served import serve
from webapp.access.api_keys import create_api_key

#: Steps of fewer calls are left out.
FEWEST = 15
#: Requests before the one that is looked at, which find what is made once.
WARM_UP = 20
#: A file is named from there on.
ROOTS = ("site-packages/", "lib/python3.11/", f"{Path(__file__).parent.parent}/")


@dataclass(slots=True)
class Step:
    """A call of a Python function, and how many calls there were in it, itself included."""

    depth: int
    name: str
    calls: int = 1


def steps_of(app: Flask, sent: Sent) -> list[Step]:
    """The calls of one request in their order."""
    steps: list[Step] = []
    open_steps: list[Step] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            code = frame.f_code
            steps.append(Step(len(open_steps), f"{_short(code.co_filename)}:{code.co_firstlineno} {code.co_qualname}"))
            open_steps.append(steps[-1])
        elif event == "return" and open_steps:
            ended = open_steps.pop()
            if open_steps:
                open_steps[-1].calls += ended.calls
        elif event == "c_call" and open_steps:
            open_steps[-1].calls += 1

    client = app.test_client(use_cookies=False)
    client.environ_base.pop("HTTP_USER_AGENT")  # the session was begun without one: with another it would be sent anew
    sys.setprofile(note)
    try:
        sent.run(client)
    finally:
        sys.setprofile(None)
    return steps


def lines_of(steps: list[Step], fewest: int) -> Iterator[str]:
    """What is printed: the application's part, without the client that asked."""
    first = next(place for place, step in enumerate(steps) if step.name.endswith("Flask.__call__"))
    top = steps[first].depth
    below = takewhile(lambda step: step.depth > top, steps[first + 1 :])
    for step in (steps[first], *below):
        if step.calls >= fewest:
            yield f"{'  ' * (step.depth - top)}{step.name}  {step.calls}"


def _short(file: str) -> str:
    for root in ROOTS:
        _, found, rest = file.rpartition(root)
        if found:
            return rest
    return file


def main() -> None:
    """Print the steps of one request of the kind that is named first."""
    name, fewest = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else FEWEST
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        opened = stack.enter_context(database("sqlite", KEPT, CUSTOMERS))
        app = bench_app(opened.url, folder)
        with app.app_context():
            key, password = create_api_key(SCOPE.environment_id, "write", "Bench", "command"), password_of_bench()
        served = stack.enter_context(serve(environment_of(opened.url, folder, "ERROR"), Path(folder) / "server.log"))
        kinds = cases(key, Browser(served.address, password))
        [case] = [case for case in kinds if case.name == name] or sys.exit(f"one of: {[case.name for case in kinds]}")
        with app.app_context():
            *before, looked_at = Requests(case, endless_customers(time.time_ns())).take(WARM_UP + 1)
        for sent in before:
            sent.run(app.test_client(use_cookies=False))
        sys.stdout.write("\n".join(lines_of(steps_of(app, looked_at), fewest)) + "\n")


if __name__ == "__main__":
    main()
