"""One entry of the history as a person looks at it, how each of its fields stands now, and undoing it.

Knows how history, plan and operation meet; not how the page looks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from webapp.customers import operations
from webapp.customers.history import Change, FieldChange, changes_since, recorded_values
from webapp.customers.history_list import find_change
from webapp.customers.judging import judge, judge_metadata
from webapp.customers.limits import Limits
from webapp.customers.lookup import find_customer, find_mappings
from webapp.customers.mappings import recorded_mappings
from webapp.customers.model import Actor, Customer, Scope
from webapp.customers.operations import Outcome
from webapp.customers.places import Place, read_place, write_place
from webapp.customers.revert import STATUS, Reversal, Standing, place_of, plan_revert
from webapp.database import reading
from webapp.errors import (
    CustomerNotFound,
    DeskError,
    ExternalIdTaken,
    InvalidInput,
    InvalidOperation,
    VersionConflict,
)
from webapp.phrases import phrase

KEEP, PUT_BACK = "keep", "put_back"
#: So often an undoing goes round again because somebody else saves at the same moment.
ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class EntryField:
    """One field of the entry.

    Attributes:
        number: names its controls, ``choice-NUMBER``.
        field: what the entry changed.
        reversal: how it stands now; None in the entry of a creation.
        later: the latest change that touched it since; None where it stands as the entry left it.
        answer: ``keep`` or ``put_back`` where it was changed later and the person has chosen; else ``""``.
    """

    number: int
    field: FieldChange
    reversal: Reversal | None
    later: Change | None = None
    answer: str = ""

    @property
    def id(self) -> str:
        """The id of the first of its radio buttons."""
        return f"choice-{self.number}"

    @property
    def place(self) -> str:
        """Which field or key, as the form sends it."""
        return write_place(place_of(self.field))

    @property
    def present(self) -> FieldChange:
        """From its present value to the one before the entry."""
        return self.reversal.present if self.reversal else self.field

    @property
    def is_back(self) -> bool:
        """Whether it has the old value already."""
        return self.reversal is not None and self.reversal.standing is Standing.BACK_ALREADY

    @property
    def is_changed_later(self) -> bool:
        """Whether somebody has given it another value since."""
        return self.reversal is not None and self.reversal.standing is Standing.CHANGED_LATER


@dataclass(slots=True)
class Entry:
    """One entry of the history.

    Attributes:
        customer: as it is now.
        change: the entry.
        fields: its fields as they stand now.
        conflicts: those that are to be undone and were changed later, where the page has to ask about them.
        chosen: the fields that are to be undone, as the form sent them; none means all.
        reason: as it was typed.
        problems: (id of the control, message) for what is wrong.
        status: how the page is answered.
    """

    customer: Customer
    change: Change
    fields: list[EntryField]
    conflicts: list[EntryField] = field(default_factory=list)
    chosen: Sequence[str] = ()
    reason: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200

    @property
    def can_be_undone(self) -> bool:
        """Whether there is anything in it that could go back now."""
        if self.is_erased or self.change.operation == "create" or all(one.is_back for one in self.fields):
            return False
        return self.customer.is_published or STATUS in {place_of(one.field) for one in self.fields}

    @property
    def is_erased(self) -> bool:
        """Whether the customer was erased, so that there is nothing left to put back."""
        return self.change.is_erased

    @property
    def older(self) -> int | None:
        """The version before."""
        return self.change.version - 1 or None

    @property
    def newer(self) -> int | None:
        """The version behind."""
        return self.change.version + 1 if self.change.version < self.customer.version else None


def read_entry(scope: Scope, customer_id: str, version: int) -> Entry:
    """The entry that led to a version.

    Raises:
        CustomerNotFound: there is no such customer.
        NotFound: it has no such version.
    """
    with reading() as connection:
        customer = find_customer(connection, scope, customer_id)
        change = find_change(connection, scope, customer_id, version)
        mappings = find_mappings(connection, scope, customer_id)
        later = changes_since(connection, scope, customer_id, version)
    values = recorded_values(customer, recorded_mappings(mappings))
    plan = plan_revert(change, values) if change.operation != "create" else [None] * len(change.fields)
    fields = [
        EntryField(number, changed, reversal, _latest(later, place_of(changed)))
        for number, (changed, reversal) in enumerate(zip(change.fields, plan, strict=True))
    ]
    return Entry(customer, change, fields)


def _latest(changes: Sequence[Change], place: Place) -> Change | None:
    return next((change for change in changes if place in map(place_of, change.fields)), None)


def undo(
    scope: Scope, actor: Actor, customer_id: str, version: int, limits: Limits, typed: Any
) -> tuple[Entry, Outcome | None]:
    """Undo the entry, or those of its fields that were chosen. Raises as :func:`read_entry`.

    What somebody has changed later is not touched unasked: the entry then comes back with a choice for each.

    Returns:
        The entry, and what was written; None where nothing was: the entry then says why.
    """
    for _ in range(ATTEMPTS):
        entry = read_entry(scope, customer_id, version)
        try:
            return entry, _undo(entry, scope, actor, limits, typed)
        except VersionConflict:  # changed since the line above: look again
            continue
    entry = read_entry(scope, customer_id, version)
    return _refused(entry, phrase("Many are changing this customer right now. Try again in a moment.")), None


def _undo(entry: Entry, scope: Scope, actor: Actor, limits: Limits, typed: Any) -> Outcome | None:
    entry.chosen = typed.getlist("field")
    entry.reason, messages = judge("reason", typed.get("reason", ""), limits)
    entry.problems = [("reason", message) for message in messages]
    chosen = {read_place(sent) for sent in entry.chosen} or {place_of(one.field) for one in entry.fields}
    # An answer holds as long as the customer is what it was when it was given.
    was_asked = typed.get("version", "") == str(entry.customer.version)
    answers = _read_answers(entry, typed) if was_asked else {}
    entry.conflicts = [
        replace(one, answer=answers.get(one.place, ""))
        for one in entry.fields
        if one.is_changed_later and place_of(one.field) in chosen
    ]
    unanswered = [one for one in entry.conflicts if not one.answer]
    if unanswered and "version" in typed and was_asked:
        entry.problems += [
            (one.id, phrase("%(field)s: choose whether it goes back.", field=one.field.label)) for one in unanswered
        ]
    if unanswered or entry.problems:
        entry.status = 422 if entry.problems else 409
        return None
    try:
        return operations.revert_change(
            scope,
            actor,
            entry.customer.id,
            entry.change.version,
            judge=_metadata_judge(limits),
            fields=chosen,
            take_back_later={place_of(one.field) for one in entry.conflicts if one.answer == PUT_BACK},
            expected_versions=frozenset({entry.customer.version}),
            reason=entry.reason,
        )
    except (CustomerNotFound, ExternalIdTaken, InvalidInput, InvalidOperation) as error:
        _refused(entry, _told(error))
        return None


def _read_answers(entry: Entry, typed: Any) -> Mapping[str, str]:
    places = {one.place for one in entry.fields}
    answers: dict[str, str] = {}
    for one in entry.fields:
        place, answer = typed.get(f"{one.id}-place", ""), typed.get(one.id, "")
        if place in places and answer in {KEEP, PUT_BACK}:
            answers[place] = answer
    return answers


def _refused(entry: Entry, message: str) -> Entry:
    entry.problems.append(("undo", message))
    entry.status = 422
    return entry


def _told(error: DeskError) -> str:
    messages = [message for messages in error.details.values() for message in messages]
    return messages[0] if messages else error.message


def _metadata_judge(limits: Limits) -> Any:
    def judge_entries(entries: dict[str, str]) -> None:
        _, messages = judge_metadata(entries, limits)
        if messages:
            raise InvalidInput(details={"metadata": messages})

    return judge_entries
