"""The desk's list of customers: what is searched for, and what is found. Knows no rule and no SQL."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, request, url_for
from sqlalchemy import Connection

from webapp import htmx
from webapp.access.permissions import current_caller
from webapp.customers.calling import scope
from webapp.customers.desk_list import DeskList, count_of_status
from webapp.customers.last_list import remember_last_list
from webapp.customers.list_columns import columns_of, columns_to_choose, set_filters, without_filters
from webapp.customers.list_query import (
    FILTERS,
    ORDERS,
    SORTS,
    Faults,
    ListQuery,
    faults_of,
    is_tidy,
    named_faults,
    read_list_query,
)
from webapp.customers.lookup import find_parents
from webapp.customers.model import ARCHIVED, PUBLISHED, Customer
from webapp.customers.pages_views import view_notice
from webapp.customers.recent import recent_customers
from webapp.customers.saved_views import list_views
from webapp.customers.search_terms import quoted
from webapp.customers.validators import without_forbidden_characters
from webapp.database import reading, reading_possibly_stale
from webapp.errors import InvalidInput
from webapp.translation import reader_timezone

ROWS_PER_PAGE = 50
#: So many rows "Show more" can have made of a page that Back shows again; behind them it goes on by "Show more".
MOST_ROWS_AGAIN = 500
#: The parameter that says so.
SHOWN = "shown"
#: What the offer to look among the archived may take to count them.
SECONDS_FOR_AN_OFFER = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """What a page of the list shows, beside what was asked for.

    Attributes:
        total, is_exact: how many there are in all, and whether that is the number or a bound below it.
        parents: of its customers, by their IDs, where a column shows them.
        archived: where nothing was found among the published: (number, whether exact) of the archived, if told in time.
    """

    customers: list[Customer]
    next_cursor: str = ""
    total: int = 0
    is_exact: bool = True
    parents: dict[str, Customer] | None = None
    archived: tuple[int, bool] | None = None


def list_customers() -> Response:
    """``GET /customers``: what names one customer opens its record, anything else lists the customers it may mean."""
    query = read_list_query(request.args)
    if faults := faults_of(query):
        return _refusal(query, faults)
    try:
        with reading_possibly_stale() as connection:
            listing = DeskList(connection, scope(), query, reader_timezone())
            if len(listing.named) == 1 and not _wants_list(query):
                return htmx.see_other(url_for(".show", customer_id=listing.named[0].id))
            if not htmx.wants_fragment() and not is_tidy(request.args, query):
                return htmx.see_other(_address(query, cursor=query.cursor))
            found = _find(connection, listing, query)
    except InvalidInput as fault:  # the parent or the cursor leads nowhere
        return _refusal(query, named_faults(fault.details))
    return _list(query, found, _beside(shows_recent=query.asks_for_nothing and not query.cursor))


def _wants_list(query: ListQuery) -> bool:
    """Whether even one that is named shall be listed: while typing, on Back or reload to what was typed, further on."""
    return htmx.wants_fragment() or "list" in request.args or bool(query.cursor)


def _find(connection: Connection, listing: DeskList, query: ListQuery) -> Found:
    page = listing.page(ROWS_PER_PAGE if query.cursor else _rows_shown())
    total, is_exact = listing.total()
    shows_parents = "parent_customer_external_id" in query.columns
    archived = None
    if not total and query.status == PUBLISHED and not query.asks_for_nothing:
        archived = count_of_status(connection, scope(), query, ARCHIVED, reader_timezone(), SECONDS_FOR_AN_OFFER)
    return Found(
        customers=page.customers,
        next_cursor=page.next_cursor,
        total=total,
        is_exact=is_exact,
        parents=find_parents(connection, scope(), page.customers) if shows_parents else None,
        archived=archived,
    )


def _rows_shown() -> int:
    """How many rows the page had when it was left, which its script writes into the address (static/js/list.js)."""
    rows = request.args.get(SHOWN, ROWS_PER_PAGE, int)
    return min(max(rows, ROWS_PER_PAGE), MOST_ROWS_AGAIN)


def _beside(*, shows_recent: bool) -> dict[str, Any]:
    """What stands beside the list on its page, and is no part of what htmx receives. A view just saved is among it."""
    if htmx.wants_fragment():
        return {}
    caller = current_caller()
    with reading() as connection:
        return {
            "views": list_views(connection, caller),
            "recent": recent_customers(connection, scope(), caller) if shows_recent else [],
            "notice": view_notice(),
        }


def _refusal(query: ListQuery, faults: Faults) -> Response:
    """422: the form as it was sent, with what is wrong with it, and no list that looks like an answer."""
    shown = replace(query, q=without_forbidden_characters(query.q))
    return _answer(shown, Found([]), faults, **_beside(shows_recent=False))


def _list(query: ListQuery, found: Found, beside: dict[str, Any]) -> Response:
    more = _address(query, cursor=found.next_cursor) if found.next_cursor else ""
    response = _answer(query, found, {}, more_url=more, **beside)
    if query.cursor:
        return response
    remember_last_list(response, query.query_string())
    return htmx.push(response, _address(query, list=1), replacing=_is_typed_on(query))


def _answer(query: ListQuery, found: Found, faults: Faults, *, more_url: str = "", **beside: Any) -> Response:
    return htmx.render(
        page="customers/list.html",
        fragment="customers/_rows.html",
        status=422 if faults else 200,
        asked=query,
        found=found,
        faults=faults,
        more_url=more_url,
        columns=[] if faults else columns_of(query),
        columns_to_choose=columns_to_choose(query),
        filters=[] if faults else set_filters(query),
        filters_open=any(name in faults or name in query.filters for name in (*FILTERS, "sort", "order")),
        without_filters=without_filters(query),
        quoted_text=quoted(query.q) if query.terms.metadata else "",
        sorts=tuple(SORTS),
        orders=ORDERS,
        **beside,
    )


def _address(query: ListQuery, *, cursor: str = "", **more: Any) -> str:
    return url_for(".list", **more, **query.parameters(cursor=cursor))


def _is_typed_on(query: ListQuery) -> bool:
    """Whether the text is merely longer or shorter than the one shown: Back leads past all that was typed so."""
    shown = htmx.shown_query()
    typed = shown.get("q", "")
    is_part = bool(typed and query.q) and (query.q.startswith(typed) or typed.startswith(query.q))
    others = {name: value for name, value in shown.items() if name not in {"q", "list", SHOWN}}
    return is_part and others == {name: str(value) for name, value in query.parameters().items() if name != "q"}
