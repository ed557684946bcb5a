"""Staff members of a tenant, as administrators see and change them. Knows no password and no page.

A tenant never loses its last active administrator: who changes one holds the tenant's lock, so two cannot do it to each
other at the same time.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from webapp.access.invites import withdraw_invites_by
from webapp.access.model import Staff, StaffSession, Tenant
from webapp.access.permissions import ROLES
from webapp.access.second_factor import switch_off
from webapp.access.staff_sessions import delete_sessions_of, is_open
from webapp.database import reading, transaction
from webapp.errors import InvalidInput, InvalidOperation, NotFound
from webapp.identifiers import now
from webapp.phrases import phrase

_table = Staff.__table__.c
_session = StaffSession.__table__.c


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A staff member without what is secret about them.

    Attributes:
        last_seen_at: of any of their sign-ins, ended ones too, to the minute; None for never.
        open_sessions: how many sign-ins are open now.
    """

    id: str
    email: str
    role: str
    active: bool
    has_second_factor: bool
    created_at: datetime
    last_seen_at: datetime | None
    open_sessions: int


def list_members(tenant_id: str) -> list[StaffMember]:
    """Every staff member of a tenant, active ones first, by address."""
    wanted = _members().where(_table.tenant_id == tenant_id).order_by(_table.active.desc(), _table.email)
    with reading() as connection:
        return [StaffMember(*row) for row in connection.execute(wanted)]


def find_member(tenant_id: str, staff_id: str) -> StaffMember:
    """One staff member of a tenant.

    Raises:
        NotFound: unknown, or another tenant's.
    """
    wanted = _members().where(_table.tenant_id == tenant_id, _table.id == staff_id)
    with reading() as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(phrase("There is no such staff member."))
    return StaffMember(*row)


def find_by_email(email: str) -> tuple[str, str]:
    """For operators, who know people of every tenant by their addresses: (tenant ID, staff ID).

    Raises:
        NotFound: nobody has the address.
    """
    with reading() as connection:
        wanted = select(_table.tenant_id, _table.id).where(_table.email == email.strip().lower())
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(phrase("There is no staff member %(email)s.", email=email))
    return row.tenant_id, row.id


def list_all_members() -> list[tuple[str, StaffMember]]:
    """For operators: (tenant ID, member) of every tenant."""
    wanted = _members().add_columns(_table.tenant_id).order_by(_table.tenant_id, _table.email)
    with reading() as connection:
        return [(row[-1], StaffMember(*row[:-1])) for row in connection.execute(wanted)]


def _members() -> Select[Any]:
    sessions = (
        select(func.count())
        .select_from(StaffSession)
        .where(_session.staff_id == _table.id, *is_open(now()))
        .scalar_subquery()
    )
    return select(
        _table.id,
        _table.email,
        _table.role,
        _table.active,
        _table.tf_totp_secret.is_not(None),
        _table.created_at,
        _table.last_seen_at,
        sessions,
    )


def change_role(tenant_id: str, staff_id: str, role: str) -> None:
    """Give a staff member another role; it counts from their next request on.

    Who is no administrator any more has no open invitations either.

    Raises:
        InvalidInput: there is no such role.
        InvalidOperation: they are the tenant's last active administrator.
        NotFound: unknown, or another tenant's.
    """
    if role not in ROLES:
        raise InvalidInput(details={"role": [phrase("Choose one of the roles.")]})

    def work(connection: Connection) -> None:
        email = _hold(connection, tenant_id, staff_id)
        if role != "admin":
            _refuse_for_the_last_admin(connection, tenant_id, staff_id)
            withdraw_invites_by(connection, tenant_id, email)
        connection.execute(update(Staff).where(_table.id == staff_id).values(role=role))

    transaction(work)


def disable(tenant_id: str, staff_id: str) -> None:
    """Let a person in no more: all of their sign-ins end at once, and their open invitations are withdrawn.

    What they have made stays, API keys too.

    Raises:
        InvalidOperation: they are the tenant's last active administrator.
        NotFound: unknown, or another tenant's.
    """

    def work(connection: Connection) -> None:
        email = _hold(connection, tenant_id, staff_id)
        _refuse_for_the_last_admin(connection, tenant_id, staff_id)
        withdraw_invites_by(connection, tenant_id, email)
        connection.execute(update(Staff).where(_table.id == staff_id).values(active=False))
        delete_sessions_of(connection, staff_id)

    transaction(work)


def enable(tenant_id: str, staff_id: str) -> None:
    """Let a disabled person sign in again, with the password and second factor that they had.

    Raises:
        NotFound: unknown, or another tenant's.
    """

    def work(connection: Connection) -> None:
        _hold(connection, tenant_id, staff_id)
        connection.execute(update(Staff).where(_table.id == staff_id).values(active=True))

    transaction(work)


def end_sessions(tenant_id: str, staff_id: str) -> None:
    """End every sign-in of a person, at the next request of each.

    Raises:
        NotFound: unknown, or another tenant's.
    """

    def work(connection: Connection) -> None:
        _hold(connection, tenant_id, staff_id)
        delete_sessions_of(connection, staff_id)

    transaction(work)


def reset_second_factor(tenant_id: str, staff_id: str) -> None:
    """Have the person sign in by their password alone, until they set a second factor up again; sign-ins end.

    Raises:
        NotFound: unknown, or another tenant's.
    """
    end_sessions(tenant_id, staff_id)
    switch_off(staff_id)


def _hold(connection: Connection, tenant_id: str, staff_id: str) -> str:
    """Take the tenant's lock, and see that the person is its own: their address. SQLite has one writer at a time."""
    connection.execute(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True))
    known = select(_table.email).where(_table.tenant_id == tenant_id, _table.id == staff_id)
    email: str | None = connection.execute(known).scalar_one_or_none()
    if email is None:
        raise NotFound(phrase("There is no such staff member."))
    return email


def _refuse_for_the_last_admin(connection: Connection, tenant_id: str, staff_id: str) -> None:
    admins = select(_table.id).where(_table.tenant_id == tenant_id, _table.role == "admin", _table.active.is_(True))
    if connection.execute(admins).scalars().all() == [staff_id]:
        raise InvalidOperation(
            phrase("This is the last active administrator. Make somebody else an administrator first.")
        )
