"""The operations on customers: create, update, archive, restore, revert, erase. Nothing else writes a customer.

Each runs in one transaction with its history entry (contract sections 4, 7, 10, 11). Knows no form, JSON or HTTP.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from webapp.customers import history
from webapp.customers.changeset import CustomerChanges, CustomerReference
from webapp.customers.erasing import write_erased
from webapp.customers.erasures import find_erasure, refuse_erased
from webapp.customers.history_list import find_change
from webapp.customers.lookup import find_mappings, lock_customer
from webapp.customers.mappings import recorded_mappings
from webapp.customers.model import Actor, Scope
from webapp.customers.parents import lock_tree
from webapp.customers.places import Place
from webapp.customers.remains import checkpoint
from webapp.customers.revert import STATUS, MetadataJudge, changes_of, fields_to_write, place_of, plan_revert
from webapp.customers.writing import (
    ARCHIVED_NOT_CHANGED,
    Outcome,
    Update,
    refuse_other_versions,
    update_alone,
    write_archived,
    write_new,
    write_restored,
    write_update,
)
from webapp.database import transaction
from webapp.errors import CustomerNotFound, InvalidOperation
from webapp.identifiers import now
from webapp.phrases import phrase

__all__ = [
    "Outcome",
    "Run",
    "Work",
    "archive_customer",
    "create_customer",
    "erase_customer",
    "restore_customer",
    "revert_change",
    "update_customer",
]

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
    reason: str = "",
    run: Run = transaction,
) -> Outcome:
    """Write a new customer, at version 1.

    Args:
        scope: whose customer.
        actor: who creates it.
        changes: its values; ``external_id`` and ``name`` must be among the texts.
        customer_id: its ID; a new one by default.
        at: when it was created; now by default.
        reason: kept with the change.
        run: what runs the transaction.

    Raises:
        ExternalIdTaken: another published customer of the environment has the external ID.
        CustomerNotFound, InvalidInput, InvalidOperation: the parent will not do; see ``resolve_parent``.
    """
    return run(lambda connection: write_new(connection, scope, actor, changes, customer_id, at or now(), reason))


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
    update = Update(scope, actor, reference, changes, expected_versions, reason)
    if run is transaction:  # any other has more to write than the change
        return transaction(partial(write_update, update=update), partial(update_alone, update=update))
    return run(partial(write_update, update=update))


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
            raise CustomerNotFound(phrase("The customer is archived already."))
        refuse_other_versions(before, expected_versions)
        return write_archived(connection, before, actor, reason)

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
        InvalidOperation: it is not archived, or its parent is, or it was erased.
        ExternalIdTaken: its external ID has been taken meanwhile.
        VersionConflict: the customer is not at one of ``expected_versions``.
    """

    def work(connection: Connection) -> Outcome:
        lock_tree(connection, scope)
        before = lock_customer(connection, scope, CustomerReference(id=customer_id))
        refuse_other_versions(before, expected_versions)
        if before.is_published:
            raise InvalidOperation(phrase("The customer is not archived, so there is nothing to restore."))
        refuse_erased(connection, before)
        return write_restored(connection, before, actor, reason)

    return run(work)


def erase_customer(
    scope: Scope,
    actor: Actor,
    customer_id: str,
    *,
    expected_versions: frozenset[int] | None = None,
    reason: str = "",
) -> Outcome:
    """Erase a customer's data for good: from its row, its history and wherever else it is kept (decision 18).

    What stays is an archived customer without data, and of its history who changed which fields when. A customer that
    was erased before is left as it is.

    Args: as for :func:`update_customer`. ``reason`` is kept, so it must say nothing of the person.

    Raises:
        CustomerNotFound: there is no such customer.
        InvalidOperation: published customers have it as their parent.
        VersionConflict: the customer is not at one of ``expected_versions``.
    """

    def work(connection: Connection) -> Outcome:
        lock_tree(connection, scope)
        before = lock_customer(connection, scope, CustomerReference(id=customer_id))
        if find_erasure(connection, before):
            return Outcome(before, None)
        refuse_other_versions(before, expected_versions)
        return write_erased(connection, before, actor, reason)

    outcome = transaction(work)
    checkpoint()
    return outcome


def revert_change(
    scope: Scope,
    actor: Actor,
    customer_id: str,
    version: int,
    *,
    judge: MetadataJudge,
    fields: Collection[Place] | None = None,
    take_back_later: Collection[Place] = (),
    expected_versions: frozenset[int] | None = None,
    reason: str = "",
    run: Run = transaction,
) -> Outcome:
    """Undo one change as a new one: each of its fields goes back to its old value, unless it was changed later.

    Args:
        scope: whose customer.
        actor: who undoes it.
        customer_id: the customer's ID.
        version: the version that the change led to.
        judge: refuses metadata that is against the rules.
        fields: the fields to undo; None for all of the change.
        take_back_later: those that go back although somebody has changed them later.
        expected_versions: the versions that the caller will change; None for whatever version there is.
        reason: kept with the change.
        run: what runs the transaction.

    Raises:
        NotFound: there is no such change.
        CustomerNotFound: the parent that it had is gone or archived.
        InvalidInput: the change does not have one of ``fields``, or the metadata would be against the rules.
        InvalidOperation: the change is the creation; the customer is archived, unless that is what is undone; or as for
            :func:`archive_customer`, :func:`restore_customer` and ``resolve_parent``.
        VersionConflict: the customer is not at one of ``expected_versions``.
        ExternalIdTaken: another published customer has taken the external ID.
    """

    def work(connection: Connection) -> Outcome:
        change = find_change(connection, scope, customer_id, version)
        places = {place_of(field) for field in change.fields}
        if places & {STATUS, ("parent_customer_id", None)}:
            lock_tree(connection, scope)
        before = lock_customer(connection, scope, CustomerReference(id=customer_id))
        refuse_other_versions(before, expected_versions)
        refuse_erased(connection, before)
        if not before.is_published and STATUS not in places:
            raise InvalidOperation(ARCHIVED_NOT_CHANGED)
        kept = recorded_mappings(find_mappings(connection, scope, before.id))
        plan = plan_revert(change, history.recorded_values(before, kept), fields)
        wanted = fields_to_write(plan, take_back_later)
        if STATUS in {place_of(field) for field in wanted}:
            set_status = write_archived if before.is_published else write_restored
            return set_status(connection, before, actor, reason, version)
        if not wanted:
            return Outcome(before, None)
        reference, changes = CustomerReference(id=before.id), changes_of(wanted, judge)
        return write_update(connection, Update(scope, actor, reference, changes, None, reason, version))

    return run(work)
