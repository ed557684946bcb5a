"""What each process does once in a while beside a request, such as tidying up. Knows not what that is."""

import time
from collections.abc import Hashable

from flask import Flask

_KEPT = "now_and_then"


def is_due(app: Flask, what: Hashable, seconds: float) -> bool:
    """Whether this process has not done something for so long; then it is taken to do it now."""
    due: dict[Hashable, float] = app.extensions.setdefault(_KEPT, {})
    if time.monotonic() < due.get(what, 0.0):
        return False
    due[what] = time.monotonic() + seconds
    return True
