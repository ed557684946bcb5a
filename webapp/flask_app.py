"""The Flask application class: Flask, without what this service has no use for on each request. Knows no part of it."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from flask import Flask, Request, has_request_context
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import MapAdapter
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property

from webapp.current import current_request
from webapp.proxies import LONGEST_HOST
from webapp.response import DeskResponse
from webapp.session_cookie import Sessions
from webapp.template_environment import DeskEnvironment

#: A value that stands in an address as it is; and one that stands nowhere in the address but in its place.
_PLAIN = re.compile(r"[A-Za-z0-9_]*")
_PLACE = "0_place_of_a_value_0"


class DeskRequest(Request):
    """A request. Werkzeug looks through all headers for cookies; WSGI has them in one (PEP 3333)."""

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """By their names."""
        kept: Any = parse_cookie(self.environ.get("HTTP_COOKIE"), cls=self.dict_storage_class)
        return cast("ImmutableMultiDict[str, str]", kept)


class DeskFlask(Flask):
    """Flask with the templates' environment (:mod:`webapp.template_environment`) and our requests and answers."""

    jinja_environment = DeskEnvironment
    request_class = DeskRequest
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
