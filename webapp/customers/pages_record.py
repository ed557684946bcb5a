"""The record of one customer, to read. Knows no rule and no SQL."""

from flask import Response, request, url_for

from webapp import htmx
from webapp.customers.calling import scope
from webapp.customers.history import list_changes
from webapp.customers.lookup import find_customer, find_mappings, find_parent
from webapp.customers.pages_saved import saved_notice
from webapp.database import reading

CHANGES_PER_PAGE = 20


def show_customer(customer_id: str) -> Response:
    """``GET /customers/{id}``: the record with its history."""
    before = request.args.get("before", type=int)
    with reading() as connection:
        customer = find_customer(connection, scope(), customer_id)
        changes = list_changes(connection, scope(), customer_id, most=CHANGES_PER_PAGE, before=before)
        parent = find_parent(connection, scope(), customer)
        mappings = find_mappings(connection, scope(), customer_id)
    has_more = bool(changes) and changes[-1].version > 1
    return htmx.render(
        page="customers/show.html",
        fragment="customers/_record.html",
        customer=customer,
        parent=parent,
        mappings=mappings,
        changes=changes,
        more_changes_url=url_for(".show", customer_id=customer_id, before=changes[-1].version) if has_more else None,
        saved=saved_notice(customer, changes),
    )
