"""What is said of a name that a caller sent and nobody knows. Knows not where names come from."""

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

MOST_UNKNOWN_NAMES = 50
LONGEST_SHOWN_NAME = 100


def unknown_name(name: str, known: Sequence[str], kind: str = "field") -> str:
    """A sentence that names it, and the nearest known one (contract section 3)."""
    near = difflib.get_close_matches(name[:LONGEST_SHOWN_NAME], known, n=1)
    said = f"unknown {kind} '{name[:LONGEST_SHOWN_NAME]}'"
    return said + (f"; did you mean '{near[0]}'?" if near else "")


def unknown_names(names: Iterable[str], known: Sequence[str], kind: str = "field") -> dict[str, list[str]]:
    """The sentence for each of the first ones: looking for the nearest known name for thousands would take seconds."""
    return {name: [unknown_name(name, known, kind)] for name in islice(names, MOST_UNKNOWN_NAMES)}
