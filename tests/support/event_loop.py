"""Coroutines in a test: each in a thread of its own, because the browser tests leave a loop running in the main one."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

LONGEST_WAIT_SECONDS = 60


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns or raises."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result(LONGEST_WAIT_SECONDS)
