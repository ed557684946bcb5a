"""A customer as it was at an earlier version, and what is different now.

Knows how values are replayed; not how they are shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.customers.history import (
    MAPPING_FIELD,
    RECORDED_COLUMNS,
    Change,
    FieldChange,
    Values,
    are_same,
    put,
    recorded_values,
    values_at,
)
from webapp.customers.history_list import find_change
from webapp.customers.lookup import find_customer, find_mappings
from webapp.customers.mappings import recorded_mappings
from webapp.customers.model import Customer, Scope


@dataclass(frozen=True, slots=True)
class OldValue:
    """One field, metadata key or mapping as it was (``old``) and is now (``new``), in the shape of a change."""

    field: FieldChange
    is_same: bool


@dataclass(frozen=True, slots=True)
class OldVersion:
    """A customer as of a version.

    Attributes:
        change: what led to the version.
        customer: the customer as it is now.
        values: every plain field, then each key and mapping that there was, or is now.
    """

    change: Change
    customer: Customer
    values: list[OldValue]

    @property
    def differing(self) -> int:
        """How many values are not what they were."""
        return sum(not value.is_same for value in self.values)


def rewind(values: Values, changes: Iterable[Change]) -> Values:
    """The values before ``changes``, newest first, which led to ``values``."""
    before = {**values, "metadata": dict(values["metadata"]), MAPPING_FIELD: dict(values[MAPPING_FIELD])}
    for change in changes:
        for field in change.fields:
            put(before, field, field.old_value)
    return before


def read_version(connection: Connection, scope: Scope, customer_id: str, version: int) -> OldVersion:
    """A customer as of a version.

    Raises:
        CustomerNotFound: there is no such customer.
        NotFound: it has no such version.
    """
    customer = find_customer(connection, scope, customer_id)
    change = find_change(connection, scope, customer_id, version)
    then = values_at(connection, scope, customer_id, version)
    now = recorded_values(customer, recorded_mappings(find_mappings(connection, scope, customer_id)))
    was_erased = change.is_erased
    fields = [FieldChange(name, None, then.get(name), now.get(name), was_erased) for name in RECORDED_COLUMNS]
    for name in ("metadata", MAPPING_FIELD):
        keys = dict.fromkeys((*then[name], *now[name]))
        fields += [FieldChange(name, key, then[name].get(key), now[name].get(key), was_erased) for key in keys]
    return OldVersion(
        change, customer, [OldValue(field, are_same(field.old_value, field.new_value)) for field in fields]
    )
