"""Rows of a form: metadata entries and integration mappings, as fields that read ``NAME-INDEX-PART`` inputs.

Knows how rows are typed, added, removed and brought back; not what is right in them (``validators``).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from wtforms import Field

#: A form with more rows than this is no form of ours; what is past it is not read.
MOST_ROWS = 2000
ASCII_WHITE = " \t\r\n"


def trim(text: str | None) -> str:
    """``text`` without the white space around it: spaces of any kind, tabs and line ends, which come with a paste."""
    if text is None:
        return ""
    if text.isascii():
        return text.strip(ASCII_WHITE)
    start, end = 0, len(text)
    while start < end and _is_white(text[start]):
        start += 1
    while end > start and _is_white(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_white(character: str) -> bool:
    return character in ASCII_WHITE or unicodedata.category(character) in {"Zs", "Zl", "Zp"}


class Row:
    """A row of two texts as typed, trimmed; ``removed`` rows are shown but do not count.

    Attributes:
        parts: the names of its two texts; the messages for a part are in ``<part>_errors``.
    """

    parts: ClassVar[tuple[str, str]]

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in it."""
        return not any(getattr(self, part) for part in self.parts)

    def faults(self) -> Iterable[tuple[str, str]]:
        """(part, message) for each fault."""
        for part in self.parts:
            yield from ((part, message) for message in getattr(self, f"{part}_errors"))


@dataclass(slots=True)
class MetadataRow(Row):
    """One key and value."""

    parts: ClassVar[tuple[str, str]] = ("key", "value")

    index: int
    key: str = ""
    value: str = ""
    removed: bool = False
    key_errors: list[str] = field(default_factory=list)
    value_errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class MappingRow(Row):
    """One provider and the customer's ID there."""

    parts: ClassVar[tuple[str, str]] = ("provider", "id")

    index: int
    provider: str = ""
    id: str = ""
    removed: bool = False
    provider_errors: list[str] = field(default_factory=list)
    id_errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Filled:
    """What became of entries that were put into rows; ``left_over`` are those for which there was no room."""

    added: int = 0
    changed: int = 0
    left_over: dict[str, str] = field(default_factory=dict)


AnyRow = TypeVar("AnyRow", MetadataRow, MappingRow)


