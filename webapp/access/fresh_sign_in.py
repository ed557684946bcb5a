"""Fresh sign-ins: what is sensitive asks for the password once more when that was long ago.

Knows that a password was right and when; not what the sensitive thing is.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request, session, url_for

from webapp import htmx

#: Seconds after the password within which a sensitive page opens, and within which its form may be sent: a form that
#: was opened in time is not refused for having been thought about.
TO_OPEN = 10 * 60
TO_SEND = 20 * 60
PASSWORD_AT = "fs_paa"  # noqa: S105 - the name under which Flask-Security keeps the time


def demands_fresh_sign_in(view: Callable[..., Any], back: str) -> Callable[..., Any]:
    """Lead to the page that asks for the password first, and from there back.

    Args:
        view: of a page, or of what its form sends.
        back: the endpoint to come back to from a form; it takes the same arguments as the form's address.
    """

    @wraps(view)
    def guarded(**kwargs: Any) -> Any:
        age = time.time() - session.get(PASSWORD_AT, 0)
        if age < (TO_OPEN if request.method == "GET" else TO_SEND):
            return view(**kwargs)
        wanted = request.full_path.rstrip("?") if request.method == "GET" else url_for(back, **kwargs)
        return htmx.see_other(url_for("security.verify", next=wanted))

    return guarded
