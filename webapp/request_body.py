"""Reading a request's body, all of it or none. Knows nothing of what it says."""

from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from webapp.current import current_request

#: Where the WSGI environment says why the server does not want a request run, and what it can be: four faults of its
#: head, four of its body, and no thread for a search. ``""``: the front has the body whole, in an ``io.BytesIO``.
FAULT = "customer_desk.fault"
UNREADABLE, UNKNOWN_METHOD = "unreadable", "unknown method"
URI_TOO_LONG, HEADERS_TOO_LARGE = "uri too long", "headers too large"
CUT_OFF, LATE, TOO_LARGE, TOO_MANY = "cut off", "late", "too large", "too many"
TOO_MANY_SEARCHES = "too many searches"


def has_body(environ: Mapping[str, Any]) -> bool:
    """Whether a request brings one; some clients name a type of none, with each GET of a probe."""
    return environ.get("CONTENT_LENGTH", "") not in {"", "0"} or "HTTP_TRANSFER_ENCODING" in environ


def read_whole_body(most_bytes: int | None = None, *, cache: bool = False) -> bytes:
    """The body, of at most ``most_bytes``; by default of at most the application's MAX_CONTENT_LENGTH.

    Args:
        most_bytes: the limit.
        cache: keep it, so that the form can still be read from it.

    Raises:
        RequestEntityTooLarge: it is longer. A chunked one says so only at its end: Werkzeug stops reading at the limit,
            and tells only whoever reads on.
    """
    asked = current_request()
    if asked.environ.get(FAULT) == "":
        body: bytes = asked.environ["wsgi.input"].getvalue()  # which reads nothing, so the form can be read from it
        limit = asked.max_content_length if most_bytes is None else most_bytes
        if limit is not None and len(body) > limit:
            raise RequestEntityTooLarge
        return body
    if most_bytes is not None:
        asked.max_content_length = most_bytes
    body = asked.get_data(cache=cache)
    if "CONTENT_LENGTH" not in asked.environ or "HTTP_TRANSFER_ENCODING" in asked.environ:
        asked.stream.read(1)
    return body
