"""The sign-in page as a person uses it: open it, fill it in, send it."""

from typing import Any

from tests.support.clients import DeskClient, Page
from tests.support.world import PASSWORD

FORM = 'form[action="/sign-in"]'


def fill_in(desk: DeskClient, *, email: str, password: str = PASSWORD, next_url: str = "", **kwargs: Any) -> Page:
    """Open the sign-in page, with the browser's cookies, and send its form with an address and a password."""
    path = "/sign-in" + (f"?next={next_url}" if next_url else "")
    values = desk.get(path).form_values(FORM)
    return desk.post("/sign-in", values | {"email": email, "password": password}, **kwargs)


def csrf_token(desk: DeskClient, path: str = "/sign-in") -> str:
    """The CSRF token of the first form of a page."""
    return str(desk.get(path).all("input[name=csrf_token]")[0]["value"])


def sign_out(desk: DeskClient) -> Page:
    """Press the button that every page of a signed-in person has."""
    return desk.post("/sign-out", {"csrf_token": csrf_token(desk, "/customers")})


def is_signed_in(desk: DeskClient) -> bool:
    """Whether the customers' list is open to this browser."""
    return desk.get("/customers").status == 200
