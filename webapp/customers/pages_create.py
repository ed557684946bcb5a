"""The form of a new customer: open it, change its rows, create the customer. Knows no rule and no SQL."""

from typing import Any

from flask import Response, request, url_for

from webapp import htmx
from webapp.customers.calling import actor, limits, scope
from webapp.customers.creating import Creation, create, open_new
from webapp.customers.form_page import check_answer, form_context, rows_context, rows_fragment
from webapp.customers.pages_saved import remember_saved
from webapp.customers.row_actions import change_rows


def new_customer() -> Response:
    """``GET /customers/new``: the form."""
    return _form(open_new(limits()))


def create_customer() -> Response:
    """``POST /customers/new``: on to the record, or 422 with the form and the customers that look alike."""
    creation = open_new(limits(), request.form)
    outcome = create(creation, scope(), actor())
    if outcome is None:
        return _form(creation, 422)
    remember_saved(outcome)
    return htmx.see_other(url_for(".show", customer_id=outcome.customer.id))


def new_rows() -> Response:
    """``POST /customers/new/rows``: as ``edit_rows``."""
    creation = open_new(limits(), request.form)
    change = change_rows(creation.form, request.form.get("rows", ""))
    return _render(creation, rows_fragment(change), **rows_context(change))


def new_address() -> Response:
    """``POST /customers/new/address``: as ``edit_address``."""
    return _render(open_new(limits(), request.form), "customers/_address.html")


def check_new() -> Response:
    """``POST /customers/new/check?field=``: as ``check_field``; says too which customers it may be already."""
    return check_answer("")


def _form(creation: Creation, status: int = 200) -> Response:
    creation.form.metadata.add_row()
    return _render(creation, "customers/_form.html", status)


def _render(creation: Creation, fragment: str, status: int = 200, **more: Any) -> Response:
    context = {**form_context(creation.form, ""), "similar": creation.similar, "customer": None, "meanwhile": []}
    return htmx.render(page="customers/new.html", fragment=fragment, status=status, **{**context, **more})
