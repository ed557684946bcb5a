"""The history of one customer, to read, to take away as a file and to undo. Knows no rule and no SQL."""

from flask import Response, current_app, request, stream_with_context, url_for

from webapp import htmx
from webapp.customers.calling import actor, limits, scope
from webapp.customers.history_csv import file_name, write_csv
from webapp.customers.history_list import HistoryFilter, read_all, read_choices, read_page
from webapp.customers.lookup import find_customer
from webapp.customers.pages_saved import remember_saved
from webapp.customers.parent_names import learn_parent_names
from webapp.customers.undoing import Entry, read_entry, undo
from webapp.customers.versions import read_version
from webapp.database import reading, reading_possibly_stale


def show_history(customer_id: str) -> Response:
    """``GET /customers/{id}/history``: the timeline, filtered by ``field`` and ``person``, older than ``before``."""
    wanted, before = _filter(), request.args.get("before", type=int)
    with reading_possibly_stale() as connection:
        customer = find_customer(connection, scope(), customer_id)
        entries = read_page(connection, scope(), customer_id, wanted, before)
        fields, people = read_choices(connection, scope(), customer_id)
        learn_parent_names(connection, scope(), (field for change in entries.changes for field in change.fields))
    return htmx.render(
        page="customers/history.html",
        fragment="customers/_history.html" if before is None else "customers/_history_part.html",
        customer=customer,
        entries=entries,
        before=before,
        wanted=wanted,
        fields=fields,
        people=people,
    )


def show_change(customer_id: str, version: int) -> Response:
    """``GET /customers/{id}/history/{version}``: one entry, and what undoing it would do."""
    return _entry(read_entry(scope(), customer_id, version))


def revert_change(customer_id: str, version: int) -> Response:
    """``POST /customers/{id}/history/{version}/revert``: back to the record; or 409 with what was changed later."""
    entry, outcome = undo(scope(), actor(), customer_id, version, limits(), request.form)
    if outcome is None:
        return _entry(entry)
    remember_saved(outcome, undoing=version)
    return htmx.see_other(url_for(".show", customer_id=customer_id))


def show_version(customer_id: str, version: int) -> Response:
    """``GET /customers/{id}/versions/{version}``: the record as it was then."""
    with reading() as connection:
        old = read_version(connection, scope(), customer_id, version)
        learn_parent_names(connection, scope(), (value.field for value in old.values))
    return htmx.render(page="customers/version.html", fragment="customers/_version.html", old=old)


def download_history(customer_id: str) -> Response:
    """``GET /customers/{id}/history.csv``: the entries of the same filters, one line for each field."""
    with reading_possibly_stale() as connection:
        customer = find_customer(connection, scope(), customer_id)
    lines = write_csv(read_all(reading_possibly_stale, scope(), customer_id, _filter()))
    response = current_app.response_class(stream_with_context(lines), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(customer.external_id)}"'
    return response


def _filter() -> HistoryFilter:
    return HistoryFilter(request.args.get("field", ""), request.args.get("person", ""))


def _entry(entry: Entry) -> Response:
    with reading() as connection:
        learn_parent_names(connection, scope(), entry.change.fields)
    return htmx.render(
        page="customers/change.html", fragment="customers/_change.html", status=entry.status, entry=entry
    )