class RowsField(Field, Generic[AnyRow]):  # type: ignore[misc]
    """A field of rows. ``data`` is the mapping of first part to second, of the rows that count."""

    row_class: type[AnyRow]
    parts: tuple[str, str]

    def process(
        self,
        formdata: Any,
        data: Any = None,
        extra_filters: Any = None,
    ) -> None:
        """Read the rows from ``formdata`` where the page had this field, else from ``data``, a mapping.

        Rows can all be gone from a page, so it says by an input of the field's own name that it had the field.
        """
        self.process_errors: list[str] = []
        self.raw_data = None
        self.object_data = data
        self.rows: list[AnyRow] = list(
            self._typed_rows(formdata) if formdata and self.name in formdata else self._rows_of(data or {})
        )

    @property
    def data(self) -> dict[str, str]:
        """The rows that count: neither removed nor blank."""
        first, second = self.parts
        return {getattr(row, first): getattr(row, second) for row in self.rows if not (row.removed or row.is_blank)}

    @data.setter
    def data(self, value: Any) -> None:
        """Ignored: the rows are what counts."""

    def _rows_of(self, entries: Mapping[str, str]) -> Iterable[AnyRow]:
        for index, (first, second) in enumerate(entries.items()):
            yield self.row_class(index, first, second)

    def _typed_rows(self, formdata: Any) -> Iterable[AnyRow]:
        pattern = re.compile(rf"{re.escape(self.name)}-(\d{{1,6}})-({'|'.join(self.parts)}|removed)")
        typed: dict[int, dict[str, str]] = {}
        for name in formdata:
            if (found := pattern.fullmatch(name)) and len(typed) < MOST_ROWS:
                typed.setdefault(int(found[1]), {})[found[2]] = trim(formdata.get(name))
        first, second = self.parts
        for index, parts in sorted(typed.items()):
            yield self.row_class(index, parts.get(first, ""), parts.get(second, ""), bool(parts.get("removed")))

    def pre_validate(self, form: Any) -> None:
        """Forget the rows in which nothing was typed."""
        self.rows = [row for row in self.rows if not row.is_blank]

    def add_row(self) -> str:
        """Add a blank row at the end. Returns the id of its first input."""
        index = self._next_index()
        self.rows.append(self.row_class(index))
        return self._control_of(self.rows[-1])

    def _next_index(self) -> int:
        return max((row.index for row in self.rows), default=-1) + 1

    def _control_of(self, row: AnyRow) -> str:
        return f"{self.name}-{row.index}-{'restore' if row.removed else self.parts[0]}"

    def control_of(self, first: str) -> str:
        """The id of the control that leads to the row of a key or provider; of the field where there is no such row."""
        found = (self._control_of(row) for row in self.rows if getattr(row, self.parts[0]) == first)
        return next(found, self.name)

    def set_removed(self, index: int, removed: bool) -> str:
        """Remove a row, or bring it back; a blank one just goes. Returns the id of the control to go on at."""
        for row in self.rows:
            if row.index == index and row.is_blank:
                self.rows.remove(row)
                break
            if row.index == index:
                row.removed = removed
                return self._control_of(row)
        return f"{self.name}-add"

    def show(self, entries: Mapping[str, str]) -> None:
        """Show ``entries``, which a merge made of the rows; a removed row and a repeated key stay as typed."""
        first, second = self.parts
        counting = {getattr(row, first): row for row in self.rows if not (row.removed or row.is_blank)}
        gone = [row for key, row in counting.items() if key not in entries]
        self.rows = [row for row in self.rows if row not in gone and not row.is_blank]
        for key, value in entries.items():
            if key in counting:
                setattr(counting[key], second, value)
            else:
                self.rows.append(self.row_class(self._next_index(), key, value))

    @property
    def own_errors(self) -> list[str]:
        """The messages about the field as a whole, which stand at none of its rows."""
        of_rows = {message for row in self.rows for _, message in row.faults()}
        return [message for message in self.errors if message not in of_rows]

    def faults(self) -> Iterable[tuple[str, str]]:
        """(id of the control, message) for each fault, in the order of the page."""
        yield from ((self.name, message) for message in self.own_errors)
        for row in self.rows:
            for part, message in row.faults():
                yield f"{self.name}-{row.index}-{part}", message


class MetadataField(RowsField[MetadataRow]):
    """Rows of key and value."""

    row_class = MetadataRow
    parts = MetadataRow.parts

    def fill(self, entries: Mapping[str, str], most: int) -> Filled:
        """Put entries into the rows: that of the same key, else a blank one, else a new one behind them.

        Args:
            entries: what to put in; a removed row of such a key comes back.
            most: how many rows may count afterwards.
        """
        filled = Filled()
        rows_of_keys = {row.key: row for row in reversed(self.rows) if row.key}
        rows_of_keys |= {row.key: row for row in reversed(self.rows) if row.key and not row.removed}
        blank = iter([row for row in self.rows if row.is_blank])
        counting = sum(not (row.removed or row.is_blank) for row in self.rows)
        for key, value in entries.items():
            row = rows_of_keys.get(key)
            if (row is None or row.removed) and counting >= most:
                filled.left_over[key] = value
                continue
            if row is None or row.removed:
                counting += 1
            if row is None:
                filled.added += 1
                row = next(blank, None) or self._new_row()
            elif row.removed or row.value != value:
                filled.changed += 1
            row.key, row.value, row.removed = key, value, False
        return filled

    def _new_row(self) -> MetadataRow:
        self.add_row()
        return self.rows[-1]


class MappingsField(RowsField[MappingRow]):
    """Rows of provider and ID, of one of ``providers``; ``choices`` are (provider, label) pairs for its select."""

    row_class = MappingRow
    parts = MappingRow.parts
    providers: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
