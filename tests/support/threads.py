"""Several threads that begin at the same moment, each inside of the application."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

LONGEST_WAIT_SECONDS = 60


def at_once(app: Flask, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each of ``works`` in a thread of its own. Returns their results, or what they raised, in order."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait(LONGEST_WAIT_SECONDS)
            try:
                return work()
            except Exception as error:  # noqa: BLE001 - the test says which it expects
                return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works, timeout=LONGEST_WAIT_SECONDS))
