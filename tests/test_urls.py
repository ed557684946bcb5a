"""The URL map: every rule and method there is, and that each is guarded as it declares."""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import csrf_token
from tests.support.world import World
from webapp.access.permissions import (
    MANAGE_API_KEYS,
    MANAGE_PERSONAL_DATA,
    MANAGE_STAFF,
    OWN_SIGN_IN,
    PUBLIC,
    READ_ACCESS_LOG,
    READ_CUSTOMERS,
    WRITE_CUSTOMERS,
)
from webapp.security import csrf, is_exempt_from_csrf

INVENTORY = {
    ("GET", "/", PUBLIC),
    ("GET", "/livez", PUBLIC),
    ("GET", "/readyz", PUBLIC),
    ("GET", "/metrics", PUBLIC),
    ("GET", "/openapi.json", PUBLIC),
    ("GET", "/docs", PUBLIC),
    ("GET", "/static/<path:filename>", PUBLIC),
    ("GET", "/static/vendor/<any('htmx.min.js'):filename>", PUBLIC),
    ("GET", "/sign-in", PUBLIC),
    ("POST", "/sign-in", PUBLIC),
    ("GET", "/sign-in/again", OWN_SIGN_IN),
    ("POST", "/sign-in/again", OWN_SIGN_IN),
    ("GET", "/sign-in/code", PUBLIC),
    ("POST", "/sign-in/code", PUBLIC),
    ("GET", "/sign-in/recovery", PUBLIC),
    ("POST", "/sign-in/recovery", PUBLIC),
    ("POST", "/sign-out", PUBLIC),
    ("GET", "/invites/<token>", PUBLIC),
    ("POST", "/invites/<token>", PUBLIC),
    ("POST", "/environment", OWN_SIGN_IN),
    ("GET", "/account", OWN_SIGN_IN),
    ("POST", "/account", OWN_SIGN_IN),
    ("GET", "/account/password", OWN_SIGN_IN),
    ("POST", "/account/password", OWN_SIGN_IN),
    ("POST", "/account/sessions/end-others", OWN_SIGN_IN),
    ("POST", "/account/sessions/<session_id>/end", OWN_SIGN_IN),
    ("GET", "/staff", MANAGE_STAFF),
    ("POST", "/staff/invites/<invite_id>/withdraw", MANAGE_STAFF),
    ("GET", "/staff/<staff_id>", MANAGE_STAFF),
    ("GET", "/api-keys", MANAGE_API_KEYS),
    ("GET", "/account/second-factor", OWN_SIGN_IN),
    ("POST", "/account/second-factor", OWN_SIGN_IN),
    ("GET", "/account/second-factor/recovery-codes", OWN_SIGN_IN),
    ("POST", "/account/second-factor/recovery-codes", OWN_SIGN_IN),
    ("GET", "/account/second-factor/off", OWN_SIGN_IN),
    ("POST", "/account/second-factor/off", OWN_SIGN_IN),
    ("GET", "/staff/invite", MANAGE_STAFF),
    ("POST", "/staff/invite", MANAGE_STAFF),
    ("POST", "/staff/<staff_id>", MANAGE_STAFF),
    ("GET", "/staff/<staff_id>/<act>", MANAGE_STAFF),
    ("POST", "/staff/<staff_id>/<act>", MANAGE_STAFF),
    ("GET", "/api-keys/new", MANAGE_API_KEYS),
    ("POST", "/api-keys/new", MANAGE_API_KEYS),
    ("GET", "/api-keys/<key_id>/roll", MANAGE_API_KEYS),
    ("POST", "/api-keys/<key_id>/roll", MANAGE_API_KEYS),
    ("GET", "/api-keys/<key_id>/revoke", MANAGE_API_KEYS),
    ("POST", "/api-keys/<key_id>/revoke", MANAGE_API_KEYS),
    ("GET", "/customers", READ_CUSTOMERS),
    ("POST", "/customers/views", READ_CUSTOMERS),
    ("POST", "/customers/views/<view_id>/delete", READ_CUSTOMERS),
    ("GET", "/customers/<customer_id>", READ_CUSTOMERS),
    ("GET", "/customers/<customer_id>/presence", READ_CUSTOMERS),
    ("GET", "/customers/<customer_id>/archive", WRITE_CUSTOMERS),
    ("POST", "/customers/<customer_id>/archive", WRITE_CUSTOMERS),
    ("GET", "/customers/<customer_id>/restore", WRITE_CUSTOMERS),
    ("POST", "/customers/<customer_id>/restore", WRITE_CUSTOMERS),
    ("GET", "/customers/<customer_id>/personal-data", MANAGE_PERSONAL_DATA),
    ("POST", "/customers/<customer_id>/personal-data", MANAGE_PERSONAL_DATA),
    ("GET", "/customers/<customer_id>/personal-data.json", MANAGE_PERSONAL_DATA),
    ("GET", "/access-log", READ_ACCESS_LOG),
    ("GET", "/customers/<customer_id>/history", READ_CUSTOMERS),
    ("GET", "/customers/<customer_id>/history.csv", READ_CUSTOMERS),
    ("GET", "/customers/<customer_id>/history/<int:version>", READ_CUSTOMERS),
    ("POST", "/customers/<customer_id>/history/<int:version>/revert", WRITE_CUSTOMERS),
    ("GET", "/customers/<customer_id>/versions/<int:version>", READ_CUSTOMERS),
    ("GET", "/customers/<customer_id>/edit", WRITE_CUSTOMERS),
    ("POST", "/customers/<customer_id>/edit", WRITE_CUSTOMERS),
    ("POST", "/customers/<customer_id>/edit/rows", WRITE_CUSTOMERS),
    ("POST", "/customers/<customer_id>/edit/address", WRITE_CUSTOMERS),
    ("POST", "/customers/<customer_id>/edit/check", WRITE_CUSTOMERS),
    ("GET", "/customers/new", WRITE_CUSTOMERS),
    ("POST", "/customers/new", WRITE_CUSTOMERS),
    ("POST", "/customers/new/rows", WRITE_CUSTOMERS),
    ("POST", "/customers/new/address", WRITE_CUSTOMERS),
    ("POST", "/customers/new/check", WRITE_CUSTOMERS),
    ("GET", "/customers/suggest-parent", WRITE_CUSTOMERS),
    ("POST", "/v1/customers", WRITE_CUSTOMERS),
    ("GET", "/v1/customers", READ_CUSTOMERS),
    ("POST", "/v1/customers/search", READ_CUSTOMERS),
    ("PUT", "/v1/customers", WRITE_CUSTOMERS),
    ("PUT", "/v1/customers/<customer_id>", WRITE_CUSTOMERS),
    ("PATCH", "/v1/customers/<customer_id>", WRITE_CUSTOMERS),
    ("GET", "/v1/customers/<customer_id>", READ_CUSTOMERS),
    ("DELETE", "/v1/customers/<customer_id>", WRITE_CUSTOMERS),
    ("POST", "/v1/customers/<customer_id>/restore", WRITE_CUSTOMERS),
    ("GET", "/v1/customers/<customer_id>/history", READ_CUSTOMERS),
    ("GET", "/v1/customers/external/<anything:external_id>", READ_CUSTOMERS),
    ("GET", "/v1/customers/lookup/<anything:external_id>", READ_CUSTOMERS),
    ("GET", "/v1/customers/usage", READ_CUSTOMERS),
    ("GET", "/v1/customers/wallets", READ_CUSTOMERS),
    ("GET", "/v1/customers/portal/<external_id>", READ_CUSTOMERS),
    ("GET", "/v1/customers/<customer_id>/usage", READ_CUSTOMERS),
    ("GET", "/v1/customers/<customer_id>/entitlements", READ_CUSTOMERS),
    ("GET", "/v1/customers/<customer_id>/wallets", READ_CUSTOMERS),
    ("GET", "/v1/customers/<customer_id>/grants/upcoming", READ_CUSTOMERS),
    ("GET", "/v1/customers/<customer_id>/invoices/summary", READ_CUSTOMERS),
    ("GET", "/v1/customers/<customer_id>/payment-methods", READ_CUSTOMERS),
}
GUARDED_PAGES = sorted(
    (method, rule) for method, rule, permission in INVENTORY if permission != PUBLIC and not rule.startswith("/v1/")
)
API = sorted((method, rule) for method, rule, _ in INVENTORY if rule.startswith("/v1/"))


