"""Errors as answers: the one table error -> (status, code, title), and its three forms: page, fragment, JSON.

The JSON body serves both generations of official clients (contract section 8). Knows no route but the prefix ``/v1``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, redirect, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from webapp import errors, htmx
from webapp.json_response import json_response
from webapp.observability import log_failure, request_id
from webapp.phrases import phrase


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of error is answered."""

    status: int
    code: str
    title: str
    next_step: str = ""


UNFORESEEN = Kind(
    500,
    "internal_error",
    phrase("Something went wrong here"),
    phrase("Try again. If it goes on, tell an operator the request ID."),
)
UNAVAILABLE = Kind(
    503, "service_unavailable", phrase("Not available right now"), phrase("Wait a moment, then try again.")
)
UNAUTHORIZED = Kind(401, "unauthorized", phrase("You are not signed in"), phrase("Sign in in a new tab."))

#: Every kind of error of the domain. A subclass without a row of its own is answered as its base is.
KINDS: Mapping[type[Exception], Kind] = {
    errors.InvalidInput: Kind(400, "validation_error", phrase("That is not valid"), phrase("Go back and correct it.")),
    errors.InvalidOperation: Kind(400, "invalid_operation", phrase("That is not possible now")),
    errors.Unauthorized: UNAUTHORIZED,
    errors.PermissionDenied: Kind(
        403, "permission_denied", phrase("You may not do this"), phrase("Ask an administrator for the role that may.")
    ),
    errors.NotFound: Kind(
        404, "not_found", phrase("Not found"), phrase("Check the address, or search for the customer.")
    ),
    errors.NotAcceptable: Kind(406, "not_acceptable", phrase("No such format")),
    errors.RequestTimeout: Kind(408, "request_timeout", phrase("That took too long"), phrase("Send it again.")),
    errors.UnsupportedMediaType: Kind(415, "unsupported_media_type", phrase("Unknown format")),
    errors.ExternalIdTaken: Kind(409, "already_exists", phrase("That external ID is taken")),
    errors.VersionConflict: Kind(
        412, "version_conflict", phrase("The customer has changed"), phrase("Reload it and look again.")
    ),
    errors.OtherEnvironment: Kind(409, "other_environment", phrase("You are in another environment now")),
    errors.IdempotencyMismatch: Kind(422, "idempotency_mismatch", phrase("That key was used before")),
    errors.RequestInProgress: Kind(
        409, "request_in_progress", phrase("Still running"), phrase("Wait a second, then try again.")
    ),
    errors.TooManyRequests: Kind(
        429, "too_many_requests", phrase("Too many attempts"), phrase("Wait, then try again.")
    ),
    errors.NotProvided: Kind(501, "not_implemented", phrase("Not part of this service")),
    errors.HttpsRequired: Kind(
        403, "permission_denied", phrase("HTTPS only"), phrase("Use the address that begins with https://.")
    ),
    errors.UnknownHost: Kind(
        400, "validation_error", phrase("Unknown host name"), phrase("Use the address that you were given.")
    ),
    errors.ServiceUnavailable: UNAVAILABLE,
    CSRFError: Kind(
        400,
        "validation_error",
        phrase("This page is out of date"),
        phrase("Go back, reload the page and send it again."),
    ),
    OperationalError: UNAVAILABLE,
    InterfaceError: UNAVAILABLE,
    PoolTimeout: UNAVAILABLE,
}

#: What PostgreSQL says when it takes no writes, or has ended a transaction for its length. psycopg files these under
#: faults of the caller.
UNAVAILABLE_STATES = frozenset({"25006", "25P03", "25P04"})

