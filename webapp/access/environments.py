"""Environments of a tenant: listing and finding them. Knows no customer and no sign-in."""

from dataclasses import dataclass

from sqlalchemy import select

from webapp.access.model import Environment
from webapp.database import reading
from webapp.errors import NotFound
from webapp.phrases import phrase


@dataclass(frozen=True, slots=True)
class EnvironmentChoice:
    """One environment, as a person chooses it.

    Attributes:
        kind: ``production`` or ``sandbox``.
    """

    id: str
    name: str
    kind: str


def list_environments(tenant_id: str) -> list[EnvironmentChoice]:
    """The environments of a tenant, production first."""
    wanted = (
        select(Environment.id, Environment.name, Environment.kind)
        .where(Environment.tenant_id == tenant_id)
        .order_by(Environment.kind, Environment.id)
    )
    with reading() as connection:
        return [EnvironmentChoice(*row) for row in connection.execute(wanted)]


def find_environment(tenant_id: str, environment_id: str) -> EnvironmentChoice:
    """One of the tenant's own.

    Raises:
        NotFound: there is none of that ID in this tenant.
    """
    for environment in list_environments(tenant_id):
        if environment.id == environment_id:
            return environment
    raise NotFound(phrase("There is no such environment."))
