"""The Flask application class: Flask, without what this service has no use for on each request. Knows no part of it."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from webapp.template_environment import DeskEnvironment


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, whose key is derived for those requests alone that bring one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie says; nothing where there is none."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class DeskFlask(Flask):
    """Flask with the templates' environment of :mod:`webapp.template_environment`."""

    jinja_environment = DeskEnvironment
    session_interface = Sessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: none here is a coroutine, and Flask would ask each of a request's dozen."""
        return func
