"""API keys: making, listing, rolling, revoking them, and knowing the caller by one (contract section 1).

Knows nothing of what a key is used for.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from webapp.access.model import NAME_LENGTH, ApiKey, Environment
from webapp.access.permissions import PERMISSIONS_OF_SCOPE, Caller
from webapp.access.rate_limits import admit
from webapp.current import current_request
from webapp.database import reading, transaction, write_if_free
from webapp.errors import InvalidInput, InvalidOperation, NotFound, Unauthorized
from webapp.identifiers import new_id, now
from webapp.phrases import Phrase, phrase
from webapp.statements import Statement

SCOPES = tuple(PERMISSIONS_OF_SCOPE)
PREFIX_LENGTH = 12
LONGEST_KEY = 200
LAST_USE_RESOLUTION = timedelta(minutes=1)

_table = ApiKey.__table__.c


class _KnownKey(NamedTuple):
    """What there is to know of a key when a request brings it."""

    id: str
    name: str
    tenant_id: str
    environment_id: str
    scope: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


_BY_HASH = Statement(
    select(*(_table[name] for name in _KnownKey._fields)).where(_table.key_hash == bindparam("hash")), _KnownKey
)
_TOUCH = (
    update(ApiKey)
    .where(
        _table.id == bindparam("key_id"),
        or_(_table.last_used_at.is_(None), _table.last_used_at < bindparam("stale")),
    )
    .values(last_used_at=bindparam("at"))
)


def hash_of_key(key: str) -> str:
    """The SHA-256 under which a key is stored, in hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


def new_key() -> str:
    """A new key: ``cdk_`` and 256 random bits."""
    return f"cdk_{secrets.token_urlsafe(32)}"


def fault_of_name(name: str) -> Phrase | None:
    """What is wrong with a key's name, or None."""
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        most = NAME_LENGTH
        return phrase("Name the key, with at most %(most)d characters, none of them a control character.", most=most)
    return None


def create_api_key(
    environment_id: str,
    scope: str,
    name: str,
    created_by: str,
    *,
    key: str = "",
    key_id: str = "",
    expires_at: datetime | None = None,
) -> str:
    """Store a new key's hash and return the key, which nothing can show again.

    Args:
        environment_id: where it is good.
        scope: what it is good for.
        name: what it is called.
        created_by: the name of who makes it.
        key: the key itself; ``""``: a new one.
        key_id: of the form that asks for it, so that the same form makes one key; ``""``: a new one.
        expires_at: from when on it is dead; None: never.

    Raises:
        NotFound: there is no such environment.
        InvalidInput: the name is empty, longer than 255 characters, or has control characters.
        InvalidOperation: there is a key of that ID, or that key, already.
    """
    name = name.strip()
    if fault := fault_of_name(name):
        raise InvalidInput(fault, {"name": [fault]})
    key = key or new_key()
    with reading() as connection:
        tenant_id = connection.execute(
            select(Environment.tenant_id).where(Environment.id == environment_id)
        ).scalar_one_or_none()
    if tenant_id is None:
        raise NotFound(phrase("There is no environment %(id)s.", id=environment_id))
    place = {"tenant_id": tenant_id, "environment_id": environment_id}
    what = {"name": name, "scope": scope, "created_by": created_by, "expires_at": expires_at}
    row = _new_row(key, key_id or new_id("key"), **place, **what)
    try:
        transaction(lambda connection: connection.execute(insert(ApiKey), row))
    except IntegrityError:
        raise InvalidOperation(phrase("This key was made already, and nothing can show it again.")) from None
    return key


def _new_row(key: str, key_id: str, **columns: object) -> dict[str, object]:
    prefix = key[:PREFIX_LENGTH]
    return {"id": key_id, "prefix": prefix, "key_hash": hash_of_key(key), "created_at": now(), **columns}


def list_api_keys(caller: Caller | None = None) -> list[ApiKey]:
    """The keys of a caller's environment, or for an operator all of them; newest first."""
    wanted = select(*_table).where(*_confines(caller)).order_by(_table.created_at.desc(), _table.id.desc())
    with reading() as connection:
        return [ApiKey(**row) for row in connection.execute(wanted).mappings()]


