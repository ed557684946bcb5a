"""The class of all answers: Flask's, which goes to the server as it is where nothing is left to be worked out.

Knows no header's value and no route.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Response

#: Werkzeug writes addresses anew as they must go over the wire.
_ADDRESSES = frozenset({"Location", "Content-Location"})


class DeskResponse(Response):
    """An answer. A whole one is handed over as it is, which Werkzeug would copy header by header."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, as WSGI has it (PEP 3333)."""
        headers, body = list(self.headers), self._whole_body()
        if body is None or self.status_code != 200 or environ["REQUEST_METHOD"] == "HEAD":
            return super().__call__(environ, start_response)
        known = dict(headers)
        if known.get("Content-Length") != str(len(body)) or not _ADDRESSES.isdisjoint(known):
            return super().__call__(environ, start_response)
        start_response(self.status, headers)
        return [body]

    def _whole_body(self) -> bytes | None:
        """The body, where it is one piece, and nothing is to be done once it is sent."""
        pieces: Any = self.response
        is_whole = type(pieces) is list and len(pieces) == 1 and type(pieces[0]) is bytes and not self._on_close
        return pieces[0] if is_whole else None
