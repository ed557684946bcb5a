"""The record of one customer, to read, and who else is reading it. Knows no rule and no SQL."""

from typing import Any

from flask import Response, request, url_for
from sqlalchemy import Connection

from webapp import htmx
from webapp.access.permissions import current_caller
from webapp.customers.address import address_layout
from webapp.customers.calling import scope
from webapp.customers.erasures import find_erasure
from webapp.customers.family import find_ancestors, find_children
from webapp.customers.history import list_changes
from webapp.customers.last_list import last_list
from webapp.customers.lookup import find_customer, find_mappings
from webapp.customers.model import Customer
from webapp.customers.neighbours import Neighbours, find_neighbours
from webapp.customers.pages_saved import saved_notice
from webapp.customers.parent_names import learn_parent_names
from webapp.customers.presence import note_viewer, other_viewers
from webapp.database import reading, write_if_free
from webapp.identifiers import now

LATEST_CHANGES = 5
CHILDREN_SHOWN = 10


def show_customer(customer_id: str) -> Response:
    """``GET /customers/{id}``: the record with its latest changes."""
    seen_last = last_list()
    with reading() as connection:
        customer = find_customer(connection, scope(), customer_id)
        changes = list_changes(connection, scope(), customer_id, most=LATEST_CHANGES)
        saved = saved_notice(connection, scope(), customer)
        context: dict[str, Any] = {
            "first_changes": list_changes(connection, scope(), customer_id, most=1, before=2),
            "ancestors": find_ancestors(connection, scope(), customer),
            "children": find_children(connection, scope(), customer_id, most=CHILDREN_SHOWN),
            "neighbours": _neighbours(connection, seen_last, customer),
            "mappings": find_mappings(connection, scope(), customer_id),
            "erasure": find_erasure(connection, customer),
            "saved": saved,
        }
        shown = [*changes, *(saved.all_changes if saved else ())]
        learn_parent_names(connection, scope(), (field for change in shown for field in change.fields))
    return htmx.render(
        page="customers/show.html",
        fragment="customers/_record.html",
        customer=customer,
        changes=changes,
        layout=address_layout(customer.address_country),
        last_list=seen_last,
        shown_at=now(),
        **context,
    )


def _neighbours(connection: Connection, seen_last: str | None, customer: Customer) -> Neighbours:
    return Neighbours() if seen_last is None else find_neighbours(connection, scope(), seen_last, customer)


def show_presence(customer_id: str) -> Response:
    """``GET /customers/{id}/presence``: who else has the record open, and who changed it since ``version``.

    An open page asks for it again and again; whoever comes to it by its address is led to the record.
    """
    if not htmx.wants_fragment():
        return htmx.see_other(url_for(".show", customer_id=customer_id))
    is_editing = request.args.get("editing") == "1"
    with reading() as connection:
        customer = find_customer(connection, scope(), customer_id)
        shown_version = request.args.get("version", customer.version, type=int)
        newer = list_changes(connection, scope(), customer_id, most=1) if customer.version > shown_version else []
        viewers = other_viewers(connection, scope(), customer_id, current_caller())
    write_if_free(lambda at: note_viewer(at, current_caller(), customer_id, is_editing=is_editing))
    return htmx.render(
        page="customers/_presence.html",
        fragment="customers/_presence.html",
        customer=customer,
        viewers=viewers,
        newer=newer[0] if newer else None,
        shown_version=shown_version,
        is_editing=is_editing,
    )
