"""The few customers that somebody may mean who has typed a part of a name, an external ID or an email.

Knows the order of suggestions; not how customers are come by.
"""

from sqlalchemy import Connection

from webapp.customers.limits import FIELD_LENGTHS
from webapp.customers.lookup import find_exactly
from webapp.customers.model import Customer, Scope
from webapp.customers.search_box import search_customers

MOST_SUGGESTIONS = 8


def suggest_parents(connection: Connection, scope: Scope, typed: str, customer_id: str) -> list[Customer]:
    """Published customers for the parent of a customer, which is not among them itself; none for ``""``.

    The one that ``typed`` names exactly comes first, then as the search box has them.

    Raises:
        ServiceUnavailable: it took too long.
    """
    if not typed or len(typed) > FIELD_LENGTHS["external_id"]:
        return []
    exact = find_exactly(connection, scope, typed)
    found = search_customers(connection, scope, typed, most=MOST_SUGGESTIONS + 2).customers
    leading = [exact] if exact is not None and exact.is_published else []
    others = [customer for customer in found if customer not in leading]
    return [customer for customer in (*leading, *others) if customer.id != customer_id][:MOST_SUGGESTIONS]
