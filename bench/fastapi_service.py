"""The usual way, to compare with: FastAPI, pydantic and SQLAlchemy's asynchronous ORM on this service's own tables.

It looks the key up, reads and writes the customer, the text that is searched and an entry of the history. It keeps no
other rule: no If-Match, no Idempotency-Key, no rate limits, no metrics, no log. Served by uvicorn; DATABASE_URL says
where, on PostgreSQL.
"""

import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict, EmailStr, Field
from sqlalchemy import JSON, DateTime, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
_sessions = async_sessionmaker(create_async_engine(_url, pool_size=16, max_overflow=0), expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    """The tables are there; see webapp/customers/model.py."""

    type_annotation_map = {datetime: DateTime(timezone=True), dict: JSON, list: JSON}  # noqa: RUF012 - SQLAlchemy's way


class Key(Base):
    """An API key."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    tenant_id: Mapped[str]
    environment_id: Mapped[str]
    key_hash: Mapped[str]
    revoked_at: Mapped[datetime | None]


class Customer(Base):
    """A customer."""

    __tablename__ = "customers"
    environment_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    contact: Mapped[str]
    address_line1: Mapped[str]
    address_line2: Mapped[str]
    address_city: Mapped[str]
    address_state: Mapped[str]
    address_postal_code: Mapped[str]
    address_country: Mapped[str]
    timezone: Mapped[str]
    parent_customer_id: Mapped[str | None]
    entries: Mapped[dict] = mapped_column("metadata")
    status: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_by: Mapped[str]


class Change(Base):
    """An entry of the history."""

    __tablename__ = "customer_changes"
    environment_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[str]
    id: Mapped[str]
    operation: Mapped[str]
    at: Mapped[datetime]
    actor_type: Mapped[str]
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    source: Mapped[str]
    request_id: Mapped[str]
    reason: Mapped[str]
    fields: Mapped[list]


class SearchText(Base):
    """What the search finds a customer by."""

    __tablename__ = "customer_search"
    number: Mapped[int] = mapped_column(primary_key=True)
    environment_id: Mapped[str]
    customer_id: Mapped[str]
    other_text: Mapped[str]


class CustomerUpdate(BaseModel):
    """What a PUT may send."""

    model_config = ConfigDict(extra="forbid")
    external_id: str | None = Field(None, max_length=255)
    name: str | None = Field(None, max_length=255)
    email: EmailStr | None = None
    contact: str | None = Field(None, max_length=20)
    address_line1: str | None = Field(None, max_length=255)
    address_line2: str | None = Field(None, max_length=255)
    address_city: str | None = Field(None, max_length=100)
    address_state: str | None = Field(None, max_length=100)
    address_postal_code: str | None = Field(None, max_length=20)
    address_country: str | None = Field(None, max_length=2)
    metadata: dict[str, str] | None = None


class CustomerAnswer(BaseModel):
    """What is answered."""

    model_config = ConfigDict(from_attributes=True)
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
    metadata: dict[str, str] = Field(validation_alias="entries")
    status: str
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str


async def session_of_request() -> AsyncIterator[AsyncSession]:
    """A session for one request."""
    async with _sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(session_of_request)]


async def caller_of_request(x_api_key: Annotated[str, Header()], session: Session) -> Key:
    """Who is calling."""
    hashed = hashlib.sha256(x_api_key.encode()).hexdigest()
    key = (await session.execute(select(Key).where(Key.key_hash == hashed))).scalar_one_or_none()
    if key is None or key.revoked_at:
        raise HTTPException(401)
    return key


Caller = Annotated[Key, Depends(caller_of_request)]


async def _find(session: AsyncSession, key: Key, customer_id: str, *, to_change: bool) -> Customer:
    wanted = select(Customer).where(
        Customer.environment_id == key.environment_id, Customer.tenant_id == key.tenant_id, Customer.id == customer_id
    )
    found = await session.execute(wanted.with_for_update() if to_change else wanted)
    customer = found.scalar_one_or_none()
    if customer is None:
        raise HTTPException(404)
    return customer


@app.get("/v1/customers/{customer_id}", response_model=CustomerAnswer)
async def get_customer(customer_id: str, key: Caller, session: Session) -> Customer:
    """One customer."""
    return await _find(session, key, customer_id, to_change=False)


@app.put("/v1/customers/{customer_id}", response_model=CustomerAnswer)
async def update_customer(customer_id: str, body: CustomerUpdate, key: Caller, session: Session) -> Customer:
    """Change what was sent, with an entry of the history."""
    customer, changes = await _find(session, key, customer_id, to_change=True), []
    for name, new in body.model_dump(exclude_none=True).items():
        attribute = "entries" if name == "metadata" else name
        old = getattr(customer, attribute)
        if old != new:
            changes.append({"field": name, "old": old, "new": new})
            setattr(customer, attribute, new)
    if not changes:
        return customer
    customer.version += 1
    customer.updated_at, customer.updated_by = datetime.now(UTC), key.id
    wanted = select(SearchText).where(
        SearchText.environment_id == customer.environment_id, SearchText.customer_id == customer.id
    )
    texts = (await session.execute(wanted)).scalar_one()
    others = (customer.contact, customer.address_line1, customer.address_line2, customer.address_city)
    texts.other_text = "".join(f"{chr(4 + place)}{text}" for place, text in enumerate(others))
    session.add(
        Change(
            environment_id=customer.environment_id,
            tenant_id=customer.tenant_id,
            customer_id=customer.id,
            version=customer.version,
            id=f"chg_{secrets.token_hex(13)}",
            operation="update",
            at=customer.updated_at,
            actor_type="api_key",
            actor_id=key.id,
            actor_name=key.name,
            source="api",
            request_id=secrets.token_hex(8),
            reason="",
            fields=changes,
        )
    )
    await session.commit()
    return customer
