"""The operations on customers: create, update, archive, restore. The only place that writes a customer.

Each runs in one transaction with its history entry (contract sections 4, 7, 10, 11). Knows no form, JSON or HTTP.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Update, bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from webapp.customers import history, retirement
from webapp.customers.changeset import CustomerChanges, CustomerReference
from webapp.customers.history import Change, FieldChange
from webapp.customers.limits import DEFAULT_TIMEZONE, TEXT_FIELDS
from webapp.customers.lookup import find_mappings, find_parent, lock_customer
from webapp.customers.mappings import recorded_mappings, with_items, write_mappings
from webapp.customers.model import ARCHIVED, PUBLISHED, Actor, Customer, Scope, customers
from webapp.customers.parents import lock_tree, refuse_published_children, resolve_parent
from webapp.customers.search_index import index_change, index_new
from webapp.database import LostRace, transaction
from webapp.errors import CustomerNotFound, ExternalIdTaken, InvalidOperation, VersionConflict
from webapp.identifiers import new_id, now

_EXTERNAL_ID_TAKEN = ("uq_customers_published_external_id", "customers.environment_id, customers.external_id")
_INSERT_CUSTOMER = insert(customers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A customer after an operation, and the change that was written; None where nothing was to change."""

    customer: Customer
    change: Change | None


#: What an operation does, on a connection; and what runs it in one transaction, ``transaction`` or one that does more.
Work = Callable[[Connection], Outcome]
Run = Callable[[Work], Outcome]


def create_customer(
    scope: Scope,
    actor: Actor,
    changes: CustomerChanges,
    *,
    customer_id: str = "",
    at: datetime | None = None,
    run: Run = transaction,
) -> Outcome:
    """Write a new customer, at version 1.

    Args:
        scope: whose customer.
        actor: who creates it.
        changes: its values; ``external_id`` and ``name`` must be among the texts.
        customer_id: its ID; a new one by default.
        at: when it was created; now by default.
        run: what runs the transaction.

    Raises:
        ExternalIdTaken: another published customer of the environment has the external ID.
        CustomerNotFound, InvalidInput, InvalidOperation: the parent will not do; see ``resolve_parent``.
    """
    return run(lambda connection: _create(connection, scope, actor, changes, customer_id, at or now()))


def _create(
    connection: Connection, scope: Scope, actor: Actor, changes: CustomerChanges, customer_id: str, at: datetime
) -> Outcome:
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
    row = {name: getattr(customer, name) for name in Customer.__dataclass_fields__}
    _write(connection, _INSERT_CUSTOMER, row, customer.external_id)
    index_new(connection, customer)
    retirement.take(connection, scope, customer.external_id)
    mappings = with_items({}, changes.mappings)
    write_mappings(connection, customer, actor, {}, mappings)
    fields = history.compare(history.no_values(), history.recorded_values(customer, mappings))
    return Outcome(customer, history.record(connection, customer, "create", actor, fields))


def update_customer(
    scope: Scope,
    actor: Actor,
    reference: CustomerReference,
    changes: CustomerChanges,
    *,
    expected_versions: frozenset[int] | None = None,
    reason: str = "",
    run: Run = transaction,
) -> Outcome:
    """Change the fields that were sent, and of them only those that differ, in one guarded statement.

    Args:
        scope: whose customer.
        actor: who changes it.
        reference: which customer.
        changes: the fields that were sent.
        expected_versions: the versions that the caller will change; None for whatever version there is.
        reason: kept with the change.
        run: what runs the transaction.

    Raises:
        CustomerNotFound: there is no such customer, or no such parent.
        InvalidInput: the reference names two customers, the parent is the customer itself, or the metadata that a patch
            leads to is against the rules.
        InvalidOperation: the customer is archived, or the parent will not do.
        VersionConflict: the customer is not at one of ``expected_versions``.
        ExternalIdTaken: another published customer has the external ID.
        ServiceUnavailable: the row was changed by too many at once.
    """
    return run(lambda connection: _update(connection, scope, actor, reference, changes, expected_versions, reason))


def _update(
    connection: Connection,
    scope: Scope,
    actor: Actor,
    reference: CustomerReference,
    changes: CustomerChanges,
    expected_versions: frozenset[int] | None,
    reason: str,
) -> Outcome:
    if changes.parent:
        lock_tree(connection, scope)
    before = lock_customer(connection, scope, reference)
    if not before.is_published:
        raise InvalidOperation("The customer is archived. Restore it before changing it.")
    _refuse_other_versions(before, expected_versions)
    columns: dict[str, Any] = {name: text for name, text in changes.texts.items() if text != getattr(before, name)}
    metadata = changes.metadata_after(before.metadata)
    if metadata is not None and metadata != before.metadata:
        columns["metadata"] = metadata
    if changes.parent:
        parent_id = resolve_parent(connection, scope, before.id, changes.parent)
        if parent_id != before.parent_customer_id:
            columns["parent_customer_id"] = parent_id
    kept = recorded_mappings(find_mappings(connection, scope, before.id)) if changes.mappings else {}
    wanted = with_items(kept, changes.mappings)
    after = _next(before, actor, columns)
    fields = history.compare(history.recorded_values(before, kept), history.recorded_values(after, wanted))
    if not fields:
        return Outcome(before, None)
    _write_columns(connection, before, after, columns)
    write_mappings(connection, after, actor, kept, wanted)
    if "external_id" in columns:
        retirement.take(connection, scope, after.external_id)
        retirement.retire(connection, scope, before.external_id, after.id, after.updated_at)
    return Outcome(after, history.record(connection, after, "update", actor, fields, reason))


