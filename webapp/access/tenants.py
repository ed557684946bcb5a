"""Tenants, for operators: creating one with its environments, and listing them. Knows no customer and no staff."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from webapp.access.model import NAME_LENGTH, Environment, Tenant
from webapp.database import reading, transaction
from webapp.errors import InvalidInput
from webapp.identifiers import new_id, now
from webapp.phrases import phrase

#: Each tenant has an environment of each kind, named for it.
KINDS = ("production", "sandbox")


@dataclass(frozen=True, slots=True)
class TenantListing:
    """One tenant, as an operator needs it.

    Attributes:
        environments: the ID of each environment, by its kind.
    """

    id: str
    name: str
    environments: dict[str, str]


def create_tenant(name: str) -> TenantListing:
    """A new tenant with a production and a sandbox environment, both empty.

    Raises:
        InvalidInput: the name is empty, too long, or has a control character.
    """
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise InvalidInput(
            phrase(
                "Name the tenant, with at most %(most)d characters, none of them a control character.", most=NAME_LENGTH
            )
        )
    made = TenantListing(new_id("tenant"), name, {kind: new_id("env") for kind in KINDS})
    rows = [
        {"id": environment_id, "tenant_id": made.id, "name": kind.title(), "kind": kind, "created_at": now()}
        for kind, environment_id in made.environments.items()
    ]

    def work(connection: Connection) -> None:
        connection.execute(insert(Tenant), {"id": made.id, "name": name, "created_at": now()})
        connection.execute(insert(Environment), rows)

    transaction(work)
    return made


def list_tenants() -> list[TenantListing]:
    """All of them, oldest first."""
    wanted = (
        select(Tenant.id, Tenant.name, Environment.kind, Environment.id)
        .join_from(Tenant, Environment, isouter=True)
        .order_by(Tenant.created_at, Tenant.id, Environment.kind, Environment.id)
    )
    found: dict[str, TenantListing] = {}
    with reading() as connection:
        for tenant_id, name, kind, environment_id in connection.execute(wanted):
            listing = found.setdefault(tenant_id, TenantListing(tenant_id, name, {}))
            if kind:
                listing.environments[kind] = environment_id
    return list(found.values())
