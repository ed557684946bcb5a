"""The composition root: the one file that knows every part and puts them together. Holds no rule of its own."""

from importlib import import_module
from typing import Any

from flask import Flask, redirect, url_for
from flask_migrate import Migrate
from werkzeug.routing import BaseConverter

from webapp.access.blueprint import create_access_blueprint
from webapp.access.permissions import public, refuse_undeclared_views
from webapp.access.rate_limits import init_rate_limits
from webapp.access.staff import init_staff
from webapp.cli import init_cli
from webapp.command_log import log_commands
from webapp.customers.blueprint import create_blueprint
from webapp.customers.limits import Limits
from webapp.database import db, init_database
from webapp.database_metrics import init_database_metrics
from webapp.flask_app import DeskFlask
from webapp.frames import init_frames
from webapp.log_lines import configure_logging, log
from webapp.metrics import init_metrics
from webapp.migration_head import migration_head
from webapp.observability import init_observability
from webapp.openapi.views import init_openapi
from webapp.problems import init_problems
from webapp.rendering import init_rendering
from webapp.security import init_security
from webapp.settings import PROJECT_ROOT, Settings, SettingsError
from webapp.static_files import STATIC_FOLDER, init_static_files
from webapp.translation import init_translation
from webapp.written_together import init_written_together

MIGRATIONS = PROJECT_ROOT / "migrations"
PUBLIC_ENDPOINTS = ("index", "static", "vendor", "livez", "readyz", "metrics")


class AnythingConverter(BaseConverter):
    """The rest of a path, slashes and all: an external ID may hold any text (contract section 2)."""

    regex = ".+"
    part_isolating = False


class PartConverter(BaseConverter):
    """One part of a path, but no name that has a route of its own: PUT /v1/customers/search is 405, no customer.

    Nor is there anything below such a name: ``/v1/customers/search/history`` is 404.
    """

    regex = r"(?!search\Z)[^/]+"
    part_isolating = True  # Werkzeug takes the slash in it for one that it matches


def create_app(settings: Settings) -> Flask:
    """The whole service as a WSGI application.

    Raises:
        SettingsError: DATABASE_URL cannot be read, or the linked SQLite library is not safe.
    """
    app = DeskFlask(
        __name__,
        template_folder=str(PROJECT_ROOT / "templates"),
        static_folder=str(STATIC_FOLDER),
        instance_path=settings.instance_path,
    )
    configure_logging(settings)
    if settings.plain_http and settings.is_public:
        log.warning("PLAIN_HTTP=1: passwords and API keys travel unprotected", host=settings.host)
    app.url_map.merge_slashes = False  # "//" is a part of an external ID, not a slip
    app.url_map.converters.update(anything=AnythingConverter, default=PartConverter)
    app.extensions["customer_desk_settings"] = settings
    app.extensions["customer_limits"] = Limits.of(settings)
    init_metrics(app)
    init_observability(app, migration_head(MIGRATIONS))
    if settings.opentelemetry:
        _init_tracing(app)
    init_problems(app)
    init_security(app, settings)
    init_database(app, settings)
    init_written_together(app)
    init_database_metrics(app, migration_head(MIGRATIONS))
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    init_staff(app, settings)
    init_rate_limits(app, settings)
    init_static_files(app)
    init_translation(app)
    init_rendering(app)
    init_frames(app)
    app.register_blueprint(create_access_blueprint())
    app.register_blueprint(create_blueprint())
    init_openapi(app, settings)
    app.add_url_rule("/", "index", _index)
    for endpoint in PUBLIC_ENDPOINTS:
        public(app.view_functions[endpoint])
    refuse_undeclared_views(app)
    init_cli(app, settings)
    log_commands(app)
    return app


def _init_tracing(app: Flask) -> None:
    """Traces, from the one module whose packages are optional: so it is imported only where it is wanted."""
    try:
        tracing = import_module("webapp.tracing")
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"Customer Desk cannot start:\n  - OPENTELEMETRY=1 needs requirements-otel.txt installed: no {error.name}."
        ) from None
    tracing.init_tracing(app)


def _index() -> Any:
    return redirect(url_for("customers.list"))