def archive_customer(
    scope: Scope,
    actor: Actor,
    customer_id: str,
    *,
    expected_versions: frozenset[int] | None = None,
    reason: str = "",
    run: Run = transaction,
) -> Outcome:
    """Archive a published customer: row and history stay, its external ID is free again (contract section 10).

    Args: as for :func:`update_customer`.

    Raises:
        CustomerNotFound: there is no such customer, or it is archived already.
        InvalidOperation: published customers have it as their parent.
        VersionConflict: the customer is not at one of ``expected_versions``.
    """

    def work(connection: Connection) -> Outcome:
        lock_tree(connection, scope)
        before = lock_customer(connection, scope, CustomerReference(id=customer_id))
        if not before.is_published:
            raise CustomerNotFound("The customer is archived already.")
        _refuse_other_versions(before, expected_versions)
        refuse_published_children(connection, scope, before.id)
        return _set_status(connection, before, ARCHIVED, "archive", actor, reason)

    return run(work)


def restore_customer(
    scope: Scope,
    actor: Actor,
    customer_id: str,
    *,
    expected_versions: frozenset[int] | None = None,
    reason: str = "",
    run: Run = transaction,
) -> Outcome:
    """Bring an archived customer back as it was (contract section 10).

    Args: as for :func:`update_customer`.

    Raises:
        CustomerNotFound: there is no such customer.
        InvalidOperation: it is not archived, or its parent is.
        ExternalIdTaken: its external ID has been taken meanwhile.
        VersionConflict: the customer is not at one of ``expected_versions``.
    """

    def work(connection: Connection) -> Outcome:
        lock_tree(connection, scope)
        before = lock_customer(connection, scope, CustomerReference(id=customer_id))
        _refuse_other_versions(before, expected_versions)
        if before.is_published:
            raise InvalidOperation("The customer is not archived, so there is nothing to restore.")
        parent = find_parent(connection, scope, before)
        if parent is not None and not parent.is_published:
            message = f"Its parent {parent.id} is archived. Restore the parent first."
            raise InvalidOperation(message, {"parent_customer_id": [message]})
        restored = _set_status(connection, before, PUBLISHED, "restore", actor, reason)
        retirement.take(connection, scope, before.external_id)
        return restored

    return run(work)


def _refuse_other_versions(customer: Customer, expected: frozenset[int] | None) -> None:
    if expected is not None and customer.version not in expected:
        raise VersionConflict(customer.version)


def _next(before: Customer, actor: Actor, columns: dict[str, Any]) -> Customer:
    return replace(before, **columns, version=before.version + 1, updated_at=now(), updated_by=actor.id)


def _set_status(
    connection: Connection, before: Customer, status: str, operation: str, actor: Actor, reason: str
) -> Outcome:
    after = _next(before, actor, {"status": status})
    _write_columns(connection, before, after, {"status": status})
    fields = [FieldChange("status", None, before.status, status)]
    return Outcome(after, history.record(connection, after, operation, actor, fields, reason))


@lru_cache(maxsize=512)
def _update_statement(columns: tuple[str, ...]) -> Update:
    """Built once for each set of columns: building it costs several times what running it does."""
    return (
        update(customers)
        .where(
            customers.c.environment_id == bindparam("key_environment_id"),
            customers.c.tenant_id == bindparam("key_tenant_id"),
            customers.c.id == bindparam("key_id"),
            customers.c.version == bindparam("key_version"),
        )
        .values({name: bindparam(name) for name in columns})
    )


def _write_columns(connection: Connection, before: Customer, after: Customer, columns: dict[str, Any]) -> None:
    written = {**columns, "version": after.version, "updated_at": after.updated_at, "updated_by": after.updated_by}
    key = {
        "key_environment_id": before.environment_id,
        "key_tenant_id": before.tenant_id,
        "key_id": before.id,
        "key_version": before.version,
    }
    statement = _update_statement(tuple(sorted(written)))
    if not _write(connection, statement, {**written, **key}, after.external_id):
        raise LostRace
    index_change(connection, before, after)


def _write(connection: Connection, statement: Any, row: dict[str, Any], external_id: str) -> int:
    try:
        return connection.execute(statement, row).rowcount
    except IntegrityError as error:
        if any(sign in str(error.orig) for sign in _EXTERNAL_ID_TAKEN):
            raise ExternalIdTaken(external_id) from None
        raise
