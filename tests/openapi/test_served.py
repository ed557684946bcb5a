"""``/openapi.json`` and ``/docs`` as they are served: to anyone, cached with care, all of the document on the page."""

import itertools
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.clients import DeskClient, Page
from tests.support.served import Served
from tests.support.world import World
from webapp.openapi import examples
from webapp.openapi.document import Document
from webapp.openapi.page import page_of
from webapp.security import CONTENT_SECURITY_POLICY


@pytest.fixture
def page(world: World) -> Page:
    """The page, as somebody who is not signed in sees it."""
    return DeskClient(world.app, role=None).get("/docs")


def test_the_document_is_served_to_anyone(app: Flask, document: Document) -> None:
    """As JSON, and the very document."""
    answer = app.test_client().get("/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.get_json() == document


def test_caches_keep_the_document_and_ask_first(app: Flask) -> None:
    """Another setting makes another document with another tag."""
    client = app.test_client()
    answer = client.get("/openapi.json")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    etag = answer.headers["ETag"]
    known = client.get("/openapi.json", headers={"If-None-Match": etag})
    assert (known.status_code, known.data) == (304, b"")
    assert client.get("/openapi.json", headers={"If-Match": '"other"'}).status_code == 200


def test_every_process_serves_the_same_tag(make_app: Callable[..., Flask]) -> None:
    """The document of the same settings is the same text, whoever wrote it."""
    tags = [make_app().test_client().get("/openapi.json").headers["ETag"] for _ in range(2)]
    assert tags[0] == tags[1]
    assert make_app(metadata_max_entries=7).test_client().get("/openapi.json").headers["ETag"] != tags[0]


@pytest.mark.parametrize("role", [None, "viewer"])
def test_the_page_is_sound_for_anyone(world: World, role: str | None) -> None:
    """The client checks its HTML; the security policy is that of every page, and no script is needed."""
    page = DeskClient(world.app, role).get("/docs")
    assert page.status == 200
    assert page.text("h1") == "Customer Desk API"
    assert page.response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert page.response.headers["Cache-Control"] == "no-store"
    assert bool(page.all(".account")) is (role is not None)


def test_the_page_has_every_operation(page: Page, document: Document) -> None:
    """Method, path, each parameter, each answer."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            section = f"section[aria-labelledby='{operation['operationId']}']"
            assert page.text(f"{section} .operation-address").startswith(f"{method.upper()} {path}")
            told = page.text(section)
            for status in operation["responses"]:
                assert status in told
            for parameter in operation.get("parameters", ()):
                name = parameter["$ref"].rpartition("/")[2]
                assert document["components"]["parameters"][name]["name"] in told


def test_the_page_has_every_schema_with_its_fields(page: Page, document: Document) -> None:
    """By name."""
    for name, schema in document["components"]["schemas"].items():
        told = {code.get_text() for code in page.all(f"section[aria-labelledby='schema-{name}'] th code")}
        assert told >= set(schema.get("properties", {}))


def test_limits_are_told_in_words(page: Page) -> None:
    """Where a pattern says them in the document."""
    section = "section[aria-labelledby='createCustomer']"
    rows = {
        row.select("code")[0].get_text(): row.get_text(" ")
        for row in page.all(f"{section} .fields:not(.answers) tbody tr")
    }
    assert "at most 20 characters after trimming" in rows["contact"]
    assert "at most 100 entries" in rows["metadata"]
    assert "required" in rows["name"]


def test_every_link_of_the_page_leads_somewhere(page: Page, app: Flask) -> None:
    """Within the page or out of it."""
    ids = {tag["id"] for tag in page.all("[id]")}
    links = {str(link["href"]) for link in page.all("a[href]")}
    assert {link for link in links if link.startswith("#") and link[1:] not in ids} == set()
    for link in links:
        if not link.startswith("#"):
            assert app.test_client().get(link).status_code in {200, 302}


def test_headings_go_down_step_by_step(page: Page) -> None:
    """No level is left out."""
    levels = [int(tag.name[1]) for tag in page.all("h1, h2, h3, h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_code_can_be_scrolled_by_the_keyboard(page: Page) -> None:
    """Each block takes the focus and has a name of its own."""
    blocks = page.all("pre")
    assert len(blocks) > 30
    assert {block.get("tabindex") for block in blocks} == {"0"}
    names = [block["aria-label"] for block in blocks]
    assert len(names) == len(set(names))


def test_every_command_of_the_page_works_when_pasted(world: World, served: Served, document: Document) -> None:
    """One after the other, as they stand, with the key in the environment."""
    if shutil.which("curl") is None:
        if os.environ.get("CI"):
            pytest.fail("curl is missing: apt-get install curl")
        pytest.skip("curl is missing: apt-get install curl")
    world.create_customer(id=examples.CUSTOMER_ID, external_id=examples.TEXTS["external_id"])
    for operation in page_of(document).operations:
        command = operation.curl.replace("{address}", served.address)
        assert shlex.split(command)[0] == "curl"
        script = f"curl() {{ command curl -sS -w '\\n%{{http_code}}' \"$@\"; }}\n{command}"
        ran = subprocess.run(
            ["bash", "-c", script],  # noqa: S607 - whatever bash a reader has
            env={**os.environ, "KEY": world.keys["write"]},
            capture_output=True,
            text=True,
            check=True,
        )
        body, _, status = ran.stdout.rpartition("\n")
        taken = operation.id == "createCustomer" and status == "409"
        archived = operation.id in {"getCustomerByExternalId", "lookUpCustomer"} and status == "404"
        assert status.startswith("2") or taken or archived, (operation.id, body)


def test_the_commands_carry_the_address_that_was_asked(app: Flask) -> None:
    """So that they can be pasted wherever the service stands."""
    page = Page(app.test_client().get("/docs", base_url="https://desk.example"))
    commands = [block.get_text() for block in page.all("pre") if block.get_text().startswith("curl")]
    assert all(re.search(r'"https://desk\.example/', command) for command in commands)
    assert len(commands) == len(page.all(".operation"))
