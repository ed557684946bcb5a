"""The headers of every kind of answer, the framework's own included, on loopback and where HTTPS is demanded.

Also of those that the server gives before an application has seen a request, over a real socket.
"""

import socket
from collections.abc import Callable
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug import Response
from werkzeug.test import TestResponse

from tests.support.clients import ApiClient, DeskClient
from tests.support.served import Served
from tests.support.sign_in import csrf_token
from tests.support.world import World, seed_world
from tests.test_urls import INVENTORY, address
from webapp.access.permissions import public
from webapp.errors import NotProvided, RequestTimeout, ServiceUnavailable, TooManyRequests
from webapp.http_connection import HEAD_BYTES, MOST_HEADERS
from webapp.request_body import FAULT, LATE, TOO_MANY
from webapp.security import HEADERS

FILES = ("/static/", "/openapi.json")
ANSWER_SECONDS = 30
LONG = "a" * HEAD_BYTES
#: What is added to the address, and to the head, of a request that the server itself refuses; by what is answered.
UNREADABLE = {
    "400 header without a colon": ("", ("no colon",)),
    "400 space in a header's name": ("", ("a b: c",)),
    "400 two lengths": ("", ("Content-Length: 1", "Content-Length: 2")),
    "400 length and chunks": ("", ("Content-Length: 5", "Transfer-Encoding: chunked")),
    "414": (f"?q={LONG}", ()),
    "431 header": ("", (f"X-A: {LONG}",)),
    "431 many headers": ("", tuple(f"X-{number}: 1" for number in range(MOST_HEADERS + 1))),
}


def failing(error: Exception) -> Callable[[], object]:
    """A view that fails."""

    @public
    def view() -> object:
        raise error

    return view


FAULTS: dict[str, tuple[Exception, int]] = {
    "408": (RequestTimeout(), 408),
    "429": (TooManyRequests("Wait.", 5), 429),
    "500": (ZeroDivisionError(), 500),
    "501": (NotProvided(), 501),
    "503": (ServiceUnavailable(), 503),
}


def assert_safe(answer: Response, about: str) -> None:
    """What each answer has; and nothing tells which programs made it."""
    for name, value in HEADERS.items():
        assert answer.headers.getlist(name) == [value], f"{about}: {name}"
    assert answer.headers["X-Request-ID"], about
    assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers.keys()), about


def answers_of(app: Flask, world: World) -> dict[str, TestResponse]:
    """One answer of each kind, by what it is."""
    customer = world.create_customer()
    visitor = DeskClient(app, role=None)
    editor, viewer, stranger = DeskClient(app).client, DeskClient(app, "viewer").client, visitor.client
    api = ApiClient(app, world)
    for name, (error, _) in FAULTS.items():
        app.add_url_rule(f"/failing/{name}", f"failing-{name}", failing(error))
        app.add_url_rule(f"/v1/failing/{name}", f"v1-failing-{name}", failing(error))
    record, path = f"/customers/{customer.id}", f"/v1/customers/{customer.id}"
    token = {"csrf_token": csrf_token(visitor)}
    sheet = stranger.get("/static/desk.css", buffered=True)
    found = {
        "200 page": editor.get(record),
        "200 fragment": editor.get("/customers", headers={"HX-Request": "true"}),
        "200 JSON": api.get(path),
        "200 HEAD": editor.head(record),
        "200 OPTIONS": stranger.options(record),
        "200 OPTIONS of the API": stranger.options(path),
        "200 file": sheet,
        "200 vendor": stranger.get("/static/vendor/htmx.min.js", buffered=True),
        "200 CSV": editor.get(f"{record}/history.csv", buffered=True),
        "200 docs": stranger.get("/docs"),
        "200 metrics": stranger.get("/metrics"),
        "201": api.request("POST", "/v1/customers", json={"external_id": "made", "name": "Made"}),
        "204": stranger.get("/customers", headers={"HX-Request": "true"}),
        "204 JSON": api.request("DELETE", f"/v1/customers/{world.create_customer().id}"),
        "206": stranger.get("/static/desk.css", headers={"Range": "bytes=0-9"}, buffered=True),
        "302": stranger.get("/"),
        "303": stranger.get(record),
        "304 file": stranger.get("/static/desk.css", headers={"If-None-Match": sheet.headers["ETag"]}),
        "304 JSON": api.get(path, headers={"If-None-Match": api.get(path).headers["ETag"]}),
        "400 form": editor.post(f"{record}/edit", data={"name": "Forged"}),
        "400 JSON": api.put(path, data="{", content_type="application/json"),
        "401 page": stranger.post(f"{record}/edit", data=token),
        "401 JSON": api.get(path, key=None),
        "403 page": viewer.get(f"{record}/edit"),
        "403 JSON": api.put(path, {}, key="read"),
        "404 page": editor.get("/customers/nobody"),
        "404 JSON": api.get("/v1/customers/nobody"),
        "404 file": stranger.get("/static/nothing.css"),
        "405 page": editor.delete(record),
        "405 TRACE": stranger.open(record, method="TRACE"),
        "406": api.get(path, headers={"Accept": "text/html;q=1, */*;q=0"}),
        "408 of a body": editor.post("/account", environ_overrides={FAULT: LATE}),
        "412": api.put(path, {"name": "After"}, headers={"If-Match": '"99"'}),
        "413": api.put(path, data=b'{"name": "' + b"a" * 2**21 + b'"}', content_type="application/json"),
        "415 JSON": api.put(path, data="a=b", content_type="text/plain"),
        "415 page": editor.post("/account", data=b"a", content_type="multipart/form-data; boundary=a"),
        "416": stranger.get("/static/desk.css", headers={"Range": "bytes=99999999-"}),
        "422 page": stranger.post("/sign-in", data=token | {"email": "a", "password": "b"}),
        "503 of a body": editor.post("/account", environ_overrides={FAULT: TOO_MANY}),
    }
    for name in FAULTS:
        found |= {
            f"{name} fault": stranger.get(f"/failing/{name}"),
            f"{name} JSON": stranger.get(f"/v1/failing/{name}"),
        }
    return found


