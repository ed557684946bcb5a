"""The caller of a request in the domain's words: whose customers, who changes them, within which limits.

The one place where pages and API learn it, so that both are confined alike.
"""

from flask import current_app

from webapp.access.permissions import current_caller
from webapp.customers.limits import Limits
from webapp.customers.model import Actor, Scope
from webapp.observability import request_id


def scope() -> Scope:
    """The tenant and environment that the caller is confined to."""
    caller = current_caller()
    return Scope(caller.tenant_id, caller.environment_id)


def actor() -> Actor:
    """The caller, as a history entry keeps it."""
    caller = current_caller()
    return Actor(caller.type, caller.id, caller.name, "desk" if caller.type == "staff" else "api", request_id())


def limits() -> Limits:
    """The installation's limits."""
    kept: Limits = current_app.extensions["customer_limits"]
    return kept
