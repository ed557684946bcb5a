"""Work of tests whose lines coverage need not see: where it looks, Python takes up to twice as long."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from coverage import Coverage

_counted: set[str] = set()


@contextmanager
def uncounted() -> Iterator[None]:
    """Nothing that runs in the ``with`` block is counted: parsers of others, or what was counted before.

    In the main thread alone: there is one switch for all of them.
    """
    counting = Coverage.current()
    if counting is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    counting.stop()
    try:
        yield
    finally:
        counting.start()


def counted_once(what: str) -> AbstractContextManager[None]:
    """As :func:`uncounted`, but for the first time in this process: for what runs the same lines each time."""
    if what in _counted:
        return uncounted()
    _counted.add(what)
    return nullcontext()
