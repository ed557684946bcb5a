"""Which customers were erased, and what follows for those who would change one. Never writes.

Knows no history: who erased a customer and why stands there.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, select

from webapp.customers.model import Customer, customer_erasures
from webapp.errors import InvalidOperation
from webapp.phrases import phrase

ERASED_NOT_CHANGED = phrase("The customer was erased for good. It cannot be changed, restored or brought back.")
#: What the record of an erased customer has for a name.
ERASED_NAME = "erased"
_SHOWN_NAME = phrase("Erased customer")

_columns = customer_erasures.c
_FIND = select(_columns.at, _columns.version).where(
    and_(
        _columns.environment_id == bindparam("environment_id"),
        _columns.tenant_id == bindparam("tenant_id"),
        _columns.customer_id == bindparam("customer_id"),
    )
)
_COUNT = select(func.count()).select_from(customer_erasures)


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a customer was erased: when, and the version whose entry in the history says by whom and why."""

    at: datetime
    version: int


def erased_external_id(customer_id: str) -> str:
    """What the record of an erased customer has for an external ID: one that nobody else has."""
    return f"erased-{customer_id}"


def shown_name(customer: Customer) -> str:
    """A customer's name as a page says it: of an erased one, judged by what is left in its row, that it was erased."""
    is_erased = customer.name == ERASED_NAME and customer.external_id == erased_external_id(customer.id)
    return _SHOWN_NAME if is_erased else customer.name


def find_erasure(connection: Connection, customer: Customer) -> Erasure | None:
    """The erasure of a customer; None where it was not erased. A published one is not asked for: it never was."""
    if customer.is_published:
        return None
    row = connection.execute(
        _FIND,
        {
            "environment_id": customer.environment_id,
            "tenant_id": customer.tenant_id,
            "customer_id": customer.id,
        },
    ).one_or_none()
    return Erasure(*row) if row else None


def refuse_erased(connection: Connection, customer: Customer) -> None:
    """Raise InvalidOperation for a customer that was erased."""
    if find_erasure(connection, customer):
        raise InvalidOperation(ERASED_NOT_CHANGED)


def count_erasures(connection: Connection) -> int:
    """How many customers were erased, of all tenants."""
    return connection.execute(_COUNT).scalar_one()
