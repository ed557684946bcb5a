"""Safety of requests and answers: headers on each kind, cookies, HTTPS where it is demanded, valid UTF-8."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import FORM
from tests.support.world import PASSWORD, World, seed_world
from webapp.security import CONTENT_SECURITY_POLICY

PUBLIC_HOST = "0.0.0.0"  # noqa: S104 - no test listens on it
NAMES = "desk.example,localhost"
SECURE = {"base_url": "https://desk.example"}


def fail() -> None:
    """A view with a fault."""
    raise ZeroDivisionError


@pytest.fixture
def broken_app(app: Flask) -> Flask:
    """The application with one more address, at which it fails."""
    app.add_url_rule("/failing", "failing", fail)
    return app


@pytest.fixture
def public_app(make_app: Callable[..., Flask]) -> Flask:
    """The application as others can reach it, behind one proxy."""
    app = make_app(host=PUBLIC_HOST, allowed_hosts=NAMES, trusted_proxies=1)
    seed_world(app)
    return app


ANSWERS = {
    "page": ("/sign-in", 200),
    "JSON": ("/v1/customers/cust_1", 401),
    "health": ("/livez", 200),
    "static file": ("/static/desk.css", 200),
    "vendor file": ("/static/vendor/htmx.min.js", 200),
    "redirect": ("/customers", 303),
    "404 page": ("/nothing", 404),
    "404 JSON": ("/v1/nothing", 404),
    "404 file": ("/static/nothing.css", 404),
    "405": ("/sign-out", 405),
    "500": ("/failing", 500),
}
EACH_ANSWER = pytest.mark.parametrize(("path", "status"), ANSWERS.values(), ids=ANSWERS.keys())


@EACH_ANSWER
def test_every_answer_has_the_safe_headers(broken_app: Flask, path: str, status: int) -> None:
    """Whatever it is."""
    with broken_app.test_client().get(path) as answer:
        assert answer.status_code == status
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@EACH_ANSWER
def test_only_files_may_be_kept_by_caches(broken_app: Flask, path: str, status: int) -> None:
    """Customers' data must not be."""
    with broken_app.test_client().get(path) as answer:
        assert answer.status_code == status
        may_be_kept = "no-store" not in answer.headers.get("Cache-Control", "").split(", ")
        assert may_be_kept is (path.startswith("/static/") and status < 400)


