"""The customers before and behind one in the list that a person came from. Knows no page."""

from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.customers.desk_list import DeskList, within
from webapp.customers.list_query import faults_of, read_query_string
from webapp.customers.model import Customer, Scope
from webapp.errors import InvalidInput
from webapp.translation import reader_timezone

#: A record must not wait for a list that takes its time: it then has no neighbours.
LONGEST_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who stands before and behind a customer; None where nobody does."""

    previous: Customer | None = None
    next: Customer | None = None


def find_neighbours(connection: Connection, scope: Scope, query_string: str, customer: Customer) -> Neighbours:
    """The neighbours of a customer in the list of a query string, as the cookie ``last_list`` keeps it.

    They are those of the place where the customer stands by its present values, whether it is still in the list or not.
    A query string that asks for nothing sensible, and a search that takes too long, have none.
    """
    query = read_query_string(query_string)
    if faults_of(query):
        return Neighbours()

    def find() -> Neighbours:
        listing = DeskList(connection, scope, query, reader_timezone())
        return Neighbours(listing.before(customer), listing.behind(customer))

    try:
        return within(connection, LONGEST_SECONDS, find) or Neighbours()
    except InvalidInput:  # its parent is gone
        return Neighbours()
