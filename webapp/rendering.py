"""What every template knows: who is here, how times and names are written. Knows no page."""

from contextlib import suppress
from typing import Any

from flask import Flask, g
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from sqlalchemy.exc import SQLAlchemyError

from webapp.access.permissions import Caller
from webapp.access.staff import authenticate_staff
from webapp.customers.labels import field_label
from webapp.customers.validators import COUNTRY_NAMES
from webapp.errors import SignInRequired
from webapp.identifiers import rfc3339


def init_rendering(app: Flask) -> None:
    """Set Jinja up: an undefined name is an error, and what the templates call."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(iso_time=rfc3339)
    app.jinja_env.globals.update(field_label=field_label, country_name=_country_name, csrf_token=generate_csrf)
    app.context_processor(_who_is_here)


def _who_is_here() -> dict[str, Any]:
    caller: Caller | None = g.get("caller") or _signed_in()
    return {
        "staff": caller.staff if caller else None,
        "environment": caller.environment if caller else None,
        "may": lambda permission: caller is not None and permission in caller.permissions,
    }


def _signed_in() -> Caller | None:
    """Who is signed in, on a page that no view of theirs made, such as that of an unknown address."""
    with suppress(SignInRequired, SQLAlchemyError):
        return authenticate_staff()
    return None


def _country_name(code: str) -> str:
    return COUNTRY_NAMES.get(code, code)
