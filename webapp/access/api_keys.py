"""API keys: making, listing, revoking them, and knowing the caller by one (contract section 1).

Knows nothing of what a key is used for.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import request
from sqlalchemy import bindparam, insert, or_, select, update

from webapp.access.model import ApiKey, Environment
from webapp.access.permissions import PERMISSIONS_OF_SCOPE, Caller
from webapp.access.rate_limits import admit
from webapp.database import reading, transaction, write_if_free
from webapp.errors import InvalidInput, NotFound, Unauthorized
from webapp.identifiers import new_id, now

SCOPES = tuple(PERMISSIONS_OF_SCOPE)
PREFIX_LENGTH = 12
LONGEST_KEY = 200
LAST_USE_RESOLUTION = timedelta(minutes=1)

_table = ApiKey.__table__.c
_BY_HASH = select(
    _table.id,
    _table.name,
    _table.tenant_id,
    _table.environment_id,
    _table.scope,
    _table.expires_at,
    _table.revoked_at,
    _table.last_used_at,
).where(_table.key_hash == bindparam("hash"))
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


def create_api_key(
    environment_id: str, scope: str, name: str, created_by: str, *, key: str = "", expires_at: datetime | None = None
) -> str:
    """Store a new key's hash and return the key, which nothing can show again.

    Raises:
        NotFound: there is no such environment.
        InvalidInput: the name is empty, longer than 255 characters, or has control characters.
    """
    name = name.strip()
    if not name or len(name) > 255 or not name.isprintable():
        raise InvalidInput("Name the key, with at most 255 characters, none of them a control character.")
    key = key or new_key()
    with reading() as connection:
        tenant_id = connection.execute(
            select(Environment.tenant_id).where(Environment.id == environment_id)
        ).scalar_one_or_none()
    if tenant_id is None:
        raise NotFound(f"There is no environment {environment_id}.")
    row = {
        "id": new_id("key"),
        "tenant_id": tenant_id,
        "environment_id": environment_id,
        "name": name,
        "prefix": key[:PREFIX_LENGTH],
        "key_hash": hash_of_key(key),
        "scope": scope,
        "created_by": created_by,
        "created_at": now(),
        "expires_at": expires_at,
    }
    transaction(lambda connection: connection.execute(insert(ApiKey), row))
    return key


def list_api_keys() -> list[ApiKey]:
    """Every key's row, newest first."""
    with reading() as connection:
        rows = connection.execute(select(*_table).order_by(_table.created_at.desc())).mappings()
        return [ApiKey(**row) for row in rows]


def state_of(key: ApiKey) -> str:
    """``active``, ``revoked`` or ``expired``."""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now() else "active"


def revoke_api_key(key_id: str) -> None:
    """Revoke a key for good; a second time changes nothing.

    Raises:
        NotFound: there is no such key.
    """
    revoked = (
        update(ApiKey).where(_table.id == key_id).values(revoked_at=bindparam("at")).where(_table.revoked_at.is_(None))
    )
    known = select(_table.id).where(_table.id == key_id)
    with reading() as connection:
        if connection.execute(known).scalar_one_or_none() is None:
            raise NotFound(f"There is no API key {key_id}.")
    transaction(lambda connection: connection.execute(revoked, {"at": now()}))


def authenticate_key() -> Caller:
    """The caller, by the key in the request's headers; looked up each time, so that a revoked key is dead at once.

    The request is counted against the rate limits.

    Raises:
        Unauthorized: the key is missing, malformed, unknown, revoked or expired, or two different ones were sent.
        TooManyRequests: a rate limit of the key or of its tenant is used up.
    """
    hashed = hash_of_key(_sent_key())
    with reading() as connection:
        row = connection.execute(_BY_HASH, {"hash": hashed}).one_or_none()
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
    sent = set()
    if "Authorization" in request.headers:
        scheme, _, key = request.headers["Authorization"].strip().partition(" ")
        sent.add(key.strip() if scheme.lower() == "bearer" else "")
    if "x-api-key" in request.headers:
        sent.add(request.headers["x-api-key"].strip())
    key = sent.pop() if len(sent) == 1 else ""
    if not key or len(key) > LONGEST_KEY or not key.isascii():
        raise Unauthorized
    return key
