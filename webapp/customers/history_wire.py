"""A customer's history in JSON: the parameters that ask for a page of it, the page, its entries (contract section 11).

Knows neither the database nor what a change means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from webapp.customers.history import NO_VERSION_REACHES, Change
from webapp.customers.query import DEFAULT_LIMIT, MOST_LIMIT, MOST_OFFSET
from webapp.customers.query_values import CURSOR_AND_OFFSET, WrongValue, number_of, read_whole_number
from webapp.customers.unknown_names import unknown_names
from webapp.errors import InvalidInput
from webapp.identifiers import rfc3339

HISTORY_PARAMETERS = ("limit", "offset", "cursor")
_WRONG_CURSOR = "Send the next_cursor of a page, as it was."


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Which page is wanted: ``limit`` changes behind the newest ``offset``, or those below the version ``cursor``."""

    limit: int
    offset: int
    cursor: int | None

    def before(self, version: int) -> int:
        """The version that all of its changes lie below, of a customer that is at ``version``."""
        return version + 1 - self.offset if self.cursor is None else self.cursor


def read_history_parameters(args: "MultiDict[str, str]") -> HistoryPage:
    """The page that ``limit``, ``offset`` and ``cursor`` ask for.

    Raises:
        InvalidInput: names every wrong and every unknown parameter.
    """
    unknown = (name for name in args if name not in HISTORY_PARAMETERS)
    faults = unknown_names(unknown, HISTORY_PARAMETERS, "parameter")
    numbers: dict[str, int] = {}
    for name, least, most in (("limit", 1, MOST_LIMIT), ("offset", 0, MOST_OFFSET), ("cursor", 1, NO_VERSION_REACHES)):
        sent = args.getlist(name)
        if len(sent) > 1:
            faults[name] = ["Give it once."]
        elif sent:
            try:
                numbers[name] = read_whole_number(number_of(sent[0]), least, most)
            except WrongValue as fault:
                faults[name] = [_WRONG_CURSOR if name == "cursor" else str(fault)]
    if numbers.get("offset") and "cursor" in numbers:
        faults["offset"] = [CURSOR_AND_OFFSET]
    if faults:
        raise InvalidInput(details=faults)
    return HistoryPage(numbers.get("limit", DEFAULT_LIMIT), numbers.get("offset", 0), numbers.get("cursor"))


def write_history(changes: Sequence[Change], page: HistoryPage, total: int) -> dict[str, Any]:
    """A page of changes, newest first; versions have no gaps, so the last one says whether more follow."""
    next_cursor = str(changes[-1].version) if changes and changes[-1].version > 1 else None
    return {
        "items": [write_change(change) for change in changes],
        "pagination": {"total": total, "limit": page.limit, "offset": page.offset, "next_cursor": next_cursor},
    }


def write_change(change: Change) -> dict[str, Any]:
    """One change.

    ``fields`` has for each field, metadata key and mapping its old and new value, null where there was, or is, none;
    ``key`` is the metadata key or the provider, null for a plain field.
    """
    return {
        "id": change.id,
        "customer_id": change.customer_id,
        "version": change.version,
        "operation": change.operation,
        "at": rfc3339(change.at),
        "actor_type": change.actor_type,
        "actor_id": change.actor_id,
        "actor_name": change.actor_name,
        "source": change.source,
        "request_id": change.request_id,
        "reason": change.reason,
        "reverted_version": change.reverted_version,
        "fields": [
            {"field": field.field, "key": field.key, "old": field.old_value, "new": field.new_value}
            for field in change.fields
        ],
    }
