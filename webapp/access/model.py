"""Tables of tenants, environments, staff, their sessions, failed sign-ins and API keys. Knows no rule about them."""

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base, UtcDateTime
from webapp.identifiers import new_id, now

ID_LENGTH = 64
NAME_LENGTH = 255
EMAIL_LENGTH = 254
SHA256_LENGTH = 64


class Tenant(Base):
    """One company that uses the desk."""

    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Environment(Base):
    """A tenant's production or sandbox; the fence around its customers and API keys."""

    __tablename__ = "environments"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("kind IN ('production', 'sandbox')", name="kind"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey(Tenant.id))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    kind: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class StaffRole(RoleMixin):
    """A role by its name, in the shape that Flask-Security asks for; roles are fixed, so they have no table."""

    def __init__(self, name: str) -> None:
        self.name = name


class Staff(Base, UserMixin):
    """A person who signs in to the desk."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('viewer', 'editor', 'admin')", name="role"),)

    # Flask-Security declares integers and lists of rows; it uses neither.
    id: Mapped[str] = mapped_column(  # type: ignore[assignment]
        String(ID_LENGTH), primary_key=True, default=lambda: new_id("staff")
    )
    tenant_id: Mapped[str] = mapped_column(ForeignKey(Tenant.id))
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True)
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    role: Mapped[str] = mapped_column(String(16))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def roles(  # type: ignore[override]
        self,
    ) -> list[StaffRole]:
        """The one role, as the list that Flask-Security asks for."""
        return [StaffRole(self.role)]


class StaffSession(Base):
    """One sign-in. The browser holds a random token; this row holds its SHA-256 and is what counts."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(SHA256_LENGTH), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey(Staff.id, ondelete="CASCADE"), index=True)
    environment_id: Mapped[str] = mapped_column(ForeignKey(Environment.id))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInAttempt(Base):
    """An attempt to sign in that has not succeeded (yet); what sign-in is throttled by."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "account_hash", "at"), Index(None, "address", "at"), Index(None, "at"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_hash: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiKey(Base):
    """A program's credential: 256 random bits, of which only the SHA-256 is kept (contract section 1)."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("scope IN ('read', 'write')", name="scope"),
        Index(None, "environment_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey(Tenant.id))
    environment_id: Mapped[str] = mapped_column(ForeignKey(Environment.id))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    prefix: Mapped[str] = mapped_column(String(16))
    key_hash: Mapped[str] = mapped_column(String(SHA256_LENGTH), unique=True)
    scope: Mapped[str] = mapped_column(String(8))
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
