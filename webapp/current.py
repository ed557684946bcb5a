"""The current request and what is kept beside it, as plain objects. Knows nothing of what they hold.

Flask's ``request`` and ``g`` look the object up anew for each attribute, by four calls. Steps that every request takes
look it up once.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, current_app, g, request, session
from flask.sessions import SessionMixin

#: The request that is being answered. Raises RuntimeError where there is none.
current_request: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined] # noqa: SLF001 - Flask documents it
#: The application that answers it. Raises RuntimeError outside of one.
current_application: Callable[[], Flask] = current_app._get_current_object  # type: ignore[attr-defined] # noqa: SLF001 - the same
#: What is kept beside it: ``flask.g``. Raises RuntimeError outside of an application.
current_globals: Callable[[], Any] = g._get_current_object  # noqa: SLF001 - Flask documents it
#: What its session's cookie says. Raises RuntimeError where there is no request.
current_session: Callable[[], SessionMixin] = session._get_current_object  # type: ignore[attr-defined] # noqa: SLF001 - the same
