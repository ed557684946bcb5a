"""The edit form of one customer: open it, change its rows, save it. Knows no rule and no SQL."""

from flask import Response, request, url_for

from webapp import htmx
from webapp.customers.calling import actor, limits, scope
from webapp.customers.editing import Edit, catch_up, open_edit, recall, save
from webapp.customers.pages_saved import remember_saved
from webapp.errors import InvalidInput, VersionConflict


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
    remember_saved(outcome)
    return htmx.see_other(url_for(".show", customer_id=customer_id))


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
