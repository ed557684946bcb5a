"""What is sensitive: who gave the password long ago is asked for it once more, before anything is done or shown."""

from flask import Flask

from tests.support.clients import DeskClient
from tests.support.sign_in import csrf_token
from tests.support.world import World
from webapp.access.fresh_sign_in import PASSWORD_AT

#: Written down here as well, so that none can be forgotten in the blueprints. /account/password asks by itself.
SENSITIVE = (
    ("GET", "/account/second-factor"),
    ("POST", "/account/second-factor"),
    ("GET", "/account/second-factor/recovery-codes"),
    ("POST", "/account/second-factor/recovery-codes"),
    ("GET", "/account/second-factor/off"),
    ("POST", "/account/second-factor/off"),
    ("GET", "/staff/invite"),
    ("POST", "/staff/invite"),
    ("POST", "/staff/staff_editor"),
    *((method, f"/staff/staff_editor/{act}") for method in ("GET", "POST") for act in ("disable", "end-sessions")),
    ("GET", "/api-keys/new"),
    ("POST", "/api-keys/new"),
    ("GET", "/api-keys/key_1/roll"),
    ("POST", "/api-keys/key_1/roll"),
    ("GET", "/api-keys/key_1/revoke"),
    ("POST", "/api-keys/key_1/revoke"),
    ("GET", "/customers/CUSTOMER/personal-data"),
    ("POST", "/customers/CUSTOMER/personal-data"),
    ("GET", "/customers/CUSTOMER/personal-data.json"),
)


def test_each_sensitive_act_asks_for_the_password_that_was_given_long_ago(app: Flask, world: World) -> None:
    """An administrator, who may do each of them."""
    customer, admin = world.create_customer(), DeskClient(app, "admin")
    token = csrf_token(admin, "/account")
    with admin.client.session_transaction() as session:
        session[PASSWORD_AT] = 0
    for method, rule in SENSITIVE:
        path = rule.replace("CUSTOMER", customer.id)
        page = admin.get(path) if method == "GET" else admin.post(path, {"csrf_token": token})
        assert (page.status, page.response.headers["Location"].partition("?")[0]) == (303, "/sign-in/again"), path
