"""The choices of a form that was merged: which value shall stand where two people changed the same.

Knows what the page asked and what a person answered; not how values are merged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from webapp.customers.places import Place, read_place

YOURS, THEIRS, ORIGINAL = "yours", "theirs", "original"
#: A form that asks for more is no form of ours; what is past it is not read.
MOST_CHOICES = 500
_NAME = re.compile(r"choice-(\d{1,4})-place")

#: The values of a form: texts by field, and metadata and mappings as dicts of texts.
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page asked about one place.

    Attributes:
        place: the field, or its key.
        since: the version that has the original.
        wanted: the answer: ``yours``, ``theirs``, ``original``; ``""`` for none.
        yours: what was typed, as the page that asked had it; None for nothing.
    """

    place: Place
    since: int
    wanted: str = ""
    yours: str | None = None

    def without_answer(self) -> "Choice":
        """The same question, to be answered again."""
        return replace(self, wanted="")


def read_choices(typed: Any, places: Values, version: int) -> list[Choice]:
    """What a submitted form asked and was answered, each place once.

    Args:
        typed: the submitted form.
        places: the values of the form; places that they cannot have are left out.
        version: that of the form. No original can be newer.
    """
    choices: dict[Place, Choice] = {}
    numbers = [found[1] for name in typed if (found := _NAME.fullmatch(name))]
    for number in numbers[:MOST_CHOICES]:
        place = read_place(typed[f"choice-{number}-place"])
        since = typed.get(f"choice-{number}-since", "")
        is_known = place[0] in places and isinstance(places[place[0]], Mapping) == (place[1] is not None)
        if not is_known or not (since.isascii() and since.isdigit() and 0 < int(since[:9]) <= version):
            continue
        wanted = typed.get(f"choice-{number}", "")
        wanted = wanted if wanted in {YOURS, THEIRS, ORIGINAL} else ""
        choices[place] = Choice(place, int(since[:9]), wanted, typed.get(f"choice-{number}-yours"))
    return list(choices.values())


def value_at(values: Values, place: Place) -> str | None:
    """The text at a place; None where there is none."""
    name, key = place
    found: str | None = values[name] if key is None else values[name].get(key)
    return found


def with_value(values: Values, place: Place, value: str | None) -> dict[str, Any]:
    """``values`` with another text at a place; None removes a key."""
    name, key = place
    if key is None:
        return {**values, name: value or ""}
    rest = {other: text for other, text in values[name].items() if other != key}
    if value is None:
        return {**values, name: rest}
    return {**values, name: {**values[name], key: value}}
