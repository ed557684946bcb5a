"""Permissions, and which roles and scopes hold them; who is calling. Knows no credential and no route."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

from flask import Flask

from webapp.current import current_globals
from webapp.errors import PermissionDenied
from webapp.phrases import phrase

READ_CUSTOMERS = "customers.read"
WRITE_CUSTOMERS = "customers.write"
#: What administrators do: staff and their invites, API keys, reading who opened which record, taking away or erasing
#: all that is kept about one customer.
MANAGE_STAFF = "staff.manage"
MANAGE_API_KEYS = "api_keys.manage"
READ_ACCESS_LOG = "access_log.read"
MANAGE_PERSONAL_DATA = "personal_data.manage"
#: What every signed-in person may do about their own sign-in.
OWN_SIGN_IN = "own_sign_in"
#: A route that asks for no credential says so by this in place of a permission.
PUBLIC = "public"

PERMISSIONS_OF_ROLE = {
    "viewer": frozenset({OWN_SIGN_IN, READ_CUSTOMERS}),
    "editor": frozenset({OWN_SIGN_IN, READ_CUSTOMERS, WRITE_CUSTOMERS}),
    "admin": frozenset(
        {
            OWN_SIGN_IN,
            READ_CUSTOMERS,
            WRITE_CUSTOMERS,
            MANAGE_STAFF,
            MANAGE_API_KEYS,
            READ_ACCESS_LOG,
            MANAGE_PERSONAL_DATA,
        }
    ),
}
ROLES = tuple(PERMISSIONS_OF_ROLE)
#: What a person reads for a role.
ROLE_LABELS = {"viewer": phrase("viewer"), "editor": phrase("editor"), "admin": phrase("admin")}
PERMISSIONS_OF_SCOPE = {
    "read": frozenset({READ_CUSTOMERS}),
    "write": frozenset({READ_CUSTOMERS, WRITE_CUSTOMERS}),
}

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


class UndeclaredView(Exception):
    """A view says nothing of who may call it."""


@dataclass(frozen=True, slots=True)
class Person:
    """A staff member who is signed in, as pages know them."""

    id: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class EnvironmentChoice:
    """One environment, as a person chooses it.

    Attributes:
        kind: ``production`` or ``sandbox``.
    """

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, confined to one tenant and environment: a staff member or an API key.

    Attributes:
        type: ``"staff"`` or ``"api_key"``.
        id, name: as a history entry keeps them.
        staff, environment: who it is, and where, for a staff member; None for a key.
        environments: those of the tenant, production first, for a staff member.
        session_id: the sign-in, for a staff member; ``""`` for a key.
    """

    type: Literal["staff", "api_key"]
    id: str
    name: str
    tenant_id: str
    environment_id: str
    permissions: frozenset[str]
    staff: Person | None = None
    environment: EnvironmentChoice | None = None
    environments: tuple[EnvironmentChoice, ...] = ()
    session_id: str = ""


def current_caller() -> Caller:
    """The caller of this request; only behind :func:`requires`."""
    caller: Caller = current_globals().caller
    return caller


def public(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Declare that a view asks for no credential, by its ``.permission``."""
    declared: Any = view
    declared.permission = PUBLIC
    return view


def refuse_undeclared_views(app: Flask) -> None:
    """See that every view says who may call it: by :func:`requires` or :func:`public`.

    Raises:
        UndeclaredView: one does not; the service does not start with it.
    """
    undeclared = sorted(name for name, view in app.view_functions.items() if not hasattr(view, "permission"))
    if undeclared:
        raise UndeclaredView(", ".join(undeclared))


def requires(
    permission: str, authenticate: Callable[[], Caller]
) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Let a view run only for an authenticated caller with a permission; the view carries it as ``.permission``.

    Raises (in the view):
        PermissionDenied: the caller lacks the permission. What ``authenticate`` raises passes through.
    """

    def decorate(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
            current_globals().caller = caller = authenticate()
            if permission not in caller.permissions:
                raise PermissionDenied
            return view(*args, **kwargs)

        declared: Any = guarded
        declared.permission = permission
        return guarded

    return decorate
