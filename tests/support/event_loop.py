"""Coroutines in a test: on the loop that the server has, each in a thread of its own.

The browser tests leave a loop running in the main one.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvloop

LONGEST_WAIT_SECONDS = 60


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns or raises."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_run, coroutine).result(LONGEST_WAIT_SECONDS)


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)
