"""Static files: the project's own and htmx from its wheel, under addresses that change with their content.

Knows no template and no page.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import js_lib_htmx
from flask import Flask, Response, request, send_from_directory, url_for

from webapp.settings import PROJECT_ROOT

STATIC_FOLDER = PROJECT_ROOT / "static"
HTMX_FOLDER = Path(js_lib_htmx.__file__).parent / "static" / "htmx"
HTMX_FILE = "htmx.min.js"
#: An address names the content by its hash, so browsers may keep it for a year.
MAX_AGE_SECONDS = 365 * 24 * 3600
FOLDERS = {"static": STATIC_FOLDER, "vendor": HTMX_FOLDER}


def init_static_files(app: Flask) -> None:
    """Serve htmx under ``/static/vendor/``, and give every static address its content's hash."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = MAX_AGE_SECONDS
    app.add_url_rule(f"/static/vendor/<any({HTMX_FILE!r}):filename>", "vendor", _send_htmx)
    app.url_defaults(_add_content_hash)
    app.jinja_env.globals.update(static_address=_static_address)


def _send_htmx(filename: str) -> Response:
    return send_from_directory(HTMX_FOLDER, filename)


def _static_address(filename: str) -> str:
    """What ``url_for`` says of a static file, asked once: every page names two dozen."""
    return _address_below(request.root_path, filename)


@lru_cache(maxsize=256)
def _address_below(_root: str, filename: str) -> str:
    return url_for("static", filename=filename)


def _add_content_hash(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in FOLDERS and "filename" in values:
        values["v"] = _content_hash(FOLDERS[endpoint] / values["filename"])


@lru_cache
def _content_hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
