"""Tables of tenants, environments, staff, invites, sessions, failed sign-ins, API keys and the access log.

Knows no rule about them.
"""

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column

from webapp.column_types import UtcDateTime
from webapp.database import Base
from webapp.identifiers import new_id, now

ID_LENGTH = 64
NAME_LENGTH = 255
EMAIL_LENGTH = 254
SHA256_LENGTH = 64
ADDRESS_LENGTH = 64
USER_AGENT_LENGTH = 255
LANGUAGE_LENGTH = 16
TIMEZONE_LENGTH = 64


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
    # What the person reads the desk in; "" leaves it to the browser.
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH), default="", server_default="")
    timezone: Mapped[str] = mapped_column(String(TIMEZONE_LENGTH), default="", server_default="")
    #: To the minute, of any of the person's sign-ins; it stays when those have ended.
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The second factor, in Flask-Security's names: "authenticator" or None, the encrypted secret, the time step of the
    # last code (a code counts once), and the recovery codes that are left, each as a keyed hash.
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_last_counter: Mapped[int | None] = mapped_column(BigInteger)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(JSON()))

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
    #: What a page names the session by; no secret.
    id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey(Staff.id, ondelete="CASCADE"), index=True)
    environment_id: Mapped[str] = mapped_column(ForeignKey(Environment.id))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Where the person signed in from, so that they know their own sessions again.
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH), default="", server_default="")
    user_agent: Mapped[str] = mapped_column(String(USER_AGENT_LENGTH), default="", server_default="")


class StaffInvite(Base):
    """An invitation to become a staff member, by a link that works once. The link holds a random token."""

    __tablename__ = "staff_invites"
    __table_args__ = (CheckConstraint("role IN ('viewer', 'editor', 'admin')", name="role"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey(Tenant.id), index=True)
    token_hash: Mapped[str] = mapped_column(String(SHA256_LENGTH), unique=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    role: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecordAccess(Base):
    """One time that a staff member opened a customer's record: the access log."""

    __tablename__ = "record_accesses"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "environment_id"], ["environments.tenant_id", "environments.id"]),
        Index(None, "environment_id", "staff_id", "at"),
        Index(None, "environment_id", "customer_id", "at"),
        Index(None, "environment_id", "at"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    environment_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    customer_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    staff_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    #: As it was at the time.
    staff_email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    #: Which of the record's pages; see ``access_log.RecordPage``.
    page: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInAttempt(Base):
    """An attempt to sign in that has not succeeded (yet); what sign-in is throttled by."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "account_hash", "at"), Index(None, "address", "at"), Index(None, "at"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_hash: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
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
    #: The key that takes this one's place; this one then expires by itself.
    replaced_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
