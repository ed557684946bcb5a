"""Installs the demo where it is missing: a tenant, its environments, a person, an API key, customers.

Can run any number of times; what is there already stays as it is. Knows no way to write a customer but the operations.
"""

import base64
import hashlib
import hmac

from flask_security import verify_password
from sqlalchemy import Connection, insert, select

from webapp.access.api_keys import create_api_key, hash_of_key
from webapp.access.model import ApiKey, Environment, Staff, Tenant
from webapp.access.staff import create_staff
from webapp.customers.changeset import CustomerChanges, MappingItem, ParentReference
from webapp.customers.limits import TEXT_FIELDS
from webapp.customers.lookup import find_exactly
from webapp.customers.model import Actor, Scope
from webapp.customers.operations import create_customer
from webapp.database import reading, transaction
from webapp.demo.customers import DemoCustomer, demo_customers, published_page_customer
from webapp.settings import Settings

TENANT = "tenant_001"
PRODUCTION = "env_prod_001"
SANDBOX = "env_sandbox_001"
EMAIL = "demo@customer-desk.example"

WELCOME = """
Customer Desk is at {address}

  sign in   {email}
  password  {password}
  API key   {key}

Update the published example customer, as a program would:

curl -X PUT {address}/v1/customers/cust_abc123xyz789 \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{{
    "name": "Acme Corp (Updated)",
    "email": "billing-new@acme.com",
    "metadata": {{
      "plan_tier": "enterprise_plus",
      "renewal_date": "2025-01-15"
    }}
  }}'
"""


def install_demo(settings: Settings) -> str:
    """Install what is missing. Returns the text that tells a newcomer how to begin."""
    transaction(_install_tenant)
    password = _install_staff(settings)
    key = _install_key(settings)
    scope = Scope(TENANT, PRODUCTION)
    for customer in (published_page_customer(), *demo_customers()):
        _install_customer(scope, customer)
    scheme = "https" if settings.requires_https else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return WELCOME.format(address=f"{scheme}://{host}:{settings.port}", email=EMAIL, password=password, key=key)


def _install_tenant(connection: Connection) -> None:
    if connection.execute(select(Tenant.id).where(Tenant.id == TENANT)).scalar_one_or_none():
        return
    connection.execute(insert(Tenant), {"id": TENANT, "name": "Demo"})
    for environment_id, name, kind in ((PRODUCTION, "Production", "production"), (SANDBOX, "Sandbox", "sandbox")):
        row = {"id": environment_id, "tenant_id": TENANT, "name": name, "kind": kind}
        connection.execute(insert(Environment), row)


def _derive(settings: Settings, purpose: str) -> bytes:
    """256 bits that are this installation's own and come out alike each time, so that no demo secret is kept."""
    return hmac.digest(settings.secret_key.encode(), purpose.encode(), hashlib.sha256)


def _install_staff(settings: Settings) -> str:
    password = base64.b32encode(_derive(settings, "demo password"))[:20].decode().lower()
    with reading() as connection:
        kept = connection.execute(select(Staff.password).where(Staff.email == EMAIL)).scalar_one_or_none()
    if kept is None:
        return create_staff(EMAIL, "admin", tenant_id=TENANT, password=password)
    return password if verify_password(password, kept) else "(the one that was set since)"


def _install_key(settings: Settings) -> str:
    """The first derived key that nobody has revoked."""
    with reading() as connection:
        rows = connection.execute(select(ApiKey.key_hash, ApiKey.revoked_at))
        known = {row.key_hash: row.revoked_at for row in rows}
    number = 1
    while True:
        derived = base64.urlsafe_b64encode(_derive(settings, f"demo key {number}")).decode().rstrip("=")
        key = f"cdk_{derived}"
        if hash_of_key(key) not in known:
            return create_api_key(PRODUCTION, "write", "Demo", "command", key=key)
        if known[hash_of_key(key)] is None:
            return key
        number += 1


def _install_customer(scope: Scope, customer: DemoCustomer) -> None:
    with reading() as connection:
        if find_exactly(connection, scope, customer.id or customer.external_id):
            return
    parent = customer.parent_external_id
    create_customer(
        scope,
        Actor("command", customer.created_by, customer.created_by, "command"),
        CustomerChanges(
            texts={name: getattr(customer, name) for name in TEXT_FIELDS},
            metadata=customer.metadata,
            parent=ParentReference(parent, by_external_id=True) if parent else None,
            mappings=tuple(MappingItem(provider, entity_id) for provider, entity_id in customer.mappings.items()),
        ),
        customer_id=customer.id or "",
        at=customer.created_at,
    )
