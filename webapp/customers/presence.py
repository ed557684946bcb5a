"""Who else has a record open just now, from the database, so that it holds over all processes. No locks.

Knows what a page last said of itself; not whether a person looks at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from webapp.access.permissions import Caller
from webapp.customers.desk_model import record_viewers
from webapp.customers.model import Scope, customers
from webapp.database import is_postgresql
from webapp.identifiers import now
from webapp.statements import Statement

#: An open page tells of itself each 20 seconds (static/js/presence.js); two may be lost.
SEEN_LATELY = timedelta(seconds=45)
#: A row that old says nothing; it is removed when somebody opens a record, now and then.
KEPT_FOR = timedelta(minutes=10)
#: So many of them at once.
REMOVED_AT_ONCE = 1000

_columns = record_viewers.c
_KEY = ["environment_id", "customer_id", "session_id"]
#: Those that somebody else is writing just now are left to the next time: the access log is in the same transaction.
_OLD = (
    select(_columns.environment_id, _columns.customer_id, _columns.session_id)
    .where(_columns.seen_at < bindparam("too_old"))
    .limit(REMOVED_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_REMOVE = Statement(delete(record_viewers).where(tuple_(*(_columns[name] for name in _KEY)).in_(_OLD)))
_OTHERS = Statement(
    select(
        _columns.staff_id,
        func.max(_columns.staff_email).label("email"),
        func.max(_columns.editing_at).label("editing_at"),
    )
    .join(
        customers,
        and_(customers.c.environment_id == _columns.environment_id, customers.c.id == _columns.customer_id),
    )
    .where(
        _columns.environment_id == bindparam("environment_id"),
        customers.c.tenant_id == bindparam("tenant_id"),
        _columns.customer_id == bindparam("customer_id"),
        _columns.session_id != bindparam("session_id"),
        _columns.seen_at > bindparam("since"),
    )
    .group_by(_columns.staff_id)
    .order_by("email")
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who has the record open.

    Attributes:
        email: the person's.
        is_editing: whether it is open on the edit page.
        is_self: whether it is the reader, signed in somewhere else too.
    """

    email: str
    is_editing: bool
    is_self: bool = False


@lru_cache
def _upsert(for_postgresql: bool, renewed: tuple[str, ...]) -> Statement:
    statement: Any = (postgresql if for_postgresql else sqlite).insert(record_viewers)
    return Statement(
        statement.on_conflict_do_update(index_elements=_KEY, set_={name: statement.excluded[name] for name in renewed})
    )


def note_viewer(
    connection: Connection, caller: Caller, customer_id: str, *, is_editing: bool, is_opening: bool = False
) -> None:
    """Write down that a sign-in has a record open now.

    Args:
        connection: of a writing transaction.
        caller: a staff member.
        customer_id: which record, of the caller's environment.
        is_editing: whether it is the edit page.
        is_opening: whether the page has just been opened: then an edit page that was open before is taken as left,
            unless it tells of itself again.
    """
    at = now()
    row = {
        "environment_id": caller.environment_id,
        "customer_id": customer_id,
        "session_id": caller.session_id,
        "staff_id": caller.id,
        "staff_email": caller.name,
        "seen_at": at,
        "editing_at": at if is_editing else None,
    }
    renewed = ("seen_at", "editing_at") if is_editing or is_opening else ("seen_at",)
    _upsert(is_postgresql(connection), renewed).run(connection, row)


def remove_old_viewers(connection: Connection) -> None:
    """Remove some of the rows that say nothing any more, of all environments; for a writing transaction."""
    _REMOVE.run(connection, {"too_old": now() - KEPT_FOR})


def other_viewers(connection: Connection, scope: Scope, customer_id: str, caller: Caller) -> Sequence[Viewer]:
    """Who has the record open, by email, without the caller's own sign-in; each person once.

    The caller is among them, as the last, only when signed in elsewhere and editing there.
    """
    since = now() - SEEN_LATELY
    parameters = {
        "environment_id": scope.environment_id,
        "tenant_id": scope.tenant_id,
        "customer_id": customer_id,
        "session_id": caller.session_id,
        "since": since,
    }
    viewers = [
        Viewer(email, editing_at is not None and editing_at > since, is_self=staff_id == caller.id)
        for staff_id, email, editing_at in _OTHERS.all(connection, parameters)
    ]
    others = [viewer for viewer in viewers if not viewer.is_self]
    return [*others, *(viewer for viewer in viewers if viewer.is_self and viewer.is_editing)]
