"""The environments that a caller can choose from: those of their tenant. Knows no customer, no sign-in and no SQL."""

from webapp.access.permissions import Caller, EnvironmentChoice
from webapp.errors import NotFound
from webapp.phrases import phrase


def other_environments(caller: Caller) -> list[EnvironmentChoice]:
    """Those of the caller's tenant, production first, but for the one that the caller is in."""
    return [one for one in caller.environments if one.id != caller.environment_id]


def find_environment(caller: Caller, environment_id: str) -> EnvironmentChoice:
    """One of the tenant's own.

    Raises:
        NotFound: there is none of that ID in this tenant.
    """
    for environment in caller.environments:
        if environment.id == environment_id:
            return environment
    raise NotFound(phrase("There is no such environment."))
