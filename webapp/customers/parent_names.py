"""The names of the parents that a history tells of: it keeps their IDs, which tell a person nothing.

Knows no page; templates ask for a name while they are filled.
"""

from collections.abc import Iterable

from flask import g
from sqlalchemy import Connection

from webapp.customers.erasures import shown_name
from webapp.customers.history import FieldChange
from webapp.customers.lookup import find_customers
from webapp.customers.model import Scope


def learn_parent_names(connection: Connection, scope: Scope, fields: Iterable[FieldChange]) -> None:
    """Read the present names of all parents, old and new, in the fields that a page shows, in one statement."""
    changed = [field for field in fields if field.field == "parent_customer_id"]
    parents = find_customers(connection, scope, (value for field in changed for value in (field.old, field.new)))
    g.parent_names = {**g.get("parent_names", {}), **{parent.id: shown_name(parent) for parent in parents.values()}}


def parent_name(customer_id: str) -> str:
    """The name of a parent that was learned for this page, else its ID."""
    names: dict[str, str] = g.get("parent_names", {})
    return names.get(customer_id, customer_id)
