"""Reading a customer's history entry by entry: one entry, a page of them filtered by field or person, all for a file.

Knows neither what a change means nor how it is shown.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from webapp.customers.history import NO_VERSION_REACHES, Change, FieldChange, list_changes
from webapp.customers.model import Scope
from webapp.errors import NotFound
from webapp.phrases import phrase

ENTRIES_PER_PAGE = 20
#: So many of the newest entries say which fields and persons there are to choose from.
MOST_LOOKED_THROUGH = 2000
ENTRIES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What is wanted of a history; ``""`` is all of it.

    Attributes:
        field: a field's JSON name, or ``metadata:plan`` for one key, ``integration_entity_mapping:stripe`` for one
            mapping; ``metadata`` alone is every key.
        person: an actor, as ``TYPE:ID``.
    """

    field: str = ""
    person: str = ""

    def narrow(self, changes: Iterable[Change]) -> Iterator[Change]:
        """The changes that are wanted, each with those of its fields that are."""
        for change in changes:
            if self.person and self.person != person_of(change):
                continue
            fields = [field for field in change.fields if not self.field or self.field in _names_of(field)]
            if fields or not self.field:
                yield replace(change, fields=fields)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to filter by: what the address holds, and what a person reads."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Entries, newest first; ``next_before`` leads to the older ones, None where there are none."""

    changes: list[Change]
    next_before: int | None


def person_of(change: Change) -> str:
    """Who made a change, as the filter names them."""
    return f"{change.actor_type}:{change.actor_id}"


def _names_of(field: FieldChange) -> tuple[str, ...]:
    return (field.field,) if field.key is None else (field.field, f"{field.field}:{field.key}")


def find_change(connection: Connection, scope: Scope, customer_id: str, version: int) -> Change:
    """The change that led to a version.

    Raises:
        NotFound: the customer has no such version, or there is no such customer in the scope.
    """
    if 0 < version < NO_VERSION_REACHES:
        for change in list_changes(connection, scope, customer_id, most=1, before=version + 1):
            if change.version == version:
                return change
    raise NotFound(phrase("This customer has no such version."))


def read_page(
    connection: Connection,
    scope: Scope,
    customer_id: str,
    wanted: HistoryFilter,
    before: int | None = None,
) -> HistoryPage:
    """A page of the entries that are wanted. Looks through so many at the most; what is older is on the next page."""
    found: list[Change] = []
    lowest = NO_VERSION_REACHES if before is None else before
    for _ in range(MOST_LOOKED_THROUGH // ENTRIES_AT_ONCE):
        batch = list_changes(connection, scope, customer_id, most=ENTRIES_AT_ONCE, before=lowest)
        for change in batch:
            if len(found) == ENTRIES_PER_PAGE:
                return HistoryPage(found, lowest)
            found += wanted.narrow([change])
            lowest = change.version
        if len(batch) < ENTRIES_AT_ONCE:
            return HistoryPage(found, None)
    return HistoryPage(found, lowest)


def read_all(
    reading: Callable[[], AbstractContextManager[Connection]],
    scope: Scope,
    customer_id: str,
    wanted: HistoryFilter,
    at_once: int = ENTRIES_AT_ONCE,
) -> Iterator[Change]:
    """Every entry that is wanted, newest first, read ``at_once`` by ``at_once``: a long history holds up no writer."""
    lowest = NO_VERSION_REACHES
    while lowest > 1:
        with reading() as connection:
            batch = list_changes(connection, scope, customer_id, most=at_once, before=lowest)
        if not batch:
            return
        yield from wanted.narrow(batch)
        lowest = batch[-1].version


def read_choices(connection: Connection, scope: Scope, customer_id: str) -> tuple[list[Choice], list[Choice]]:
    """The fields, and the persons, that occur in the newest entries; a person by the latest of their names."""
    fields: dict[str, str] = {}
    people: dict[str, str] = {}
    for change in list_changes(connection, scope, customer_id, most=MOST_LOOKED_THROUGH):
        people.setdefault(person_of(change), change.actor_name)
        for field in change.fields:
            fields.setdefault(_names_of(field)[-1], field.label)
    return _sorted(fields), _sorted(people)


def _sorted(labels: dict[str, str]) -> list[Choice]:
    return [
        Choice(value, label) for value, label in sorted(labels.items(), key=lambda item: (item[1].casefold(), item))
    ]
