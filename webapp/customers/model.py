"""Tables of customers, integration mappings, retired external IDs, changes and erasures, and the typed rows of them.

Knows no rule: what may stand in a column is the form's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

from webapp.column_types import Microseconds, UtcDateTime
from webapp.customers.limits import FIELD_LENGTHS, PROVIDER_ENTITY_ID_LENGTH, PROVIDER_LENGTH, REASON_LENGTH
from webapp.database import Base

ID_LENGTH = 64
ACTOR_LENGTH = 255

#: The fields whose order an index serves, and by whose exact value customers are found.
WALKED_FIELDS = ("created_at", "updated_at", "external_id", "name", "email")

PUBLISHED = "published"
ARCHIVED = "archived"


def _text(length: int | None = None) -> TypeEngine[str]:
    """A text that is compared by its code points on every database; PostgreSQL would go by a language."""
    kind = Text if length is None else String
    return kind(length).with_variant(kind(length, collation="C"), "postgresql")


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
    Column("id", _text(ID_LENGTH), primary_key=True),
    *(Column(name, _text(length), nullable=False, server_default="") for name, length in FIELD_LENGTHS.items()),
    Column("parent_customer_id", _text(ID_LENGTH)),
    # JSON rather than JSONB: it keeps the order in which the entries were given.
    Column("metadata", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("created_by", String(ACTOR_LENGTH), nullable=False),
    Column("updated_by", String(ACTOR_LENGTH), nullable=False),
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
    # The orders that lists are walked in, and the values that they are looked up by (docs/decisions/0006).
    *(Index(None, "environment_id", "status", name, "id") for name in WALKED_FIELDS),
    # Many customers can share a parent or a country: these lead to the newest of them first.
    Index("ix_customers_children", "environment_id", "parent_customer_id", "status", "created_at", "id"),
    Index("ix_customers_country", "environment_id", "address_country", "status", "created_at", "id"),
)

# What is searched in, beside the customers themselves (docs/decisions/0006). ``number`` is short, so the indexes are.
customer_search = Table(
    "customer_search",
    Base.metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("environment_id", String(ID_LENGTH), nullable=False),
    Column("customer_id", _text(ID_LENGTH), nullable=False),
    Column("is_published", Boolean, nullable=False),
    Column("created_at", Microseconds, nullable=False),
    # What search_text.py makes of external ID, name and email, and of the other texts. Only the first has an index over
    # its trigrams: such an index is dear to keep, and addresses are seldom searched.
    Column("text", _text(), nullable=False),
    Column("other_text", _text(), nullable=False),
    _customer_key(),
    UniqueConstraint("environment_id", "customer_id"),
)

customer_metadata = Table(
    "customer_metadata",
    Base.metadata,
    Column(
        "number", BigInteger().with_variant(Integer, "sqlite"), ForeignKey("customer_search.number"), primary_key=True
    ),
    # Hashes of (environment, key) and (environment, key, value): a key or value may be too long for an index.
    Column("key_hash", BigInteger, primary_key=True, autoincrement=False),
    Column("pair_hash", BigInteger, nullable=False),
    Column("is_published", Boolean, nullable=False),
    Column("created_at", Microseconds, nullable=False),
    Column("key", _text(), nullable=False),
    Column("value", _text(), nullable=False),
    # Only where it differs from the value.
    Column("folded_value", _text()),
    Column("decimal_value", Double),
    Column("moment_value", Microseconds),
    Index(None, "pair_hash", "is_published", "created_at", "number"),
    Index(None, "key_hash", "is_published", "decimal_value", "number"),
    sqlite_with_rowid=False,
)

integration_mappings = Table(
    "integration_mappings",
    Base.metadata,
    *_owner(),
    Column("customer_id", _text(ID_LENGTH), primary_key=True),
    Column("provider_type", String(PROVIDER_LENGTH), primary_key=True),
    Column("id", String(ID_LENGTH), nullable=False, unique=True),
    Column("provider_entity_id", _text(PROVIDER_ENTITY_ID_LENGTH), nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("created_by", String(ACTOR_LENGTH), nullable=False),
    Column("updated_by", String(ACTOR_LENGTH), nullable=False),
    _customer_key(),
    # The ID before its provider: the search box is given an ID alone.
    Index("ix_integration_mappings_entity", "environment_id", "provider_entity_id", "provider_type"),
)

retired_external_ids = Table(
    "retired_external_ids",
    Base.metadata,
    *_owner(),
    Column("external_id", String(FIELD_LENGTHS["external_id"]), primary_key=True),
    Column("customer_id", _text(ID_LENGTH), nullable=False),
    Column("retired_at", UtcDateTime, nullable=False),
    _customer_key(),
)

customer_changes = Table(
    "customer_changes",
    Base.metadata,
    *_owner(),
    Column("customer_id", _text(ID_LENGTH), primary_key=True),
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
    Column("reverted_version", Integer),
    _customer_key(),
    ForeignKeyConstraint(["tenant_id", "environment_id"], ["environments.tenant_id", "environments.id"]),
    UniqueConstraint("id"),
    CheckConstraint("operation IN ('create', 'update', 'archive', 'restore', 'revert', 'erase')", name="operation"),
    CheckConstraint("actor_type IN ('staff', 'api_key', 'command')", name="actor_type"),
    CheckConstraint("source IN ('desk', 'api', 'command', 'import')", name="source"),
)

#: Customers whose personal data was erased (docs/decisions/0018). Who did it and why stands in the history, in the
#: entry of that version. As long as there is no version, which is while the transaction that erases runs, the guards of
#: ``customer_changes`` let values be replaced by tokens.
customer_erasures = Table(
    "customer_erasures",
    Base.metadata,
    *_owner(),
    Column("customer_id", _text(ID_LENGTH), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("version", Integer),
    _customer_key(),
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


class Customer(NamedTuple):
    """One customer as it is stored. Times are aware, in UTC; texts are never None; empty is ``""``.

    A tuple, as a list has hundreds: a frozen data class of as many fields takes seven times as long to make.
    """

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

    @property
    def scope(self) -> Scope:
        """The tenant and environment that it belongs to."""
        return Scope(self.tenant_id, self.environment_id)


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


CUSTOMER_FIELDS = Customer._fields
#: The columns of :class:`Customer`, in its order.
CUSTOMER_COLUMNS = [customers.c[name] for name in CUSTOMER_FIELDS]
MAPPING_COLUMNS = [integration_mappings.c[name] for name in IntegrationMapping.__dataclass_fields__]


def customer_of(row: Sequence[Any]) -> Customer:
    """The customer in a row of ``CUSTOMER_COLUMNS``."""
    return Customer._make(row)


def mapping_of(row: Sequence[Any]) -> IntegrationMapping:
    """The mapping in a row of ``MAPPING_COLUMNS``."""
    return IntegrationMapping(*row)


def is_of_the_models(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic shall compare what it finds in a database with the tables here.

    Trigram indexes are written by hand in the migration: SQLite keeps its own in tables, PostgreSQL's is of a kind of
    its own.
    """
    by_hand = {"table": "customer_search_fts", "index": "ix_customer_search_text_trigrams"}
    return not (name or "").startswith(by_hand.get(kind, "\0"))
