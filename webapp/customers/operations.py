"""The operations on customers: create and update. The only place that writes a customer.

Each runs in one transaction with its history entry (contract sections 4, 7, 11). Knows nothing of forms, JSON, HTTP.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Update, and_, bindparam, delete, insert, update
from sqlalchemy.exc import IntegrityError

from webapp.customers import history, retirement
from webapp.customers.changeset import CustomerChanges, CustomerReference, MappingItem
from webapp.customers.history import Change
from webapp.customers.limits import DEFAULT_TIMEZONE, TEXT_FIELDS
from webapp.customers.lookup import find_mappings, lock_customer
from webapp.customers.model import (
    PUBLISHED,
    Actor,
    Customer,
    IntegrationMapping,
    Scope,
    customers,
    integration_mappings,
)
from webapp.customers.parents import lock_tree, resolve_parent
from webapp.customers.search import search_text
from webapp.database import LostRace, transaction
from webapp.errors import ExternalIdTaken, InvalidOperation, VersionConflict
from webapp.identifiers import new_id, now

_EXTERNAL_ID_TAKEN = ("uq_customers_published_external_id", "customers.environment_id, customers.external_id")
_SEARCHED = {"external_id", "name", "email"}
_INSERT_CUSTOMER = insert(customers)
_INSERT_MAPPING = insert(integration_mappings)
_THIS_MAPPING = and_(
    integration_mappings.c.environment_id == bindparam("key_environment_id"),
    integration_mappings.c.customer_id == bindparam("key_customer_id"),
    integration_mappings.c.provider_type == bindparam("key_provider"),
)
_UPDATE_MAPPING = (
    update(integration_mappings)
    .where(_THIS_MAPPING)
    .values({name: bindparam(name) for name in ("provider_entity_id", "metadata", "updated_at", "updated_by")})
)
_DELETE_MAPPING = delete(integration_mappings).where(_THIS_MAPPING)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A customer after an operation, and the change that was written; None where nothing was to change."""

    customer: Customer
    change: Change | None


def create_customer(
    scope: Scope, actor: Actor, changes: CustomerChanges, *, customer_id: str = "", at: datetime | None = None
) -> Outcome:
    """Write a new customer, at version 1.

    Args:
        scope: whose customer.
        actor: who creates it.
        changes: its values; ``external_id`` and ``name`` must be among the texts.
        customer_id: its ID; a new one by default.
        at: when it was created; now by default.

    Raises:
        ExternalIdTaken: another published customer of the environment has the external ID.
        CustomerNotFound, InvalidInput, InvalidOperation: the parent will not do; see ``resolve_parent``.
    """
    return transaction(lambda connection: _create(connection, scope, actor, changes, customer_id, at or now()))


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
        metadata=changes.metadata or {},
        status=PUBLISHED,
        version=1,
        created_at=at,
        updated_at=at,
        created_by=actor.id,
        updated_by=actor.id,
    )
    row = {name: getattr(customer, name) for name in Customer.__dataclass_fields__}
    row["search_text"] = search_text(customer.external_id, customer.name, customer.email)
    _write(connection, _INSERT_CUSTOMER, row, customer.external_id)
    retirement.take(connection, scope, customer.external_id)
    mappings = _apply_mappings(connection, customer, actor, changes.mappings, [])
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
) -> Outcome:
    """Change the fields that were sent, and of them only those that differ, in one guarded statement.

    Args:
        scope: whose customer.
        actor: who changes it.
        reference: which customer.
        changes: the fields that were sent.
        expected_versions: the versions that the caller will change; None for whatever version there is.
        reason: kept with the change.

    Raises:
        CustomerNotFound: there is no such customer, or no such parent.
        InvalidInput: the reference names two customers, or the parent is the customer itself.
        InvalidOperation: the customer is archived, or the parent will not do.
        VersionConflict: the customer is not at one of ``expected_versions``.
        ExternalIdTaken: another published customer has the external ID.
        ServiceUnavailable: the row was changed by too many at once.
    """
    return transaction(
        lambda connection: _update(connection, scope, actor, reference, changes, expected_versions, reason)
    )


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
    if expected_versions is not None and before.version not in expected_versions:
        raise VersionConflict(before.version)
    if not before.is_published:
        raise InvalidOperation("The customer is archived. Restore it before changing it.")
    columns: dict[str, Any] = {name: text for name, text in changes.texts.items() if text != getattr(before, name)}
    if changes.metadata is not None and changes.metadata != before.metadata:
        columns["metadata"] = changes.metadata
    if changes.parent:
        parent_id = resolve_parent(connection, scope, before.id, changes.parent)
        if parent_id != before.parent_customer_id:
            columns["parent_customer_id"] = parent_id
    kept = find_mappings(connection, scope, before.id) if changes.mappings else []
    kept_values = {mapping.provider_type: _recorded(mapping) for mapping in kept}
    wanted_values = _with_items(kept_values, changes.mappings)
    after = replace(before, **columns, version=before.version + 1, updated_at=now(), updated_by=actor.id)
    fields = history.compare(
        history.recorded_values(before, kept_values), history.recorded_values(after, wanted_values)
    )
    if not fields:
        return Outcome(before, None)
    _write_columns(connection, before, after, columns)
    _apply_mappings(connection, after, actor, changes.mappings, kept)
    if "external_id" in columns:
        retirement.take(connection, scope, after.external_id)
        retirement.retire(connection, scope, before.external_id, after.id, after.updated_at)
    return Outcome(after, history.record(connection, after, "update", actor, fields, reason))


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
    if _SEARCHED & columns.keys():
        written["search_text"] = search_text(after.external_id, after.name, after.email)
    key = {
        "key_environment_id": before.environment_id,
        "key_tenant_id": before.tenant_id,
        "key_id": before.id,
        "key_version": before.version,
    }
    statement = _update_statement(tuple(sorted(written)))
    if not _write(connection, statement, {**written, **key}, after.external_id):
        raise LostRace


