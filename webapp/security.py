"""Safety of requests and answers: CSRF, valid UTF-8, HTTPS, the content security policy and its fellow headers.

Knows no route.
"""

from urllib.parse import unquote_to_bytes

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.errors import HttpsRequired, InvalidInput, RequestTimeout, ServiceUnavailable, UnsupportedMediaType
from webapp.phrases import phrase
from webapp.request_body import CUT_OFF, FAULT, LATE, TOO_LARGE, TOO_MANY, TOO_MANY_SEARCHES, read_whole_body
from webapp.settings import Settings

csrf = CSRFProtect()

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
#: Operators' probes come from the machine itself or its balancer, often without TLS.
PLAIN_PATHS = frozenset({"/livez", "/readyz", "/metrics"})


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
    app.before_request(_refuse_for_the_front)
    app.before_request(_refuse_invalid_utf8)  # ahead of CSRF, which reads the form
    csrf.init_app(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    if settings.requires_https:
        app.before_request(_demand_https)
    app.after_request(_add_headers)


def _refuse_for_the_front() -> None:
    """What the front does not want run: above all a body that it did not get whole, which must not be taken in part."""
    fault = request.environ.get(FAULT)
    if fault == CUT_OFF:
        message = phrase("The body ended before it was complete, or its chunks cannot be read.")
        raise InvalidInput(message, {"body": [message]})
    if fault == LATE:
        raise RequestTimeout
    if fault == TOO_LARGE:
        raise RequestEntityTooLarge
    if fault == TOO_MANY:
        raise ServiceUnavailable(phrase("Too many large requests at once. Try again in a few seconds."))
    if fault == TOO_MANY_SEARCHES:
        raise ServiceUnavailable(phrase("Too many searches at once. Try again in a few seconds."))


def _refuse_invalid_utf8() -> None:
    """Werkzeug would read something else in its place, and nobody would know that it is lost (contract section 3)."""
    sent = {"path": request.environ["PATH_INFO"].encode("latin-1"), "query": unquote_to_bytes(request.query_string)}
    if request.mimetype == "multipart/form-data":
        raise UnsupportedMediaType(phrase("No address here takes multipart/form-data."))
    if request.mimetype == "application/x-www-form-urlencoded":
        sent["body"] = unquote_to_bytes(read_whole_body(cache=True))
    for part, text in sent.items():
        try:
            text.decode()
        except UnicodeDecodeError:
            raise InvalidInput(details={part: [phrase("Send valid UTF-8.")]}) from None


def _demand_https() -> None:
    if not request.is_secure and request.path not in PLAIN_PATHS:
        raise HttpsRequired


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint not in {"static", "vendor"}:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
