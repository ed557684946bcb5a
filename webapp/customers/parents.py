"""The tree of parents: finding the wanted parent, refusing loops and chains that are too long (contract section 5).

Knows the tree; not how a customer is written.
"""

from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, literal, select

from webapp.access.model import Environment
from webapp.customers.changeset import ParentReference
from webapp.customers.limits import PARENT_LEVELS
from webapp.customers.model import PUBLISHED, Scope, customers, retired_external_ids
from webapp.errors import CustomerNotFound, InvalidInput, InvalidOperation
from webapp.phrases import phrase

NO_SUCH_PARENT = phrase("There is no such customer to be the parent.")
OWN_PARENT = phrase("A customer cannot be its own parent.")

_LOCK_ENVIRONMENT = (
    select(Environment.id)
    .where(Environment.id == bindparam("environment_id"), Environment.tenant_id == bindparam("tenant_id"))
    # FOR NO KEY UPDATE: one change of the tree at a time, without holding up those that only insert customers.
    .with_for_update(key_share=True)
)


def _find(column: Any) -> Any:
    return select(customers.c.id).where(
        customers.c.environment_id == bindparam("environment_id"),
        customers.c.tenant_id == bindparam("tenant_id"),
        customers.c.status == PUBLISHED,
        column == bindparam("key"),
    )


_BY_ID = _find(customers.c.id)
_BY_EXTERNAL_ID = _find(customers.c.external_id)
# A retired external ID goes on finding its customer (contract section 11).
_BY_RETIRED_EXTERNAL_ID = _find(retired_external_ids.c.external_id).where(
    retired_external_ids.c.environment_id == customers.c.environment_id,
    retired_external_ids.c.customer_id == customers.c.id,
)


def _walk(start: str, step_up: bool) -> Any:
    """(id, level) from a customer, at level 1, up to the top or down through all descendants.

    Goes one level further than is allowed, so that even a tree that is wrong cannot keep it busy.
    """
    first = select(
        customers.c.id, customers.c.parent_customer_id, customers.c.environment_id, literal(1).label("level")
    ).where(customers.c.environment_id == bindparam("environment_id"), customers.c.id == bindparam(start))
    chain = first.cte(f"chain_{start}", recursive=True)
    joined = customers.c.id == chain.c.parent_customer_id if step_up else customers.c.parent_customer_id == chain.c.id
    following = (
        select(customers.c.id, customers.c.parent_customer_id, customers.c.environment_id, chain.c.level + 1)
        .join(chain, and_(customers.c.environment_id == chain.c.environment_id, joined))
        .where(chain.c.level <= PARENT_LEVELS)
    )
    return chain.union_all(following)


_ANCESTORS = _walk("parent_id", step_up=True)
_DESCENDANTS = _walk("customer_id", step_up=False)
_CHAIN_ABOVE = select(_ANCESTORS.c.id)
_HEIGHT_BELOW = select(func.coalesce(func.max(_DESCENDANTS.c.level), 1))


_PUBLISHED_CHILD = (
    select(customers.c.id)
    .where(
        customers.c.environment_id == bindparam("environment_id"),
        customers.c.tenant_id == bindparam("tenant_id"),
        customers.c.parent_customer_id == bindparam("customer_id"),
        customers.c.status == PUBLISHED,
    )
    .limit(1)
)


def lock_tree(connection: Connection, scope: Scope) -> None:
    """Let nobody else change the parents of this environment until the transaction ends.

    SQLite has one writer at a time anyway.
    """
    connection.execute(_LOCK_ENVIRONMENT, {"environment_id": scope.environment_id, "tenant_id": scope.tenant_id})


def resolve_parent(connection: Connection, scope: Scope, customer_id: str, wanted: ParentReference) -> str | None:
    """The ID of the wanted parent, or None for none. The tree must be locked.

    Raises:
        CustomerNotFound: there is no such published customer in the environment.
        InvalidInput: it is the customer itself.
        InvalidOperation: it is one of its descendants, or the chain would have more than five levels.
    """
    if not wanted.value:
        return None
    parameters = {"environment_id": scope.environment_id, "tenant_id": scope.tenant_id, "key": wanted.value}
    parent_id: str | None = None
    for statement in (_BY_EXTERNAL_ID, _BY_RETIRED_EXTERNAL_ID) if wanted.by_external_id else (_BY_ID,):
        parent_id = parent_id or connection.execute(statement, parameters).scalar_one_or_none()
    field = wanted.field_name
    if parent_id is None:
        raise CustomerNotFound(NO_SUCH_PARENT, {field: [NO_SUCH_PARENT]})
    if parent_id == customer_id:
        raise InvalidInput(OWN_PARENT, {field: [OWN_PARENT]})
    names = {"environment_id": scope.environment_id, "parent_id": parent_id, "customer_id": customer_id}
    above = connection.execute(_CHAIN_ABOVE, names).scalars().all()
    if customer_id in above:
        message = phrase("The parent belongs to this customer, directly or through others; that would be a loop.")
        raise InvalidOperation(message, {field: [message]})
    if len(above) + connection.execute(_HEIGHT_BELOW, names).scalar_one() > PARENT_LEVELS:
        message = phrase("Parents can be nested %(most)d levels deep, not more.", most=PARENT_LEVELS)
        raise InvalidOperation(message, {field: [message]})
    return parent_id


def refuse_published_children(connection: Connection, scope: Scope, customer_id: str) -> None:
    """Let only a customer be archived that is nobody's parent. The tree must be locked.

    Raises:
        InvalidOperation: a published customer has it as its parent (contract section 5).
    """
    parameters = {
        "environment_id": scope.environment_id,
        "tenant_id": scope.tenant_id,
        "customer_id": customer_id,
    }
    child_id = connection.execute(_PUBLISHED_CHILD, parameters).scalar_one_or_none()
    if child_id is not None:
        message = phrase(
            "The customer is the parent of others, %(child)s for one. Archive them or change their parent first.",
            child=child_id,
        )
        raise InvalidOperation(message)
