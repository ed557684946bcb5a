"""Tables of customers, integration mappings, retired external IDs and changes, and the typed rows read from them.

Knows no rule: what may stand in a column is the form's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from webapp.customers.limits import FIELD_LENGTHS, PROVIDER_ENTITY_ID_LENGTH, PROVIDER_LENGTH, REASON_LENGTH
from webapp.database import Base, UtcDateTime

ID_LENGTH = 64
ACTOR_LENGTH = 255

PUBLISHED = "published"
ARCHIVED = "archived"


def _owner() -> tuple[Column[Any], ...]:
    return (
        Column("environment_id", String(ID_LENGTH), primary_key=True),
        Column("tenant_id", String(ID_LENGTH), nullable=False),
    )


def _customer_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["environment_id", "customer_id"], ["customers.environment_id", "customers.id"])


customers = Table(
    "customers",
    Base.metadata,
    *_owner(),
    Column("id", String(ID_LENGTH), primary_key=True),
    *(Column(name, String(length), nullable=False, server_default="") for name, length in FIELD_LENGTHS.items()),
    Column("parent_customer_id", String(ID_LENGTH)),
    # JSON rather than JSONB: it keeps the order in which the entries were given.
    Column("metadata", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("created_by", String(ACTOR_LENGTH), nullable=False),
    Column("updated_by", String(ACTOR_LENGTH), nullable=False),
    # What the desk's search box looks in: external ID, name and email, folded alike on every database.
    Column("search_text", Text, nullable=False),
    ForeignKeyConstraint(["tenant_id", "environment_id"], ["environments.tenant_id", "environments.id"]),
    ForeignKeyConstraint(["environment_id", "parent_customer_id"], ["customers.environment_id", "customers.id"]),
    CheckConstraint(f"status IN ('{PUBLISHED}', '{ARCHIVED}')", name="status"),
    Index(
        "uq_customers_published_external_id",
        "environment_id",
        "external_id",
        unique=True,
        sqlite_where=text(f"status = '{PUBLISHED}'"),
        postgresql_where=text(f"status = '{PUBLISHED}'"),
    ),
    Index(None, "environment_id", "created_at", "id"),
    Index(None, "environment_id", "parent_customer_id"),
)

integration_mappings = Table(
    "integration_mappings",
    Base.metadata,
    *_owner(),
    Column("customer_id", String(ID_LENGTH), primary_key=True),
    Column("provider_type", String(PROVIDER_LENGTH), primary_key=True),
    Column("id", String(ID_LENGTH), nullable=False, unique=True),
    Column("provider_entity_id", String(PROVIDER_ENTITY_ID_LENGTH), nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("created_by", String(ACTOR_LENGTH), nullable=False),
    Column("updated_by", String(ACTOR_LENGTH), nullable=False),
    _customer_key(),
    Index(None, "environment_id", "provider_type", "provider_entity_id"),
)

retired_external_ids = Table(
    "retired_external_ids",
    Base.metadata,
    *_owner(),
    Column("external_id", String(FIELD_LENGTHS["external_id"]), primary_key=True),
    Column("customer_id", String(ID_LENGTH), nullable=False),
    Column("retired_at", UtcDateTime, nullable=False),
    _customer_key(),
)

customer_changes = Table(
    "customer_changes",
    Base.metadata,
    *_owner(),
    Column("customer_id", String(ID_LENGTH), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("id", String(ID_LENGTH), nullable=False),
    Column("operation", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_type", String(16), nullable=False),
    Column("actor_id", String(ID_LENGTH), nullable=False),
    Column("actor_name", String(ACTOR_LENGTH), nullable=False),
    Column("source", String(16), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("reason", String(REASON_LENGTH), nullable=False),
    Column("fields", JSON, nullable=False),
    _customer_key(),
    ForeignKeyConstraint(["tenant_id", "environment_id"], ["environments.tenant_id", "environments.id"]),
    UniqueConstraint("id"),
    CheckConstraint("operation IN ('create', 'update', 'archive', 'restore', 'revert')", name="operation"),
    CheckConstraint("actor_type IN ('staff', 'api_key', 'command')", name="actor_type"),
    CheckConstraint("source IN ('desk', 'api', 'command', 'import')", name="source"),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The tenant and environment that every query is confined to (contract section 1)."""

    tenant_id: str
    environment_id: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change, from where (contract section 11). ``id`` and ``name`` are kept as they are now."""

    type: Literal["staff", "api_key", "command"]
    id: str
    name: str
    source: Literal["desk", "api", "command", "import"]
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer as it is stored. Times are aware, in UTC; texts are never None; empty is ``""``."""

    environment_id: str
    tenant_id: str
    id: str
    external_id: str
    name: str
    email: str
    contact: str
    address_line1: str
    address_line2: str
    address_city: str
    address_state: str
    address_postal_code: str
    address_country: str
    timezone: str
    parent_customer_id: str | None
    metadata: dict[str, str]
    status: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str

    @property
    def is_published(self) -> bool:
        """Whether it can be found by its external ID and be changed."""
        return self.status == PUBLISHED


@dataclass(frozen=True, slots=True)
class IntegrationMapping:
    """A customer's name in a provider's system (contract section 6). ``metadata`` is any JSON object."""

    id: str
    customer_id: str
    provider_type: str
    provider_entity_id: str
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str


#: The columns of :class:`Customer`, in its order.
CUSTOMER_COLUMNS = [customers.c[name] for name in Customer.__dataclass_fields__]
MAPPING_COLUMNS = [integration_mappings.c[name] for name in IntegrationMapping.__dataclass_fields__]


def customer_of(row: Sequence[Any]) -> Customer:
    """The customer in a row of ``CUSTOMER_COLUMNS``."""
    return Customer(*row)


def mapping_of(row: Sequence[Any]) -> IntegrationMapping:
    """The mapping in a row of ``MAPPING_COLUMNS``."""
    return IntegrationMapping(*row)
