"""A seeded world: two tenants, three environments, staff of each role, keys of each scope, and a way to customers."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Flask
from flask_security import hash_password
from sqlalchemy import insert, select

from webapp.access.accounts import new_staff_row
from webapp.access.api_keys import PREFIX_LENGTH, hash_of_key, new_key
from webapp.access.model import ApiKey, Environment, Staff, Tenant
from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference, MappingItem, ParentReference
from webapp.customers.history import Change, list_changes
from webapp.customers.lookup import find_customer
from webapp.customers.model import Actor, Customer, Scope
from webapp.database import reading, transaction
from webapp.identifiers import new_id, now

PASSWORD = "correct horse battery staple"
HOME = Scope("tenant_home", "env_home_production")
SANDBOX = Scope("tenant_home", "env_home_sandbox")
ELSEWHERE = Scope("tenant_elsewhere", "env_elsewhere_production")
ROLES = ("viewer", "editor", "admin")
KEYS = {
    "write": (HOME, "write"),
    "read": (HOME, "read"),
    "sandbox": (SANDBOX, "write"),
    "elsewhere": (ELSEWHERE, "write"),
}


@lru_cache
def password_hash() -> str:
    """Argon2id takes its time by design: once for all tests."""
    hashed: str = hash_password(PASSWORD)
    return hashed


@dataclass
class World:
    """The seeded database of one test.

    Attributes:
        keys: an API key by name: ``write``, ``read``, ``sandbox``, ``elsewhere``.
    """

    app: Flask
    keys: dict[str, str] = field(default_factory=dict)
    made: int = 0

    actor = Actor("command", "actor_test", "Test", "command")

    def email_of(self, role: str) -> str:
        """The address of the staff member of a role."""
        return f"{role}@desk.example"

    def hire(self, email: str, role: str) -> str:
        """A staff member whose password is ``PASSWORD``, as ``create_staff`` makes them. Returns their ID."""
        staff_id = new_id("staff")
        with self.app.app_context():
            row = new_staff_row(HOME.tenant_id, email, role, password_hash(), staff_id)
            transaction(lambda connection: connection.execute(insert(Staff), row))
        return staff_id

    def create_customer(self, scope: Scope = HOME, **values: Any) -> Customer:
        """A customer; ``parent`` is an external ID, ``mappings`` a dict from provider to ID."""
        self.made += 1
        parent, metadata = values.pop("parent", None), values.pop("metadata", None)
        mappings = tuple(MappingItem(*item) for item in values.pop("mappings", {}).items())
        customer_id = values.pop("id", "")
        texts = {"external_id": f"user_{self.made}", "name": f"Customer {self.made}", **values}
        reference = ParentReference(parent, by_external_id=True) if parent else None
        with self.app.app_context():
            changes = CustomerChanges(texts, metadata, reference, mappings)
            return operations.create_customer(scope, self.actor, changes, customer_id=customer_id).customer

    def update_customer(self, customer: Customer, scope: Scope = HOME, **values: Any) -> Customer:
        """Change a customer as somebody else would."""
        metadata, reason = values.pop("metadata", None), values.pop("reason", "")
        with self.app.app_context():
            changes = CustomerChanges(values, metadata)
            reference = CustomerReference(id=customer.id)
            return operations.update_customer(scope, self.actor, reference, changes, reason=reason).customer

    def archive(self, customer: Customer, scope: Scope = HOME) -> Customer:
        """Archive a customer as somebody else would."""
        with self.app.app_context():
            return operations.archive_customer(scope, self.actor, customer.id).customer

    def restore(self, customer: Customer, scope: Scope = HOME) -> Customer:
        """Bring an archived customer back as somebody else would."""
        with self.app.app_context():
            return operations.restore_customer(scope, self.actor, customer.id).customer

    def erase(self, customer: Customer, scope: Scope = HOME, reason: str = "Request 17") -> Customer:
        """Erase a customer as an administrator would."""
        with self.app.app_context():
            return operations.erase_customer(scope, self.actor, customer.id, reason=reason).customer

    def reload(self, customer: Customer, scope: Scope = HOME) -> Customer:
        """The customer as it is stored now."""
        with self.app.app_context(), reading() as connection:
            return find_customer(connection, scope, customer.id)

    def history(self, customer: Customer, scope: Scope = HOME) -> list[Change]:
        """The changes of a customer, newest first."""
        with self.app.app_context(), reading() as connection:
            return list_changes(connection, scope, customer.id, most=1000)


def seed_world(app: Flask) -> World:
    """Fill an empty, migrated database."""
    world = World(app)
    world.keys = {name: new_key() for name in KEYS}
    with app.app_context():
        transaction(lambda connection: (_seed_tenants(connection), _seed_keys(connection, world.keys)))
    return world


def _seed_keys(connection: Any, keys: dict[str, str]) -> None:
    """As ``create_api_key`` writes them, in one transaction: every test waits for it."""
    rows = [
        {
            "id": new_id("key"),
            "tenant_id": place.tenant_id,
            "environment_id": place.environment_id,
            "name": f"{name} key",
            "prefix": keys[name][:PREFIX_LENGTH],
            "key_hash": hash_of_key(keys[name]),
            "scope": scope,
            "created_by": "test",
            "created_at": now(),
        }
        for name, (place, scope) in KEYS.items()
    ]
    connection.execute(insert(ApiKey), rows)


def _seed_tenants(connection: Any) -> None:
    for tenant_id in (HOME.tenant_id, ELSEWHERE.tenant_id):
        connection.execute(insert(Tenant), {"id": tenant_id, "name": tenant_id})
    for scope, kind in ((HOME, "production"), (SANDBOX, "sandbox"), (ELSEWHERE, "production")):
        row = {"id": scope.environment_id, "tenant_id": scope.tenant_id, "name": kind.title(), "kind": kind}
        connection.execute(insert(Environment), row)
    for role in ROLES:
        row = {
            "id": f"staff_{role}",
            "tenant_id": HOME.tenant_id,
            "email": f"{role}@desk.example",
            "password": password_hash(),
            "active": True,
            "role": role,
            "fs_uniquifier": f"uniquifier-of-{role}",
            "created_at": now(),
        }
        connection.execute(insert(Staff), row)


def staff_of(role: str) -> Staff:
    """The staff member of a role; inside of an application context."""
    return staff_member(f"staff_{role}")


def staff_member(staff_id: str) -> Staff:
    """A staff member; inside of an application context."""
    with reading() as connection:
        row = connection.execute(select(*Staff.__table__.c).where(Staff.id == staff_id)).mappings().one()
        return Staff(**row)
