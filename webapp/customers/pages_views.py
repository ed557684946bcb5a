"""Saving a list under a name, and deleting such a view. Knows no rule and no SQL."""

from typing import Any

from flask import Response, flash, get_flashed_messages, request, url_for

from webapp import htmx
from webapp.access.permissions import current_caller
from webapp.customers.list_query import read_query_string
from webapp.customers.saved_views import SavedView, ViewNameTaken, delete_view, save_view
from webapp.errors import InvalidInput

NOTICE = "view"


def save_list() -> Response:
    """``POST /customers/views``: keep the list of ``query`` as ``name``, or 422 with a form that asks once more."""
    name, query = request.form.get("name", ""), request.form.get("query", "")
    try:
        view = save_view(current_caller(), name, query, replacing=request.form.get("replace") == "1")
    except ViewNameTaken as taken:
        return _ask(*taken.args, is_taken=True)
    except InvalidInput as fault:
        return _ask(name, query, faults=fault.details)
    return _to_the_list("saved", view)


def delete_saved_view(view_id: str) -> Response:
    """``POST /customers/views/{id}/delete``: back to the list, which offers to bring it back."""
    return _to_the_list("deleted", delete_view(current_caller(), view_id))


def view_notice() -> dict[str, str] | None:
    """What the list says right after a view was saved or deleted: ``done``, ``name`` and ``query``."""
    notices: list[Any] = get_flashed_messages(category_filter=[NOTICE])
    return notices[-1] if notices else None


def _to_the_list(done: str, view: SavedView) -> Response:
    flash({"done": done, "name": view.name, "query": view.query}, NOTICE)  # type: ignore[arg-type] # kept as JSON
    wanted = read_query_string(view.query).parameters()
    as_a_list = 1 if "q" in wanted else None  # even where its text names one customer exactly
    return htmx.see_other(url_for(".list", **wanted, list=as_a_list))


def _ask(name: str, query: str, *, is_taken: bool = False, faults: Any = None) -> Response:
    template = "customers/save_view.html"
    return htmx.render(
        page=template, fragment=template, status=422, name=name, query=query, is_taken=is_taken, faults=faults or {}
    )
