"""What a database holds, read at one moment: effects of writes, answered idempotency keys, the tree of parents.

Knows the tables; not which requests have led to what is in them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select

from webapp.customers.limits import PARENT_LEVELS
from webapp.customers.model import ARCHIVED, PUBLISHED, customer_changes, customers, retired_external_ids
from webapp.database import snapshot
from webapp.idempotency import idempotency_keys

#: The customer that a change belongs to, and the version that it led to.
Place = tuple[str, int]


@dataclass(frozen=True)
class Stored:
    """A database as of one moment.

    Attributes:
        effects: for each new value in the history, and for ``"archive ID"`` and ``"restore ID"``, where it came about.
        answered_keys: the idempotency keys that have an answer.
        customer_ids: the IDs of all customers.
        external_ids: every external ID that finds, or found, a customer: those of rows and the retired ones.
    """

    effects: Mapping[str, list[Place]]
    answered_keys: frozenset[str]
    customer_ids: frozenset[str]
    external_ids: frozenset[str]


def read_stored(app: Flask) -> Stored:
    """Read it in one transaction."""
    with app.app_context(), snapshot() as connection:
        effects = defaultdict(list)
        changes = customer_changes.c
        for customer_id, version, operation, fields in connection.execute(
            select(changes.customer_id, changes.version, changes.operation, changes.fields)
        ):
            for effect in _effects_of(customer_id, operation, fields):
                effects[effect].append((customer_id, version))
        keys = connection.execute(select(idempotency_keys.c.idempotency_key)).scalars()
        rows = connection.execute(select(customers.c.id, customers.c.external_id)).all()
        retired = connection.execute(select(retired_external_ids.c.external_id)).scalars()
        return Stored(
            dict(effects),
            frozenset(keys),
            frozenset(customer_id for customer_id, _ in rows),
            frozenset(retired) | {external_id for _, external_id in rows},
        )


def _effects_of(customer_id: str, operation: str, fields: list[dict[str, Any]]) -> list[str]:
    if operation in {"archive", "restore"}:
        return [f"{operation} {customer_id}"]
    new = [entry["new"] for entry in fields if entry["new"]]
    return [value["id"] if isinstance(value, dict) else value for value in new]


def tree_faults(app: Flask) -> list[str]:
    """What is wrong with the parents of all customers (contract section 5), judged without the product's own rules."""
    columns = (customers.c.id, customers.c.parent_customer_id, customers.c.status)
    with app.app_context(), snapshot() as connection:
        rows = {row.id: row for row in connection.execute(select(*columns))}
    faults = []
    for row in rows.values():
        chain = [row.id]
        while (parent_id := rows[chain[-1]].parent_customer_id) and parent_id not in chain:
            chain.append(parent_id)
        if parent_id:
            faults.append(f"{row.id} is in a loop")
        if len(chain) > PARENT_LEVELS:
            faults.append(f"{row.id} is at level {len(chain)}")
        if row.status == PUBLISHED and len(chain) > 1 and rows[chain[1]].status == ARCHIVED:
            faults.append(f"{row.id} is published, its parent is archived")
    return faults
