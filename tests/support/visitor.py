"""A browser without a screen, over a real socket: keeps cookies and sends forms, to whichever server it is pointed."""

from collections.abc import Mapping
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from werkzeug.wrappers import Response

from tests.support.clients import Page
from tests.support.world import PASSWORD

ANSWER_SECONDS = 60
SIGN_IN_FORM = 'form[action="/sign-in"]'


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """A redirect is an answer like any other."""


class Visitor:
    """One browser. Its cookies do not know of ports, so all servers of this machine are one site to it.

    Attributes:
        cookies: those that it keeps.
    """

    def __init__(self) -> None:
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies), _NoRedirect)

    def copy(self) -> "Visitor":
        """Another browser that has got hold of this one's cookies."""
        other = Visitor()
        for cookie in self.cookies:
            other.cookies.set_cookie(cookie)
        return other

    def get(self, address: str, **headers: str) -> Page:
        """GET an address such as ``http://127.0.0.1:41233/customers``."""
        return self._open(Request(address, headers=headers))

    def post(self, address: str, values: Mapping[str, str], **headers: str) -> Page:
        """POST a form."""
        return self._open(Request(address, urlencode(values).encode(), headers))

    def sign_in(self, server: str, email: str = "editor@desk.example", password: str = PASSWORD) -> Page:
        """Fill in the sign-in page of a server."""
        values = self.get(f"{server}/sign-in").form_values(SIGN_IN_FORM)
        return self.post(f"{server}/sign-in", values | {"email": email, "password": password})

    def csrf_token(self, address: str) -> str:
        """That of the first form of a page."""
        return str(self.get(address).all("input[name=csrf_token]")[0]["value"])

    def _open(self, request: Request) -> Page:
        try:
            answer: Any = self._opener.open(request, timeout=ANSWER_SECONDS)
        except HTTPError as error:
            answer = error
        with answer:
            return Page(Response(answer.read(), answer.status, list(answer.headers.items())))  # type: ignore[arg-type]
