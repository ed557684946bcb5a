"""A request as WSGI has it, from what ASGI says of it. Knows no application."""

import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

#: Header names are few; a client that makes up new ones must not fill the memory.
MOST_KNOWN_NAMES = 500
_known_names: dict[bytes, str] = {}
_ALWAYS = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "uvicorn",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}


def environ_of(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The request without its body (PEP 3333). A header whose name has an underscore is left out.

    It would be taken for the one with a hyphen, which a proxy in front may have set.
    """
    environ: dict[str, Any] = _ALWAYS.copy()
    environ["REQUEST_METHOD"] = scope["method"]
    # Routing takes several slashes in front for one; so must whoever asks here for a path, such as the front.
    environ["PATH_INFO"] = "/" + unquote_to_bytes(scope["raw_path"]).decode("latin-1").lstrip("/")
    environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
    environ["SERVER_PROTOCOL"] = f"HTTP/{scope['http_version']}"
    environ["SERVER_NAME"], port = scope["server"]
    environ["SERVER_PORT"] = str(port)
    environ["REMOTE_ADDR"] = scope["client"][0]
    environ["wsgi.url_scheme"] = scope["scheme"]
    for sent, raw in scope["headers"]:
        name = _known_names.get(sent) or _name_of(sent)
        if name:
            value = raw.decode("latin-1")
            joint = "; " if name == "HTTP_COOKIE" else ","
            environ[name] = f"{environ[name]}{joint}{value}" if name in environ else value
    return environ


def _name_of(sent: bytes) -> str:
    """What WSGI calls a header; ``""`` for one that is left out."""
    if b"_" in sent:
        return ""
    name = sent.decode("latin-1").upper().replace("-", "_")
    if name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        name = f"HTTP_{name}"
    if len(_known_names) < MOST_KNOWN_NAMES:
        _known_names[sent] = name
    return name
