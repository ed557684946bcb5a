"""Environments of a tenant: listing and finding them. Knows no customer and no sign-in."""

from sqlalchemy import bindparam, select

from webapp.access.model import Environment
from webapp.access.permissions import Caller, EnvironmentChoice
from webapp.database import reading
from webapp.errors import NotFound
from webapp.phrases import phrase
from webapp.statements import Statement

_table = Environment.__table__.c
_OF_TENANT = Statement(
    select(_table.id, _table.name, _table.kind)
    .where(_table.tenant_id == bindparam("tenant_id"))
    .order_by(_table.kind, _table.id),
    EnvironmentChoice,
)


def list_environments(tenant_id: str) -> list[EnvironmentChoice]:
    """The environments of a tenant, production first."""
    with reading() as connection:
        return _OF_TENANT.all(connection, {"tenant_id": tenant_id})


def other_environments(caller: Caller) -> list[EnvironmentChoice]:
    """Those of the caller's tenant, but for the one that the caller is in."""
    return [one for one in list_environments(caller.tenant_id) if one.id != caller.environment_id]


def find_environment(tenant_id: str, environment_id: str) -> EnvironmentChoice:
    """One of the tenant's own.

    Raises:
        NotFound: there is none of that ID in this tenant.
    """
    for environment in list_environments(tenant_id):
        if environment.id == environment_id:
            return environment
    raise NotFound(phrase("There is no such environment."))
