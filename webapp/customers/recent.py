"""The records that a person opened last, to go back to. Knows no page."""

from sqlalchemy import Connection

from webapp.access.access_log import recently_opened
from webapp.access.permissions import Caller
from webapp.customers.lookup import find_customers
from webapp.customers.model import Customer, Scope

MOST_RECENT = 8


def recent_customers(connection: Connection, scope: Scope, caller: Caller) -> list[Customer]:
    """The different customers whose records the caller opened last in their environment, the latest first."""
    ids = recently_opened(connection, caller, MOST_RECENT)
    found = find_customers(connection, scope, ids)
    return [found[customer_id] for customer_id in ids if customer_id in found]
