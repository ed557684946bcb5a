"""A JSON request body: read strictly, so that what is stored is what was sent. Knows nothing of what it says."""

import json
from typing import Any

import orjson

from webapp.errors import InvalidInput

MOST_NESTING = 32


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a request body.

    Raises:
        InvalidInput: it is not UTF-8 or not JSON (RFC 8259), not an object, has a key twice, a lone surrogate, NaN,
            bytes behind its end, or is nested past 32 levels.
    """
    try:
        if body.count(b"{") + body.count(b"[") > MOST_NESTING and _depth(body) > MOST_NESTING:
            raise InvalidInput(details={"body": [f"The JSON is nested past {MOST_NESTING} levels."]})
        parsed = orjson.loads(body)
        json.loads(body, object_pairs_hook=_refuse_keys_given_twice)
    except (orjson.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(details={"body": [f"The body is not valid JSON: {error}."]}) from None
    if not isinstance(parsed, dict):
        raise InvalidInput(details={"body": ["Send a JSON object."]})
    return parsed


def _depth(body: bytes) -> int:
    """How deep the brackets outside of strings are nested; of no meaning where the body is not JSON."""
    depth = deepest = 0
    inside_string = escaped = False
    for byte in body:
        if inside_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:  # \
                escaped = True
            elif byte == 0x22:  # "
                inside_string = False
        elif byte == 0x22:
            inside_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _refuse_keys_given_twice(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise InvalidInput(details={"body": [f"The key {json.dumps(key[:100])} is there twice."]})
        seen.add(key)
