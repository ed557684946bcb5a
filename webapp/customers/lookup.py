"""Finding one customer: by ID, external ID or retired external ID, with its parent and mappings. Never writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, select

from webapp.customers.changeset import CustomerReference
from webapp.customers.model import (
    CUSTOMER_COLUMNS,
    MAPPING_COLUMNS,
    PUBLISHED,
    Customer,
    IntegrationMapping,
    Scope,
    customer_of,
    customers,
    integration_mappings,
    mapping_of,
    retired_external_ids,
)
from webapp.errors import CustomerNotFound, InvalidInput
from webapp.phrases import phrase
from webapp.statements import Statement

_IN_SCOPE = and_(
    customers.c.environment_id == bindparam("environment_id"),
    customers.c.tenant_id == bindparam("tenant_id"),
)
_SELECT_BY_ID = select(*CUSTOMER_COLUMNS).where(_IN_SCOPE, customers.c.id == bindparam("key"))
_SELECT_BY_EXTERNAL_ID = select(*CUSTOMER_COLUMNS).where(
    _IN_SCOPE, customers.c.external_id == bindparam("key"), customers.c.status == PUBLISHED
)
_BY_ID = Statement(_SELECT_BY_ID, Customer)
_BY_EXTERNAL_ID = Statement(_SELECT_BY_EXTERNAL_ID, Customer)
_BY_RETIRED_EXTERNAL_ID = Statement(
    select(*CUSTOMER_COLUMNS)
    .join_from(
        retired_external_ids,
        customers,
        and_(
            customers.c.environment_id == retired_external_ids.c.environment_id,
            customers.c.id == retired_external_ids.c.customer_id,
        ),
    )
    .where(
        _IN_SCOPE,
        retired_external_ids.c.environment_id == bindparam("environment_id"),
        retired_external_ids.c.external_id == bindparam("key"),
        customers.c.status == PUBLISHED,
    ),
    Customer,
)
_BY_ID_FOR_UPDATE = Statement(_SELECT_BY_ID.with_for_update(), Customer)
_BY_EXTERNAL_ID_FOR_UPDATE = Statement(_SELECT_BY_EXTERNAL_ID.with_for_update(), Customer)
_MAPPINGS = Statement(
    select(*MAPPING_COLUMNS)
    .where(
        integration_mappings.c.environment_id == bindparam("environment_id"),
        integration_mappings.c.tenant_id == bindparam("tenant_id"),
        integration_mappings.c.customer_id == bindparam("key"),
    )
    .order_by(integration_mappings.c.provider_type),
    IntegrationMapping,
)


_BY_IDS = select(*CUSTOMER_COLUMNS).where(_IN_SCOPE, customers.c.id.in_(bindparam("keys", expanding=True)))
_MAPPINGS_OF_MANY = (
    select(*MAPPING_COLUMNS)
    .where(
        integration_mappings.c.environment_id == bindparam("environment_id"),
        integration_mappings.c.tenant_id == bindparam("tenant_id"),
        integration_mappings.c.customer_id.in_(bindparam("keys", expanding=True)),
    )
    .order_by(integration_mappings.c.customer_id, integration_mappings.c.provider_type)
)


@dataclass(frozen=True, slots=True)
class Found:
    """A customer that was looked up by external ID, and whether by a retired one."""

    customer: Customer
    by_retired_external_id: bool = False


def _one(connection: Connection, statement: Statement[Customer], scope: Scope, key: str) -> Customer | None:
    parameters = {"environment_id": scope.environment_id, "tenant_id": scope.tenant_id, "key": key}
    return statement.first(connection, parameters)


def find_customer(connection: Connection, scope: Scope, customer_id: str) -> Customer:
    """The customer of that ID, published or archived.

    Raises:
        CustomerNotFound: there is none in the scope.
    """
    customer = _one(connection, _BY_ID, scope, customer_id)
    if customer is None:
        raise CustomerNotFound
    return customer


def find_by_external_id(connection: Connection, scope: Scope, external_id: str) -> Found:
    """The published customer of that external ID, or else of that retired one (contract section 11).

    Raises:
        CustomerNotFound: there is none in the scope.
    """
    if customer := _one(connection, _BY_EXTERNAL_ID, scope, external_id):
        return Found(customer)
    if customer := _one(connection, _BY_RETIRED_EXTERNAL_ID, scope, external_id):
        return Found(customer, by_retired_external_id=True)
    raise CustomerNotFound


def find_exactly(connection: Connection, scope: Scope, text: str) -> Customer | None:
    """The one customer that a person means by a pasted external ID, ID or retired external ID; None when nobody."""
    for statement in (_BY_EXTERNAL_ID, _BY_ID, _BY_RETIRED_EXTERNAL_ID):
        if customer := _one(connection, statement, scope, text):
            return customer
    return None


def find_customers(connection: Connection, scope: Scope, customer_ids: Iterable[str | None]) -> dict[str, Customer]:
    """The customers of those IDs, published and archived, by ID, read in one statement. Unknown IDs are left out."""
    keys = sorted(set(filter(None, customer_ids)))
    if not keys:
        return {}
    parameters = {"environment_id": scope.environment_id, "tenant_id": scope.tenant_id, "keys": keys}
    return {customer.id: customer for customer in map(customer_of, connection.execute(_BY_IDS, parameters))}


def find_parent(connection: Connection, scope: Scope, customer: Customer) -> Customer | None:
    """The parent of a customer, if it has one."""
    return _one(connection, _BY_ID, scope, customer.parent_customer_id) if customer.parent_customer_id else None


def find_parents(connection: Connection, scope: Scope, children: Sequence[Customer]) -> dict[str, Customer]:
    """The parents of several customers, by their IDs, read in one statement."""
    return find_customers(connection, scope, (child.parent_customer_id for child in children))


def find_mappings(connection: Connection, scope: Scope, customer_id: str) -> list[IntegrationMapping]:
    """The mappings of a customer, by provider."""
    parameters = {"environment_id": scope.environment_id, "tenant_id": scope.tenant_id, "key": customer_id}
    return _MAPPINGS.all(connection, parameters)


def find_mappings_of(
    connection: Connection, scope: Scope, customer_ids: Sequence[str]
) -> dict[str, list[IntegrationMapping]]:
    """The mappings of several customers, each customer's by provider, read in one statement."""
    found: dict[str, list[IntegrationMapping]] = {customer_id: [] for customer_id in customer_ids}
    if found:
        parameters = {"environment_id": scope.environment_id, "tenant_id": scope.tenant_id, "keys": [*found]}
        for mapping in map(mapping_of, connection.execute(_MAPPINGS_OF_MANY, parameters)):
            found[mapping.customer_id].append(mapping)
    return found


