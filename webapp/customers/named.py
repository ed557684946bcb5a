"""Customers that a text names as a whole: by external ID or ID, by a provider's ID, by email. Never writes.

Knows the order in which they count; not what becomes of the text otherwise.
"""

from itertools import islice

from sqlalchemy import Connection, bindparam, select

from webapp.customers.lookup import find_exactly
from webapp.customers.model import Customer, Scope, integration_mappings
from webapp.customers.query import IS, Condition
from webapp.customers.search_box import BoxList, BoxQuery, narrowed
from webapp.statements import Statement

#: A provider's ID or an email that more customers have names nobody; they are found by their texts.
MOST_NAMED = 20
#: A customer is there once for each provider that gave it the ID. With DISTINCT, SQLite would walk all mappings.
MOST_MAPPINGS = 50 * MOST_NAMED
_BY_PROVIDER_S_ID = Statement(
    select(integration_mappings.c.customer_id)
    .where(
        integration_mappings.c.environment_id == bindparam("environment_id"),
        integration_mappings.c.tenant_id == bindparam("tenant_id"),
        integration_mappings.c.provider_entity_id == bindparam("key"),
    )
    .limit(MOST_MAPPINGS)
)


def find_named(connection: Connection, scope: Scope, text: str, query: BoxQuery) -> list[Customer]:
    """The customers that ``text`` names; one that stands alone is the one that a person means.

    An external ID, an ID or a retired external ID names one customer, whatever else ``query`` asks for. A provider's ID
    and an email, in any case, name those that ``query`` allows, apart from its text.

    Raises:
        ServiceUnavailable: it took too long.
    """
    if not text:
        return []
    if exact := find_exactly(connection, scope, text):
        return [exact]
    allowed = BoxQuery(conditions=query.conditions, statuses=query.statuses)
    parameters = {"environment_id": scope.environment_id, "tenant_id": scope.tenant_id, "key": text}
    ids = {customer_id: None for (customer_id,) in _BY_PROVIDER_S_ID.all(connection, parameters)}
    named = [Condition("id", "in", tuple(islice(ids, MOST_NAMED + 1)))] if ids else []
    if "@" in text:
        named.append(Condition("email", IS, text))
    found: dict[str, Customer] = {}
    for condition in named:
        for customer in BoxList(connection, scope, narrowed(allowed, condition)).customers(MOST_NAMED + 1):
            found[customer.id] = customer
    return list(found.values()) if len(found) <= MOST_NAMED else []
