"""Markup as content: every field of everything holds it, and every page, fragment and refused form shows it as text."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.clients import DeskClient, Page
from tests.support.sign_in import csrf_token
from tests.support.world import HOME, World
from tests.test_urls import INVENTORY
from webapp.access.api_keys import create_api_key
from webapp.access.invites import create_invite
from webapp.access.model import ApiKey, Environment, Staff, StaffInvite, StaffSession, Tenant
from webapp.customers.desk_model import saved_views
from webapp.customers.model import Customer
from webapp.database import reading, transaction
from webapp.identifiers import now

#: Leaves attributes of either quote, and each element whose content is no markup; then it is an element of its own. No
#: template has elements or attributes of such names.
MARKUP = "\"'><xss-a xss-b=1></title></textarea></option></script></style><xss-c>{{7654321*7654321}}"
SHORT = "'\"><xss-d xss-e=1"  # where 20 characters are allowed
ADDRESS = "javascript:alert(7)"
COMPUTED = "58588629971041"
URL_ATTRIBUTES = frozenset({"href", "src", "action", "formaction", "hx-get", "hx-post", "hx-push-url"})
#: As a browser asks, and as htmx does.
FACES: tuple[dict[str, str], ...] = ({}, {"HX-Request": "true"})
#: What is not sent with markup in it: it would end the sign-in that looks on.
ENDING = ("/sign-out", "/sign-in", "/account/sessions/end-others")


def execute(app: Flask, *statements: Any) -> None:
    """Write what no form would let through."""
    with app.app_context():
        transaction(lambda connection: [connection.execute(statement) for statement in statements])


def id_of(app: Flask, table: Any) -> str:
    """The ID of the newest row."""
    with app.app_context(), reading() as connection:
        return str(connection.execute(select(table.id).order_by(table.created_at.desc())).scalars().first())


@pytest.fixture
def hostile(world: World) -> dict[str, str]:
    """A world in which every text is markup. Returns what stands for each part of an address."""
    app = world.app
    world.create_customer(external_id="parent" + MARKUP, name=MARKUP)
    texts = dict.fromkeys(("name", "address_line1", "address_line2"), MARKUP)
    short = {
        "contact": SHORT,
        "address_city": MARKUP[:100],
        "address_state": MARKUP[:100],
        "address_postal_code": SHORT,
    }
    customer = world.create_customer(
        external_id=MARKUP,
        parent="parent" + MARKUP,
        metadata={MARKUP: MARKUP, "link": ADDRESS, ADDRESS: "<xss-f>"},
        mappings={"stripe": MARKUP, "paypal": ADDRESS},
        **texts,
        **short,
    )
    world.update_customer(customer, name=ADDRESS, external_id="renamed" + MARKUP, metadata={MARKUP + "2": ADDRESS})
    desk = DeskClient(app, "admin")
    path = f"/customers/{customer.id}/edit"
    values = desk.get(path).form_values() | {"name": MARKUP, "reason": MARKUP}
    assert desk.post(path, values).status == 303
    view = {"csrf_token": csrf_token(desk, "/customers"), "name": MARKUP, "query": "q=" + MARKUP, "list": "q=" + MARKUP}
    assert desk.post("/customers/views", view).status == 303
    with app.app_context():
        create_api_key(HOME.environment_id, "read", "innocent", "admin@desk.example")
        create_invite(HOME.tenant_id, "invited@desk.example", "viewer", "admin@desk.example")
    with app.app_context(), reading() as connection:
        view_id = str(connection.execute(select(saved_views.c.id)).scalar_one())
    execute(
        app,
        update(ApiKey).values(name=MARKUP, created_by=MARKUP, last_used_at=now()),
        update(Tenant).values(name=MARKUP),
        update(Environment).values(name=MARKUP),
        update(Staff).where(Staff.id == "staff_viewer").values(email=MARKUP),
        update(StaffInvite).values(email=MARKUP, created_by=MARKUP),
        update(StaffSession).values(user_agent=MARKUP, address=SHORT),
    )
    return {
        "<customer_id>": customer.id,
        "<int:version>": "2",
        "<staff_id>": "staff_viewer",
        "<act>": "disable",
        "<key_id>": id_of(app, ApiKey),
        "<invite_id>": id_of(app, StaffInvite),
        "<view_id>": view_id,
        "<session_id>": "sess_nobody",
        "<token>": "no-token",
    }


def filled(rule: str, parts: dict[str, str]) -> str:
    """An address of a rule."""
    for part, value in parts.items():
        rule = rule.replace(part, value)
    return rule


def assert_is_text(page: Page, about: str) -> bool:
    """Nothing of the markup became markup. Returns whether it is there at all, as text."""
    markup = page.response.get_data(as_text=True)
    for tag in page.soup.find_all(True):
        assert not tag.name.startswith("xss-"), f"{about}: <{tag.name}>"
        assert not any(name.startswith(("xss-", "on")) for name in tag.attrs), f"{about}: {tag.name} {tag.attrs}"
        for name in tag.attrs.keys() & URL_ATTRIBUTES:
            assert not str(tag[name]).strip().lower().startswith("javascript:"), f"{about}: {name}"
    assert COMPUTED not in markup.replace(COMPUTED + "-", ""), f"{about}: a template was computed"
    return "&lt;xss-" in markup


def test_every_page_and_fragment_shows_markup_as_text(app: Flask, hostile: dict[str, str]) -> None:
    """Of the whole inventory, whole and for htmx, with markup in the parameters as well."""
    admin, shown = DeskClient(app, "admin"), set()
    for method, rule, _ in sorted(INVENTORY):
        if method != "GET" or rule.startswith(("/v1/", "/static/", "/openapi", "/metrics", "/livez", "/readyz")):
            continue
        path = filled(rule, hostile)
        query = dict.fromkeys(("q", "name", "parent", "country", "person", "customer", "next", "reason"), MARKUP)
        for asked, options in ((path, {}), (path, {"query_string": query})):
            for headers in FACES:
                page = Page(admin.client.get(asked, headers=headers, **options))
                assert page.status < 500, asked
                if page.response.mimetype == "text/html" and assert_is_text(page, asked):
                    shown.add(rule)
    expected = {
        "/customers",
        "/customers/<customer_id>",
        "/customers/<customer_id>/edit",
        "/customers/<customer_id>/history",
    }
    assert shown >= {*expected, "/api-keys", "/staff", "/account", "/access-log", "/staff/<staff_id>"}


def test_every_form_that_is_refused_shows_markup_as_text(app: Flask, world: World, hostile: dict[str, str]) -> None:
    """Sent with markup in every field; and to fragments of the form, which show what is typed."""
    admin, shown = DeskClient(app, "admin"), 0
    customer_id = hostile["<customer_id>"]
    form = admin.get(f"/customers/{customer_id}/edit").form_values()
    kept = {"csrf_token", "environment_id", "version", "metadata", "integration_entity_mapping", "form_id"}
    for method, rule, _ in sorted(INVENTORY):
        if method != "POST" or rule.startswith("/v1/") or rule in ENDING:
            continue
        more = dict.fromkeys(("email", "role", "scope", "code", "password", "new_password", "query", "field"), MARKUP)
        values = {name: value if name in kept else MARKUP for name, value in (form | more).items()}
        for rows in ("metadata add", "metadata paste", MARKUP):
            for headers in FACES:
                sent = values | {"rows": rows, "metadata_pasted": MARKUP}
                page = Page(admin.client.post(filled(rule, hostile), data=sent, headers=headers))
                assert page.status < 500, rule
                shown += page.response.mimetype == "text/html" and assert_is_text(page, rule)
    assert shown > 20
    assert assert_is_text(DeskClient(app).get(f"/customers/{customer_id}"), "the record afterwards")


def test_a_customer_of_markup_is_data_to_the_api(world: World) -> None:
    """Character for character, as JSON that no browser takes for a page."""
    customer: Customer = world.create_customer(external_id=MARKUP, name=MARKUP)
    answer = world.app.test_client().get(
        f"/v1/customers/{customer.id}", headers={"x-api-key": world.keys["read"], "Accept": "*/*"}
    )
    assert answer.json["name"] == MARKUP
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")
