"""The Flask application class: Flask, without what this service has no use for on each request. Knows no part of it."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, has_request_context
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import MapAdapter

from webapp.current import current_request
from webapp.proxies import LONGEST_HOST
from webapp.response import DeskResponse
from webapp.template_environment import DeskEnvironment

_SERIALIZER = "session_serializer"
#: A value that stands in an address as it is; and one that stands nowhere in the address but in its place.
_PLAIN = re.compile(r"[A-Za-z0-9_]*")
_PLACE = "0_place_of_a_value_0"


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, which costs nothing where there is none and nobody asks for it."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs the cookie; made once, as an application's key never changes."""
        if _SERIALIZER not in app.extensions:
            app.extensions[_SERIALIZER] = super().get_signing_serializer(app)
        kept: URLSafeTimedSerializer | None = app.extensions[_SERIALIZER]
        return kept

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie says; nothing where there is none."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie anew where something in it has changed."""
        if not session.modified and not session.permanent:  # a permanent one is sent anew with each answer
            if session.accessed:
                _vary_by_cookie(response)
            return
        super().save_session(app, session, response)


def _vary_by_cookie(response: Response) -> None:
    """As ``response.vary.add("Cookie")``, which parses the header and writes it anew: forty calls of each page."""
    there = response.headers.get("Vary", "")
    if "cookie" not in there.lower():
        response.headers["Vary"] = f"{there}, Cookie" if there else "Cookie"


class DeskFlask(Flask):
    """Flask with the templates' environment of :mod:`webapp.template_environment` and our class of answers."""

    jinja_environment = DeskEnvironment
    response_class = DeskResponse
    session_interface = Sessions()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As Flask."""
        super().__init__(*arguments, **options)
        self._addresses: dict[tuple[str, ...], tuple[str, str]] = {}

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: none here is a coroutine, and Flask would ask each of a request's dozen."""
        return func

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """The address of an endpoint, as Flask builds it.

        That of one plain value, such as an ID, is built once for each endpoint: pages name dozens.
        """
        name, value = next(iter(values.items()), ("", ""))
        is_plain = type(value) is str and _PLAIN.fullmatch(value) and not (_anchor or _method or _scheme or _external)
        if len(values) > 1 or not is_plain or not has_request_context():
            return super().url_for(
                endpoint, _anchor=_anchor, _method=_method, _scheme=_scheme, _external=_external, **values
            )
        asking = current_request()
        if endpoint.startswith(".") and asking.blueprint:
            endpoint = asking.blueprint + endpoint
        key = asking.root_path, endpoint, name
        if key not in self._addresses:
            place: dict[str, Any] = {name: _PLACE} if name else {}
            before, _, behind = super().url_for(endpoint, **place).partition(_PLACE)
            self._addresses[key] = before, behind
        before, behind = self._addresses[key]
        return before + value + behind

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What finds the route of a request, as Flask makes it for an application without subdomains and websockets.

        A host that is none has one, too: it is refused by what knows ours, and the answer names addresses.
        """
        if request is None:
            return super().create_url_adapter(None)
        host = request.host.lower()
        return MapAdapter(
            self.url_map,
            _in_ascii(host) if len(host) <= LONGEST_HOST else "",
            request.root_path,
            "",
            request.scheme,
            request.path,
            request.method,
            request.query_string.decode("utf-8", "replace"),
        )


@lru_cache(maxsize=1024)
def _in_ascii(host: str) -> str:
    """A host and its port, with the name as IDNA has it (RFC 3490); ``""`` for what is no name."""
    name, colon, port = host.partition(":")
    try:
        return f"{name.encode('idna').decode()}{colon}{port}"
    except UnicodeError:
        return ""