def test_the_policy_has_nothing_unsafe() -> None:
    """No inline script or style, no eval, nothing from elsewhere."""
    directives = dict(part.partition(" ")[::2] for part in CONTENT_SECURITY_POLICY.split("; "))
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert directives["default-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == directives["form-action"] == "'self'"


def session_cookie(answer: TestResponse) -> tuple[str, set[str]]:
    """The cookie's name, and its attributes in lower case."""
    first, *attributes = answer.headers["Set-Cookie"].split("; ")
    return first.partition("=")[0], {attribute.lower() for attribute in attributes}


def test_on_loopback_the_cookie_works_over_plain_http(app: Flask) -> None:
    """Out of reach of scripts and of other sites nevertheless."""
    name, attributes = session_cookie(app.test_client().get("/sign-in"))
    assert (name, attributes) == ("customer_desk", {"httponly", "path=/", "samesite=lax"})


def test_where_https_is_demanded_the_cookie_is_bound_to_it(public_app: Flask) -> None:
    """``__Host-``: Secure, for the whole site, for no other host."""
    name, attributes = session_cookie(public_app.test_client().get("/sign-in", **SECURE))
    assert (name, attributes) == ("__Host-customer_desk", {"httponly", "path=/", "samesite=lax", "secure"})


def test_with_plain_http_allowed_the_cookie_is_sent_over_it(make_app: Callable[..., Flask]) -> None:
    """Else nobody could sign in."""
    app = make_app(host=PUBLIC_HOST, allowed_hosts="localhost", plain_http=1)
    name, attributes = session_cookie(app.test_client().get("/sign-in"))
    assert (name, "secure" in attributes) == ("customer_desk", False)


@pytest.mark.parametrize("path", ["/sign-in", "/customers", "/", "/static/desk.css", "/nothing"])
def test_on_a_public_host_plain_http_is_refused_on_the_desk(public_app: Flask, path: str) -> None:
    """403, before anything else is answered."""
    page = DeskClient(public_app, role=None).get(path)
    assert (page.status, page.text("h1")) == (403, "HTTPS only")
    assert "Set-Cookie" not in page.response.headers


def test_on_a_public_host_plain_http_is_refused_on_the_api(public_app: Flask) -> None:
    """As JSON, good key or not."""
    answer = ApiClient(public_app, World(public_app), key="cdk_any").get("/v1/customers/cust_1")
    assert (answer.status_code, answer.json["code"]) == (403, "permission_denied")
    assert answer.json["message"] == "This installation answers over HTTPS only."


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_operators_probes_need_no_https(public_app: Flask, path: str) -> None:
    """They come from the machine itself, or from its balancer."""
    assert public_app.test_client().get(path).status_code == 200


@pytest.mark.parametrize(
    "settings",
    [{}, {"host": PUBLIC_HOST, "allowed_hosts": "localhost", "plain_http": 1}, {"host": "localhost"}],
    ids=["loopback", "allowed", "name"],
)
def test_plain_http_is_answered_where_it_is_fine(make_app: Callable[..., Flask], settings: dict[str, Any]) -> None:
    """On this machine alone, or by PLAIN_HTTP=1."""
    assert make_app(**settings).test_client().get("/sign-in").status_code == 200


def test_a_trusted_proxy_tells_of_https(public_app: Flask) -> None:
    """By X-Forwarded-Proto."""
    assert public_app.test_client().get("/sign-in", headers={"X-Forwarded-Proto": "https"}).status_code == 200


@pytest.mark.parametrize("settings", [{}, {"trusted_proxies": 0}], ids=["by default", "none"])
def test_without_a_trusted_proxy_nobody_can_claim_https(
    make_app: Callable[..., Flask], settings: dict[str, Any]
) -> None:
    """The header is what anybody may write."""
    app = make_app(host=PUBLIC_HOST, allowed_hosts=NAMES, **settings)
    assert app.test_client().get("/sign-in", headers={"X-Forwarded-Proto": "https"}).status_code == 403


def test_only_the_trusted_proxys_word_counts(public_app: Flask) -> None:
    """The last of several; what came before it is the client's own claim."""
    client = public_app.test_client()
    assert client.get("/sign-in", headers={"X-Forwarded-Proto": "https, http"}).status_code == 403
    assert client.get("/sign-in", headers={"X-Forwarded-Proto": "http, https"}).status_code == 200


def test_a_forwarded_host_is_never_believed(public_app: Flask) -> None:
    """Redirects stay on this site."""
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    assert public_app.test_client().get("/customers", headers=headers).headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(("scheme", "expected"), [("https", "max-age=31536000"), ("http", None)])
def test_browsers_are_bound_to_https_over_https_alone(app: Flask, scheme: str, expected: str | None) -> None:
    """HSTS means nothing on plain HTTP."""
    answer = app.test_client().get("/sign-in", base_url=f"{scheme}://localhost")
    assert answer.headers.get("Strict-Transport-Security") == expected


@pytest.mark.parametrize(
    ("referrer", "status"),
    [("https://desk.example/sign-in", 302), ("https://evil.example/", 400), ("http://desk.example/", 400)],
    ids=["own", "another site", "own without TLS"],
)
def test_over_https_a_form_must_come_from_this_site(public_app: Flask, referrer: str, status: int) -> None:
    """As browsers tell by Referer."""
    desk = DeskClient(public_app, role=None)
    values = desk.get("/sign-in", **SECURE).form_values(FORM) | {"email": "editor@desk.example", "password": PASSWORD}
    answer = desk.client.post("/sign-in", data=values, headers={"Referer": referrer}, **SECURE)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("settings", "is_said"),
    [
        ({"host": PUBLIC_HOST, "allowed_hosts": "localhost", "plain_http": 1}, True),
        ({"host": PUBLIC_HOST, "allowed_hosts": NAMES}, False),
        ({"plain_http": 1}, False),
        ({}, False),
    ],
    ids=["public and plain", "public", "loopback and plain", "loopback"],
)
def test_every_start_that_allows_plain_http_says_so(
    make_app: Callable[..., Flask], capsys: pytest.CaptureFixture[str], settings: dict[str, Any], is_said: bool
) -> None:
    """A warning in the log."""
    make_app(log_level="WARNING", **settings)
    assert ("PLAIN_HTTP=1" in capsys.readouterr().err) is is_said


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"PATH_INFO": "/v1/customers/external/\xff"}, id="path"),
        pytest.param({"QUERY_STRING": "id=%FF"}, id="query"),
    ],
)
def test_invalid_utf8_in_an_address_is_refused(api: ApiClient, sent: dict[str, str]) -> None:
    """It is 400, rather than a look-up of something else."""
    assert api.get("/v1/customers/cust_1", environ_overrides=sent).status_code == 400


def test_invalid_utf8_in_a_form_is_refused(desk: DeskClient, world: World) -> None:
    """What a browser never sends is refused, rather than stored as something else."""
    customer = world.create_customer(name="Kept")
    values = desk.get(f"/customers/{customer.id}/edit").form_values()
    del values["name"]
    body = urlencode(values) + "&name=%FF"
    path = f"/customers/{customer.id}/edit"
    response = desk.client.post(path, data=body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert world.reload(customer).name == "Kept"
