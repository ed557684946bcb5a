"""Suggestions of a parent while one types. Knows no rule and no SQL."""

from flask import Response, request

from webapp import htmx
from webapp.customers.calling import scope
from webapp.customers.rows import trim
from webapp.customers.suggesting import suggest_parents
from webapp.customers.validators import without_forbidden_characters
from webapp.database import reading_possibly_stale


def suggest_parent() -> Response:
    """``GET /customers/suggest-parent?q=&customer_id=``: a few that may be meant, never the customer itself."""
    typed = without_forbidden_characters(trim(request.args.get("q", "")))
    with reading_possibly_stale() as connection:
        customers = suggest_parents(connection, scope(), typed, request.args.get("customer_id", ""))
    return htmx.render(
        page="customers/suggest_parent.html",
        fragment="customers/_suggestions.html",
        typed=typed,
        customers=customers,
    )
