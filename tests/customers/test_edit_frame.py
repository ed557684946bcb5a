"""The edit page by its frame: what comes out is what its templates say of the customer themselves."""

import re

import pytest
from flask import Flask

from tests.support.clients import DeskClient
from tests.support.desk_pages import url_of
from tests.support.viewers import let_view
from tests.support.world import World
from webapp.customers.model import Customer

NASTY = ('<b onclick="x">&amp;', "100 % of %(name)s {{ x }}", "東京 🎈", "'quoted' \\1", "holes")
#: Any query has the page rendered by its templates: nothing is known of what it may bring along.
BY_TEMPLATES = "?any=query"


@pytest.fixture(autouse=True)
def _no_frames_yet(app: Flask) -> None:
    """Tests share compiled templates, and with them frames."""
    for spoken in getattr(app.jinja_env, "environments_by_language", {}).values():
        spoken.frames.clear()
        spoken.pages.clear()


@pytest.fixture(autouse=True)
def _one_csrf_token(desk: DeskClient) -> None:
    """The page that brings a session its token has signed it by the second, as does the one behind it."""
    desk.get("/customers")


@pytest.fixture
def customers(world: World) -> list[Customer]:
    """Of several countries, with and without a parent, entries, mappings, and things to say of them."""
    world.create_customer(external_id="holding", name=NASTY[0])
    return [
        world.create_customer(
            external_id=f"{text}-{country}",
            name=text,
            contact=text[:20],
            address_line1=text,
            address_city=text,
            address_state="CA" if number % 2 else "Nowhere",
            address_postal_code="94105",
            address_country=country,
            parent="holding" if number % 3 == 0 else "",
            metadata={f"{text}{key}": text for key in range(number)},
            mappings={"stripe": text, "paypal": text} if number % 2 else {},
        )
        for number, text in enumerate(NASTY)
        for country in ("US", "", "JP")
    ]


def folded_page(desk: DeskClient, path: str) -> str:
    """The page without the white space that nobody sees."""
    answer = desk.client.get(path)
    assert answer.status_code == 200
    return re.sub(r"(?<=>)\s*\n\s*(?=<)", "", re.sub(r"\n\s+", "\n", answer.get_data(as_text=True)))


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_by_its_frame_is_the_page(desk: DeskClient, customers: list[Customer], language: str) -> None:
    """One after the other, so that frames that others made are filled, too."""
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    for customer in (*customers, *customers):
        path = f"{url_of(customer)}/edit"
        assert folded_page(desk, path) == folded_page(desk, f"{path}{BY_TEMPLATES}"), customer.external_id


def test_the_page_is_rendered_once_for_all_that_look_alike(
    desk: DeskClient, customers: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or nothing would be gained."""
    paths = [f"{url_of(customer)}/edit" for customer in customers]
    for path in paths:
        folded_page(desk, path)
    monkeypatch.setattr("webapp.frames.render_template", lambda *_, **__: pytest.fail("rendered anew"))
    for path in paths:
        folded_page(desk, path)


def test_each_reader_has_their_own_page(app: Flask, world: World, customers: list[Customer]) -> None:
    """Name, role, token and environment are those of who reads it, whoever's page made the frame."""
    path = f"{url_of(customers[0])}/edit"
    world.hire("second@desk.example", "editor")
    tokens = set()
    for role in ("editor", "admin", "editor"):
        desk = DeskClient(app, role)
        page = desk.get(path)
        assert page.text(".menu-email") == world.email_of(role)
        assert bool(page.all("nav a[href='/staff']")) == (role == "admin")
        tokens |= {field["value"] for field in page.all("input[name=csrf_token]")}
        assert folded_page(desk, path) == folded_page(desk, f"{path}{BY_TEMPLATES}")
    assert len(tokens) == 3


def test_who_else_is_here_is_said(desk: DeskClient, world: World, customers: list[Customer]) -> None:
    """A page that has more to say than its frame is rendered by its templates."""
    customer = customers[0]
    desk.get(f"{url_of(customer)}/edit")
    let_view(world, customer, "admin", is_editing=True)
    assert desk.get(f"{url_of(customer)}/edit").text(".presence-people")