#: The framework's own errors, by status.
HTTP_KINDS: Mapping[int, Kind] = {
    400: KINDS[errors.InvalidInput],
    404: KINDS[errors.NotFound],
    405: Kind(405, "method_not_allowed", phrase("Not possible at this address")),
    406: KINDS[errors.NotAcceptable],
    413: Kind(413, "payload_too_large", phrase("Too large"), phrase("Send less at once.")),
    415: KINDS[errors.UnsupportedMediaType],
    429: KINDS[errors.TooManyRequests],
    500: UNFORESEEN,
    503: UNAVAILABLE,
}
FORGED = phrase("Your sign-in ended or changed since the page was opened, or the form came from elsewhere.")
#: What refused a form without a fault of its own: the database away or busy, a fault of ours, a throttle.
WORTH_ANOTHER_TRY = frozenset({429, 500, 503})
#: Seconds after which a caller may ask again when the database was away, or the same request still ran.
RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One error as it is answered."""

    kind: Kind
    message: str
    details: errors.Details
    request_id: str

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.kind.status

    @property
    def title(self) -> str:
        """The heading of its page."""
        return self.kind.title

    @property
    def next_step(self) -> str:
        """What a person can do now."""
        return self.kind.next_step


def init_problems(app: Flask) -> None:
    """Answer every error of ``app``."""
    app.register_error_handler(Exception, _answer)


def kind_of(error: Exception) -> Kind:
    """The row of the table for an error: its own, its nearest base's, or the unforeseen."""
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in UNAVAILABLE_STATES:
        return UNAVAILABLE
    for error_class in type(error).__mro__:
        if error_class in KINDS:
            return KINDS[error_class]
    if isinstance(error, HTTPException) and error.code is not None:
        if error.code in HTTP_KINDS:
            return HTTP_KINDS[error.code]
        if error.code < 500:
            return Kind(error.code, "validation_error", KINDS[errors.InvalidInput].title)
    return UNFORESEEN


def problem_of(error: Exception) -> Problem:
    """An error as it is answered: its message only where it was written for the caller."""
    kind = kind_of(error)
    if isinstance(error, errors.DeskError):
        message, details = error.message, error.details
    elif isinstance(error, CSRFError):
        message, details = FORGED, {}
    elif isinstance(error, HTTPException) and kind is not UNFORESEEN:
        message, details = _http_message(error), {}
    elif kind is UNAVAILABLE:
        message, details = errors.ServiceUnavailable.default_message, {}
    else:
        message, details = phrase("Something went wrong here. The request ID finds it in the log."), {}
    return Problem(kind, message, details, request_id())


def _http_message(error: HTTPException) -> str:
    if error.code == 404:
        return errors.NotFound.default_message
    if error.code == 405:
        return phrase("The method %(method)s is not allowed at this address.", method=request.method)
    if error.code == 413:
        return phrase("The request is larger than this service takes.")
    if error.code == 414:
        return phrase("The address is longer than this service takes.")
    if error.code == 431:
        return phrase("The headers of the request are larger than this service takes.")
    return error.description or error.name


def error_body(problem: Problem) -> dict[str, Any]:
    """The JSON body of an error, nested for the older clients and flat for the newer."""
    return {
        "success": False,
        "error": {
            "message": problem.message,
            "internal_error": problem.kind.code,
            "details": problem.details,
        },
        "code": problem.kind.code,
        "message": problem.message,
        "http_status_code": problem.status,
        "details": problem.details,
        "request_id": problem.request_id,
    }


def _answer(error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    problem = problem_of(error)
    if problem.status >= 500 and not isinstance(error, errors.DeskError):
        log_failure(getattr(error, "original_exception", None) or error)
    response: Response
    if request.path == "/v1" or request.path.startswith("/v1/"):
        response = json_response(error_body(problem), problem.status)
    elif isinstance(error, errors.SignInRequired) and request.method in {"GET", "HEAD"}:
        response = _to_sign_in()
    else:
        told: dict[str, Any] = {
            "problem": problem,
            "error": error,
            "typed_is_kept": _may_be_sent_again(error, problem.status),
        }
        response = htmx.render(page="problem.html", fragment="_problem.html", status=problem.status, **told)
    response.headers.update(_headers_of(error, problem))
    return response


def _may_be_sent_again(error: Exception, status: int) -> bool:
    """Whether the desk's own form was refused for no fault in it: it is worth being sent once more as it is.

    That is so for a role that was taken away meanwhile, too: an administrator can give it back.
    A form from elsewhere is not: a person is never asked to send on what another site has filled in.
    """
    if request.blueprint != "customers" or request.method != "POST" or not request.form:  # other forms hold passwords
        return False
    if isinstance(error, CSRFError):
        return request.origin == request.host_url.rstrip("/")
    return isinstance(error, errors.SignInRequired | errors.PermissionDenied) or status in WORTH_ANOTHER_TRY


def _to_sign_in() -> Response:
    if htmx.wants_fragment():
        return htmx.to_sign_in(url_for("security.login"))
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("security.login", next=wanted), 303)  # type: ignore[return-value]


def _headers_of(error: Exception, problem: Problem) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, HTTPException):
        headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    if problem.status == 401 and not isinstance(error, errors.SignInRequired):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    if problem.status == 503 or isinstance(error, errors.RequestInProgress):
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return headers