def methods(rule: Rule) -> set[str]:
    """Those that are not the framework's own."""
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def address(rule: str) -> str:
    """A rule with something in place of each part."""
    return re.sub(r"<[^>]+>", "cust_1", re.sub("<int:[^>]+>", "1", rule))


def test_the_map_has_exactly_these_rules(app: Flask) -> None:
    """Each method of each rule, with the permission that its view declares: a new one is entered here on purpose."""
    found = {
        (method, rule.rule, getattr(app.view_functions[rule.endpoint], "permission", "undeclared"))
        for rule in app.url_map.iter_rules()
        for method in methods(rule)
    }
    assert found == INVENTORY


def test_every_view_declares_its_permission(app: Flask) -> None:
    """Flask's own and Flask-Security's too."""
    known = {
        PUBLIC,
        OWN_SIGN_IN,
        MANAGE_API_KEYS,
        MANAGE_STAFF,
        READ_ACCESS_LOG,
        READ_CUSTOMERS,
        WRITE_CUSTOMERS,
        MANAGE_PERSONAL_DATA,
    }
    undeclared = {
        endpoint for endpoint, view in app.view_functions.items() if getattr(view, "permission", None) not in known
    }
    assert undeclared == set()


@pytest.mark.parametrize(("method", "rule"), GUARDED_PAGES, ids=[" ".join(page) for page in GUARDED_PAGES])
def test_a_guarded_page_needs_a_sign_in(world: World, method: str, rule: str) -> None:
    """To look leads to the sign-in page and back; to send is 401, so that nothing typed is lost."""
    stranger = DeskClient(world.app, role=None)
    if method == "GET":
        page = stranger.get(address(rule) + "?q=a")
        assert (page.status, page.response.headers["Location"]) == (303, f"/sign-in?next={address(rule)}?q%3Da")
    else:
        page = stranger.post(address(rule), {"csrf_token": csrf_token(stranger)})
        assert page.status == 401
        assert page.text("h1") == "You are not signed in"


