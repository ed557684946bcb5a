"""The searchable text of a customer, and the patterns and trigrams that find something in it. Knows no table.

The text fields stand in two texts, folded, each field behind a control character of its own, which no value can hold:
so one ``LIKE`` says "the name holds" or "a field begins with", and one trigram index serves them all.
"""

from collections.abc import Sequence
from operator import attrgetter

from webapp.customers.folding import fold
from webapp.customers.limits import TEXT_FIELDS
from webapp.customers.model import Customer

#: The fields that the desk's search box looks in. Their text has an index; that of the others has none.
BOX_FIELDS = ("external_id", "name", "email")
OTHER_FIELDS = tuple(name for name in TEXT_FIELDS if name not in BOX_FIELDS)
FIELDS = (*BOX_FIELDS, *OTHER_FIELDS)
#: The texts of a row of ``customer_search``: of the search box's fields, and of the others.
FIELDS_OF_TEXT = {"text": BOX_FIELDS, "other_text": OTHER_FIELDS}
#: The values that a text is made of.
_VALUES = {column: attrgetter(*names) for column, names in FIELDS_OF_TEXT.items()}
#: The character before each field; behind its value stands that of the next one, or the last.
_START = {name: chr(number) for number, name in enumerate(FIELDS, 1)}
_END = {name: chr(ord(start) + 1) for name, start in _START.items()}

ESCAPE = "/"
TRIGRAM = 3
#: So many trigrams of a long text are looked up: what is found is compared in full anyway.
MOST_TRIGRAMS = 12


def searchable_texts(customer: Customer) -> dict[str, str]:
    """What the texts of a customer's row of ``customer_search`` are, by column."""
    return {column: _joined(customer, names) for column, names in FIELDS_OF_TEXT.items()}


def changed_texts(before: Customer, after: Customer) -> dict[str, str]:
    """Those of them that a change of the customer touches, as they are after it."""
    return {
        column: _joined(after, names)
        for column, names in FIELDS_OF_TEXT.items()
        if _VALUES[column](before) != _VALUES[column](after)
    }


def _joined(customer: Customer, names: Sequence[str]) -> str:
    """Folded all at once: no control character changes by that, or lets its neighbours change each other."""
    return fold("".join(_START[name] + getattr(customer, name) for name in names) + _END[names[-1]])


def holds(field: str, needle: str) -> str:
    """The LIKE pattern of texts in which ``field`` holds a folded text."""
    return f"%{_START[field]}%{_escaped(needle)}%{_END[field]}%"


def is_all_of(field: str, needle: str) -> str:
    """The LIKE pattern of texts in which ``field`` is a folded text."""
    return f"%{_escaped(framed(field, needle))}%"


def framed(field: str, needle: str) -> str:
    """A field's whole folded value as it stands in the text."""
    return _START[field] + needle + _END[field]


def part(needle: str) -> str:
    """The LIKE pattern of texts that hold a folded text, whichever field it is in."""
    return f"%{_escaped(needle)}%"


def box_starts(needle: str) -> tuple[str, ...]:
    """The beginnings of the fields of the search box, each with a folded text behind it."""
    return tuple(_START[field] + needle for field in BOX_FIELDS)


def box_begins(needle: str) -> tuple[str, ...]:
    """The LIKE patterns of texts in which a field of the search box begins with a folded text."""
    return tuple(f"%{_escaped(start)}%" for start in box_starts(needle))


def _escaped(text: str) -> str:
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return text


def all_trigrams(needles: Sequence[str]) -> str:
    """The FTS5 query of texts that hold the trigrams of all ``needles``, each of which has at least one."""
    return " AND ".join(_quoted(trigram) for needle in needles for trigram in _trigrams(needle))


def any_trigrams(needles: Sequence[str]) -> str:
    """The FTS5 query of texts that hold the trigrams of one of ``needles``."""
    return " OR ".join(f"({all_trigrams([needle])})" for needle in needles)


def _trigrams(needle: str) -> list[str]:
    """Trigrams that cover a text, or for a long one some of it, from its start to its end."""
    last = len(needle) - TRIGRAM
    places = sorted({*range(0, last, TRIGRAM), last})
    step = -(-len(places) // MOST_TRIGRAMS)
    return [needle[place : place + TRIGRAM] for place in places[::step]]


def _quoted(trigram: str) -> str:
    doubled = trigram.replace('"', '""')
    return f'"{doubled}"'


def next_text(text: str) -> str:
    """The least text that is greater than every text that begins with ``text``; ``""`` when there is none."""
    for place in range(len(text) - 1, -1, -1):
        following = ord(text[place]) + 1
        if following <= 0x10FFFF:
            following = 0xE000 if 0xD800 <= following <= 0xDFFF else following
            return text[:place] + chr(following)
    return ""
