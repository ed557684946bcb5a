"""Saving the edit page's form, merged with what others have saved since it was opened.

What both changed to different values is never written unasked. Knows no SQL, and not how the page looks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference
from webapp.customers.choices import ORIGINAL, THEIRS, Choice, value_at, with_value
from webapp.customers.editing import PARENT, Edit, ShownConflict, form_values, open_edit
from webapp.customers.erasures import ERASED_NOT_CHANGED
from webapp.customers.form import CustomerForm
from webapp.customers.history import MAPPING_FIELD, Change, changes_since
from webapp.customers.limits import Limits
from webapp.customers.merge import merge
from webapp.customers.model import Actor, Scope
from webapp.customers.operations import Outcome
from webapp.customers.places import Place
from webapp.customers.versions import rewind
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

#: So often a save is merged with what others save at the same moment, before the person is asked to press it again.
ATTEMPTS = 4

#: The form's values by the version that they are of.
ValuesOf = dict[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written, and the version since which others' changes were merged into it; 0 for none."""

    outcome: Outcome
    merged_since: int


@dataclass(frozen=True, slots=True)
class _Merged:
    """A form that was merged.

    Attributes:
        yours: its values with yours where there is a choice: what it shows unless it is saved.
        wanted: its values with what was chosen: what is saved.
        kept: its values at each version that it has to do with.
        unanswered: the places that were asked about and not answered.
        is_news: whether there is something to choose that no page has asked about yet.
    """

    yours: dict[str, Any]
    wanted: dict[str, Any]
    kept: ValuesOf
    unanswered: Sequence[Place]
    is_news: bool


def recall(edit: Edit, scope: Scope) -> Edit:
    """Show once more, on a page that follows, what others changed before the form was merged with it."""
    if edit.first_opened < edit.opened:
        edit.meanwhile, kept = _look_back(edit, scope)
        edit.meanwhile = [change for change in edit.meanwhile if change.version <= edit.opened]
        yours = _typed_by_you(edit, kept)
        edit.conflicts = _shown(edit, kept, kept[edit.opened], yours)
    return edit


def save(scope: Scope, actor: Actor, customer_id: str, limits: Limits, typed: Any) -> tuple[Edit, Saved | None]:
    """Write what was typed, merged with what others have saved since the form was opened.

    What both changed to different values is never written unasked: the form comes back with a choice for each. So it
    does, with everything typed in it, where a rule refuses it. Raises as :func:`open_edit`.

    Returns:
        The form, and what was written; None where nothing was: the form then says why.
    """
    for _ in range(ATTEMPTS):
        edit = open_edit(scope, customer_id, limits, typed)
        try:
            return edit, _save(edit, scope, actor)
        except VersionConflict:  # changed since the line above: once more, now with that too
            continue
    edit = recall(open_edit(scope, customer_id, limits, typed), scope)
    edit.form.form_errors.append(phrase("Many are changing this customer right now. Save again in a moment."))
    return edit, None


def _save(edit: Edit, scope: Scope, actor: Actor) -> Saved | None:
    form, first_opened = edit.form, edit.first_opened  # it depends on what the form shows
    if edit.is_erased:  # there is nothing left to merge with, and no rule has anything to say
        form.form_errors.append(ERASED_NOT_CHANGED)
        return None
    if not edit.customer.is_published or first_opened == edit.customer.version:
        # Of an archived one there is only that to say.
        merged = _Merged(form.values(), form.values(), {}, (), is_news=False)
    else:
        merged = _merge(edit, scope)
    is_of_a_page = form.opened_version() == edit.opened
    if not is_of_a_page:
        form.form_errors.append(phrase("The form came without its version. Look it over, then save it again."))
    outcome = None
    if is_of_a_page and not merged.is_news:
        form.show(merged.wanted, edit.customer.version)
        if form.validate() and not merged.unanswered:
            outcome = _write(edit, scope, actor)
    if outcome is not None:
        return Saved(outcome, first_opened if edit.meanwhile else 0)
    edit.status = 409 if merged.is_news or not is_of_a_page else 422
    form.show(merged.yours, edit.customer.version)
    if merged.kept:
        form.stale_since.data = str(first_opened)
        edit.conflicts = _shown(edit, merged.kept, merged.kept[edit.customer.version], merged.yours)
    for conflict in edit.conflicts:
        if conflict.choice.place in merged.unanswered and not merged.is_news:
            fault = phrase("%(field)s: choose which value shall stand.", field=conflict.label)
            form.choice_faults.append((conflict.id, fault))
    return None


def _write(edit: Edit, scope: Scope, actor: Actor) -> Outcome | None:
    """Write the form. None when it was refused: the form then says why. Raises VersionConflict."""
    try:
        return operations.update_customer(
            scope,
            actor,
            CustomerReference(id=edit.customer.id),
            _touched(edit.form.changes(), edit.form.kept),
            expected_versions=frozenset({edit.customer.version}),
            reason=edit.form.reason.data,
        )
    except (CustomerNotFound, ExternalIdTaken, InvalidInput, InvalidOperation) as error:
        _show_on_form(edit.form, error)
        return None