@pytest.mark.parametrize("rule", [rule for method, rule in GUARDED_PAGES if method == "GET"])
def test_head_and_htmx_need_a_sign_in_too(world: World, rule: str) -> None:
    """HEAD is led as GET is; htmx is told to load the whole sign-in page."""
    stranger = DeskClient(world.app, role=None)
    assert stranger.client.head(address(rule)).status_code == 303
    fragment = stranger.get(address(rule), htmx=True)
    assert (fragment.status, fragment.response.headers["HX-Redirect"]) == (204, "/sign-in")


@pytest.mark.parametrize(("method", "rule"), API, ids=[" ".join(route) for route in API])
def test_a_route_of_the_api_needs_a_key(api: ApiClient, method: str, rule: str) -> None:
    """Before anything else is said about it."""
    assert api.request(method, address(rule), key=None).status_code == 401


def test_each_json_view_is_exempt_from_csrf_and_no_page_is(app: Flask) -> None:
    """One by one, beside its route; never a whole blueprint."""
    exempt = {rule.rule for rule in app.url_map.iter_rules() if is_exempt_from_csrf(app.view_functions[rule.endpoint])}
    assert exempt == {rule for _, rule in API}
    assert csrf._exempt_views == csrf._exempt_blueprints == set()  # noqa: SLF001 - Flask-WTF has no other way to ask


@pytest.mark.parametrize(
    "rule",
    sorted({rule for method, rule, _ in INVENTORY if method == "POST" and not rule.startswith("/v1/")}),
    ids=lambda rule: rule,
)
def test_every_page_that_is_sent_needs_a_csrf_token(desk: DeskClient, rule: str) -> None:
    """Even of a signed-in person."""
    page = desk.post(address(rule), {})
    assert page.status == 400
    assert "came from elsewhere" in page.text(".problem")


def test_the_front_page_leads_to_the_customers(desk: DeskClient) -> None:
    """There is no other home."""
    page = desk.get("/")
    assert (page.status, page.response.headers["Location"]) == (302, "/customers")


@pytest.mark.parametrize(
    ("path", "mimetype"),
    [("/static/desk.css", "text/css"), ("/static/vendor/htmx.min.js", "text/javascript")],
)
def test_files_are_served(app: Flask, path: str, mimetype: str) -> None:
    """Ours, and htmx from its package."""
    with app.test_client().get(path) as answer:
        assert (answer.status_code, answer.mimetype) == (200, mimetype)
        assert len(answer.data) > 1000


@pytest.mark.parametrize(
    "path", ["/static/vendor/htmx.js", "/static/vendor/", "/static/vendor/../../pyproject.toml", "/static/../wsgi.py"]
)
def test_nothing_else_is_served(app: Flask, path: str) -> None:
    """Of the package, or of the project."""
    assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/customers/", "/customers//cust_1", "/nothing"])
def test_an_unknown_address_is_404(desk: DeskClient, path: str) -> None:
    """A page that says so, without guessing another address."""
    page = desk.get(path)
    assert page.status == 404
    assert page.text("h1") == "Not found"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_the_name_of_a_route_is_no_customers_id(api: ApiClient, method: str) -> None:
    """It takes its own method, and says so, rather than look for a customer of that name."""
    answer = api.request(method, "/v1/customers/search")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