def _write(connection: Connection, statement: Any, row: dict[str, Any], external_id: str) -> int:
    try:
        return connection.execute(statement, row).rowcount
    except IntegrityError as error:
        if any(sign in str(error.orig) for sign in _EXTERNAL_ID_TAKEN):
            raise ExternalIdTaken(external_id) from None
        raise


def _recorded(mapping: IntegrationMapping) -> dict[str, Any]:
    return {"id": mapping.provider_entity_id, "metadata": mapping.metadata}


def _with_items(kept: dict[str, Any], items: tuple[MappingItem, ...]) -> dict[str, Any]:
    """The recorded mappings after ``items``: an empty ID removes, providers not named stay (contract section 6)."""
    wanted = dict(kept)
    for item in items:
        if item.id:
            metadata = kept.get(item.provider, {"metadata": {}})["metadata"] if item.metadata is None else item.metadata
            wanted[item.provider] = {"id": item.id, "metadata": metadata}
        else:
            wanted.pop(item.provider, None)
    return wanted


def _apply_mappings(
    connection: Connection,
    customer: Customer,
    actor: Actor,
    items: tuple[MappingItem, ...],
    kept: list[IntegrationMapping],
) -> dict[str, Any]:
    """Write the mappings that ``items`` change. Returns all the recorded ones."""
    kept_values = {mapping.provider_type: _recorded(mapping) for mapping in kept}
    wanted_values = _with_items(kept_values, items)
    stamp = {"updated_at": customer.updated_at, "updated_by": actor.id}
    for provider in (item.provider for item in items):
        old, new = kept_values.get(provider), wanted_values.get(provider)
        if history.are_same(old, new):
            continue
        key = {
            "key_environment_id": customer.environment_id,
            "key_customer_id": customer.id,
            "key_provider": provider,
        }
        if new is None:
            connection.execute(_DELETE_MAPPING, key)
            continue
        written = {"provider_entity_id": new["id"], "metadata": new["metadata"], **stamp}
        if old is not None:
            connection.execute(_UPDATE_MAPPING, {**written, **key})
        else:
            row = {
                **written,
                "environment_id": customer.environment_id,
                "tenant_id": customer.tenant_id,
                "customer_id": customer.id,
                "provider_type": provider,
                "id": new_id("map"),
                "created_at": customer.updated_at,
                "created_by": actor.id,
            }
            connection.execute(_INSERT_MAPPING, row)
    return wanted_values
