"""Retired external IDs: kept when an external ID changes, given up when another customer takes them (section 11).

Knows nothing of why the external ID changed.
"""

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, insert

from webapp.customers.model import Scope, retired_external_ids

_DELETE = delete(retired_external_ids).where(
    and_(
        retired_external_ids.c.environment_id == bindparam("key_environment_id"),
        retired_external_ids.c.tenant_id == bindparam("key_tenant_id"),
        retired_external_ids.c.external_id == bindparam("key_external_id"),
    )
)
_INSERT = insert(retired_external_ids)


def take(connection: Connection, scope: Scope, external_id: str) -> None:
    """A customer takes this external ID for its own: it is retired no longer."""
    key = {"key_environment_id": scope.environment_id, "key_tenant_id": scope.tenant_id, "key_external_id": external_id}
    connection.execute(_DELETE, key)


def retire(connection: Connection, scope: Scope, external_id: str, customer_id: str, at: datetime) -> None:
    """From now on this external ID finds the customer that had it."""
    take(connection, scope, external_id)
    row = {
        "environment_id": scope.environment_id,
        "tenant_id": scope.tenant_id,
        "external_id": external_id,
        "customer_id": customer_id,
        "retired_at": at,
    }
    connection.execute(_INSERT, row)