def _touched(changes: CustomerChanges, kept: Mapping[str, Any]) -> CustomerChanges:
    """Of a form's changes, the texts and what else differs from the customer as it is now.

    To look after parents and mappings that stay takes reads, and a lock that others wait for.
    """
    parent, mappings = changes.parent, kept[MAPPING_FIELD]
    return CustomerChanges(
        changes.texts,
        None if changes.metadata == kept["metadata"] else changes.metadata,
        None if parent is None or parent.value == kept[PARENT] else parent,
        tuple(item for item in changes.mappings if item.id != mappings.get(item.provider, "")),
    )


def _show_on_form(form: CustomerForm, error: DeskError) -> None:
    if not form.take_errors(error.details):
        form.form_errors.append(error.message)


def _merge(edit: Edit, scope: Scope) -> _Merged:
    """Merge what was typed with what is there now, and apply the choices."""
    edit.meanwhile, kept = _look_back(edit, scope)
    shown, now = kept[edit.opened], kept[edit.customer.version]
    typed = _typed_by_you(edit, kept)
    yours, conflicts = merge(shown, now, typed)
    # An answer holds as long as theirs is what it was when it was given.
    choices = [
        choice if value_at(now, choice.place) == value_at(shown, choice.place) else choice.without_answer()
        for choice in edit.choices
    ]
    for choice in choices:
        yours = with_value(yours, choice.place, value_at(typed, choice.place))
    wanted = yours
    for choice in choices:
        sides = {THEIRS: now, ORIGINAL: kept[choice.since]}
        wanted = with_value(wanted, choice.place, value_at(sides.get(choice.wanted, typed), choice.place))
    unanswered = [
        choice.place
        for choice in choices
        if not choice.wanted and value_at(typed, choice.place) != value_at(now, choice.place)
    ]
    asked = {choice.place for choice in choices}
    places = [(conflict.field, conflict.key) for conflict in conflicts]
    new = [Choice(place, edit.opened) for place in places if place not in asked]
    choices = [choice for choice in choices if value_at(typed, choice.place) != value_at(now, choice.place)]
    edit.choices = [*choices, *new]
    has_moved = any(value_at(now, place) != value_at(shown, place) for place in unanswered)
    return _Merged(yours, wanted, kept, unanswered, is_news=bool(new) or has_moved)


def _look_back(edit: Edit, scope: Scope) -> tuple[list[Change], ValuesOf]:
    """The changes since the form was first opened, and the form's values at each version that it has to do with."""
    now = edit.customer.version
    first = edit.first_opened
    versions = {first, edit.opened, now, *(choice.since for choice in edit.choices)}
    with reading() as connection:
        since = changes_since(connection, scope, edit.customer.id, min(versions))
        changes = [change for change in since if change.version <= now]
        kept: ValuesOf = {}
        values, at = edit.present, now
        for version in sorted(versions, reverse=True):  # from one to the next: each change is taken back once
            values = rewind(values, (change for change in changes if version < change.version <= at))
            kept[version] = form_values(connection, scope, values)
            at = version
    return [change for change in changes if change.version > first], kept


def _typed_by_you(edit: Edit, kept: ValuesOf) -> dict[str, Any]:
    """What was typed. Where a choice has put another value into the box, as a script does, what was there before."""
    typed = edit.form.values()
    for choice in edit.choices:
        sides = {THEIRS: kept[edit.opened], ORIGINAL: kept[choice.since]}
        side = sides.get(choice.wanted)
        if side is not None and value_at(typed, choice.place) == value_at(side, choice.place):
            typed = with_value(typed, choice.place, choice.yours)
    return typed


def _shown(edit: Edit, kept: ValuesOf, theirs: dict[str, Any], yours: dict[str, Any]) -> list[ShownConflict]:
    return [
        ShownConflict(
            number=number,
            choice=choice,
            control_id=_control_of(edit.form, choice.place),
            original=value_at(kept[choice.since], choice.place),
            theirs=value_at(theirs, choice.place),
            yours=value_at(yours, choice.place),
            their_change=_latest(edit.meanwhile, choice.place),
        )
        for number, choice in enumerate(edit.choices)
    ]


def _control_of(form: CustomerForm, place: Place) -> str:
    name, key = place
    control_id: str = name if key is None else form[name].control_of(key)
    return control_id


def _latest(changes: Sequence[Change], place: Place) -> Change | None:
    recorded = ("parent_customer_id", None) if place == (PARENT, None) else place
    return next(
        (change for change in changes if recorded in [(field.field, field.key) for field in change.fields]), None
    )
