"""The history of a customer: what a change says, writing and reading it, replaying it.

Knows how a customer's values are compared; not who may change them or how the row is written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Connection, and_, bindparam, insert, select

from webapp.customers.erased_values import said
from webapp.customers.labels import field_label
from webapp.customers.limits import TEXT_FIELDS
from webapp.customers.model import (
    Actor,
    Customer,
    Scope,
    customer_changes,
    customer_erasures,
)
from webapp.identifiers import new_id
from webapp.phrases import phrase
from webapp.statements import Statement

MAPPING_FIELD = "integration_entity_mapping"
#: The largest number that the column of versions holds.
NO_VERSION_REACHES = 2**31 - 1
#: What a customer's history records of its row.
RECORDED_COLUMNS = (*TEXT_FIELDS, "parent_customer_id", "status")
_recorded: Callable[[Customer], tuple[Any, ...]] = attrgetter(*RECORDED_COLUMNS)

#: A customer's recorded values: RECORDED_COLUMNS by name, "metadata" as a dict of texts, and MAPPING_FIELD as a dict
#: from provider to {"id": text, "metadata": object}.
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, metadata key or mapping, with its old and new value; None where there was, or is, none.

    Attributes:
        field: the field's JSON name.
        key: the metadata key or the provider; None for a plain field.
        old_value, new_value: text, or for a mapping ``{"id", "metadata"}``.
        is_erased: whether the customer was erased, so that the values are tokens.
    """

    field: str
    key: str | None
    old_value: Any
    new_value: Any
    is_erased: bool = False

    @property
    def label(self) -> str:
        """What a person reads."""
        label = field_label(self.field)
        if self.key is None:
            return label
        return phrase("%(label)s: %(key)s", label=label, key=said(self.key) if self.is_erased else self.key)

    @property
    def old(self) -> str | None:
        """The old value as a text."""
        return self._said(self.old_value)

    @property
    def new(self) -> str | None:
        """The new value as a text."""
        return self._said(self.new_value)

    def _said(self, value: Any) -> str | None:
        text = _as_text(value)
        return said(text) if text and self.is_erased else text

    def stored(self) -> dict[str, Any]:
        """As it is kept in the history."""
        entry = {"field": self.field, "old": self.old_value, "new": self.new_value}
        return entry if self.key is None else {**entry, "key": self.key}


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a customer's history (contract section 11).

    ``reverted_version`` is the version that the operation ``revert`` undid; None for every other operation.
    ``is_erased`` says that the customer was erased since, so that values and reason are tokens.
    """

    id: str
    customer_id: str
    version: int
    operation: str
    at: datetime
    actor_type: str
    actor_id: str
    actor_name: str
    source: str
    request_id: str
    reason: str
    fields: list[FieldChange]
    reverted_version: int | None = None
    is_erased: bool = False

    @property
    def said_reason(self) -> str:
        """The reason as a page says it."""
        return said(self.reason) if self.is_erased else self.reason


def _change_of(*row: Any) -> Change:
    *plain, entries, reverted_version, erased_at = row
    is_erased = erased_at is not None
    fields = [FieldChange(entry["field"], entry.get("key"), entry["old"], entry["new"], is_erased) for entry in entries]
    return Change(*(*plain, fields, reverted_version, is_erased))


_STORED = [name for name in Change.__dataclass_fields__ if name != "is_erased"]
_PLAIN = [name for name in _STORED if name != "fields"]
_plain: Callable[[Change], tuple[Any, ...]] = attrgetter(*_PLAIN)
_CHANGES = select(*(customer_changes.c[name] for name in _STORED), customer_erasures.c.version).join_from(
    customer_changes,
    customer_erasures,
    and_(
        customer_erasures.c.environment_id == customer_changes.c.environment_id,
        customer_erasures.c.customer_id == customer_changes.c.customer_id,
    ),
    isouter=True,
)
_OF_CUSTOMER = and_(
    customer_changes.c.environment_id == bindparam("environment_id"),
    customer_changes.c.tenant_id == bindparam("tenant_id"),
    customer_changes.c.customer_id == bindparam("customer_id"),
)
_INSERT = Statement(insert(customer_changes))
_NEWEST_FIRST = Statement(
    _CHANGES.where(_OF_CUSTOMER, customer_changes.c.version < bindparam("before"))
    .order_by(customer_changes.c.version.desc())
    .limit(bindparam("most")),
    _change_of,
)
_SINCE = Statement(
    _CHANGES.where(_OF_CUSTOMER, customer_changes.c.version > bindparam("version")).order_by(
        customer_changes.c.version.desc()
    ),
    _change_of,
)
_UP_TO = Statement(
    _CHANGES.where(_OF_CUSTOMER, customer_changes.c.version <= bindparam("version")).order_by(
        customer_changes.c.version
    ),
    _change_of,
)


def _as_text(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None if value is None else str(value)
    shown = str(value["id"])
    return f"{shown} {orjson.dumps(value['metadata']).decode()}" if value["metadata"] else shown


def recorded_values(customer: Customer, mappings: Mapping[str, Any]) -> Values:
    """The recorded values of a row and its mappings (provider -> ``{"id", "metadata"}``)."""
    values: Values = dict(zip(RECORDED_COLUMNS, _recorded(customer), strict=True))
    return {**values, "metadata": customer.metadata, MAPPING_FIELD: dict(mappings)}


def are_same(old: Any, new: Any) -> bool:
    """Whether two values are the same JSON; for Python alone ``1``, ``1.0`` and ``True`` would be."""
    if old != new or isinstance(old, str):
        return bool(old == new)
    return orjson.dumps(old, option=orjson.OPT_SORT_KEYS) == orjson.dumps(new, option=orjson.OPT_SORT_KEYS)


def compare(before: Values, after: Values) -> list[FieldChange]:
    """Each field, metadata key and mapping that differs, in a fixed order. An absent value counts as None."""
    plain = zip(RECORDED_COLUMNS, map(before.get, RECORDED_COLUMNS), map(after.get, RECORDED_COLUMNS), strict=True)
    changes = [FieldChange(name, None, old, new) for name, old, new in plain if old != new]
    for name in ("metadata", MAPPING_FIELD):
        old, new = before.get(name, {}), after.get(name, {})
        keys = dict.fromkeys((*old, *new)) if old is not new else ()
        changes += [
            FieldChange(name, key, old.get(key), new.get(key))
            for key in keys
            if not are_same(old.get(key), new.get(key))
        ]
    return changes


def entry_of(
    customer: Customer,
    operation: str,
    actor: Actor,
    fields: Sequence[FieldChange],
    reason: str = "",
    reverted_version: int | None = None,
) -> Change:
    """The entry of the change that brought ``customer`` to its version."""
    return Change(
        id=new_id("chg"),
        customer_id=customer.id,
        version=customer.version,
        operation=operation,
        at=customer.updated_at,
        actor_type=actor.type,
        actor_id=actor.id,
        actor_name=actor.name,
        source=actor.source,
        request_id=actor.request_id,
        reason=reason,
        fields=list(fields),
        reverted_version=reverted_version,
    )


def row_of(change: Change, scope: Scope) -> dict[str, Any]:
    """The row of ``customer_changes`` that keeps an entry."""
    row = dict(zip(_PLAIN, _plain(change), strict=True))
    row["fields"] = [field.stored() for field in change.fields]
    row["environment_id"], row["tenant_id"] = scope.environment_id, scope.tenant_id
    return row


def record(connection: Connection, scope: Scope, change: Change) -> Change:
    """Write an entry, in the caller's transaction. Returns it."""
    _INSERT.run(connection, row_of(change, scope))
    return change


