"""Staff sessions: one row on the server for each sign-in, which is what counts; the browser holds only a random token.

Knows when a session begins and ends; not how a password is checked.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from flask import Flask, current_app, has_request_context, request, session
from flask_login import user_logged_out
from flask_security import user_authenticated
from flask_security.core import Security
from flask_security.utils import set_request_attr
from sqlalchemy import Connection, CursorResult, bindparam, delete, insert, select, update
from sqlalchemy.orm import configure_mappers, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, manager_of_class
from sqlalchemy.sql.elements import ColumnElement, KeyedColumnElement

from webapp.access.model import USER_AGENT_LENGTH, Environment, Staff, StaffSession
from webapp.access.permissions import PERMISSIONS_OF_ROLE, Caller
from webapp.access.user_agents import browser_in_words
from webapp.current import current_application, current_globals, current_request
from webapp.database import reading, transaction, write_if_free
from webapp.errors import NotFound
from webapp.identifiers import new_id, now
from webapp.phrases import phrase
from webapp.settings import Settings
from webapp.statements import Statement
from webapp.translation import prefer

_SIGNED_IN = "signed_in_staff"
_LIMITS = "staff_session_limits"
#: Where Flask-Login keeps the person's ``fs_uniquifier`` in the session.
_USER_ID = "_user_id"
TOKEN = "session_token"  # noqa: S105 - the name under which the token is kept, not a token
LAST_SEEN_RESOLUTION = timedelta(minutes=1)
#: Endpoints that open pages ask by themselves, over and over: no sign that a person is there, so a sign-in still idles
#: out in front of an open record.
ASKED_BY_PAGES = frozenset({"customers.presence"})
#: No setting lets a sign-in last longer (SESSION_TOTAL_MINUTES); older rows are swept when somebody signs in.
LONGEST_SESSION = timedelta(days=7)

_table = StaffSession.__table__.c


_staff_columns, _environment_columns = tuple(Staff.__table__.c), tuple(Environment.__table__.c)
_BEHIND_STAFF = len(_staff_columns)
_BEHIND_BOTH = _BEHIND_STAFF + len(_environment_columns)
Read = TypeVar("Read", Staff, Environment)


def _as_read(kind: type[Read], columns: Sequence[KeyedColumnElement[Any]], values: Sequence[Any]) -> Read:
    """An object as those are that were read in a session of the ORM that has ended, made as the ORM makes them."""
    one: Read = manager_of_class(kind).new_instance()
    instance_dict(one).update(zip((column.key for column in columns), values, strict=True))
    make_transient_to_detached(one)
    return one


@lru_cache(maxsize=1024)
def _environment_as_read(*values: Any) -> Environment:
    """The same one each time: nobody changes it, and it is in no session of the ORM."""
    return _as_read(Environment, _environment_columns, values)


def _signed_in(*values: Any) -> tuple[Staff, Environment, tuple[str, datetime, datetime]]:
    """A row of ``_BY_TOKEN``."""
    staff = _as_read(Staff, _staff_columns, values[:_BEHIND_STAFF])
    environment = _environment_as_read(*values[_BEHIND_STAFF:_BEHIND_BOTH])
    session_id, created_at, last_seen_at = values[_BEHIND_BOTH:]
    return staff, environment, (session_id, created_at, last_seen_at)


_BY_TOKEN = Statement(
    select(*_staff_columns, *_environment_columns, _table.id, _table.created_at, _table.last_seen_at)
    .join_from(StaffSession, Staff, Staff.id == _table.staff_id)
    .join(Environment, Environment.id == _table.environment_id)
    .where(_table.token_hash == bindparam("token_hash")),
    _signed_in,
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
    configure_mappers()  # the ORM does so when it makes its first object; _as_read makes some without it

    @security.login_manager.user_loader  # type: ignore[untyped-decorator]
    def load_staff(_uniquifier: str) -> Staff | None:
        staff = signed_in_staff()
        if staff:  # what Flask-Security's own loader tells its views
            set_request_attr("fs_authn_via", "session")
            set_request_attr("fs_paa", session.get("fs_paa", 0))
        return staff

    user_authenticated.connect(_on_sign_in, app)
    user_logged_out.connect(_on_sign_out, app)


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
    settings: Settings = current_app.extensions["customer_desk_settings"]
    return (
        _table.created_at > at - timedelta(minutes=settings.session_total_minutes),
        _table.last_seen_at > at - timedelta(minutes=settings.session_idle_minutes),
    )


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
    current_globals().pop(_SIGNED_IN, None)


def _on_sign_out(_app: object, **_more: object) -> None:
    if token := session.get(TOKEN):
        ended = delete(StaffSession).where(StaffSession.token_hash == _hash(token))
        transaction(lambda connection: connection.execute(ended))
    session.clear()
    current_globals().pop(_SIGNED_IN, None)


def signed_in_staff() -> Staff | None:
    """Who is signed in, by the session of this request: looked up once, with ``g.environment``, where they are.

    Flask-Login's ``current_user`` asks this in turn, by as many calls again.
    """
    kept = current_globals()
    if _SIGNED_IN not in kept:
        setattr(kept, _SIGNED_IN, None)  # where the look-up fails, the page that says so must not fail at it again
        setattr(kept, _SIGNED_IN, _look_up(kept))
    staff: Staff | None = kept.get(_SIGNED_IN)
    return staff


def _look_up(kept: Any) -> Staff | None:
    cookie = session._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - Flask documents it
    token, uniquifier = cookie.get(TOKEN), cookie.get(_USER_ID)
    if not isinstance(token, str):
        return None
    token_hash = _hash(token)
    with reading() as connection:
        found = _BY_TOKEN.first(connection, {"token_hash": token_hash})
    if found is None:
        return None
    staff, environment, (session_id, created_at, last_seen_at) = found
    at, (idle, total) = now(), current_application().extensions[_LIMITS]
    if not staff.active or staff.fs_uniquifier != uniquifier or at >= min(created_at + total, last_seen_at + idle):
        return None
    is_somebody_there = current_request().endpoint not in ASKED_BY_PAGES
    if is_somebody_there and last_seen_at < at - min(LAST_SEEN_RESOLUTION, idle / 4):
        write_if_free(lambda connection: _note_seen(connection, token_hash, staff.id, at))
    kept.environment, kept.staff_session_id = environment, session_id
    prefer(staff.language, staff.timezone)
    return staff


def _note_seen(connection: Connection, token_hash: str, staff_id: str, at: datetime) -> None:
    connection.execute(update(StaffSession).where(StaffSession.token_hash == token_hash).values(last_seen_at=at))
    connection.execute(update(Staff).where(Staff.id == staff_id).values(last_seen_at=at))


def caller_of(staff: Staff, environment: Environment, session_id: str) -> Caller:
    """A signed-in person as a caller."""
    return Caller(
        type="staff",
        id=staff.id,
        name=staff.email,
        tenant_id=staff.tenant_id,
        environment_id=environment.id,
        permissions=PERMISSIONS_OF_ROLE[staff.role],
        staff=staff,
        environment=environment,
        session_id=session_id,
    )
