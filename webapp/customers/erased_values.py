"""What stands in the history in place of erased values: tokens that are equal where the values were, and say no more.

Knows neither the database nor who erases.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

import orjson

from webapp.phrases import phrase

_TOKEN = re.compile(r"erased:([0-9]{1,9})")
#: A status is nobody's data, and the history would make no sense without it.
KEPT_FIELDS = frozenset({"status"})

#: A field of an entry as the history stores it: ``{"field", "old", "new"}``, and ``"key"`` where it has one.
StoredField = dict[str, Any]


def is_token(value: object) -> bool:
    """Whether a value is a token. A customer's own text can be one too: it is one only where somebody was erased."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def said(value: str) -> str:
    """A text of an erased customer's history as a page says it: of a token, that it is one, and which."""
    found = _TOKEN.fullmatch(value)
    return phrase("erased (%(number)s)", number=found[1]) if found else value


def are_erased(fields: Iterable[StoredField]) -> bool:
    """Whether fields hold nothing but tokens, in every place that an erasure replaces."""
    return all(
        field["field"] in KEPT_FIELDS
        or (
            (field["field"] != "metadata" or is_token(field.get("key")))
            and all(_is_erased(field[side]) for side in ("old", "new"))
        )
        for field in fields
    )


def _is_erased(value: Any) -> bool:
    return not value or is_token(value) or (isinstance(value, dict) and is_token(value["id"]) and not value["metadata"])


class Eraser:
    """Gives each different value of one customer a token of its own: ``erased:1``, ``erased:2`` … in order.

    Equal values of one field, or of one metadata key or mapping, get the same token; values of different fields never
    do. It remembers hashes of the values, in memory and only while it lives.
    """

    def __init__(self) -> None:
        """For one customer."""
        self._tokens: dict[bytes, str] = {}

    def token(self, *what: Any) -> str:
        """The token of a value; ``what`` names its place, then it."""
        digest = hashlib.blake2b(orjson.dumps(what, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
        return self._tokens.setdefault(digest, f"erased:{len(self._tokens) + 1}")

    def key(self, field: str, key: str | None) -> str | None:
        """A metadata key's token; the name of a provider is nobody's data and stays."""
        return self.token("key", key) if field == "metadata" else key

    def value(self, field: str, key: str | None, value: Any) -> Any:
        """What stands in place of a value; of nothing, nothing. A mapping keeps its shape, without its metadata."""
        if not value or field in KEPT_FIELDS:
            return value
        token = self.token("value", field, key, value)
        return {"id": token, "metadata": {}} if isinstance(value, dict) else token

    def field(self, stored: StoredField) -> StoredField:
        """A field of an entry, its key and both of its values replaced."""
        name, key = stored["field"], stored.get("key")
        sides = {side: self.value(name, key, stored[side]) for side in ("old", "new")}
        return {**stored, **sides, **({"key": self.key(name, key)} if key is not None else {})}

    def reason(self, reason: str) -> str:
        """What stands in place of the reason of an entry."""
        return self.token("reason", reason) if reason else ""