def test_every_kind_of_answer_has_every_header(app: Flask, world: World) -> None:
    """And what may be kept is files alone: a record, a form, an error never."""
    for about, answer in answers_of(app, world).items():
        assert answer.status_code == int(about[:3]), about
        assert_safe(answer, about)
        may_be_kept = "no-store" not in answer.headers.get("Cache-Control", "").split(", ")
        assert may_be_kept is (answer.request.path.startswith(FILES) and answer.status_code < 400), about


def test_every_route_and_method_has_them(app: Flask, world: World) -> None:
    """Of the whole inventory, to nobody, and to who may all: whatever is answered."""
    for role in (None, "admin"):
        desk = DeskClient(app, role).client
        for method, rule, _ in sorted(INVENTORY):
            for asked in {"GET": ("GET", "HEAD", "OPTIONS", "DELETE")}.get(method, (method, "PATCH")):
                if not (role and rule in {"/sign-out", "/account/sessions/end-others"}):
                    answer = desk.open(address(rule), method=asked, buffered=True)
                    assert answer.status_code < 500 or answer.status_code == 501, (asked, rule)
                    assert_safe(answer, f"{asked} {rule}")


def test_browsers_are_bound_to_https_by_every_answer(make_app: Callable[..., Flask]) -> None:
    """Pages, JSON, files, errors; but not over plain HTTP, where the header says nothing."""
    app = make_app(host="192.0.2.1", allowed_hosts="desk.example", trusted_proxies=1)
    seed_world(app)
    over_https = {"X-Forwarded-Proto": "https"}
    for path in ("/sign-in", "/customers", "/v1/customers", "/static/desk.css", "/nothing", "/v1/nothing", "/livez"):
        for headers, bound in ((over_https, True), ({}, False)):
            answer = app.test_client().get(path, base_url="http://desk.example", headers=headers, buffered=True)
            assert ("Strict-Transport-Security" in answer.headers) is bound, path


def test_what_the_server_itself_refuses_has_them_too(served: Served) -> None:
    """Below ``/v1`` and as a page, each header once; and what is no HTTP at all."""
    for about, (query, headers) in UNREADABLE.items():
        for path in ("/v1/customers", "/sign-in"):
            head = [f"GET {path}{query} HTTP/1.1", f"Host: {urlsplit(served.address).netloc}", *headers]
            assert_refused(answer_to(served, "\r\n".join([*head, "", ""])), f"{about} {path}")
    assert_refused(answer_to(served, "GARBAGE\r\n\r\n"), "400 no HTTP")


def assert_refused(answer: Response, about: str) -> None:
    """With the status that ``about`` begins with; nobody keeps it."""
    assert answer.status_code == int(about[:3]), about
    assert_safe(answer, about)
    assert answer.headers.getlist("Cache-Control") == ["no-store"], about


def answer_to(served: Served, sent: str) -> Response:
    """What comes back over a socket of one's own."""
    address = urlsplit(served.address)
    with socket.create_connection((address.hostname, address.port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(sent.encode())
        connection.shutdown(socket.SHUT_WR)  # or the server would listen for the rest for a while
        with HTTPResponse(connection) as answer:
            answer.begin()
            return Response(answer.read(), answer.status, answer.getheaders())


@pytest.mark.parametrize("word", ["unsafe", "http:", "https:", "*", "blob:"])
def test_the_policy_lets_nothing_in_from_elsewhere(word: str) -> None:
    """No source but this site, and pictures within pages."""
    assert word not in HEADERS["Content-Security-Policy"]
