"""The family of a customer, to be shown: the chain of parents above it and the children below it.

Knows the tree as it is; what may be whose parent is ``parents.py``'s.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from webapp.customers.limits import PARENT_LEVELS
from webapp.customers.lookup import find_parent
from webapp.customers.model import ARCHIVED, CUSTOMER_COLUMNS, PUBLISHED, Customer, Scope, customers
from webapp.statements import Statement

#: Children are counted up to here; beyond it there are "more than" so many.
MOST_COUNTED = 1000

_CHILDREN = (
    select(*CUSTOMER_COLUMNS)
    .where(
        customers.c.environment_id == bindparam("environment_id"),
        customers.c.tenant_id == bindparam("tenant_id"),
        customers.c.parent_customer_id == bindparam("customer_id"),
        customers.c.status == bindparam("status"),
    )
    .order_by(customers.c.created_at.desc(), customers.c.id.desc())
)
_NEWEST = Statement(_CHILDREN.limit(bindparam("most")), Customer)
_COUNT = Statement(
    select(func.count()).select_from(
        _CHILDREN.with_only_columns(customers.c.id).order_by(None).limit(MOST_COUNTED + 1).subquery()
    )
)


@dataclass(frozen=True, slots=True)
class Children:
    """The children of a customer.

    Attributes:
        newest: the published ones that were created last, newest first.
        published: how many published ones there are, MOST_COUNTED at the most.
        archived: how many archived ones, alike.
        has_more_published, has_more_archived: whether there are more than were counted.
    """

    newest: list[Customer]
    published: int
    archived: int
    has_more_published: bool = False
    has_more_archived: bool = False


def find_ancestors(connection: Connection, scope: Scope, customer: Customer) -> list[Customer]:
    """The parents of a customer, the topmost first, its own parent last."""
    above: list[Customer] = []
    at = customer
    while len(above) < PARENT_LEVELS and (parent := find_parent(connection, scope, at)):
        above.insert(0, parent)
        at = parent
    return above


def find_children(connection: Connection, scope: Scope, customer_id: str, *, most: int) -> Children:
    """The children of a customer, at most ``most`` of them by name."""
    of_parent = {
        "environment_id": scope.environment_id,
        "tenant_id": scope.tenant_id,
        "customer_id": customer_id,
    }
    newest = _NEWEST.all(connection, {**of_parent, "status": PUBLISHED, "most": most})
    published = len(newest)
    if published == most:
        ((published,),) = _COUNT.all(connection, {**of_parent, "status": PUBLISHED})
    ((archived,),) = _COUNT.all(connection, {**of_parent, "status": ARCHIVED})
    return Children(
        newest,
        min(published, MOST_COUNTED),
        min(archived, MOST_COUNTED),
        published > MOST_COUNTED,
        archived > MOST_COUNTED,
    )
