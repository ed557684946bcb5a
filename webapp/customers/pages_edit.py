"""The edit form of one customer: open it, change its rows, save it. Knows no rule and no SQL."""

from typing import Any

from flask import Response, request, url_for

from webapp import htmx
from webapp.customers.calling import actor, limits, scope
from webapp.customers.edit_frame import edit_page
from webapp.customers.editing import Edit, open_edit, open_record
from webapp.customers.field_checks import notes_of
from webapp.customers.form_page import check_answer, form_context, rows_context, rows_fragment
from webapp.customers.pages_saved import remember_saved
from webapp.customers.row_actions import change_rows
from webapp.customers.saving import recall, save
from webapp.customers.visits import viewers_here
from webapp.database import reading


def edit_customer(customer_id: str) -> Response:
    """``GET /customers/{id}/edit``: the form."""
    if viewers_here()["viewers"] or htmx.wants_fragment() or request.query_string:
        return _form(open_edit(scope(), customer_id, limits()))
    with reading() as connection:
        opened = open_record(connection, scope(), customer_id)
        said = notes_of(connection, scope(), limits(), opened.kept, {}, customer_id)
    return htmx.whole_page(edit_page(opened, said))


def save_customer(customer_id: str) -> Response:
    """``POST /customers/{id}/edit``: back to the record, or 422 with the form, or 409 with what two people changed."""
    edit, saved = save(scope(), actor(), customer_id, limits(), request.form)
    if saved is None:
        return _form(edit, edit.status)
    remember_saved(saved.outcome, saved.merged_since)
    return htmx.see_other(url_for(".show", customer_id=customer_id))


def edit_rows(customer_id: str) -> Response:
    """``POST /customers/{id}/edit/rows``: change the rows by one of their buttons; nothing is judged or saved."""
    edit = open_edit(scope(), customer_id, limits(), request.form)
    change = change_rows(edit.form, request.form.get("rows", ""))
    return _render(recall(edit, scope()), rows_fragment(change), **rows_context(change))


def edit_address(customer_id: str) -> Response:
    """``POST /customers/{id}/edit/address``: the address as the chosen country has it; nothing is judged or saved."""
    edit = open_edit(scope(), customer_id, limits(), request.form)
    return _render(recall(edit, scope()), "customers/_address.html")


def check_field(customer_id: str) -> Response:
    """``POST /customers/{id}/edit/check?field=``: what is said of one field; nothing is saved."""
    return check_answer(customer_id)


def _form(edit: Edit, status: int = 200) -> Response:
    edit.form.metadata.add_row()
    return _render(edit, "customers/_form.html", status)


def _render(edit: Edit, fragment: str, status: int = 200, **more: Any) -> Response:
    context = {
        **form_context(edit.form, edit.customer.id),
        "customer": edit.customer,
        "meanwhile": edit.meanwhile,
        "conflicts": edit.conflicts,
        "similar": [],
    }
    return htmx.render(page="customers/edit.html", fragment=fragment, status=status, **{**context, **more})
