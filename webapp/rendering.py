"""What every template knows: who is here, how times and names are written. Knows no page."""

from contextlib import suppress
from functools import lru_cache
from typing import Any

from flask import Flask, g
from flask_babel import format_decimal
from jinja2 import StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from webapp.access.environments import other_environments
from webapp.access.permissions import ROLE_LABELS, Caller
from webapp.access.staff import current_staff
from webapp.current import current_globals
from webapp.customers.countries import country_name, country_options
from webapp.customers.deeds import title_of, who_of
from webapp.customers.erasures import shown_name
from webapp.customers.labels import field_label
from webapp.customers.parent_names import parent_name
from webapp.customers.word_changes import mark_words, show_words
from webapp.errors import SignInRequired
from webapp.identifiers import rfc3339
from webapp.security import csrf_token
from webapp.translation import language


def init_rendering(app: Flask) -> None:
    """Set Jinja up: an undefined name is an error, and what the templates call."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        iso_time=rfc3339, grouped=format_decimal, as_options=lambda values: _options(tuple(values))
    )
    app.jinja_env.globals.update(
        field_label=field_label,
        role_label=lambda role: ROLE_LABELS[role],
        country_name=country_name,
        country_options=country_options,
        title_of=title_of,
        who_of=who_of,
        mark_words=mark_words,
        parent_name=parent_name,
        shown_name=shown_name,
        show_words=show_words,
        csrf_token=csrf_token,
    )
    templates: Any = app.jinja_env
    templates.reader_language = _language_of_who_is_here
    app.context_processor(_who_is_here)


def _who_is_here() -> dict[str, Any]:
    caller: Caller | None = g.get("caller") or _signed_in()
    permissions = caller.permissions if caller else frozenset()
    return {
        "staff": caller.staff if caller else None,
        "environment": caller.environment if caller else None,
        "other_environments": lambda: other_environments(caller) if caller else [],
        "language": language(),  # only now: it depends on who is here
        "permissions": permissions,
        "csrf_token": csrf_token,  # Flask-WTF has its own here, which signs one for each page
        "may": lambda permission: permission in permissions,
    }


def _language_of_who_is_here() -> str:
    """A page that no view of theirs made is asked for before anybody knows who reads it."""
    kept = current_globals()
    if "language" in kept:
        known: str = kept.language
        return known
    if "caller" not in kept:
        _signed_in()
    return language()


def _signed_in() -> Caller | None:
    """Who is signed in, on a page that no view of theirs made, such as that of an unknown address."""
    with suppress(SignInRequired, SQLAlchemyError):
        return current_staff()
    return None


@lru_cache(maxsize=8)
def _options(values: tuple[str, ...]) -> Markup:
    """The options of a datalist of plain values, written once: there are six hundred time zones."""
    return Markup("").join(Markup('<option value="{}"></option>').format(value) for value in values)
