"""Which lists are known to be long: their total is a lower bound, ``EXACT_TOTAL`` and one, and needs no count.

That count passes ten thousand entries of an index, which took more than all else about a page. Knows no SQL.
"""

import time
from collections.abc import Hashable
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

#: So long a list is taken to be as long as it was. Lists may be some seconds behind (docs/decisions/0016).
KNOWN_SECONDS = 5.0
#: Lists are few, one for each environment and status; but they are many on a service of many tenants.
MOST_LISTS = 10_000

_until: WeakKeyDictionary[Engine, dict[Hashable, float]] = WeakKeyDictionary()


def is_known_to_be_long(engine: Engine, which: Hashable) -> bool:
    """Whether :func:`remember_as_long` was told of that list some seconds ago at the most."""
    return time.monotonic() < _until.get(engine, {}).get(which, 0.0)


def remember_as_long(engine: Engine, which: Hashable) -> None:
    """Take note that a list has more than ``EXACT_TOTAL`` customers."""
    known = _until.setdefault(engine, {})
    if len(known) >= MOST_LISTS:
        known.clear()
    known[which] = time.monotonic() + KNOWN_SECONDS
