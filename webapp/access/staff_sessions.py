"""Staff sessions: one row on the server for each sign-in, which is what counts; the browser holds only a random token.

Knows when a session begins and ends; not how a password is checked.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple

from flask import Flask, has_request_context, request, session
from flask_login import user_logged_out
from flask_security import user_authenticated
from flask_security.core import Security
from flask_security.utils import set_request_attr
from sqlalchemy import Connection, CursorResult, bindparam, delete, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from webapp.access.model import USER_AGENT_LENGTH, Environment, Staff, StaffSession
from webapp.access.permissions import PERMISSIONS_OF_ROLE, Caller, EnvironmentChoice, Person
from webapp.access.user_agents import browser_in_words
from webapp.current import current_application, current_globals, current_request, current_session
from webapp.database import db, reading, transaction, write_if_free
from webapp.errors import NotFound
from webapp.identifiers import new_id, now
from webapp.phrases import phrase
from webapp.settings import Settings
from webapp.statements import Statement
from webapp.translation import prefer

_SIGNED_IN = "signed_in_caller"
_LIMITS = "staff_session_limits"
#: Where Flask-Login keeps the person's ``fs_uniquifier`` in the session.
USER_ID = "_user_id"
TOKEN = "session_token"  # noqa: S105 - the name under which the token is kept, not a token
LAST_SEEN_RESOLUTION = timedelta(minutes=1)
#: Endpoints that open pages ask by themselves, over and over: no sign that a person is there, so a sign-in still idles
#: out in front of an open record.
ASKED_BY_PAGES = frozenset({"customers.presence"})
#: No setting lets a sign-in last longer (SESSION_TOTAL_MINUTES); older rows are swept when somebody signs in.
LONGEST_SESSION = timedelta(days=7)

_table = StaffSession.__table__.c


_every = Environment.__table__.alias("every_environment")
#: A row for each environment of the person's tenant.
_BY_TOKEN = Statement(
    select(
        # What a caller is made of,
        _table.id,
        Staff.id,
        Staff.tenant_id,
        Staff.email,
        Staff.role,
        _table.environment_id,
        # what says whether the sign-in still counts, and how the person reads,
        Staff.active,
        Staff.fs_uniquifier,
        _table.created_at,
        _table.last_seen_at,
        Staff.language,
        Staff.timezone,
        # and an environment.
        _every.c.id,
        _every.c.name,
        _every.c.kind,
    )
    .join_from(StaffSession, Staff, Staff.id == _table.staff_id)
    .join(_every, _every.c.tenant_id == Staff.tenant_id)
    .where(_table.token_hash == bindparam("token_hash"))
    .order_by(_every.c.kind, _every.c.id)
)
_OF_CALLER, _OF_SIGN_IN, _OF_ENVIRONMENT = slice(0, 6), slice(6, 12), slice(12, 15)


@lru_cache(maxsize=1024)
def _caller(
    session_id: str,
    staff_id: str,
    tenant_id: str,
    email: str,
    role: str,
    environment_id: str,
    environments: tuple[tuple[str, str, str], ...],
) -> Caller | None:
    """A signed-in person as a caller, who is the same one for the same rows; None in another tenant's environment."""
    choices = tuple(EnvironmentChoice(*environment) for environment in environments)
    here = next((one for one in choices if one.id == environment_id), None)
    if here is None:
        return None
    return Caller(
        type="staff",
        id=staff_id,
        name=email,
        tenant_id=tenant_id,
        environment_id=environment_id,
        permissions=PERMISSIONS_OF_ROLE[role],
        staff=Person(staff_id, email, role),
        environment=here,
        environments=choices,
        session_id=session_id,
    )


class _Limits(NamedTuple):
    """How long a sign-in lasts without a request, and in all."""

    idle: timedelta
    total: timedelta


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One sign-in that is open, as its owner sees it.

    Attributes:
        browser: in words, a phrase.
    """

    id: str
    browser: str
    address: str
    environment: str
    created_at: datetime
    last_seen_at: datetime


def init_staff_sessions(app: Flask, security: Security, settings: Settings) -> None:
    """Make the session rows decide who is signed in."""
    app.extensions[_LIMITS] = _Limits(
        timedelta(minutes=settings.session_idle_minutes), timedelta(minutes=settings.session_total_minutes)
    )

    @security.login_manager.user_loader  # type: ignore[untyped-decorator]
    def load_staff(_uniquifier: str) -> Staff | None:
        caller = signed_in_caller()
        if caller is None:
            return None
        set_request_attr("fs_authn_via", "session")  # what Flask-Security's own loader tells its views
        set_request_attr("fs_paa", session.get("fs_paa", 0))
        return find_staff(caller.id)

    user_authenticated.connect(_on_sign_in, app)
    user_logged_out.connect(_on_sign_out, app)


def find_staff(staff_id: str) -> Staff:
    """The row of a person, as Flask-Security signs them in by."""
    staff = db.session.get_one(Staff, staff_id)
    db.session.close()
    return staff


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(staff: Staff) -> str:
    """Write the row of a new sign-in, in the tenant's production, and return its token."""
    token = secrets.token_urlsafe(32)
    at = now()

    def work(connection: Connection) -> None:
        connection.execute(delete(StaffSession).where(StaffSession.created_at < at - LONGEST_SESSION))
        environment_id = connection.execute(
            select(Environment.id)
            .where(Environment.tenant_id == staff.tenant_id)
            .order_by(Environment.kind, Environment.id)
            .limit(1)
        ).scalar_one()
        row = {
            "token_hash": _hash(token),
            "id": new_id("sess"),
            "staff_id": staff.id,
            "environment_id": environment_id,
            "created_at": at,
            "last_seen_at": at,
            "address": (request.remote_addr or "") if has_request_context() else "",
            "user_agent": request.user_agent.string[:USER_AGENT_LENGTH] if has_request_context() else "",
        }
        connection.execute(insert(StaffSession), row)
        connection.execute(update(Staff).where(Staff.id == staff.id).values(last_seen_at=at))

    transaction(work)
    return token