def lock_customer(connection: Connection, scope: Scope, reference: CustomerReference) -> Customer:
    """As :func:`find_named`, its row locked until the transaction ends."""
    return _named(connection, scope, reference, _BY_ID_FOR_UPDATE, _BY_EXTERNAL_ID_FOR_UPDATE)


def find_named(connection: Connection, scope: Scope, reference: CustomerReference) -> Customer:
    """The customer that ``reference`` names.

    Raises:
        CustomerNotFound: nobody has the ID or the external ID.
        InvalidInput: ID and external ID name two different customers (contract section 2).
    """
    return _named(connection, scope, reference, _BY_ID, _BY_EXTERNAL_ID)


def _named(
    connection: Connection,
    scope: Scope,
    reference: CustomerReference,
    by_id: Statement[Customer],
    by_external_id: Statement[Customer],
) -> Customer:
    customer = None
    if reference.id is not None:
        customer = _one(connection, by_id, scope, reference.id)
        if customer is None:
            raise CustomerNotFound
    if reference.external_id is None or (customer and _has_external_id(customer, reference.external_id)):
        if customer is None:
            raise InvalidInput(phrase("Name the customer, by ID or by external ID."))
        return customer
    named = _one(connection, by_external_id, scope, reference.external_id)
    if named is None:
        raise CustomerNotFound
    if customer is not None and customer.id != named.id:
        message = phrase("The ID and the external ID name two different customers.")
        raise InvalidInput(message, {"id": [message], "external_customer_id": [message]})
    return named


def _has_external_id(customer: Customer, external_id: str) -> bool:
    return customer.is_published and customer.external_id == external_id
