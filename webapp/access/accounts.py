"""A staff member's own account: what they read the desk in, and their password. Knows no page."""

import secrets

from flask_security import hash_password
from sqlalchemy import Connection, update

from webapp.access.model import Staff
from webapp.access.passwords import fault_of_new_password, normalise
from webapp.access.staff_sessions import delete_sessions_of
from webapp.database import transaction
from webapp.errors import InvalidInput, InvalidOperation
from webapp.greenlets import beside
from webapp.identifiers import now
from webapp.phrases import phrase

_table = Staff.__table__.c


def set_preferences(staff_id: str, language: str, timezone: str) -> None:
    """Keep the language and the time zone that a person reads the desk in; ``""`` leaves one to the browser."""
    chosen = update(Staff).where(_table.id == staff_id).values(language=language, timezone=timezone)
    transaction(lambda connection: connection.execute(chosen))


def hash_of_new_password(password: str, email: str) -> str:
    """A new password as it is stored; takes a third of a second by design, so never inside of a transaction.

    Raises:
        InvalidInput: it may not be used; ``details`` names it ``new_password``.
    """
    if fault := fault_of_new_password(password, email):
        raise InvalidInput(details={"new_password": [fault]})
    hashed: str = beside(hash_password, normalise(password))
    return hashed


def change_password(staff: Staff, new_password: str, session_id: str) -> str:
    """Give a person another password and end all of their other sign-ins; the present password was asked before.

    Returns:
        The person's new uniquifier, which their remaining sign-in must carry.

    Raises:
        InvalidInput: the new password may not be used.
        InvalidOperation: the password was changed by another request meanwhile.
    """
    hashed = hash_of_new_password(new_password, staff.email)
    uniquifier = secrets.token_hex(32)
    changed = (
        update(Staff)
        .where(_table.id == staff.id, _table.password == staff.password)
        .values(password=hashed, fs_uniquifier=uniquifier)
    )

    def work(connection: Connection) -> None:
        if connection.execute(changed).rowcount == 0:
            raise InvalidOperation(phrase("The password was changed by somebody else a moment ago."))
        delete_sessions_of(connection, staff.id, but=session_id)

    transaction(work)
    return uniquifier


def reset_password(staff_id: str) -> str:
    """For operators: give a person a new random password, and end all of their sign-ins. Returns the password."""
    password = secrets.token_urlsafe(15)
    row = {"password": hash_password(password), "fs_uniquifier": secrets.token_hex(32)}

    def work(connection: Connection) -> None:
        connection.execute(update(Staff).where(_table.id == staff_id).values(row))
        delete_sessions_of(connection, staff_id)

    transaction(work)
    return password


def new_staff_row(tenant_id: str, email: str, role: str, hashed: str, staff_id: str) -> dict[str, object]:
    """The row of a new staff member, active at once."""
    return {
        "id": staff_id,
        "tenant_id": tenant_id,
        "email": email,
        "password": hashed,
        "active": True,
        "role": role,
        "fs_uniquifier": secrets.token_hex(32),
        "created_at": now(),
    }
