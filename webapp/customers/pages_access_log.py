"""Who opened which record, for administrators. Knows no rule and no SQL."""

from collections.abc import Sequence

from flask import Response, request

from webapp import htmx
from webapp.access.access_log import Access, list_accesses, people_of
from webapp.access.permissions import current_caller
from webapp.customers.calling import scope
from webapp.customers.lookup import find_customers, find_exactly
from webapp.customers.rows import trim
from webapp.database import reading_possibly_stale

ENTRIES_PER_PAGE = 50


def show_access_log() -> Response:
    """``GET /access-log?customer=&staff_id=&before=``: openings, newest first, of one record or person or of all."""
    typed, staff_id = trim(request.args.get("customer", "")), request.args.get("staff_id", "")
    with reading_possibly_stale() as connection:
        customer = find_exactly(connection, scope(), typed) if typed else None
        entries: Sequence[Access] = []
        if customer or not typed:
            entries = list_accesses(
                connection,
                current_caller(),
                most=ENTRIES_PER_PAGE + 1,
                customer_id=customer.id if customer else "",
                staff_id=staff_id,
                before=request.args.get("before", ""),
            )
        customers = find_customers(connection, scope(), (entry.customer_id for entry in entries))
        people = people_of(connection, current_caller())
    shown, has_more = entries[:ENTRIES_PER_PAGE], len(entries) > ENTRIES_PER_PAGE
    older = {"customer": typed or None, "staff_id": staff_id or None, "before": shown[-1].id if shown else None}
    return htmx.render(
        page="access/access_log.html",
        fragment="access/_access_log.html",
        typed=typed,
        customer=customer,
        staff_id=staff_id,
        people=people,
        entries=shown,
        customers=customers,
        older=older if has_more else None,
        is_older="before" in request.args,
    )
