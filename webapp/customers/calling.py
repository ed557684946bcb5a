"""The caller of a request in the domain's words: whose customers, who changes them, within which limits.

The one place where pages and API learn it, so that both are confined alike.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app

from webapp.access.permissions import current_caller
from webapp.current import current_request
from webapp.customers.limits import Limits
from webapp.customers.model import Actor, Scope
from webapp.customers.validators import forbidden_character
from webapp.errors import InvalidInput
from webapp.observability import request_id
from webapp.phrases import Phrase, phrase

#: The desk's search box says itself what is wrong with what was typed in it.
SEARCH_BOX = "q"

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def with_plain_names(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Refuse control characters in the path and the query (contract section 3): no name holds one.

    Raises (in the view):
        InvalidInput: there is one; it names the part of the path or the parameter.
    """

    @wraps(view)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        asked = current_request()
        sent = list((asked.view_args or {}).items())
        if asked.query_string:
            sent += asked.args.items(multi=True)
        found = [(name, forbidden_character(str(value))) for name, value in sent if name != SEARCH_BOX]
        if faults := {name: [_refused(fault)] for name, fault in found if fault}:
            raise InvalidInput(details=faults)
        return view(*args, **kwargs)

    return guarded


def _refused(character: str) -> Phrase:
    return phrase("Remove the control character %(character)s.", character=character)


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
