"""Writing the integration mappings of a customer, item by item (contract section 6), in the caller's transaction.

Knows neither the customer's row nor its history.
"""

from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, update

from webapp.customers.changeset import MappingItem
from webapp.customers.history import are_same
from webapp.customers.model import Actor, Customer, IntegrationMapping, integration_mappings
from webapp.identifiers import new_id

#: A customer's mappings as its history records them: provider -> ``{"id": text, "metadata": object}``.
RecordedMappings = dict[str, Any]

_INSERT = insert(integration_mappings)
_THIS_MAPPING = and_(
    integration_mappings.c.environment_id == bindparam("key_environment_id"),
    integration_mappings.c.tenant_id == bindparam("key_tenant_id"),
    integration_mappings.c.customer_id == bindparam("key_customer_id"),
    integration_mappings.c.provider_type == bindparam("key_provider"),
)
_UPDATE = (
    update(integration_mappings)
    .where(_THIS_MAPPING)
    .values({name: bindparam(name) for name in ("provider_entity_id", "metadata", "updated_at", "updated_by")})
)
_DELETE = delete(integration_mappings).where(_THIS_MAPPING)


def recorded_mappings(mappings: list[IntegrationMapping]) -> RecordedMappings:
    """Mappings as the history records them."""
    return {
        mapping.provider_type: {"id": mapping.provider_entity_id, "metadata": mapping.metadata} for mapping in mappings
    }


def with_items(kept: RecordedMappings, items: tuple[MappingItem, ...]) -> RecordedMappings:
    """The recorded mappings after ``items``: an empty ID removes, providers not named stay (contract section 6)."""
    wanted = dict(kept)
    for item in items:
        if item.id:
            metadata = kept.get(item.provider, {"metadata": {}})["metadata"] if item.metadata is None else item.metadata
            wanted[item.provider] = {"id": item.id, "metadata": metadata}
        else:
            wanted.pop(item.provider, None)
    return wanted


def write_mappings(
    connection: Connection, customer: Customer, actor: Actor, kept: RecordedMappings, wanted: RecordedMappings
) -> None:
    """Write the mappings in which ``kept``, what is stored, and ``wanted`` differ."""
    stamp = {"updated_at": customer.updated_at, "updated_by": actor.id}
    for provider in dict.fromkeys((*kept, *wanted)):
        old, new = kept.get(provider), wanted.get(provider)
        if are_same(old, new):
            continue
        key = {
            "key_environment_id": customer.environment_id,
            "key_tenant_id": customer.tenant_id,
            "key_customer_id": customer.id,
            "key_provider": provider,
        }
        if new is None:
            connection.execute(_DELETE, key)
            continue
        written = {"provider_entity_id": new["id"], "metadata": new["metadata"], **stamp}
        if old is not None:
            connection.execute(_UPDATE, {**written, **key})
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
            connection.execute(_INSERT, row)
