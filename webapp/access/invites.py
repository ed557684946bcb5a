"""Invitations to become a staff member, each by a link that works once. Knows no page and sends no mail."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from webapp.access.accounts import hash_of_new_password, new_staff_row
from webapp.access.model import Staff, StaffInvite, Tenant
from webapp.access.permissions import PERMISSIONS_OF_ROLE
from webapp.database import reading, transaction
from webapp.errors import InvalidInput, InvalidOperation, NotFound
from webapp.identifiers import new_id, now
from webapp.phrases import phrase

GOOD_FOR = timedelta(days=7)
LONGEST_TOKEN = 100

_table = StaffInvite.__table__.c


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation that is open: neither accepted nor withdrawn nor expired.

    Attributes:
        tenant: the tenant's name, which the invited person reads.
        created_by: the address of who invites.
    """

    id: str
    tenant_id: str
    tenant: str
    email: str
    role: str
    created_by: str
    created_at: datetime
    expires_at: datetime


def create_invite(tenant_id: str, email: str, role: str, created_by: str, *, invite_id: str = "") -> str:
    """Invite a person and return the link's token, which nothing can show again.

    An older open invitation of the same address is withdrawn: one link, the newest, is good.

    Args:
        tenant_id: of what they join.
        email: of who joins.
        role: what they join as.
        created_by: the address of who invites.
        invite_id: of the form that asks for it, so that the same form invites once; ``""``: a new one.

    Raises:
        InvalidInput: the address or the role is not valid, or somebody with the address signs in already.
        InvalidOperation: this form was sent before.
    """
    email = valid_email(email)
    if role not in PERMISSIONS_OF_ROLE:
        raise InvalidInput(details={"role": [phrase("Choose one of the roles.")]})
    token, at = secrets.token_urlsafe(32), now()
    row = {
        "id": invite_id or new_id("inv"),
        "tenant_id": tenant_id,
        "token_hash": _hash(token),
        "email": email,
        "role": role,
        "created_by": created_by,
        "created_at": at,
        "expires_at": at + GOOD_FOR,
    }

    def work(connection: Connection) -> None:
        if connection.execute(select(Staff.id).where(Staff.email == email)).scalar_one_or_none():
            raise InvalidInput(details={"email": [phrase("Somebody with this address signs in here already.")]})
        older = update(StaffInvite).where(_table.tenant_id == tenant_id, _table.email == email, *_is_open(at))
        connection.execute(older.values(withdrawn_at=at))
        connection.execute(insert(StaffInvite), row)

    try:
        transaction(work)
    except IntegrityError:
        raise InvalidOperation(phrase("This form was sent before: the person is invited already.")) from None
    return token


def valid_email(email: str) -> str:
    """An address as staff are known by it: in its normal form, in small letters.

    Raises:
        InvalidInput: it is not valid; ``details`` names it ``email``.
    """
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise InvalidInput(details={"email": [phrase("Enter a valid email address.")]}) from None


def list_open_invites(tenant_id: str) -> list[Invite]:
    """The open invitations of a tenant, newest first."""
    wanted = _invites().where(_table.tenant_id == tenant_id, *_is_open(now())).order_by(_table.created_at.desc())
    with reading() as connection:
        return [Invite(*row) for row in connection.execute(wanted)]


def find_invite(token: str) -> Invite:
    """The open invitation of a link.

    Raises:
        NotFound: there is none, or it was accepted or withdrawn or has expired; one answer for all of them.
    """
    wanted = _invites().where(_table.token_hash == _hash(token), *_is_open(now()))
    with reading() as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(
            phrase("This invitation is not valid (any more): it was used, withdrawn or is too old. Ask for a new one.")
        )
    return Invite(*row)


def accept_invite(token: str, password: str) -> str:
    """Make the invited person a staff member with a password of their choice. Returns their ID.

    Raises:
        InvalidInput: the password may not be used; the invitation stays open.
        InvalidOperation: somebody with the address signs in already.
        NotFound: as :func:`find_invite`; also for the second of two that accept at the same time.
    """
    invite = find_invite(token)
    staff_id = new_id("staff")
    hashed = hash_of_new_password(password, invite.email)
    row = new_staff_row(invite.tenant_id, invite.email, invite.role, hashed, staff_id)
    at = now()
    accepted = update(StaffInvite).where(_table.id == invite.id, *_is_open(at)).values(accepted_at=at)

    def work(connection: Connection) -> None:
        if connection.execute(accepted).rowcount == 0:
            raise NotFound(phrase("This invitation was used a moment ago. Sign in with the password chosen then."))
        connection.execute(insert(Staff), row)

    try:
        transaction(work)
    except IntegrityError:
        raise InvalidOperation(phrase("Somebody with this address signs in here already.")) from None
    return staff_id


def withdraw_invite(tenant_id: str, invite_id: str) -> None:
    """Make an invitation's link worthless.

    Raises:
        NotFound: the tenant has no such open invitation.
    """
    at = now()
    withdrawn = update(StaffInvite).where(_table.tenant_id == tenant_id, _table.id == invite_id, *_is_open(at))
    if transaction(lambda connection: connection.execute(withdrawn.values(withdrawn_at=at)).rowcount) == 0:
        raise NotFound(phrase("There is no such invitation. It may have been accepted already."))


def withdraw_invites_by(connection: Connection, tenant_id: str, email: str) -> None:
    """Make the links worthless that somebody has sent who may not invite any more, as a part of that change."""
    at = now()
    sent = update(StaffInvite).where(_table.tenant_id == tenant_id, _table.created_by == email, *_is_open(at))
    connection.execute(sent.values(withdrawn_at=at))


def _invites() -> Select[Any]:
    return select(
        _table.id,
        _table.tenant_id,
        Tenant.name,
        _table.email,
        _table.role,
        _table.created_by,
        _table.created_at,
        _table.expires_at,
    ).join(Tenant, Tenant.id == _table.tenant_id)


def _is_open(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return _table.accepted_at.is_(None), _table.withdrawn_at.is_(None), _table.expires_at > at


def _hash(token: str) -> str:
    return hashlib.sha256(token[:LONGEST_TOKEN].encode("utf-8", "surrogatepass")).hexdigest()
