"""Integration mappings in JSON, both ways and in both shapes (contract section 6). Knows no rule of a provider or ID.

Null counts as absent here too; what an answer says of a mapping may be sent back and is ignored (sections 3 and 4).
"""

from itertools import islice
from typing import Any

import orjson

from webapp.customers.changeset import MappingItem
from webapp.customers.judging import judge_mappings
from webapp.customers.limits import MAPPING_METADATA_BYTES, MOST_FAULTS, Limits
from webapp.customers.model import Customer, IntegrationMapping
from webapp.customers.validators import forbidden_character
from webapp.identifiers import rfc3339

#: What the provider and the customer's ID there are called, in each shape.
SHORT_SHAPE = {"provider": "provider", "id": "id"}
LONG_SHAPE = {"provider": "provider_type", "id": "provider_entity_id"}
#: What the long shape may say beside.
LONG_SHAPE_FIELDS = ("entity_id", "entity_type", "metadata")
#: What an answer has in the long shape beside; sent back, it is ignored.
READ_ONLY_MAPPING_FIELDS = (
    "id", "environment_id", "tenant_id", "status", "created_at", "updated_at", "created_by", "updated_by",
)  # fmt: skip
_OF_SHORT_SHAPE = frozenset(SHORT_SHAPE.values())
_OF_LONG_SHAPE = frozenset((*LONG_SHAPE.values(), *LONG_SHAPE_FIELDS, *READ_ONLY_MAPPING_FIELDS))


def read_mappings(value: Any, limits: Limits) -> tuple[tuple[MappingItem, ...], list[str]]:
    """The items of ``integration_entity_mapping``, and what is wrong with them."""
    if not isinstance(value, list):
        return (), ["Send an array of mappings."]
    if len(value) > len(limits.providers):
        return (), [f"Send at most {len(limits.providers)} mappings, one for each provider."]
    faults: list[str] = []
    items = [_read_item(index, item, faults) for index, item in enumerate(value)]
    return ((), faults[:MOST_FAULTS]) if faults else judge_mappings(items, limits)


def _read_item(index: int, item: Any, faults: list[str]) -> MappingItem:
    """One item, in either shape. Puts what is wrong with it into ``faults``."""
    if not isinstance(item, dict):
        faults.append(f"Item {index} must be an object.")
        return MappingItem("", "")
    sent = {name: value for name, value in item.items() if value is not None}
    is_long = not sent.keys().isdisjoint(LONG_SHAPE.values())
    names, known = (LONG_SHAPE, _OF_LONG_SHAPE) if is_long else (SHORT_SHAPE, _OF_SHORT_SHAPE)
    absent = (_OF_SHORT_SHAPE | _OF_LONG_SHAPE) - sent.keys()
    unknown = islice((name for name in item if name not in known and name not in absent), MOST_FAULTS)
    faults += [f"Item {index} has an unknown field '{name[:100]}'." for name in unknown]
    texts = {part: sent.get(name) for part, name in names.items()}
    faults += [f"Item {index}: '{names[part]}' must be a string." for part in texts if not isinstance(texts[part], str)]
    if sent.get("entity_type", "customer") != "customer":
        faults.append(f"Item {index}: 'entity_type' must be 'customer'.")
    metadata = sent.get("metadata")
    faults += [f"Item {index}: {fault}" for fault in _metadata_faults(metadata)]
    return MappingItem(str(texts["provider"]), str(texts["id"]), metadata)


def _metadata_faults(metadata: Any) -> list[str]:
    if metadata is None:
        return []
    if not isinstance(metadata, dict):
        return ["'metadata' must be an object."]
    if found := _forbidden_inside(metadata):
        return [f"remove the control character {found} from 'metadata'."]
    if len(orjson.dumps(metadata)) > MAPPING_METADATA_BYTES:
        return [f"'metadata' is larger than {MAPPING_METADATA_BYTES} bytes."]
    return []


def _forbidden_inside(value: Any) -> str:
    if isinstance(value, str):
        return forbidden_character(value)
    if isinstance(value, dict):
        return next(filter(None, map(_forbidden_inside, [*value, *value.values()])), "")
    if isinstance(value, list):
        return next(filter(None, map(_forbidden_inside, value)), "")
    return ""


def write_mapping(customer: Customer, mapping: IntegrationMapping) -> dict[str, Any]:
    """A mapping of a customer, in the long shape."""
    return {
        "id": mapping.id,
        "entity_id": customer.id,
        "entity_type": "customer",
        "provider_type": mapping.provider_type,
        "provider_entity_id": mapping.provider_entity_id,
        "metadata": mapping.metadata,
        "environment_id": customer.environment_id,
        "tenant_id": customer.tenant_id,
        "status": "published",
        "created_at": rfc3339(mapping.created_at),
        "updated_at": rfc3339(mapping.updated_at),
        "created_by": mapping.created_by,
        "updated_by": mapping.updated_by,
    }
