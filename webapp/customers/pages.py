"""The desk's pages of customers: find, bind, operate, answer. Knows no rule and no SQL."""

from dataclasses import dataclass

from flask import Response, flash, get_flashed_messages, redirect, request, url_for

from webapp import htmx
from webapp.customers.calling import actor, limits, scope
from webapp.customers.editing import Edit, catch_up, open_edit, recall, save
from webapp.customers.history import Change, FieldChange, list_changes
from webapp.customers.lookup import find_customer, find_exactly, find_mappings, find_parent
from webapp.customers.model import Customer
from webapp.customers.rows import trim
from webapp.customers.search_box import search_customers
from webapp.customers.validators import forbidden_character, without_forbidden_characters
from webapp.database import reading
from webapp.errors import InvalidInput, VersionConflict

ROWS_PER_PAGE = 50
CHANGES_PER_PAGE = 20
LONGEST_QUERY = 255
SAVED = "saved"


@dataclass(frozen=True, slots=True)
class SavedNotice:
    """What the record page says right after a save."""

    version: int
    changes: list[FieldChange]

    @property
    def nothing_changed(self) -> bool:
        """Whether what was sent is what was there."""
        return not self.changes


def list_customers() -> Response:
    """``GET /customers?q=``: an exact ID opens the record, anything else lists the customers that hold it."""
    query = trim(request.args.get("q", ""))
    if problem := _query_fault(query):
        return _list(without_forbidden_characters(query), [], problem=problem, status=422)
    with reading() as connection:
        exact = find_exactly(connection, scope(), query) if query else None
        if exact and not _wants_list():
            return _see_other(url_for(".show", customer_id=exact.id))
        after = find_customer(connection, scope(), request.args["after"]) if request.args.get("after") else None
        page = search_customers(connection, scope(), query, most=ROWS_PER_PAGE, exact=exact, after=after)
    more = page.customers[-1].id if page.has_more else None
    return _list(query, page.customers, more_url=url_for(".list", q=query or None, after=more) if more else None)


def _wants_list() -> bool:
    """Whether even an exact hit shall be listed: while typing, on Back or reload to what was typed, on a later page."""
    return htmx.wants_fragment() or "list" in request.args or "after" in request.args


def _list(
    query: str, customers: list[Customer], *, more_url: str | None = None, problem: str | None = None, status: int = 200
) -> Response:
    return htmx.render(
        page="customers/list.html",
        fragment="customers/_rows.html",
        status=status,
        query=query,
        customers=customers,
        more_url=more_url,
        problem=problem,
    )


def _query_fault(query: str) -> str | None:
    if found := forbidden_character(query):
        return f"The search holds the control character {found}. Remove it."
    if len(query) > LONGEST_QUERY:
        return f"The search is longer than {LONGEST_QUERY} characters."
    return None


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
        saved=_saved_notice(customer, changes),
    )


def edit_customer(customer_id: str) -> Response:
    """``GET /customers/{id}/edit``: the form."""
    return _form(open_edit(scope(), customer_id, limits()))


def save_customer(customer_id: str) -> Response:
    """``POST /customers/{id}/edit``: back to the record, or 422 with the form, or 409 when it changed meanwhile."""
    edit = open_edit(scope(), customer_id, limits(), request.form)
    if edit.is_stale and edit.customer.is_published:  # of an archived one there is only that to say
        return _form(catch_up(edit, scope()), 409)
    if not edit.form.validate():
        return _form(recall(edit, scope()), 422)
    try:
        outcome = save(edit, scope(), actor())
    except VersionConflict:  # changed since the line above: open it again, now as a stale one
        return _form(catch_up(open_edit(scope(), customer_id, limits(), request.form), scope()), 409)
    if outcome is None:
        return _form(recall(edit, scope()), 422)
    flash(f"{customer_id} {outcome.customer.version if outcome.change else 0}", SAVED)
    return _see_other(url_for(".show", customer_id=customer_id))


def edit_rows(customer_id: str) -> Response:
    """``POST /customers/{id}/edit/rows``: add a row, remove one, bring one back; nothing is judged or saved."""
    edit = open_edit(scope(), customer_id, limits(), request.form)
    name, action, index = _row_action(request.form.get("rows", ""))
    rows = edit.form[name]
    focus_id = rows.add_row() if action == "add" else rows.set_removed(index, action == "remove")
    recall(edit, scope())
    fragments = {"metadata": "_metadata_editor", "integration_entity_mapping": "_mappings_editor"}
    return htmx.render(
        page="customers/edit.html",
        fragment=f"customers/{fragments[name]}.html",
        form=edit.form,
        customer=edit.customer,
        meanwhile=edit.meanwhile,
        conflicts=edit.conflicts,
        focus_id=focus_id,
    )


def _row_action(typed: str) -> tuple[str, str, int]:
    """(field, action, index) of a row button's value, such as ``metadata remove 3``."""
    parts = typed.split(" ")
    known = len(parts) > 1 and parts[0] in {"metadata", "integration_entity_mapping"}
    if known and parts[1:] == ["add"]:
        return parts[0], "add", 0
    if known and len(parts) == 3 and parts[1] in {"remove", "restore"} and parts[2].isdecimal() and len(parts[2]) < 7:
        return parts[0], parts[1], int(parts[2])
    raise InvalidInput("This page does not know that button.", {"rows": ["Add, remove or restore a row."]})


def _form(edit: Edit, status: int = 200) -> Response:
    edit.form.metadata.add_row()
    return htmx.render(
        page="customers/edit.html",
        fragment="customers/_form.html",
        status=status,
        form=edit.form,
        customer=edit.customer,
        meanwhile=edit.meanwhile,
        conflicts=edit.conflicts,
        focus_id="",
    )


def _saved_notice(customer: Customer, changes: list[Change]) -> SavedNotice | None:
    for message in get_flashed_messages(category_filter=[SAVED]):
        saved_id, _, version = str(message).partition(" ")
        if saved_id == customer.id:
            written = next((change for change in changes if str(change.version) == version), None)
            return SavedNotice(written.version, written.fields) if written else SavedNotice(customer.version, [])
    return None


def _see_other(location: str) -> Response:
    return redirect(location, 303)  # type: ignore[return-value]
