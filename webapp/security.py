"""Safety of requests and answers: CSRF, valid UTF-8, HTTPS, the content security policy and its fellow headers.

Of routes it knows the prefix ``/v1``.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, current_app, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer
from werkzeug.exceptions import (
    MethodNotAllowed,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
    RequestURITooLarge,
)

from webapp.access.own_paths import own_path
from webapp.current import current_globals, current_request, current_session
from webapp.errors import HttpsRequired, InvalidInput, RequestTimeout, ServiceUnavailable, UnsupportedMediaType
from webapp.happenings import REQUEST_REFUSED, note
from webapp.phrases import phrase
from webapp.proxies import PROBES, init_proxies
from webapp.request_body import (
    CUT_OFF,
    FAULT,
    HEADERS_TOO_LARGE,
    LATE,
    TOO_LARGE,
    TOO_MANY,
    TOO_MANY_SEARCHES,
    UNKNOWN_METHOD,
    UNREADABLE,
    URI_TOO_LONG,
    has_body,
    read_whole_body,
)
from webapp.settings import Settings

csrf = CSRFProtect()
View = TypeVar("View", bound=Callable[..., Any])

CONTENT_SECURITY_POLICY = "; ".join(  # noqa: FLY002 - one directive a line reads best
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_CUT_OFF = phrase("The body ended before it was complete, or its chunks cannot be read.")
#: What is raised for each fault that the server tells of.
_FAULTS: dict[str, Callable[[], Exception]] = {
    UNREADABLE: lambda: InvalidInput(phrase("What was sent cannot be read as an HTTP request.")),
    UNKNOWN_METHOD: MethodNotAllowed,
    URI_TOO_LONG: RequestURITooLarge,
    HEADERS_TOO_LARGE: RequestHeaderFieldsTooLarge,
    CUT_OFF: lambda: InvalidInput(_CUT_OFF, {"body": [_CUT_OFF]}),
    LATE: RequestTimeout,
    TOO_LARGE: RequestEntityTooLarge,
    TOO_MANY: lambda: ServiceUnavailable(phrase("Too many large requests at once. Try again in a few seconds.")),
    TOO_MANY_SEARCHES: lambda: ServiceUnavailable(phrase("Too many searches at once. Try again in a few seconds.")),
}
#: Under which Flask-WTF keeps its token, in the session and beside the request.
_CSRF_NAME = "csrf_token"
_ADDED = {**HEADERS, "Cache-Control": "no-store"}
_ADDED_TO_HTTPS = {**_ADDED, "Strict-Transport-Security": "max-age=31536000"}
#: Content types that need no parsing.
_MEDIA_TYPES = frozenset({"application/json", "application/x-www-form-urlencoded"})
FORM_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def init_security(app: Flask, settings: Settings) -> None:
    """Guard ``app``: CSRF on every form, safe cookies, headers on every answer, HTTPS where it is demanded."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-customer_desk" if settings.requires_https else "customer_desk",
        SESSION_COOKIE_SECURE=settings.requires_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # The token lives as long as the sign-in: a form that was open for an hour must still save.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.requires_https,
        # A form names every metadata entry, percent-encoded: up to twelve bytes for a character.
        MAX_CONTENT_LENGTH=max(4 * settings.max_body_bytes, 4 * 1024 * 1024),
        MAX_FORM_MEMORY_SIZE=max(4 * settings.max_body_bytes, 4 * 1024 * 1024),
    )
    app.wsgi_app = SafeHeaders(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_refuse_for_the_server)  # ahead of all that would read what the server could not
    init_proxies(app, settings)
    app.before_request(_refuse_unreadable)  # ahead of CSRF, which reads the form
    csrf.init_app(app)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # it would look for an exemption before it looks at the method
    app.before_request(_guard_forms)
    if settings.requires_https:
        app.before_request(_demand_https)
    app.after_request(_stay_on_this_site)


