"""What the page after a write says: the change that was just written.

Knows neither the form nor the record page; both meet here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, get_flashed_messages

from webapp.customers.history import Change, FieldChange
from webapp.customers.model import Customer
from webapp.customers.operations import Outcome

SAVED = "saved"


@dataclass(frozen=True, slots=True)
class SavedNotice:
    """What the record page says right after a write.

    Attributes:
        version: the version that was written, or the present one where nothing changed.
        operation: of the change, such as ``update``; ``""`` where nothing changed.
        changes: its fields.
        merged_since: the version that the form was opened with, where others' changes were merged in; else 0.
    """

    version: int
    operation: str
    changes: list[FieldChange]
    merged_since: int = 0

    @property
    def nothing_changed(self) -> bool:
        """Whether what was sent is what was there."""
        return not self.operation


def remember_saved(outcome: Outcome, merged_since: int = 0) -> None:
    """Have the next page that shows the customer say what was written."""
    version = outcome.change.version if outcome.change else 0
    flash(f"{outcome.customer.id} {version} {merged_since}", SAVED)


def saved_notice(customer: Customer, changes: Sequence[Change]) -> SavedNotice | None:
    """What was written just before this page, if it was this customer. ``changes`` are its latest, newest first."""
    for message in get_flashed_messages(category_filter=[SAVED]):
        saved_id, version, merged_since = str(message).split(" ")
        if saved_id == customer.id:
            written = next((change for change in changes if str(change.version) == version), None)
            if written is None:
                return SavedNotice(customer.version, "", [])
            return SavedNotice(written.version, written.operation, written.fields, int(merged_since))
    return None
