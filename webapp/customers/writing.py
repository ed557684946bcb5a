"""What the operations do inside of their transaction: rows, mappings, retired IDs and the entry of the history.

Knows neither how a transaction is run nor who may do what.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from webapp.customers import history, retirement
from webapp.customers.changeset import CustomerChanges, CustomerReference
from webapp.customers.customer_row import insert_customer, write_columns
from webapp.customers.erasures import find_erasure, refuse_erased
from webapp.customers.history import Change
from webapp.customers.limits import DEFAULT_TIMEZONE, TEXT_FIELDS
from webapp.customers.lookup import find_mappings, find_named, find_parent, lock_customer
from webapp.customers.mappings import recorded_mappings, with_items, write_mappings
from webapp.customers.model import ARCHIVED, PUBLISHED, Actor, Customer, Scope
from webapp.customers.one_statement import write_in_one_statement
from webapp.customers.parents import lock_tree, refuse_published_children, resolve_parent
from webapp.errors import InvalidOperation, VersionConflict
from webapp.identifiers import new_id, now
from webapp.phrases import phrase

ARCHIVED_NOT_CHANGED = phrase("The customer is archived. Restore it before changing it.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A customer after an operation, and the change that was written; None where nothing was to change."""

    customer: Customer
    change: Change | None


@dataclass(frozen=True, slots=True)
class Update:
    """A wanted change of a customer, by the arguments of ``operations.update_customer``.

    Attributes:
        reverted_version: the version whose change it undoes, which makes it a ``revert``; None for an ``update``.
    """

    scope: Scope
    actor: Actor
    reference: CustomerReference
    changes: CustomerChanges
    expected_versions: frozenset[int] | None
    reason: str
    reverted_version: int | None = None


def write_new(
    connection: Connection,
    scope: Scope,
    actor: Actor,
    changes: CustomerChanges,
    customer_id: str,
    at: datetime,
    reason: str = "",
) -> Outcome:
    """Write a new customer; see ``operations.create_customer``."""
    customer_id = customer_id or new_id("cust")
    parent_id = None
    if changes.parent:
        lock_tree(connection, scope)
        parent_id = resolve_parent(connection, scope, customer_id, changes.parent)
    customer = Customer(
        environment_id=scope.environment_id,
        tenant_id=scope.tenant_id,
        id=customer_id,
        **{"timezone": DEFAULT_TIMEZONE, **{name: "" for name in TEXT_FIELDS if name != "timezone"}, **changes.texts},
        parent_customer_id=parent_id,
        metadata=changes.metadata_after({}) or {},
        status=PUBLISHED,
        version=1,
        created_at=at,
        updated_at=at,
        created_by=actor.id,
        updated_by=actor.id,
    )
    insert_customer(connection, customer)
    retirement.take(connection, scope, customer.external_id)
    mappings = with_items({}, changes.mappings)
    write_mappings(connection, customer, actor, {}, mappings)
    fields = history.compare(history.no_values(), history.recorded_values(customer, mappings))
    change = history.entry_of(customer, "create", actor, fields, reason)
    return Outcome(customer, history.record(connection, scope, change))


def write_update(connection: Connection, update: Update) -> Outcome:
    """Change what was sent; see ``operations.update_customer``."""
    scope, changes = update.scope, update.changes
    if changes.parent:
        lock_tree(connection, scope)
    before = lock_customer(connection, scope, update.reference)
    _refuse_change(connection, before, update.expected_versions)
    columns = _changed_texts(before, changes)
    metadata = changes.metadata_after(before.metadata)
    if metadata is not None and metadata != before.metadata:
        columns["metadata"] = metadata
    if changes.parent:
        parent_id = resolve_parent(connection, scope, before.id, changes.parent)
        if parent_id != before.parent_customer_id:
            columns["parent_customer_id"] = parent_id
    kept = recorded_mappings(find_mappings(connection, scope, before.id)) if changes.mappings else {}
    wanted = with_items(kept, changes.mappings)
    after = next_version(before, update.actor, columns)
    fields = history.compare(history.recorded_values(before, kept), history.recorded_values(after, wanted))
    if not fields:
        return Outcome(before, None)
    write_columns(connection, before, after, columns)
    write_mappings(connection, after, update.actor, kept, wanted)
    if "external_id" in columns:
        retirement.take(connection, scope, after.external_id)
        retirement.retire(connection, scope, before.external_id, after.id, after.updated_at)
    operation = "update" if update.reverted_version is None else "revert"
    change = history.entry_of(after, operation, update.actor, fields, update.reason, update.reverted_version)
    return Outcome(after, history.record(connection, scope, change))


