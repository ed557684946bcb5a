"""A customer's history as CSV (RFC 4180): one line for each field of each change.

Knows neither the database nor the address. A cell that begins as a formula does (``= + - @``, also as East Asia writes
them and behind spaces, a tab, a line end) has an apostrophe before it: spreadsheets would otherwise compute what a
customer's field says.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from webapp.customers.history import Change, FieldChange
from webapp.identifiers import rfc3339

COLUMNS = (
    "version", "at", "operation", "actor_type", "actor_id", "actor_name", "source", "request_id", "reason", "field",
    "key", "old", "new",
)  # fmt: skip
_FORMULA_SIGNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
_LINE_SIGNS = ("\t", "\r", "\n")
_LONGEST_NAME = 80


def write_csv(changes: Iterable[Change]) -> Iterator[str]:
    """The lines, with one of names before them."""
    yield _line(COLUMNS)
    for change in changes:
        entry = (
            change.version,
            rfc3339(change.at),
            change.operation,
            change.actor_type,
            change.actor_id,
            change.actor_name,
            change.source,
            change.request_id,
            change.reason,
        )
        for field in change.fields:
            yield _line((*entry, *_cells(field)))


def file_name(external_id: str) -> str:
    """A name for the file that every system takes; nothing of the external ID but ASCII letters, digits, ``._-``."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", external_id).strip(".-")[:_LONGEST_NAME]
    return f"history-{safe or 'customer'}.csv"


def guarded(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    is_computed = text.startswith(_LINE_SIGNS) or text.lstrip().startswith(_FORMULA_SIGNS)
    return f"'{text}" if is_computed else text


def _cells(field: FieldChange) -> tuple[str, str, str, str]:
    return field.field, field.key or "", _written(field.old_value), _written(field.new_value)


def _written(value: Any) -> str:
    """A text as it is; a mapping as JSON, its metadata with it."""
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return "" if value is None else str(value)


def _line(cells: Iterable[Any]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([guarded(cell) for cell in cells])
    return written.getvalue()
