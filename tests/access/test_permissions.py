"""Who may do what: every role on every page, every scope on every route of the API."""

import re

import pytest
from flask import Flask

from tests.support.api_routes import GOOD_REQUESTS, send
from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import csrf_token
from tests.support.world import ROLES, World
from webapp.access.blueprint import PAGES as ACCESS_PAGES
from webapp.access.blueprint import SENSITIVE_PAGES
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
from webapp.customers.blueprint import API, FOREIGN, PAGES
from webapp.customers.blueprint import SENSITIVE_PAGES as SENSITIVE_PAGES_OF_CUSTOMERS
from webapp.customers.model import Customer

MAY = {
    "viewer": {OWN_SIGN_IN, READ_CUSTOMERS},
    "editor": {OWN_SIGN_IN, READ_CUSTOMERS, WRITE_CUSTOMERS},
    "admin": {
        OWN_SIGN_IN,
        READ_CUSTOMERS,
        WRITE_CUSTOMERS,
        MANAGE_STAFF,
        MANAGE_API_KEYS,
        READ_ACCESS_LOG,
        MANAGE_PERSONAL_DATA,
    },
    "read": {READ_CUSTOMERS},
    "write": {READ_CUSTOMERS, WRITE_CUSTOMERS},
}
ON_PAGES = [
    pytest.param(rule, method, may, id=f"{method} {rule}")
    for rule, _, _, method, may, *_ in (*PAGES, *SENSITIVE_PAGES_OF_CUSTOMERS)
]
ON_API = [pytest.param(rule, method, may, id=f"{method} {rule}") for rule, _, _, method, may in API]


@pytest.fixture
def customer(world: World) -> Customer:
    """Something to see and to save."""
    return world.create_customer(external_id="user_1", name="Before")


def address(rule: str, customer: Customer) -> str:
    """A rule of the URL map with the customer filled in."""
    known = rule.replace("<customer_id>", customer.id).replace("<anything:external_id>", customer.external_id)
    return re.sub("<[^>]+>", "1", known)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("rule", "method", "permission"), ON_PAGES)
def test_a_page_answers_403_exactly_to_the_roles_that_may_not(
    app: Flask, customer: Customer, role: str, rule: str, method: str, permission: str
) -> None:
    """The page says so in its own words; who may gets past."""
    desk = DeskClient(app, role)
    if method == "GET":
        page = desk.get(address(rule, customer))
    else:
        values = {"csrf_token": csrf_token(desk, "/customers"), "version": "1", "rows": "metadata add"}
        page = desk.post(address(rule, customer), values)
    assert (page.status == 403) is (permission not in MAY[role])
    assert page.status in {200, 303, 400, 403, 404, 409, 422}


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_accounts_and_administration_are_for_the_roles_that_may(app: Flask, world: World, role: str) -> None:
    """403 exactly to the others, whatever is asked; nothing that does not exist is told to them."""
    desk = DeskClient(app, role)
    token = csrf_token(desk, "/account")
    for rule, _, _, method, permission, *_ in (*ACCESS_PAGES, *SENSITIVE_PAGES):
        path = re.sub("<[^>]+>", "1", rule)
        page = desk.get(path) if method == "GET" else desk.post(path, {"csrf_token": token})
        assert (page.status == 403) is (permission not in {PUBLIC, *MAY[role]}), (method, rule)
        assert page.status in {200, 303, 400, 403, 404, 422}, (method, rule)


@pytest.mark.parametrize("scope", ["read", "write"])
@pytest.mark.parametrize(("rule", "method", "permission"), ON_API)
def test_a_route_of_the_api_answers_403_exactly_to_the_scopes_that_may_not(
    api: ApiClient, world: World, customer: Customer, scope: str, rule: str, method: str, permission: str
) -> None:
    """As JSON; who may gets past."""
    good = GOOD_REQUESTS[method, rule][0]
    if good.of_archived:
        world.archive(customer)
    answer = send(api, (method, rule), good, customer, key=scope)
    assert answer.status_code == (good.status if permission in MAY[scope] else 403)


@pytest.mark.parametrize(("method", "rule"), FOREIGN, ids=[rule for _, rule in FOREIGN])
def test_a_foreign_route_asks_for_a_key_first(api: ApiClient, customer: Customer, method: str, rule: str) -> None:
    """Without one it says nothing about what is built."""
    path = address(rule, customer).replace("<external_id>", "user_1")
    assert api.request(method, path, key=None).status_code == 401
    assert api.request(method, path, key="read").status_code == 501


def test_a_viewer_who_posts_by_hand_changes_nothing(app: Flask, world: World, customer: Customer) -> None:
    """With an editor's complete form and a good CSRF token of their own: 403, and the row stays."""
    values = DeskClient(app, "editor").get(f"/customers/{customer.id}/edit").form_values()
    viewer = DeskClient(app, "viewer")
    values |= {"name": "After", "csrf_token": csrf_token(viewer, "/customers")}
    page = viewer.post(f"/customers/{customer.id}/edit", values)
    assert page.status == 403
    assert page.text("h1") == "You may not do this"
    assert world.reload(customer) == customer


def test_the_same_post_by_an_editor_saves(app: Flask, world: World, customer: Customer) -> None:
    """So that the refusal above is the role's."""
    editor = DeskClient(app, "editor")
    values = editor.get(f"/customers/{customer.id}/edit").form_values() | {"name": "After"}
    assert editor.post(f"/customers/{customer.id}/edit", values).status == 303
    assert world.reload(customer).name == "After"


def test_a_viewer_is_offered_no_way_to_edit(app: Flask, customer: Customer) -> None:
    """The record page has no link to the form."""
    path = f"/customers/{customer.id}"
    assert not DeskClient(app, "viewer").get(path).all(f'a[href^="{path}/edit"]')
    assert DeskClient(app, "editor").get(path).all(f'a[href^="{path}/edit"]')
