"""Clients of both faces that check every answer: the canonical error body, and what each HTML page must have."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.uncounted import uncounted
from tests.support.valid_html import assert_valid_html
from tests.support.world import World, staff_member
from webapp.access.fresh_sign_in import PASSWORD_AT
from webapp.access.staff_sessions import TOKEN, begin_session

#: Options behind another one of a long list, with nothing but a value and a text: any other is looked at as everything
#: is, and so is the first one, and what is chosen.
_LONG_LIST = re.compile(
    r'(<option value="[^"<>]*">[^<>]*</option>)(?:\s*+<option value="[^"<>]*">[^<>]*</option>){100,}+'
)
ERROR_KEYS = {"success", "error", "code", "message", "http_status_code", "details", "request_id"}


def assert_canonical_error(response: TestResponse) -> None:
    """The one error body that serves both generations of clients (contract section 8)."""
    assert response.mimetype == "application/json"
    body = response.get_json()
    assert set(body) == ERROR_KEYS
    assert body["success"] is False
    assert body["http_status_code"] == response.status_code
    assert body["request_id"] == response.headers["X-Request-ID"]
    assert body["error"] == {
        "message": body["message"],
        "internal_error": body["code"],
        "details": body["details"],
    }
    assert all(isinstance(text, str) for messages in body["details"].values() for text in messages)


class ApiClient:
    """A program: sends an API key, checks the error body of every answer of 400 and above."""

    def __init__(self, app: Flask, world: World, key: str = "write") -> None:
        self._client = app.test_client(use_cookies=False)
        self._world = world
        self.key = key

    def request(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        """Send a request; ``key`` is the name of one of the world's keys, or None for none."""
        headers = dict(kwargs.pop("headers", {}))
        if key := kwargs.pop("key", self.key):
            headers["x-api-key"] = self._world.keys.get(key, key)
        response = self._client.open(path, method=method, headers=headers, **kwargs)
        if response.status_code >= 400:
            assert_canonical_error(response)
        return response

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """GET."""
        return self.request("GET", path, **kwargs)

    def put(self, path: str, body: Any = None, **kwargs: Any) -> TestResponse:
        """PUT a JSON body, or with ``data`` and ``content_type`` anything else."""
        return self.request("PUT", path, **({"json": body} if body is not None else {}), **kwargs)


class Page:
    """A page or fragment, parsed; without hundreds of time zones and countries, which ``options`` finds."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        markup = _LONG_LIST.sub(r"\1", response.get_data(as_text=True))
        with uncounted():
            self.soup = BeautifulSoup(markup, "html.parser")

    def one(self, selector: str) -> Tag:
        """The only element that a CSS selector finds."""
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} elements match {selector}"
        return found[0]

    def all(self, selector: str) -> list[Tag]:
        """Every element that a CSS selector finds."""
        with uncounted():
            return list(self.soup.select(selector))

    def options(self, selector: str) -> list[Tag]:
        """Every option of the lists that a selector finds, long ones included."""
        with uncounted():
            whole = BeautifulSoup(self.response.get_data(as_text=True), "html.parser")
            return list(whole.select(f"{selector} option"))

    def text(self, selector: str) -> str:
        """The text of the only element that a selector finds, white space folded."""
        return " ".join(self.one(selector).get_text(" ").split())

    def form_values(self, selector: str = "#customer-form") -> dict[str, str]:
        """What a browser would send for a form, without any button."""
        values: dict[str, str] = {}
        for control in self.one(selector).select("input[name], select[name], textarea[name]"):
            kind = control.get("type", "")
            if kind in {"checkbox", "radio"} and not control.has_attr("checked"):
                continue
            if control.name == "select":
                chosen = control.select("option[selected]") or control.select("option")[:1]
                values[str(control["name"])] = str(chosen[0].get("value", ""))
            elif control.name == "textarea":
                values[str(control["name"])] = control.get_text().removeprefix("\n")
            else:
                values[str(control["name"])] = str(control.get("value", ""))
        return values


class DeskClient:
    """A person at the desk, signed in with a role: checks every page that they see."""

    def __init__(self, app: Flask, role: str | None = "editor") -> None:
        self.client = app.test_client()
        self.app = app
        if role:
            self.sign_in(role)

    def sign_in(self, role: str) -> None:
        """Begin a session as the sign-in page does, without the seconds that argon2id takes."""
        self.sign_in_as(f"staff_{role}")

    def sign_in_as(self, staff_id: str) -> None:
        """The same for any staff member."""
        with self.app.app_context():
            staff = staff_member(staff_id)
            token = begin_session(staff)
        with self.client.session_transaction() as session:
            session["_user_id"] = staff.fs_uniquifier
            session["_fresh"] = True
            session[PASSWORD_AT] = time.time()
            session[TOKEN] = token

    def session_cookie(self) -> tuple[str, str]:
        """Name and value of the cookie that holds the session, for another client of the same installation."""
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = self.client.get_cookie(name)
        assert cookie is not None, "nobody is signed in"
        return name, cookie.value

    def get(self, path: str, *, htmx: bool = False, **kwargs: Any) -> Page:
        """GET a page, or with ``htmx`` what htmx would receive."""
        return self._page(self.client.get(path, headers=self._headers(htmx), **kwargs), htmx)

    def post(self, path: str, values: dict[str, str], *, htmx: bool = False, **kwargs: Any) -> Page:
        """POST a form; its CSRF token must be among ``values``."""
        return self._page(self.client.post(path, data=values, headers=self._headers(htmx), **kwargs), htmx)

    def _headers(self, htmx: bool) -> dict[str, str]:
        return {"HX-Request": "true"} if htmx else {}

    def _page(self, response: TestResponse, htmx: bool) -> Page:
        page = Page(response)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            with uncounted():
                assert_sound_html(page, whole=not htmx)
        return page


def assert_sound_html(page: Page, *, whole: bool) -> None:
    """What every page must have: valid HTML, a title, one h1, unique ids, labels, CSRF in each form that posts."""
    markup = page.response.get_data(as_text=True)
    assert_valid_html(markup, whole=whole)
    tags = page.soup.find_all(True)  # one walk: a selector for each control would be most of what a test costs
    if whole:
        assert [bool(tag.get_text().strip()) for tag in tags if tag.name == "title"] == [True]
        assert [bool(tag.get("lang")) for tag in tags if tag.name == "html"] == [True]
        assert [tag.name for tag in tags].count("h1") == 1
    ids = [tag["id"] for tag in tags if tag.has_attr("id")]
    assert len(ids) == len(set(ids)), "an id is there twice"
    labelled = {tag["for"] for tag in tags if tag.name == "label" and tag.has_attr("for")}
    for tag in tags:
        if tag.name in {"select", "textarea"} or (tag.name == "input" and tag.get("type") != "hidden"):
            named = tag.get("aria-label") or tag.get("aria-labelledby") or tag.get("id") in labelled
            assert named or tag.find_parent("label"), f"{tag.get('name')} has no label"
        if tag.name == "form" and str(tag.get("method", "get")).lower() == "post":
            assert tag.find("input", attrs={"name": "csrf_token", "value": True}), "a form without a CSRF token"
            assert not urlsplit(str(tag.get("action", ""))).netloc
        assert not tag.attrs.keys() & {"style", "onclick", "onload"}, "inline style or script"
        assert tag.name != "script" or tag.has_attr("src"), "inline style or script"