def update_alone(connection: Connection, update: Update) -> Outcome | None:
    """As :func:`write_update`, by a statement that is a transaction of its own; None: it takes more than that one.

    Nothing is locked meanwhile. Raises LostRace, having written nothing, where another has changed the row since it was
    read.
    """
    changes = update.changes
    if changes.parent or changes.mappings or changes.metadata is not None:
        return None
    before = find_named(connection, update.scope, update.reference)
    _refuse_change(connection, before, update.expected_versions)
    columns = _changed_texts(before, changes)
    if "external_id" in columns:
        return None
    after = next_version(before, update.actor, columns)
    fields = history.compare(history.recorded_values(before, {}), history.recorded_values(after, {}))
    if not fields:
        return Outcome(before, None)
    change = history.entry_of(after, "update", update.actor, fields, update.reason)
    write_in_one_statement(connection, before, after, columns, change)
    return Outcome(after, change)


def _refuse_change(connection: Connection, before: Customer, expected_versions: frozenset[int] | None) -> None:
    """Raise what speaks against changing a customer at all."""
    if not before.is_published:
        refuse_erased(connection, before)
        raise InvalidOperation(ARCHIVED_NOT_CHANGED)
    refuse_other_versions(before, expected_versions)


def _changed_texts(before: Customer, changes: CustomerChanges) -> dict[str, Any]:
    """The columns of the text fields that were sent and differ."""
    return {name: text for name, text in changes.texts.items() if text != getattr(before, name)}


def write_archived(
    connection: Connection, before: Customer, actor: Actor, reason: str, reverted_version: int | None = None
) -> Outcome:
    """Archive a published customer whose row is locked, as the tree is; see ``operations.archive_customer``."""
    refuse_published_children(connection, before.scope, before.id)
    return _set_status(connection, before, {"status": ARCHIVED}, actor, reason, reverted_version)


def write_restored(
    connection: Connection, before: Customer, actor: Actor, reason: str, reverted_version: int | None = None
) -> Outcome:
    """Bring back an archived customer whose row is locked, as the tree is; see ``operations.restore_customer``.

    A parent that was erased meanwhile will never be restored, so the customer comes back without one.
    """
    parent = find_parent(connection, before.scope, before)
    columns: dict[str, Any] = {"status": PUBLISHED}
    if parent is not None and find_erasure(connection, parent):
        columns["parent_customer_id"] = None
    elif parent is not None and not parent.is_published:
        message = phrase("Its parent %(parent)s is archived. Restore the parent first.", parent=parent.id)
        raise InvalidOperation(message, {"parent_customer_id": [message]})
    restored = _set_status(connection, before, columns, actor, reason, reverted_version)
    retirement.take(connection, before.scope, before.external_id)
    return restored


def _set_status(
    connection: Connection,
    before: Customer,
    columns: dict[str, Any],
    actor: Actor,
    reason: str,
    reverted_version: int | None,
) -> Outcome:
    after = next_version(before, actor, columns)
    write_columns(connection, before, after, columns)
    fields = history.compare(history.recorded_values(before, {}), history.recorded_values(after, {}))
    operation = "revert" if reverted_version is not None else "restore" if after.is_published else "archive"
    change = history.entry_of(after, operation, actor, fields, reason, reverted_version)
    return Outcome(after, history.record(connection, after.scope, change))


def next_version(before: Customer, actor: Actor, columns: dict[str, Any]) -> Customer:
    """A customer with other values in ``columns``, at its next version."""
    return before._replace(**columns, version=before.version + 1, updated_at=now(), updated_by=actor.id)


def refuse_other_versions(customer: Customer, expected: frozenset[int] | None) -> None:
    """Raise VersionConflict where the customer is not at one of the ``expected`` versions."""
    if expected is not None and customer.version not in expected:
        raise VersionConflict(customer.version)
