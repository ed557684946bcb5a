"""htmx: the only file that knows its headers. Answers with a fragment or with the page that includes it."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Response, current_app, redirect, render_template, request

#: Control characters that no HTML may hold, not even as references.
NOT_IN_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def wants_fragment() -> bool:
    """Whether htmx asks for a fragment; false when it restores a page from its history, which needs the whole."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def render(*, page: str, fragment: str, status: int = 200, **context: Any) -> Response:
    """``fragment`` for htmx, else ``page``, which includes the same fragment. Caches are told that they differ."""
    markup = render_template(fragment if wants_fragment() else page, **context)
    if request.method == "POST" or request.query_string:  # what was sent comes back; what is stored holds none of them
        markup = NOT_IN_HTML.sub("", markup)
    return whole_page(markup, status)


def whole_page(markup: str | bytes, status: int = 200) -> Response:
    """An answer of markup, which is another one for other headers of htmx, and for other people. Caches are told so."""
    response = current_app.response_class(markup, status)
    response.headers["Vary"] = "HX-Request, HX-History-Restore-Request, Cookie"
    return response


def push(response: Response, location: str, *, replacing: bool = False) -> Response:
    """Have htmx show ``location`` as the page's address: that of what the fragment shows.

    With ``replacing``, in place of the address of before, to which the browser's Back then does not lead.
    """
    if wants_fragment():
        response.headers["HX-Replace-Url" if replacing else "HX-Push-Url"] = location
    return response


def shown_query() -> dict[str, str]:
    """The parameters of the address that the page shows while htmx asks for a fragment; none where it says none."""
    return dict(parse_qsl(urlsplit(request.headers.get("HX-Current-URL", "")).query))


def see_other(location: str) -> Response:
    """On to another page, by GET; htmx follows as a browser does."""
    return redirect(location, 303)  # type: ignore[return-value]


def to_sign_in(location: str) -> Response:
    """Have htmx load the whole sign-in page, which would make no sense inside of a fragment's place."""
    response = Response(status=204)
    response.headers["HX-Redirect"] = location
    return response
