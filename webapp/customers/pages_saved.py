"""What the page after a write says: the change that was just written, and what it was merged with.

Knows neither the form nor the record page; both meet here.
"""

from dataclasses import dataclass, field

from flask import flash, get_flashed_messages
from sqlalchemy import Connection

from webapp.customers.history import Change, FieldChange, list_changes
from webapp.customers.model import Customer, Scope
from webapp.customers.operations import Outcome

SAVED = "saved"
#: So many of the changes that were merged in are listed; the history has all of them.
MOST_MERGED = 20


@dataclass(frozen=True, slots=True)
class SavedNotice:
    """What the record page says right after a write.

    Attributes:
        version: the version that was written, or the present one where nothing changed.
        change: what was written; None where nothing changed.
        merged: what others had changed since the form was opened, newest first; its newest entries where it is much.
        merged_count: how many changes that are.
        undoing: the version whose change was to be undone; 0 where something else was done.
    """

    version: int
    change: Change | None = None
    merged: list[Change] = field(default_factory=list)
    merged_count: int = 0
    undoing: int = 0

    @property
    def nothing_changed(self) -> bool:
        """Whether what was sent is what was there."""
        return self.change is None

    @property
    def operation(self) -> str:
        """Of the change, such as ``update``; ``""`` where nothing changed."""
        return self.change.operation if self.change else ""

    @property
    def changes(self) -> list[FieldChange]:
        """The fields that changed; of a new customer those that were given a value."""
        fields = self.change.fields if self.change else []
        return [field for field in fields if field.new] if self.operation == "create" else fields

    @property
    def all_changes(self) -> list[Change]:
        """What was written, and what was merged in."""
        return [*([self.change] if self.change else []), *self.merged]

    @property
    def merged_people(self) -> list[str]:
        """Who made the changes that were merged in, each once, by name."""
        return list(dict.fromkeys(change.actor_name for change in reversed(self.merged)))


def remember_saved(outcome: Outcome, merged_since: int = 0, undoing: int = 0) -> None:
    """Have the next page that shows the customer say what was written.

    Args:
        outcome: of the operation.
        merged_since: the version that the form was opened with, where others' changes were merged in; else 0.
        undoing: the version whose change was to be undone; else 0.
    """
    version = outcome.change.version if outcome.change else 0
    flash(f"{outcome.customer.id} {version} {merged_since} {undoing}", SAVED)


def saved_notice(connection: Connection, scope: Scope, customer: Customer) -> SavedNotice | None:
    """What was written just before this page, if it was this customer."""
    for message in get_flashed_messages(category_filter=[SAVED]):
        saved_id, *numbers = str(message).split(" ")
        if saved_id == customer.id:
            version, merged_since, undoing = map(int, numbers)
            return _notice(connection, scope, customer, version, merged_since, undoing)
    return None


def _notice(
    connection: Connection, scope: Scope, customer: Customer, version: int, merged_since: int, undoing: int
) -> SavedNotice:
    until = version or customer.version + 1
    merged: list[Change] = []
    if merged_since:
        wanted = min(until - merged_since - 1, MOST_MERGED)
        merged = list_changes(connection, scope, customer.id, most=wanted, before=until)
    count = until - merged_since - 1 if merged_since else 0
    written = list_changes(connection, scope, customer.id, most=1, before=version + 1) if version else []
    return SavedNotice(version or customer.version, written[0] if written else None, merged, count, undoing)
