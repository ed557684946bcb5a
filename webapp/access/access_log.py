"""The access log: which staff member opened which customer's record, when. Writing it, reading it, ending its memory.

Knows a customer by its ID alone, and no page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, insert, or_, select

from webapp.access.model import RecordAccess, Staff
from webapp.access.permissions import Caller
from webapp.identifiers import new_id, now
from webapp.statements import Statement

#: The pages of a record. ``version`` and ``change`` show parts of its history, so they count as ``history``.
#: ``export`` is the file of all that is kept.
RecordPage = Literal["record", "edit", "history", "personal_data", "export"]

#: The same person, record and page again within this time is one opening: a reload says nothing new.
SAME_OPENING = timedelta(minutes=1)
#: So many of a person's last openings are looked through for different records.
MOST_LOOKED_THROUGH = 300
#: So many entries that are too old are removed at once: more than come within the time until the next ones are.
REMOVED_AT_ONCE = 1000

_columns = RecordAccess.__table__.c
_HERE = and_(
    _columns.tenant_id == bindparam("tenant_id"),
    _columns.environment_id == bindparam("environment_id"),
)
_OPENED_JUST_NOW = exists().where(
    _HERE,
    # Found by the record: within a minute it is opened less often than one person opens records.
    _columns.staff_id.concat("") == bindparam("staff_id"),
    _columns.customer_id == bindparam("customer_id"),
    _columns.page == bindparam("page"),
    _columns.at > bindparam("since"),
)
_INSERT_NEW = Statement(
    insert(RecordAccess).from_select(
        [column.key for column in _columns],
        select(*(bindparam(column.key, type_=column.type) for column in _columns)).where(~_OPENED_JUST_NOW),
    )
)
#: Those that somebody else is removing just now are left to the next time.
_TOO_OLD = (
    select(_columns.id)
    .where(_HERE, _columns.at < bindparam("too_old"))
    .limit(REMOVED_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_REMOVE = Statement(delete(RecordAccess).where(_columns.id.in_(_TOO_OLD.scalar_subquery())))
_LAST = (
    select(_columns.customer_id, _columns.at)
    .where(_HERE, _columns.staff_id == bindparam("staff_id"))
    .order_by(_columns.at.desc())
    .limit(MOST_LOOKED_THROUGH)
    .subquery()
)
_RECENT = (
    select(_LAST.c.customer_id)
    .group_by(_LAST.c.customer_id)
    .order_by(func.max(_LAST.c.at).desc(), _LAST.c.customer_id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Access:
    """One opening of a record; ``staff_email`` as it was at the time."""

    id: str
    customer_id: str
    staff_id: str
    staff_email: str
    page: str
    at: datetime


_ACCESS_COLUMNS = [_columns[name] for name in Access.__dataclass_fields__]


def _of(caller: Caller, **more: Any) -> dict[str, Any]:
    return {"tenant_id": caller.tenant_id, "environment_id": caller.environment_id, **more}


def record_access(connection: Connection, caller: Caller, customer_id: str, page: RecordPage) -> None:
    """Write down that a staff member has opened a record, in the caller's environment.

    The same page of the same record is written down once within a minute.
    """
    at = now()
    opening = _of(caller, staff_id=caller.id, staff_email=caller.name, customer_id=customer_id, page=page)
    _INSERT_NEW.run(connection, {**opening, "id": new_id("acc"), "at": at, "since": at - SAME_OPENING})


def remove_old_accesses(connection: Connection, caller: Caller, kept_for: timedelta) -> None:
    """Remove some of the entries of the caller's environment that are older than they are kept for."""
    _REMOVE.run(connection, _of(caller, too_old=now() - kept_for))


def recently_opened(connection: Connection, caller: Caller, most: int) -> list[str]:
    """The IDs of the records that the caller opened last, each once, the last one first."""
    return list(connection.execute(_RECENT, _of(caller, staff_id=caller.id, most=most)).scalars())


def list_accesses(
    connection: Connection,
    caller: Caller,
    *,
    most: int,
    customer_id: str = "",
    staff_id: str = "",
    before: str = "",
) -> Sequence[Access]:
    """Entries of the caller's environment, newest first.

    Args:
        connection: to read on.
        caller: whose environment.
        most: so many at the most.
        customer_id: those of one record; ``""``: of all.
        staff_id: those of one person; ``""``: of all.
        before: the ID of an entry; only those behind it. Behind one that is no longer kept, there is none.
    """
    statement = select(*_ACCESS_COLUMNS).where(_HERE).order_by(_columns.at.desc(), _columns.id.desc()).limit(most)
    if customer_id:
        statement = statement.where(_columns.customer_id == customer_id)
    if staff_id:
        statement = statement.where(_columns.staff_id == staff_id)
    if before:
        at = select(_columns.at).where(_HERE, _columns.id == before).scalar_subquery()
        statement = statement.where(_columns.at <= at, or_(_columns.at < at, _columns.id < before))
    return [Access(*row) for row in connection.execute(statement, _of(caller))]


def people_of(connection: Connection, caller: Caller) -> dict[str, str]:
    """Whose openings there can be: the email of each staff member of the caller's tenant by ID, in their order."""
    staff = Staff.__table__.c
    rows = connection.execute(select(staff.id, staff.email).where(staff.tenant_id == caller.tenant_id))
    return dict(sorted((tuple(row) for row in rows), key=lambda person: person[1]))
