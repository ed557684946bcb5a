"""New identifiers and the time: the one source of both. Knows nothing of what they are for."""

import random
from datetime import UTC, datetime

import orjson
from ulid import ULID


def new_id(prefix: str) -> str:
    """``prefix`` + ``_`` + a ULID (26 characters, sortable by the time it was made)."""
    return f"{prefix}_{ULID()}"


def new_request_id() -> str:
    """``req_`` and 26 random hexadecimal digits: each request needs one, nobody sorts by it, and it opens nothing."""
    return f"req_{random.getrandbits(104):026x}"


def now() -> datetime:
    """The present time, aware, in UTC, with microseconds."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """An aware time as RFC 3339 in UTC with ``Z`` and all six digits of its microseconds."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    if moment.microsecond:  # orjson takes a third of the time, but leaves zeros out
        return orjson.dumps(moment, option=orjson.OPT_UTC_Z)[1:-1].decode()
    return f"{moment.isoformat(timespec='microseconds')[: -len('+00:00')]}Z"
