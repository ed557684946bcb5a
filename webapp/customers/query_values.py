"""The values of a query, one by one: what was sent -> text, number, time, array. Knows not where they stand.

Each reader raises WrongValue with a sentence for the caller.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from webapp.customers import query
from webapp.customers.moments import moment_of
from webapp.customers.query import DataType, Value
from webapp.customers.rows import trim
from webapp.customers.unknown_names import unknown_name
from webapp.customers.validators import forbidden_character

_WHOLE = re.compile("[0-9]{1,10}")
CURSOR_AND_OFFSET = "Send a cursor or an offset, not both."


class WrongValue(Exception):
    """A value is wrong; the argument says how."""


def shown(value: Any) -> str:
    """A value as a sentence quotes it."""
    return f"'{value[:100]}'" if isinstance(value, str) else "of a wrong type"


def read_text(value: Any, most: int = query.LONGEST_TEXT) -> str:
    """A text of at most ``most`` characters, without control characters."""
    if not isinstance(value, str):
        raise WrongValue("Send a string.")
    if len(value) > most:
        raise WrongValue(f"Send at most {most} characters.")
    if found := forbidden_character(value):
        raise WrongValue(f"Remove the control character {found}.")
    return value


def read_trimmed_text(value: Any) -> str:
    """A text that is looked for as a whole: what is stored was trimmed."""
    return trim(read_text(value))


def read_array(value: Any, most: int, of_what: str) -> list[Any]:
    """An array of at most ``most`` elements."""
    if not isinstance(value, list):
        raise WrongValue(f"Send an array of {of_what}.")
    if len(value) > most:
        raise WrongValue(f"Send at most {most} {of_what}; there are {len(value)}.")
    return value


def read_texts(value: Any) -> tuple[str, ...]:
    """Different texts, at least one."""
    items = read_array(value, query.MOST_ARRAY_LENGTH, "strings")
    if not items:
        raise WrongValue("The array is empty: nothing could match. Give at least one string, or leave it out.")
    return tuple(dict.fromkeys(_at(f"element {place}", read_trimmed_text, item) for place, item in enumerate(items)))


def read_pairs(value: Any) -> dict[str, str]:
    """Metadata keys and values."""
    if not isinstance(value, dict):
        raise WrongValue("Send an object of strings.")
    if len(value) > query.MOST_METADATA_PAIRS:
        raise WrongValue(f"Send at most {query.MOST_METADATA_PAIRS} pairs.")
    if "" in value:
        raise WrongValue("A metadata key cannot be empty.")
    return {
        trim(read_text(key, query.LONGEST_METADATA_KEY)): _at(shown(key), read_trimmed_text, text)
        for key, text in value.items()
    }


def _at(where: str, read: Callable[[Any], str], value: Any) -> str:
    try:
        return read(value)
    except WrongValue as fault:
        raise WrongValue(f"{fault} ({where})") from None


def read_status(value: Any) -> str:
    """One of the statuses."""
    if value not in query.STATUSES:
        raise WrongValue(f"unknown status {shown(value)}; known are {', '.join(query.STATUSES)}")
    return str(value)


def read_statuses(value: Value) -> Value:
    """One or several of the statuses."""
    for status in value if isinstance(value, tuple) else (value,):
        read_status(status)
    return value


def read_direction(value: Any) -> query.Direction:
    """A direction to sort in."""
    if value not in query.DIRECTIONS:
        raise WrongValue(f"unknown direction {shown(value)}; known are {', '.join(query.DIRECTIONS)}")
    return "asc" if value == "asc" else "desc"


def read_sort_field(value: Any) -> str:
    """A field to sort by."""
    if not isinstance(value, str):
        raise WrongValue("Name a field.")
    if value not in query.SORT_FIELDS:
        raise WrongValue(unknown_name(value, query.SORT_FIELDS))
    return value


def read_expand(value: Any) -> tuple[str, ...]:
    """The texts of ``expand``, unread."""
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    return (read_text(value),)


def read_moment(value: Any) -> datetime:
    """A time, or a date alone; see ``moment_of``. The official Python client sends naive times, which are UTC."""
    moment = moment_of(value) if isinstance(value, str) else None
    if moment is None:
        raise WrongValue("Send a time as RFC 3339 has it, such as 2026-01-31T09:30:00Z, or a date.")
    return moment


def number_of(text: str) -> int | str:
    """A parameter's text as the whole number that it is, up to ten digits; else as it was, for a reader to refuse."""
    return int(text) if _WHOLE.fullmatch(text) else text


def read_whole_number(value: Any, least: int, most: int) -> int:
    """A whole number in a range, both ends included. JSON may write it ``5.0``."""
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    if not is_whole or not least <= value <= most:
        raise WrongValue(f"Send a whole number from {least} to {most}.")
    return int(value)


def read_number(value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongValue("Send a number.")
    return float(value)


def read_boolean(value: Any) -> str:
    """Metadata holds texts: ``true`` and ``false``."""
    if not isinstance(value, bool):
        raise WrongValue("Send true or false.")
    return "true" if value else "false"


_VALUE_READERS: Mapping[DataType, Callable[[Any], Value]] = {
    DataType.STRING: read_text,
    DataType.NUMBER: read_number,
    DataType.BOOLEAN: read_boolean,
    DataType.DATE: read_moment,
    DataType.ARRAY: read_texts,
}


def read_typed_value(value: Any) -> tuple[DataType, Value]:
    """The one typed value of a filter."""
    known = [str(name) for name in DataType]
    if not isinstance(value, dict):
        raise WrongValue(f"Send an object with one of {', '.join(known)}.")
    names = [name for name in value if value[name] is not None]
    if unknown := [name for name in value if name not in known]:
        raise WrongValue(unknown_name(unknown[0], known))
    if len(names) != 1:
        raise WrongValue(f"Give exactly one of {', '.join(known)}.")
    data_type = DataType(names[0])
    return data_type, _VALUE_READERS[data_type](value[data_type])
