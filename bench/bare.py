"""The floor of a request's cost: functions that answer so many bytes, behind the production server. Knows no desk.

python -m bench.bare wsgi     a function
python -m bench.bare flask    a Flask application of one view
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response

from webapp.front import Front, at_once_of
from webapp.log_lines import configure_logging
from webapp.server import serve
from webapp.settings import Settings

BODY = b" " * 1_000_000
KINDS = {"wsgi": "bench.bare:function", "flask": "bench.bare:flask"}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Take the request's body, answer 200."""
    environ["wsgi.input"].read()
    number = int(environ.get("HTTP_BARE_BYTES", "0"))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(number))])
    return [BODY[:number]]


def _front(wsgi_application: Any) -> Front:
    settings = Settings.from_environment()
    return Front(
        wsgi_application,
        at_once=at_once_of(settings),
        api_body_bytes=settings.max_body_bytes,
        form_bytes=settings.max_body_bytes,
        timeout_seconds=settings.request_timeout_seconds,
        search_wait_seconds=settings.search_timeout_seconds,
    )


flask_application = Flask(__name__)


@flask_application.get("/livez")
@flask_application.get("/v1/customers/<customer_id>")
def answer(**_values: str) -> Response:
    """As little as a view can do."""
    return Response(BODY[:700], mimetype="application/json")


function, flask = _front(application), _front(flask_application)


if __name__ == "__main__":
    chosen = Settings.from_environment()
    configure_logging(chosen)
    serve(chosen, KINDS[sys.argv[1]])
