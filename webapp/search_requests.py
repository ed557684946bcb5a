"""Which requests are searches: they may take seconds, so they have threads of their own. Knows no answer."""

import re
from collections.abc import Mapping
from typing import Any

#: Requests that may take seconds, up to SEARCH_TIMEOUT_SECONDS: method and path.
SEARCHES = frozenset(
    {
        ("GET", "/customers"),
        ("HEAD", "/customers"),
        ("GET", "/v1/customers"),
        ("HEAD", "/v1/customers"),
        ("POST", "/v1/customers/search"),
    }
)
#: A page of the API's list of everybody, in the order that an index has, of as many as come unasked: it takes no longer
#: than other requests, and handing it to a thread costs a third of that. A cursor is good for its own list alone.
_SHORT_LIST = "/v1/customers"
_OF_EVERYBODY = re.compile(r"(?:(?:^|&)(?:limit=(?:[0-9]|[1-4][0-9]|50)|cursor=[A-Za-z0-9_.%=-]*)(?=&|$))*")


def is_search(environ: Mapping[str, Any]) -> bool:
    """Whether a request, as WSGI has it (PEP 3333), may take seconds."""
    path = environ["PATH_INFO"]
    if (environ["REQUEST_METHOD"], path) not in SEARCHES:
        return False
    return path != _SHORT_LIST or _OF_EVERYBODY.fullmatch(environ["QUERY_STRING"]) is None
