"""What a request of the API says beside its fields: media types, preconditions, preferences, which customer it means.

Knows no rule of a customer and no answer.
"""

import hashlib
import re
from itertools import islice
from typing import Any

from flask import current_app

from webapp.current import current_request
from webapp.customers.calling import scope
from webapp.customers.changeset import CustomerReference
from webapp.customers.rows import trim
from webapp.customers.unknown_names import MOST_UNKNOWN_NAMES
from webapp.customers.validators import forbidden_character
from webapp.errors import InvalidInput, NotAcceptable, UnsupportedMediaType
from webapp.idempotency import LONGEST_KEY, IdempotentRequest
from webapp.json_body import read_object
from webapp.request_body import read_whole_body
from webapp.settings import Settings

VERSION_TAG = re.compile("[1-9][0-9]{0,8}")
JSON = "application/json"
#: What clients send that take JSON, most of them.
_TAKES_JSON = frozenset({"*/*", JSON, f"{JSON}, */*", f"{JSON}, text/plain, */*"})
#: RFC 7396, section 4; PATCH takes it beside plain JSON.
MERGE_PATCH = "application/merge-patch+json"


def accept_json() -> None:
    """Go on only for a caller that takes JSON.

    Raises:
        NotAcceptable: it accepts other media types alone.
    """
    asked = current_request()
    if asked.environ.get("HTTP_ACCEPT", "*/*") in _TAKES_JSON:
        return  # reading the header by its grammar costs more than most of a request's other steps
    accepted = asked.accept_mimetypes
    with_parameters = any(quality and name.startswith(f"{JSON};") for name, quality in accepted)
    if accepted and not (accepted[JSON] or with_parameters):
        raise NotAcceptable


def json_object(*mimetypes: str) -> dict[str, Any]:
    """The JSON object that the request carries.

    Args:
        mimetypes: the media types that declare it; ``application/json`` by default.

    Raises:
        UnsupportedMediaType: it is declared as anything else.
        RequestEntityTooLarge: it is larger than MAX_BODY_BYTES.
        InvalidInput: see ``read_object``.
    """
    asked = current_request()
    if asked.environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding.")
    if asked.environ.get("CONTENT_TYPE") != JSON:
        charset = asked.mimetype_params.get("charset", "utf-8").lower()
        if asked.mimetype not in (mimetypes or (JSON,)) or charset not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType
    return read_object(_body())


def _body() -> bytes:
    settings: Settings = current_app.extensions["customer_desk_settings"]
    return read_whole_body(settings.max_body_bytes, cache=True)


def reference(customer_id: str | None) -> CustomerReference:
    """How the path and the query name the customer (contract section 2).

    Raises:
        InvalidInput: they name none, or two.
    """
    asked = current_request()
    if customer_id and not asked.query_string:
        return CustomerReference(customer_id)
    ids = {value for value in (customer_id, *asked.args.getlist("id")) if value}
    external_ids = {trimmed for value in asked.args.getlist("external_customer_id") if (trimmed := trim(value))}
    if not ids and not external_ids:
        raise InvalidInput(
            "Name the customer: by the path, by '?id=' or by '?external_customer_id='.",
            {"id": ["Give the customer's ID, or its external_customer_id."]},
        )
    if len(ids) > 1 or len(external_ids) > 1:
        field = "id" if len(ids) > 1 else "external_customer_id"
        message = "The request names two different customers."
        raise InvalidInput(message, {field: [message]})
    return CustomerReference(next(iter(ids), None), next(iter(external_ids), None))


def is_lenient() -> bool:
    """Whether unknown fields are to be ignored: ``Prefer: handling=lenient`` (RFC 7240). Of two the first counts."""
    sent: str = current_request().environ.get("HTTP_PREFER", "")
    for preference in sent.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "handling":
            return value.strip().strip('"').lower() == "lenient"
    return False


def expected_versions() -> frozenset[int] | None:
    """The versions that ``If-Match`` allows (RFC 9110, 13.1.1); None without that header or with ``*``.

    A tag that can be no version, a weak one among them, allows none.
    """
    asked = current_request()
    if asked.environ.get("HTTP_IF_MATCH", "*").strip() in {"", "*"}:
        return None
    tags = asked.if_match.as_set()
    return frozenset(int(tag) for tag in tags if tag and VERSION_TAG.fullmatch(tag))  # Werkzeug reads "" as None


def idempotent_request() -> IdempotentRequest | None:
    """The request by its ``Idempotency-Key`` (contract section 7); None without that header.

    Raises:
        RequestEntityTooLarge: the body is larger than MAX_BODY_BYTES.
        InvalidInput: the key is empty, longer than 255 characters, or has control characters.
    """
    asked = current_request()
    key = asked.environ.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or forbidden_character(key):
        message = f"An Idempotency-Key has 1 to {LONGEST_KEY} characters, none of them a control character."
        raise InvalidInput(message, {"Idempotency-Key": [message]})
    parts = (asked.method.encode(), asked.path.encode(), asked.query_string, _body())
    fingerprint = hashlib.sha256()
    for part in parts:
        fingerprint.update(b"%d:" % len(part) + part)
    whose = scope()
    return IdempotentRequest(whose.tenant_id, whose.environment_id, key, fingerprint.hexdigest())


def refuse_fields() -> None:
    """Go on only where the request has no body, or an empty object: it has no field that could be lost.

    Raises:
        InvalidInput: it has fields; the first of them are named.
    """
    if _body() and (body := json_object()):
        message = "This address takes no fields."
        raise InvalidInput(message, {name: [message] for name in islice(body, MOST_UNKNOWN_NAMES)})