class SafeHeaders:
    """Adds the headers that make an answer safe, whatever it is and whoever made it, unless it has its own."""

    def __init__(self, application: Any) -> None:
        """In front of a WSGI application."""
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Run the application."""
        added = _ADDED_TO_HTTPS if environ["wsgi.url_scheme"] == "https" else _ADDED

        def start_safely(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            own = {name.title() for name, _ in headers}
            return start_response(status, headers + [pair for pair in added.items() if pair[0] not in own], *more)

        return self._application(environ, start_safely)


def _refuse_for_the_server() -> None:
    """What the server does not want run: above all what it did not get whole, which must not be taken in part."""
    asked = current_request()
    fault = asked.environ.get(FAULT)
    if not fault:
        return
    note(REQUEST_REFUSED, fault)
    if fault == UNKNOWN_METHOD and asked.routing_exception:
        raise asked.routing_exception
    fault_of = _FAULTS[fault]
    raise fault_of()


def _refuse_unreadable() -> None:
    """What would not be read as it was meant.

    In place of invalid UTF-8 Werkzeug would read something else, and nobody would know that it is lost (contract
    section 3).
    """
    asked = current_request()
    declared = asked.environ.get("CONTENT_TYPE", "")
    media_type = declared if declared in _MEDIA_TYPES else asked.mimetype if declared else ""
    if media_type == "multipart/form-data":
        raise UnsupportedMediaType(phrase("No address here takes multipart/form-data."))
    if media_type and not asked.path.startswith("/v1/") and asked.is_json and has_body(asked.environ):
        # Flask-Security would read it, however deep it is.
        raise UnsupportedMediaType(phrase("This address takes what its form sends, and no JSON."))
    _refuse_other_text("path", asked.environ["PATH_INFO"].encode("latin-1"))
    _refuse_other_text("query", unquote_to_bytes(asked.query_string))
    if media_type == "application/x-www-form-urlencoded":
        _refuse_other_text("body", unquote_to_bytes(read_whole_body(cache=True)))


def _refuse_other_text(part: str, text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError:
        raise InvalidInput(details={part: [phrase("Send valid UTF-8.")]}) from None


def exempt_from_csrf(view: View) -> View:
    """Have a view take requests without a form's token: one that asks no cookie who is calling.

    Flask-WTF has the same, but looks for a view by its name, at each request.
    """
    view.is_exempt_from_csrf = True  # type: ignore[attr-defined]
    return view


def is_exempt_from_csrf(view: Callable[..., Any]) -> bool:
    """Whether a view was made so."""
    return getattr(view, "is_exempt_from_csrf", False)


def _guard_forms() -> None:
    asked = current_request()
    if asked.method not in FORM_METHODS or asked.endpoint is None:
        return
    if not is_exempt_from_csrf(current_app.view_functions[asked.endpoint]):
        csrf.protect()


def csrf_token() -> str:
    """Flask-WTF's token of this request's session, for forms.

    It is good for as long as the session (``WTF_CSRF_TIME_LIMIT``), so it is signed once and kept.
    """
    kept, raw = current_globals(), current_session().get(_CSRF_NAME)
    if _CSRF_NAME not in kept and isinstance(raw, str):
        setattr(kept, _CSRF_NAME, _signed_csrf_token(current_app.secret_key, raw))
    token: str = kept.get(_CSRF_NAME) or generate_csrf()
    return token


@lru_cache(maxsize=1024)
def _signed_csrf_token(secret_key: str, raw: str) -> str:
    """As Flask-WTF signs it."""
    signed: str = URLSafeTimedSerializer(secret_key, salt="wtf-csrf-token").dumps(raw)
    return signed


def _demand_https() -> None:
    if not request.is_secure and request.path not in PROBES:
        raise HttpsRequired


def _stay_on_this_site(response: Response) -> Response:
    """Whoever made the answer: none of this service leads to another site."""
    if 300 <= response.status_code < 400 and response.location is not None:
        response.location = own_path(response.location)
    return response
