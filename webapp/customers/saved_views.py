"""Saved views: lists that a person has given a name, each person's own in each environment.

Knows a list by its query string alone.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from webapp.access.permissions import Caller
from webapp.customers.desk_model import VIEW_NAME_LENGTH, saved_views
from webapp.customers.list_query import faults_of, read_query_string
from webapp.customers.rows import trim
from webapp.customers.validators import forbidden_character
from webapp.database import transaction
from webapp.errors import InvalidInput, NotFound
from webapp.identifiers import new_id, now
from webapp.phrases import phrase

MOST_VIEWS = 50
#: Characters of a query string: it must fit into an address, and into a cookie while a view can be brought back.
LONGEST_VIEW = 2500

_table = saved_views.c
_OWN = and_(
    _table.environment_id == bindparam("of_environment_id"),
    _table.staff_id == bindparam("of_staff_id"),
)
_NAMED = and_(_OWN, _table.name == bindparam("of_name"))
_LIST = select(_table.id, _table.name, _table.query).where(_OWN).order_by(func.lower(_table.name), _table.name)
_COUNT = select(func.count()).select_from(saved_views).where(_OWN)
_OF_NAME = select(_table.id, _table.name, _table.query).where(_NAMED)
_OF_ID = select(_table.id, _table.name, _table.query).where(_OWN, _table.id == bindparam("of_id"))
_INSERT = insert(saved_views)
_UPDATE = update(saved_views).where(_NAMED).values(query=bindparam("new_query"))
_DELETE = delete(saved_views).where(_OWN, _table.id == bindparam("of_id"))


class ViewNameTaken(Exception):
    """The person has another view of that name already. The arguments are the name and the new query string."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list with a name; ``query`` is its query string, ``""`` for the newest customers."""

    id: str
    name: str
    query: str

    @property
    def parameters(self) -> str:
        """The query string that leads to the list, even where its text names one customer exactly."""
        return f"{self.query}&list=1" if "q" in parse_qs(self.query) else self.query


def _of(caller: Caller, **more: str) -> dict[str, Any]:
    return {"of_environment_id": caller.environment_id, "of_staff_id": caller.id, **more}


def list_views(connection: Connection, caller: Caller) -> list[SavedView]:
    """The caller's views in their environment, by name."""
    return [SavedView(*row) for row in connection.execute(_LIST, _of(caller))]


def save_view(caller: Caller, name: str, query: str, *, replacing: bool = False) -> SavedView:
    """Keep a list under a name, in a transaction of its own. The same list under the same name again is no fault.

    Raises:
        InvalidInput: the name is blank, too long or not plain, the list is none, or there are too many views.
        ViewNameTaken: another list has the name, and ``replacing`` was not asked for.
    """
    name, query = trim(name), _judged_query(query)
    if fault := _name_fault(name):
        raise InvalidInput(details={"name": [fault]})

    def work(connection: Connection) -> SavedView:
        kept = connection.execute(_OF_NAME, _of(caller, of_name=name)).one_or_none()
        if kept is None:
            return _add(connection, caller, name, query)
        if kept.query != query and not replacing:
            raise ViewNameTaken(name, query)
        connection.execute(_UPDATE, _of(caller, of_name=name, new_query=query))
        return SavedView(kept.id, name, query)

    return transaction(work)


def delete_view(caller: Caller, view_id: str) -> SavedView:
    """Forget one of the caller's views, in a transaction of its own; returns what it was.

    Raises:
        NotFound: the caller has no such view in their environment.
    """

    def work(connection: Connection) -> SavedView:
        kept = connection.execute(_OF_ID, _of(caller, of_id=view_id)).one_or_none()
        if kept is None:
            raise NotFound(phrase("There is no such view; it was deleted already."))
        connection.execute(_DELETE, _of(caller, of_id=view_id))
        return SavedView(*kept)

    return transaction(work)


def _add(connection: Connection, caller: Caller, name: str, query: str) -> SavedView:
    if connection.execute(_COUNT, _of(caller)).scalar_one() >= MOST_VIEWS:
        message = phrase("You have %(most)d views, which is the most. Delete one first.", most=MOST_VIEWS)
        raise InvalidInput(details={"name": [message]})
    view = SavedView(new_id("view"), name, query)
    row = {"id": view.id, "environment_id": caller.environment_id, "staff_id": caller.id, "name": name, "query": query}
    try:
        connection.execute(_INSERT, {**row, "created_at": now()})
    except IntegrityError:  # saved in another window at this moment
        raise ViewNameTaken(name, query) from None
    return view


def _name_fault(name: str) -> str:
    if not name:
        return phrase("Give the view a name.")
    if len(name) > VIEW_NAME_LENGTH:
        return phrase("Use at most %(most)d characters.", most=VIEW_NAME_LENGTH)
    if found := forbidden_character(name):
        return phrase("Remove the control character %(character)s, which cannot be stored.", character=found)
    return ""


def _judged_query(query: str) -> str:
    """The query string as the list itself would write it."""
    wanted = read_query_string(query)
    written = wanted.query_string() if not faults_of(wanted) else ""
    if faults_of(wanted) or len(written) > LONGEST_VIEW:
        raise InvalidInput(details={"query": [phrase("This list cannot be saved: its address is wrong or too long.")]})
    return written