def _of(scope: Scope, customer_id: str, **more: Any) -> dict[str, Any]:
    return {
        "environment_id": scope.environment_id,
        "tenant_id": scope.tenant_id,
        "customer_id": customer_id,
        **more,
    }


def list_changes(
    connection: Connection, scope: Scope, customer_id: str, *, most: int, before: int | None = None
) -> list[Change]:
    """At most ``most`` changes of a customer, newest first; with ``before``, only those of smaller version."""
    below = NO_VERSION_REACHES if before is None else min(max(before, 0), NO_VERSION_REACHES)
    parameters = _of(scope, customer_id, most=most, before=below)
    return _NEWEST_FIRST.all(connection, parameters)


def changes_since(connection: Connection, scope: Scope, customer_id: str, version: int) -> list[Change]:
    """Every change past ``version``, newest first."""
    return _SINCE.all(connection, _of(scope, customer_id, version=version))


def values_at(connection: Connection, scope: Scope, customer_id: str, version: int) -> Values:
    """The recorded values as they were at ``version``, by replaying the history up to it."""
    return replay(_UP_TO.all(connection, _of(scope, customer_id, version=version)))


def replay(changes: Iterable[Change]) -> Values:
    """The values that a history, from its first entry on, leads to."""
    values = no_values()
    for change in changes:
        for field in change.fields:
            put(values, field, field.new_value)
    return values


def put(values: Values, place: FieldChange, value: Any) -> None:
    """Put a value where ``place`` has its own; a metadata key or mapping whose value is None is removed."""
    if place.key is None:
        values[place.field] = value
    elif value is None:
        values[place.field].pop(place.key, None)
    else:
        values[place.field][place.key] = value


def no_values() -> Values:
    """The values before a customer's first change: none."""
    return {"metadata": {}, MAPPING_FIELD: {}}
