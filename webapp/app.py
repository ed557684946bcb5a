"""The composition root: the one file that knows every part and puts them together. Holds no rule of its own."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import js_lib_htmx
from flask import Flask, Response, g, redirect, send_from_directory, url_for
from flask_migrate import Migrate
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from webapp.access.permissions import public
from webapp.access.staff import init_staff
from webapp.cli import init_cli
from webapp.customers.blueprint import create_blueprint
from webapp.customers.labels import field_label
from webapp.customers.limits import Limits
from webapp.customers.validators import COUNTRY_NAMES
from webapp.database import db, init_database
from webapp.identifiers import rfc3339
from webapp.migration_head import migration_head
from webapp.observability import configure_logging, init_observability, log
from webapp.problems import init_problems
from webapp.security import init_security
from webapp.settings import PROJECT_ROOT, Settings

MIGRATIONS = PROJECT_ROOT / "migrations"
HTMX_FOLDER = Path(js_lib_htmx.__file__).parent / "static" / "htmx"
HTMX_FILE = "htmx.min.js"
STATIC_MAX_AGE_SECONDS = 3600


class AnythingConverter(BaseConverter):
    """The rest of a path, slashes and all: an external ID may hold any text (contract section 2)."""

    regex = ".+"
    part_isolating = False


def create_app(settings: Settings) -> Flask:
    """The whole service as a WSGI application.

    Raises:
        SettingsError: the linked SQLite library is not safe.
    """
    app = Flask(
        __name__,
        template_folder=str(PROJECT_ROOT / "templates"),
        static_folder=str(PROJECT_ROOT / "static"),
        instance_path=settings.instance_path,
    )
    configure_logging(settings)
    if settings.plain_http and not settings.listens_on_loopback:
        log.warning("PLAIN_HTTP=1: passwords and API keys travel unprotected", host=settings.host)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_MAX_AGE_SECONDS
    app.url_map.merge_slashes = False  # "//" is a part of an external ID, not a slip
    app.url_map.converters["anything"] = AnythingConverter
    app.extensions["customer_limits"] = Limits.of(settings)
    init_observability(app, migration_head(MIGRATIONS))
    init_problems(app)
    init_security(app, settings)
    init_database(app, settings)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    init_staff(app, settings)
    app.register_blueprint(create_blueprint())
    app.add_url_rule("/", "index", _index)
    app.add_url_rule(f"/static/vendor/<any({HTMX_FILE!r}):filename>", "vendor", _vendor)
    for endpoint in ("static", "livez", "readyz"):
        public(app.view_functions[endpoint])
    _init_templates(app)
    init_cli(app, settings)
    return app


@public
def _index() -> Any:
    return redirect(url_for("customers.list"))


@public
def _vendor(filename: str) -> Response:
    if filename != HTMX_FILE:
        raise NotFound
    return send_from_directory(HTMX_FOLDER, filename)


def _init_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(exact_time=_exact_time, iso_time=rfc3339, short_time=_short_time)
    app.jinja_env.globals.update(field_label=field_label, country_name=_country_name, csrf_token=generate_csrf)
    app.context_processor(_who_is_here)


def _who_is_here() -> dict[str, Any]:
    caller = g.get("caller")
    return {
        "staff": caller.staff if caller else None,
        "environment": caller.environment if caller else None,
        "may": lambda permission: bool(caller) and permission in caller.permissions,
    }


def _exact_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _short_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d %b %Y, %H:%M}".lstrip("0")


def _country_name(code: str) -> str:
    return COUNTRY_NAMES.get(code, code)
