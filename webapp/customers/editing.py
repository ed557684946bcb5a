"""The edit page's form: opening it on a customer, binding what was typed, merging it with what changed meanwhile.

Knows how form, history and operations meet; not how the page looks.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from webapp.customers import operations
from webapp.customers.changeset import CustomerReference
from webapp.customers.form import CustomerForm
from webapp.customers.history import MAPPING_FIELD, Change, Values, changes_since, recorded_values, values_at
from webapp.customers.labels import field_label
from webapp.customers.limits import TEXT_FIELDS, Limits
from webapp.customers.lookup import find_customer, find_mappings
from webapp.customers.merge import Conflict, merge
from webapp.customers.model import Actor, Customer, Scope
from webapp.customers.operations import Outcome
from webapp.database import reading
from webapp.errors import (
    CustomerNotFound,
    DeskError,
    ExternalIdTaken,
    InvalidInput,
    InvalidOperation,
)


@dataclass(frozen=True, slots=True)
class ShownConflict:
    """A conflict as the page shows it; ``field_id`` is the id of the input, or of its group."""

    field_id: str
    label: str
    original: str | None
    theirs: str | None
    yours: str | None


@dataclass(slots=True)
class Edit:
    """A form that is open on a customer.

    Attributes:
        customer: the customer as it is now.
        form: the form.
        meanwhile: what others changed since the form was opened, newest first; see :func:`catch_up`.
        conflicts: what both sides changed.
    """

    customer: Customer
    form: CustomerForm
    meanwhile: list[Change] = field(default_factory=list)
    conflicts: list[ShownConflict] = field(default_factory=list)

    @property
    def is_stale(self) -> bool:
        """Whether the customer has changed since the form was opened."""
        return self.form.opened_version() != self.customer.version


def open_edit(scope: Scope, customer_id: str, limits: Limits, typed: Any = None) -> Edit:
    """Open the form on a customer, or bind it to what was typed.

    Args:
        scope: whose customer.
        customer_id: its ID.
        limits: the installation's limits.
        typed: the submitted form, or None.

    Raises:
        CustomerNotFound: there is no such customer.
        InvalidOperation: it is archived, and nothing was typed that could be lost.
    """
    with reading() as connection:
        customer = find_customer(connection, scope, customer_id)
        if typed is None and not customer.is_published:
            raise InvalidOperation("The customer is archived. Restore it before changing it.")
        return Edit(customer, CustomerForm(typed, limits=limits, kept=_kept_now(connection, scope, customer)))


def catch_up(edit: Edit, scope: Scope) -> Edit:
    """Merge a stale edit with what others changed meanwhile.

    Fields that were not touched show the new values, touched ones keep what was typed, and the form goes on from the
    new version.
    """
    opened = edit.form.opened_version()
    # A version that no page was opened with, 0 among them, counts as the first: everything since is shown.
    opened = opened if 0 < opened < edit.customer.version else 1
    merged = _show_meanwhile(edit, scope, opened)
    edit.form.show(merged, edit.customer.version)
    edit.form.stale_since.data = str(opened)
    if not edit.meanwhile:  # no page of ours sends such a version
        edit.form.form_errors.append("The form came without its version. Look it over, then save it again.")
    return edit


def recall(edit: Edit, scope: Scope) -> Edit:
    """Show once more, on a page that follows, what others changed before the form was merged with it."""
    if 0 < edit.form.merged_since() < edit.customer.version:
        _show_meanwhile(edit, scope, edit.form.merged_since())
    return edit


def _show_meanwhile(edit: Edit, scope: Scope, opened: int) -> dict[str, Any]:
    """Put what others changed since a version, and the conflicts with it, on the page. Returns the merged values."""
    with reading() as connection:
        edit.meanwhile = changes_since(connection, scope, edit.customer.id, opened)
        original = _kept(connection, scope, values_at(connection, scope, edit.customer.id, opened))
    merged, conflicts = merge(original, edit.form.kept, edit.form.values())
    edit.conflicts = [_shown(edit.form, conflict) for conflict in conflicts]
    return merged


def save(edit: Edit, scope: Scope, actor: Actor) -> Outcome | None:
    """Write what was typed. None when it was refused: the form then says why.

    Raises:
        VersionConflict: the customer changed between the opening of ``edit`` and now.
    """
    form = edit.form
    try:
        return operations.update_customer(
            scope,
            actor,
            CustomerReference(id=edit.customer.id),
            form.changes(),
            expected_versions=frozenset({form.opened_version()}),
            reason=form.reason.data,
        )
    except (CustomerNotFound, ExternalIdTaken, InvalidInput, InvalidOperation) as error:
        _show_on_form(form, error)
        return None


def _show_on_form(form: CustomerForm, error: DeskError) -> None:
    if not form.take_errors(error.details):
        form.form_errors.append(error.message)


def _kept_now(connection: Connection, scope: Scope, customer: Customer) -> dict[str, Any]:
    mappings = {
        mapping.provider_type: {"id": mapping.provider_entity_id, "metadata": mapping.metadata}
        for mapping in find_mappings(connection, scope, customer.id)
    }
    kept = _kept(connection, scope, recorded_values(customer, mappings))
    return {**kept, "version": str(customer.version)}


def _kept(connection: Connection, scope: Scope, values: Values) -> dict[str, Any]:
    """Recorded values in the shape of the form: the parent by its external ID, mappings as provider -> ID."""
    kept = {name: values.get(name, "") for name in TEXT_FIELDS}
    kept["parent_customer_external_id"] = ""
    if parent_id := values.get("parent_customer_id"):
        kept["parent_customer_external_id"] = find_customer(connection, scope, parent_id).external_id
    kept["metadata"] = values["metadata"]
    kept[MAPPING_FIELD] = {provider: mapping["id"] for provider, mapping in values[MAPPING_FIELD].items()}
    return kept


def _shown(form: CustomerForm, conflict: Conflict) -> ShownConflict:
    label, field_id = field_label(conflict.field), conflict.field
    if conflict.key is not None:
        label = f"{label}: {conflict.key}"
        field_id = form[conflict.field].control_of(conflict.key)
    return ShownConflict(field_id, label, conflict.original, conflict.theirs, conflict.yours)
