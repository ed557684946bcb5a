"""Where a request came from, told by the proxies in front, and which names of hosts are this installation's.

Knows no route but those of the probes, and no answer.
"""

import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask

from webapp.current import current_request
from webapp.errors import UnknownHost
from webapp.settings import IPNetwork, Settings, is_loopback_name

#: Operators' probes come from the machine itself or its balancer: often without TLS, and by address in place of name.
#: What they answer holds no link.
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
SCHEMES = frozenset({"http", "https"})
#: A name of 253 characters, a dot and a port (RFC 1035, section 2.3.4). A longer one is nobody's, and is not kept.
LONGEST_HOST = 260
PORT = re.compile(r":\d{1,5}\Z")


def init_proxies(app: Flask, settings: Settings) -> None:
    """Have ``app`` believe the proxies of ``settings``, and answer to its own names alone."""
    if settings.trusted_proxies:
        app.wsgi_app = ProxyHeaders(  # type: ignore[method-assign]
            app.wsgi_app, settings.trusted_proxies, settings.trusted_proxy_addresses
        )
    app.before_request(_refuse_other_hosts(settings))


class ProxyHeaders:
    """Takes ``X-Forwarded-For`` and ``-Proto`` of so many proxies in front for true, and of nobody else.

    Only the values that those proxies have added count: each adds one at the end, and what stands before them is
    what the client claims. ``X-Forwarded-Host`` counts never. Werkzeug's ProxyFix would take any text for an address,
    by which a client would then be known and its sign-ins be counted.
    """

    def __init__(self, application: Any, count: int, networks: tuple[IPNetwork, ...]) -> None:
        """In front of a WSGI application.

        Args:
            application: the WSGI application.
            count: of proxies, one behind the other.
            networks: of the last one's addresses; none: whoever reaches the port is taken for it.
        """
        self._application, self._count, self._networks = application, count, networks

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Run the application, with the client's address and scheme in place of the proxy's."""
        if not self._networks or _is_within(environ.get("REMOTE_ADDR", ""), self._networks):
            if address := _address_of(self._told(environ, "HTTP_X_FORWARDED_FOR")):
                environ["REMOTE_ADDR"] = address
            if (scheme := self._told(environ, "HTTP_X_FORWARDED_PROTO").lower()) in SCHEMES:
                environ["wsgi.url_scheme"] = scheme
        return self._application(environ, start_response)

    def _told(self, environ: dict[str, Any], name: str) -> str:
        """What the first of the trusted proxies has said; ``""`` where there are fewer values than proxies."""
        values = environ.get(name, "").split(",")
        return values[-self._count].strip() if len(values) >= self._count else ""


@lru_cache(maxsize=1024)
def _is_within(address: str, networks: tuple[IPNetwork, ...]) -> bool:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    known = getattr(known, "ipv4_mapped", None) or known
    return any(known in network for network in networks)


def _address_of(text: str) -> str:
    """An address without its port and brackets, which some proxies add; ``""`` for what is none.

    Such as ``192.0.2.1``, ``192.0.2.1:80``, ``2001:db8::1``, ``[2001:db8::1]`` and ``[2001:db8::1]:80``.
    """
    bare = PORT.sub("", text) if text.count(":") == 1 or "]" in text else text
    try:
        known = ipaddress.ip_address(bare.strip("[]"))
    except ValueError:
        return ""
    return "" if getattr(known, "scope_id", None) else str(known)  # a scope is any text, and no client's


def _refuse_other_hosts(settings: Settings) -> Callable[[], None]:
    own = frozenset(settings.allowed_hosts)

    @lru_cache(maxsize=1024)
    def is_own(host: str) -> bool:
        name = _name_of(host)
        return name in own if own else is_loopback_name(name)

    def refuse_other_hosts() -> None:
        """A link is made with the name that the request was sent to, which anybody can make up."""
        asked = current_request()
        if (len(asked.host) > LONGEST_HOST or not is_own(asked.host)) and asked.path not in PROBES:
            raise UnknownHost

    return refuse_other_hosts


def _name_of(host: str) -> str:
    """A host without its port, as :data:`Settings.allowed_hosts` has it; ``""`` for one that is malformed."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower().removesuffix(".")
