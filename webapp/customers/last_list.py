"""The list that a person saw last, kept by their browser: for a record to lead back, and to its neighbours there.

Knows no record and no query's meaning.
"""

from typing import Any

from flask import Response, current_app, request, url_for

from webapp.access.permissions import current_caller

LAST_LIST = "last_list"
#: A cookie is sent with each request to a record; a longer list has no neighbours there.
LONGEST_LAST_LIST = 1500


def remember_last_list(response: Response, query_string: str) -> None:
    """Keep which list was shown last, for this sign-in alone: the next person at the browser has not seen it."""
    options: dict[str, Any] = {
        "path": url_for("customers.list"),
        "secure": current_app.config["SESSION_COOKIE_SECURE"],
        "httponly": True,
        "samesite": "Lax",
    }
    if len(query_string) > LONGEST_LAST_LIST:
        response.delete_cookie(LAST_LIST, **options)
    else:
        response.set_cookie(LAST_LIST, f"{current_caller().session_id}:{query_string}", **options)


def last_list() -> str | None:
    """The query string of the list that this sign-in saw last, ``""`` for that of the newest; None for none."""
    session_id, _, query_string = request.cookies.get(LAST_LIST, "").partition(":")
    return query_string if session_id and session_id == current_caller().session_id else None