def is_open(at: datetime) -> Sequence[ColumnElement[bool]]:
    """The conditions on a session's row that make it count at that time."""
    idle, total = current_application().extensions[_LIMITS]
    return (_table.created_at > at - total, _table.last_seen_at > at - idle)


def list_open_sessions(staff_id: str) -> list[OpenSession]:
    """The open sign-ins of a person, the one that was used last first."""
    wanted = (
        select(_table.id, _table.user_agent, _table.address, Environment.name, _table.created_at, _table.last_seen_at)
        .join(Environment, Environment.id == _table.environment_id)
        .where(_table.staff_id == staff_id, *is_open(now()))
        .order_by(_table.last_seen_at.desc(), _table.id)
    )
    with reading() as connection:
        return [OpenSession(row[0], browser_in_words(row[1]), *row[2:]) for row in connection.execute(wanted)]


def end_session(staff_id: str, session_id: str) -> None:
    """End one sign-in of a person, at its next request.

    Raises:
        NotFound: the person has no such sign-in (any more).
    """
    if _delete(_table.staff_id == staff_id, _table.id == session_id).rowcount == 0:
        raise NotFound(phrase("There is no such sign-in. It may have ended already."))


def end_sessions_of(staff_id: str, *, but: str = "") -> int:
    """End every sign-in of a person, at the next request of each, but for the one of an ID. Returns how many."""
    return _delete(_table.staff_id == staff_id, _table.id != but).rowcount


def delete_sessions_of(connection: Connection, staff_id: str, *, but: str = "") -> None:
    """As :func:`end_sessions_of`, as a part of a greater change."""
    connection.execute(delete(StaffSession).where(_table.staff_id == staff_id, _table.id != but))


def switch_environment(session_id: str, environment_id: str) -> None:
    """Have a sign-in look at another environment from its next request on; whose it is was judged before."""
    switched = update(StaffSession).where(_table.id == session_id).values(environment_id=environment_id)
    transaction(lambda connection: connection.execute(switched))


def _delete(*conditions: ColumnElement[bool]) -> CursorResult[Any]:
    return transaction(lambda connection: connection.execute(delete(StaffSession).where(*conditions)))


def _on_sign_in(_app: object, user: Staff, **_more: object) -> None:
    session[TOKEN] = begin_session(user)
    forget_caller()


def _on_sign_out(_app: object, **_more: object) -> None:
    if token := session.get(TOKEN):
        ended = delete(StaffSession).where(StaffSession.token_hash == _hash(token))
        transaction(lambda connection: connection.execute(ended))
    session.clear()
    forget_caller()


def signed_in_caller() -> Caller | None:
    """Who is signed in by the session of this request, and where; looked up once."""
    kept = current_globals()
    if _SIGNED_IN not in kept:
        setattr(kept, _SIGNED_IN, None)  # where the look-up fails, the page that says so must not fail at it again
        setattr(kept, _SIGNED_IN, _look_up())
    caller: Caller | None = kept.get(_SIGNED_IN)
    return caller


def forget_caller() -> None:
    """Have it looked up anew: it is another one since."""
    current_globals().pop(_SIGNED_IN, None)


def _look_up() -> Caller | None:
    cookie = current_session()
    token = cookie.get(TOKEN)
    if not isinstance(token, str):
        return None
    token_hash = _hash(token)
    with reading() as connection:
        rows = _BY_TOKEN.all(connection, {"token_hash": token_hash})
    if not rows:
        return None
    is_active, uniquifier, created_at, last_seen_at, language, timezone = rows[0][_OF_SIGN_IN]
    at, (idle, total) = now(), current_application().extensions[_LIMITS]
    if not is_active or uniquifier != cookie.get(USER_ID) or at >= min(created_at + total, last_seen_at + idle):
        return None
    caller = _caller(*rows[0][_OF_CALLER], tuple(row[_OF_ENVIRONMENT] for row in rows))
    if caller is None:
        return None
    is_somebody_there = current_request().endpoint not in ASKED_BY_PAGES
    if is_somebody_there and last_seen_at < at - min(LAST_SEEN_RESOLUTION, idle / 4):
        write_if_free(partial(_note_seen, token_hash=token_hash, staff_id=caller.id, at=at))
    prefer(language, timezone)
    return caller


def _note_seen(connection: Connection, token_hash: str, staff_id: str, at: datetime) -> None:
    connection.execute(update(StaffSession).where(StaffSession.token_hash == token_hash).values(last_seen_at=at))
    connection.execute(update(Staff).where(Staff.id == staff_id).values(last_seen_at=at))
