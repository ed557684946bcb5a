"""What a list is shown with: its columns, how they sort, and the filters that are set, each with the list without it.

Knows neither customers nor SQL.
"""

from dataclasses import dataclass
from typing import Any

from webapp.customers.countries import country_name
from webapp.customers.labels import field_label
from webapp.customers.list_query import COLUMNS, FIXED_COLUMN, SORTS, ListQuery
from webapp.customers.query import METADATA_PREFIX
from webapp.phrases import Phrase, phrase

STATUS_LABELS = {
    "published": phrase("Published"),
    "archived": phrase("Archived"),
    "all": phrase("Published and archived"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list.

    Attributes:
        name: as in the address; of metadata ``metadata.KEY``.
        label: what stands above it; a metadata key as it is.
        metadata_key: ``""`` for a field.
        sort: the parameters of the list that is sorted by it, the other way round if it is already; None where it
            cannot be sorted by.
        sorted: ``ascending``, ``descending`` or ``""``, as ``aria-sort`` has it.
    """

    name: str
    label: str
    metadata_key: str = ""
    sort: dict[str, Any] | None = None
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class SetFilter:
    """A filter that is set: what it says, and the parameters of the list without it."""

    text: Phrase
    without: dict[str, Any]


def columns_of(query: ListQuery) -> list[Column]:
    """The columns of a list from the left; the list must be judged."""
    return [_column(name, query) for name in (FIXED_COLUMN, *query.columns)]


def columns_to_choose(query: ListQuery) -> list[tuple[str, str, bool]]:
    """(name, label, whether it is shown) of every column but the fixed one: those of metadata that are shown, too."""
    names = [*COLUMNS, *(name for name in query.columns if name not in COLUMNS)]
    return [(name, column_label(name), name in query.columns) for name in names]


def column_label(name: str) -> str:
    """What stands above a column."""
    return name.removeprefix(METADATA_PREFIX) if name.startswith(METADATA_PREFIX) else field_label(name)


def _column(name: str, query: ListQuery) -> Column:
    if name.startswith(METADATA_PREFIX):
        return Column(name, column_label(name), metadata_key=name.removeprefix(METADATA_PREFIX))
    if name not in SORTS:
        return Column(name, column_label(name))
    first = SORTS[name]
    if query.sorted_by is None or query.sorted_by.field != name:
        return Column(name, column_label(name), sort=query.parameters(sort=name, order=""))
    is_descending = query.sorted_by.is_descending
    other = "asc" if is_descending else "desc"
    turned = query.parameters(sort=name, order="" if other == first else other)
    return Column(name, column_label(name), sort=turned, sorted="descending" if is_descending else "ascending")


def set_filters(query: ListQuery) -> list[SetFilter]:
    """The filters that are set; the list must be judged."""
    texts = {
        "status": phrase("Status: %(status)s", status=STATUS_LABELS[query.status]),
        "country": phrase("Country: %(country)s", country=country_name(query.country)),
        "parent": phrase("Parent: %(parent)s", parent=query.parent),
        "changed_from": phrase("Changed from %(day)s", day=query.changed_from),
        "changed_to": phrase("Changed until %(day)s", day=query.changed_to),
    }
    first = ListQuery()
    return [SetFilter(texts[name], query.parameters(**{name: getattr(first, name)})) for name in query.filters]


def without_filters(query: ListQuery) -> dict[str, Any]:
    """The parameters of the same list without any filter."""
    first = ListQuery()
    return query.parameters(**{name: getattr(first, name) for name in query.filters})
