"""The desk's list of customers: what is searched for, and what is found. Knows no rule and no SQL."""

from flask import Response, request, url_for

from webapp import htmx
from webapp.customers.calling import scope
from webapp.customers.lookup import find_customer, find_exactly
from webapp.customers.model import Customer
from webapp.customers.rows import trim
from webapp.customers.search_box import search_customers
from webapp.customers.validators import forbidden_character, without_forbidden_characters
from webapp.database import reading

ROWS_PER_PAGE = 50
LONGEST_QUERY = 255


def list_customers() -> Response:
    """``GET /customers?q=``: an exact ID opens the record, anything else lists the customers that hold it."""
    query = trim(request.args.get("q", ""))
    if problem := _query_fault(query):
        return _list(without_forbidden_characters(query), [], problem=problem, status=422)
    with reading() as connection:
        exact = find_exactly(connection, scope(), query) if query else None
        if exact and not _wants_list():
            return htmx.see_other(url_for(".show", customer_id=exact.id))
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