def find_api_key(key_id: str, caller: Caller | None = None) -> ApiKey:
    """One key of a caller's environment, or for an operator any.

    Raises:
        NotFound: there is no such key (there).
    """
    with reading() as connection:
        wanted = select(*_table).where(_table.id == key_id, *_confines(caller))
        row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise NotFound(phrase("There is no API key %(id)s.", id=key_id))
    return ApiKey(**row)


def _confines(caller: Caller | None) -> tuple[ColumnElement[bool], ...]:
    if caller is None:
        return ()
    return _table.tenant_id == caller.tenant_id, _table.environment_id == caller.environment_id


def state_of(key: ApiKey) -> str:
    """``active``, ``replaced`` (by another, and still good), ``revoked`` or ``expired``."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= now():
        return "expired"
    return "replaced" if key.replaced_by else "active"


def roll_api_key(key_id: str, overlap: timedelta, created_by: str, caller: Caller | None = None) -> str:
    """Make a key that takes another one's place, with its name and scope; the old one stays good for ``overlap``.

    A key that was made for some time is followed by one that is good as long, from now on.

    Returns:
        The new key, which nothing can show again.

    Raises:
        InvalidOperation: the old key is not active, or was rolled already.
        NotFound: there is no such key (there).
    """
    old = find_api_key(key_id, caller)
    if state_of(old) != "active":
        raise InvalidOperation(phrase("Only an active key can be rolled. Create a new one instead."))
    key, at = new_key(), now()
    until = at + overlap if old.expires_at is None else min(old.expires_at, at + overlap)
    lasting = None if old.expires_at is None else at + (old.expires_at - old.created_at)
    place = {"tenant_id": old.tenant_id, "environment_id": old.environment_id}
    what = {"name": old.name, "scope": old.scope, "created_by": created_by, "expires_at": lasting}
    row = _new_row(key, new_id("key"), **place, **what)
    replaced = update(ApiKey).where(_table.id == key_id, _table.revoked_at.is_(None), _table.replaced_by.is_(None))

    def work(connection: Connection) -> None:
        if connection.execute(replaced.values(expires_at=until, replaced_by=row["id"])).rowcount == 0:
            raise InvalidOperation(phrase("This key was rolled or revoked a moment ago."))
        connection.execute(insert(ApiKey), row)

    transaction(work)
    return key


def revoke_api_key(key_id: str, caller: Caller | None = None) -> None:
    """Revoke a key for good; a second time changes nothing.

    Raises:
        NotFound: there is no such key (there).
    """
    find_api_key(key_id, caller)
    revoked = update(ApiKey).where(_table.id == key_id, _table.revoked_at.is_(None)).values(revoked_at=now())
    transaction(lambda connection: connection.execute(revoked))


def authenticate_key() -> Caller:
    """The caller, by the key in the request's headers; looked up each time, so that a revoked key is dead at once.

    The request is counted against the rate limits.

    Raises:
        Unauthorized: the key is missing, malformed, unknown, revoked or expired, or two different ones were sent.
        TooManyRequests: a rate limit of the key or of its tenant is used up.
    """
    hashed = hash_of_key(_sent_key())
    with reading() as connection:
        row = _BY_HASH.first(connection, {"hash": hashed})
    at = now()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= at):
        raise Unauthorized
    if row.last_used_at is None or row.last_used_at < at - LAST_USE_RESOLUTION:
        touched = {"key_id": row.id, "stale": at - LAST_USE_RESOLUTION, "at": at}
        write_if_free(lambda connection: connection.execute(_TOUCH, touched))
    caller = Caller(
        type="api_key",
        id=row.id,
        name=row.name,
        tenant_id=row.tenant_id,
        environment_id=row.environment_id,
        permissions=PERMISSIONS_OF_SCOPE[row.scope],
    )
    admit(caller)
    return caller


def _sent_key() -> str:
    sent, environ = set(), current_request().environ
    if "HTTP_AUTHORIZATION" in environ:
        scheme, _, key = environ["HTTP_AUTHORIZATION"].strip().partition(" ")
        sent.add(key.strip() if scheme.lower() == "bearer" else "")
    if "HTTP_X_API_KEY" in environ:
        sent.add(environ["HTTP_X_API_KEY"].strip())
    key = sent.pop() if len(sent) == 1 else ""
    if not key or len(key) > LONGEST_KEY or not key.isascii():
        raise Unauthorized
    return key
