"""A language in which each text stands between marks: what a page shows outside of marks is data, or was forgotten."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bs4 import Comment, NavigableString, Tag
from flask import Flask

from tests.support.catalogs import CLOSE, OPEN, write_marked
from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import opened_form
from tests.support.world import World, seed_world
from webapp.customers.model import Customer
from webapp.settings import KNOWN_PROVIDERS

#: Data of this test has no Latin letter, so that Latin letters are words of ours, but for what these find.
GREEK = "Ωμέγα"
DATA = re.compile(
    rf"Customer Desk|Production|Sandbox|Griechenland|IANA|{'|'.join(KNOWN_PROVIDERS)}|user_\d+"
    r"|[\w.]+@[\w.]+|(?:cust|req|key|sess|staff|env|cdk)_[\w-]+|\b[Tt]est\b|(?:read|write|sandbox|elsewhere) key"
    r"|(?:[A-Z]\w+/)+\w+|UTC(?:[+-]\d\d:\d\d)?|\b[A-Z]{2}\b|\bpublished\b|\bplan\b"
)
#: Names that are written as they are in every language, or come with the languages and countries themselves.
NOT_OURS = (
    "code, kbd, time, datalist, script, style, template:not(#unreachable),"
    "[name=address_country], [name=country], [name=language]"
)
ATTRIBUTES = ["title", "placeholder", "aria-label", "alt"]
#: What scripts say.
ATTRIBUTES += [
    "data-label",
    "data-rows-label",
    "data-copied",
    "data-not-copied",
    "data-text",
    "data-column",
    "data-said",
]
ATTRIBUTES += ["data-saved", "data-not-saved", "data-unsaved", "data-unsaved-many"]
WORD = re.compile(r"[A-Za-z]{2,}")


def _outside_of_marks(text: str) -> str:
    depth, outside = 0, []
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        if depth == 0 and letter != CLOSE:
            outside.append(letter)
    return "".join(outside)


def _shown_texts(page: Page) -> Iterator[str]:
    for element in page.soup.find_all(True):
        if not _is_ours(element):
            continue
        yield from (str(element[name]) for name in ATTRIBUTES if element.has_attr(name))
        if element.name == "input" and element.get("type") in {"submit", "button"}:
            yield str(element["value"])


def _is_ours(element: Tag) -> bool:
    return not any(parent.css.match(NOT_OURS) for parent in [element, *element.parents] if parent.name != "[document]")


def _blocks_of_text(page: Page) -> Iterator[str]:
    """The text of each innermost block: a mark may open in one inline element and close in another."""
    for element in page.soup.find_all(True):
        own = [child for child in element.children if isinstance(child, NavigableString) and child.strip()]
        if any(not isinstance(child, Comment) for child in own) and _is_ours(element):
            texts = [text for text in element.strings if _is_ours(text.parent)]
            yield " ".join(texts)


def _forgotten(page: Page) -> list[str]:
    texts = [*_shown_texts(page), *_blocks_of_text(page)]
    return sorted({text.strip() for text in texts if WORD.search(DATA.sub("", _outside_of_marks(text)))})


@pytest.fixture
def marked_app(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    """The application, in which German readers read English between marks."""
    write_marked(tmp_path / "marked", "de")
    app = make_app()
    app.extensions["babel"].translation_directories[:] = [str(tmp_path / "marked")]
    app.jinja_env.bytecode_cache = None  # German templates of other tests are kept there
    return app


@pytest.fixture
def marked_world(marked_app: Flask) -> World:
    """Its world."""
    return seed_world(marked_app)


@pytest.fixture
def acme(marked_world: World) -> Customer:
    """A customer of that world, changed once, with a parent, a child and something in every field."""
    parent = marked_world.create_customer(name=GREEK)
    customer = marked_world.create_customer(
        name=GREEK,
        email="omega@example.com",
        contact="+30 1",
        address_city=GREEK,
        address_country="GR",
        metadata={GREEK: GREEK},
        mappings={"stripe": "1"},
        parent=parent.external_id,
    )
    marked_world.create_customer(name=GREEK, parent=customer.external_id)
    return marked_world.update_customer(customer, name=GREEK * 2, metadata={GREEK: GREEK * 2})


@pytest.fixture
def reader(marked_app: Flask, acme: Customer) -> DeskClient:
    """An administrator who reads that language."""
    desk = DeskClient(marked_app, role="admin")
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    return desk


def test_what_is_not_marked_is_found(reader: DeskClient) -> None:
    """The judge sees a text that was forgotten, in an attribute and among marked ones."""
    page = reader.get("/customers")
    assert _forgotten(page) == []
    page.one("h1").append("forgotten text")
    page.one("h1")["title"] = "forgotten title"
    assert [text for text in _forgotten(page) if "forgotten" in text] != []
    assert "forgotten title" in _forgotten(page)


@pytest.mark.parametrize(
    "path",
    [
        "/customers?list=1",
        "/customers?q=%CE%A9%CE%A9&status=archived&country=GR",
        "/customers?sort=nonsense",
        "/customers/{id}",
        "/customers/{id}/edit",
        "/customers/new",
        "/customers/{id}/history",
        "/customers/{id}/history/2",
        "/customers/{id}/versions/1",
        "/customers/{id}/archive",
        "/customers/cust_nobody",
        "/account",
        "/account/password",
        "/staff",
        "/staff/invite",
        "/staff/staff_viewer",
        "/api-keys",
        "/api-keys/new",
        "/access-log",
        "/sign-in/again",
    ],
)
def test_every_text_of_a_page_can_be_translated(reader: DeskClient, acme: Customer, path: str) -> None:
    """Visible texts, and those that are read out or shown on hover."""
    page = reader.get(path.format(id=acme.id))
    assert page.status in {200, 404, 422}
    assert _forgotten(page) == []


def test_every_message_of_the_form_can_be_translated(reader: DeskClient, acme: Customer) -> None:
    """What is wrong with each field, beside it and in the summary."""
    wrong = {
        "external_id": "",
        "name": "",
        "email": "plain",
        "contact": "1" * 21,
        "address_country": "ΩΩ",
        "timezone": "Ω",
        "parent_customer_external_id": "Ω" * 256,
        "metadata-0-key": "",
        "integration_entity_mapping-0-provider": "",
    }
    page = reader.post(f"/customers/{acme.id}/edit", {**opened_form(reader, acme), **wrong})
    assert page.status == 422
    assert len(page.all("#error-summary li")) == len(wrong)
    assert _forgotten(page) == []


def test_every_text_of_a_conflict_can_be_translated(reader: DeskClient, marked_world: World, acme: Customer) -> None:
    """What both sides changed, and the choice."""
    opened = opened_form(reader, acme)
    marked_world.update_customer(acme, name=f"{GREEK}3")
    page = reader.post(f"/customers/{acme.id}/edit", {**opened, "name": f"{GREEK}4"})
    assert page.status == 409
    assert _forgotten(page) == []


def test_every_text_after_a_save_can_be_translated(reader: DeskClient, acme: Customer) -> None:
    """What changed, and the way to take it back."""
    answer = reader.post(f"/customers/{acme.id}/edit", {**opened_form(reader, acme), "name": f"{GREEK}5"})
    page = reader.get(answer.response.headers["Location"])
    assert page.all("#saved")
    assert _forgotten(page) == []


def test_every_text_of_the_sign_in_page_can_be_translated(marked_app: Flask, marked_world: World) -> None:
    """Nobody is known there."""
    desk = DeskClient(marked_app, role=None)
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    assert _forgotten(desk.get("/sign-in")) == []
