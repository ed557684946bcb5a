"""The answers of the API: every status with its headers, and the one error body (contract sections 7, 8, 11).

Made of the table of errors in ``problems``. Knows no route.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from webapp import errors
from webapp.observability import REQUEST_ID
from webapp.openapi.texts import Schema, object_of, one_of, ref, schema_ref
from webapp.problems import HTTP_KINDS, KINDS, Kind, Problem, error_body

JSON = "application/json"
EXAMPLE_REQUEST_ID = "req_01K8ZJ4Y3V7T5N9Q2W6X0C1D8E"

#: An error of each kind, as a caller would meet it, where its class has no message of its own.
_SAMPLES: Mapping[type[Exception], errors.DeskError] = {
    errors.InvalidInput: errors.InvalidInput(
        details={
            "emial": ["unknown field 'emial'; did you mean 'email'?"],
            "address_country": ["Choose a country: a two-letter ISO 3166-1 code such as US, DE or JP."],
        }
    ),
    errors.InvalidOperation: errors.InvalidOperation("The customer is archived. Restore it before changing it."),
    errors.CustomerNotFound: errors.CustomerNotFound(),
    errors.ExternalIdTaken: errors.ExternalIdTaken("user_12345"),
    errors.VersionConflict: errors.VersionConflict(4),
    errors.TooManyRequests: errors.TooManyRequests("Too many requests. Wait, then try again.", 12),
}
#: When each code is answered, for the table of errors.
MEANINGS: Mapping[str, str] = {
    "validation_error": "A field, filter or parameter is wrong. `details` names every wrong one.",
    "invalid_operation": "The record's state forbids it.",
    "unauthorized": "The key is missing, malformed, unknown, revoked or expired, or two different ones were sent.",
    "permission_denied": "The key may only read, or the request came over plain HTTP where HTTPS is demanded.",
    "not_found": "Unknown, or not yours.",
    "method_not_allowed": "The address does not know the method; `Allow` names those that it knows.",
    "not_acceptable": "`Accept` leaves no room for JSON.",
    "request_timeout": "The body did not arrive in time.",
    "already_exists": "Another published customer of the environment has the external ID.",
    "request_in_progress": "A request with this `Idempotency-Key` is still running.",
    "version_conflict": "The customer is not at a version of `If-Match`; `details` has the present one.",
    "payload_too_large": "The body is too large.",
    "unsupported_media_type": "The body is not declared as JSON in UTF-8.",
    "idempotency_mismatch": "The `Idempotency-Key` was used for another request.",
    "too_many_requests": "The key or its tenant made too many requests; `Retry-After` says how long to wait.",
    "internal_error": "Something went wrong here. The request ID finds it in the log.",
    "not_implemented": "The address belongs to the wider billing product.",
    "service_unavailable": "The service cannot reach its database, or it is too busy.",
}

#: Answers that any route of the API can give.
ANYWHERE = (400, 401, 403, 406, 429, 500, 503)
#: Those to a request with a body.
WITH_BODY = (408, 413, 415)


def kinds_by_status() -> dict[int, dict[str, Kind]]:
    """Every kind of error by status and code."""
    found: dict[int, dict[str, Kind]] = {}
    for error_class, kind in (*KINDS.items(), *((Exception, kind) for kind in HTTP_KINDS.values())):
        if error_class is errors.OtherEnvironment:  # the desk's alone: a key has one environment
            continue
        found.setdefault(kind.status, {}).setdefault(kind.code, kind)
    return dict(sorted(found.items()))


def error_answers(statuses: Iterable[int]) -> dict[str, Schema]:
    """References to the answers of these statuses, of which those that nothing causes are left out."""
    known = kinds_by_status()
    return {str(status): ref("responses", f"Error{status}") for status in sorted(statuses) if status in known}


def error_responses() -> dict[str, Schema]:
    """One answer for each status of the table of errors."""
    return {f"Error{status}": _error_response(status, kinds) for status, kinds in kinds_by_status().items()}


def _error_response(status: int, kinds: Mapping[str, Kind]) -> Schema:
    headers = [*_HEADERS_OF_STATUS.get(status, ())]
    narrowed = {"code": one_of(list(kinds)), "http_status_code": {"const": status}}
    examples = {code: {"summary": str(kind.title), "value": _example(kind)} for code, kind in kinds.items()}
    return {
        "description": " ".join(f"`{code}`: {MEANINGS.get(code, kind.title + '.')}" for code, kind in kinds.items()),
        "headers": headers_of("X-Request-ID", *headers),
        "content": {
            JSON: {
                "schema": {"allOf": [schema_ref("Error"), {"properties": narrowed}]},
                "examples": examples,
            }
        },
    }


def _example(kind: Kind) -> dict[str, Any]:
    of_the_domain = (error for error, known in KINDS.items() if known == kind and issubclass(error, errors.DeskError))
    error_class: Any = next(of_the_domain, None)
    if error_class is None:
        return error_body(Problem(kind, f"{HTTPStatus(kind.status).phrase}.", {}, EXAMPLE_REQUEST_ID))
    sample = _SAMPLES.get(error_class) or error_class()
    details = {name: [str(message) for message in messages] for name, messages in sample.details.items()}
    return error_body(Problem(kind, str(sample.message), details, EXAMPLE_REQUEST_ID))


def error_schemas() -> dict[str, Schema]:
    """The one error body. It says everything twice, for the older clients nested, for the newer ones flat."""
    details: Schema = {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "description": "The messages of each wrong field, filter or parameter, under its JSON name.",
    }
    codes = {code: None for kinds in kinds_by_status().values() for code in kinds}
    code: Schema = {**one_of(list(codes)), "description": "What went wrong, for a program."}
    message: Schema = {"type": "string", "description": "What went wrong, for a person."}
    nested = {"message": message, "internal_error": code, "details": details}
    properties: dict[str, Schema] = {
        "success": {"const": False, "description": "Always, of an error."},
        "error": object_of(nested, list(nested), description="The same, nested."),
        "code": code,
        "message": message,
        "http_status_code": {"type": "integer", "description": "The status."},
        "details": details,
        "request_id": {"type": "string", "pattern": f"^{REQUEST_ID.pattern}$", "description": "Finds it in the log."},
    }
    return {"Error": object_of(properties, list(properties))}


_HEADERS_OF_STATUS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    409: ("Retry-After",),
    429: ("Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    503: ("Retry-After",),
}


def headers_of(*names: str) -> dict[str, Schema]:
    """References to headers."""
    return {name: ref("headers", name) for name in names}


def headers() -> dict[str, Schema]:
    """Every header of an answer by name."""
    seconds = {"type": "integer", "minimum": 0}
    version = {"type": "string", "pattern": '^"[1-9][0-9]*"$'}
    true = {"const": "true"}
    return {
        "X-Request-ID": _header(
            "The request's ID: your own, or a new one.",
            {"type": "string", "pattern": f"^{REQUEST_ID.pattern}$"},
            required=True,
        ),
        "ETag": _header("The customer's version, in quotes.", version, required=True),
        "Location": _header(
            "The new customer's address.", {"type": "string", "format": "uri-reference"}, required=True
        ),
        "Idempotency-Replayed": _header("The answer is the one that was given the first time.", true),
        "Preference-Applied": _header("Unknown fields were ignored.", {"const": "handling=lenient"}),
        "X-Retired-External-ID": _header("The external ID is a retired one of this customer.", true),
        "Retry-After": _header("Seconds to wait before trying again.", seconds),
        "WWW-Authenticate": _header("How to send a key.", {"const": "Bearer"}, required=True),
        "Allow": _header("The methods that the address knows.", {"type": "string"}, required=True),
        "RateLimit-Limit": _header("Requests of the window. Present while a limit is on.", seconds),
        "RateLimit-Remaining": _header("Requests that are left in the window.", seconds),
        "RateLimit-Reset": _header("Seconds until the window ends.", seconds),
    }


def _header(about: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"description": about, "schema": schema, **({"required": True} if required else {})}
