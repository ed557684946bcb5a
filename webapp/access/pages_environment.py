"""The switch between a tenant's environments. Knows no customer and no SQL."""

from flask import Response, request

from webapp import htmx
from webapp.access.environments import find_environment
from webapp.access.own_paths import own_path
from webapp.access.permissions import current_caller
from webapp.access.staff import FORM_ENVIRONMENT
from webapp.access.staff_sessions import switch_environment as switch


def switch_environment() -> Response:
    """``POST /environment``: this sign-in looks at another environment of its tenant from now on."""
    caller = current_caller()
    environment = find_environment(caller, request.form.get(FORM_ENVIRONMENT, ""))
    switch(caller.session_id, environment.id)
    return htmx.see_other(own_path(request.form.get("next")))
