"""htmx: the only file that knows its headers. Answers with a fragment or with the page that includes it."""

from typing import Any

from flask import Response, make_response, render_template, request


def wants_fragment() -> bool:
    """Whether htmx asks for a fragment; false when it restores a page from its history, which needs the whole."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def render(*, page: str, fragment: str, status: int = 200, **context: Any) -> Response:
    """``fragment`` for htmx, else ``page``, which includes the same fragment. Caches are told that they differ."""
    response = make_response(render_template(fragment if wants_fragment() else page, **context), status)
    response.vary.add("HX-Request")
    response.vary.add("HX-History-Restore-Request")
    return response


def to_sign_in(location: str) -> Response:
    """Have htmx load the whole sign-in page, which would make no sense inside of a fragment's place."""
    response = Response(status=204)
    response.headers["HX-Redirect"] = location
    return response
