"""Suggestions of a parent: a few customers that may be meant, as a fragment for the combobox and as a page."""

import pytest
from flask import Flask

from tests.support.clients import DeskClient
from tests.support.desk_pages import folded, url_of
from tests.support.world import ELSEWHERE, World

PATH = "/customers/suggest-parent"


def suggested(desk: DeskClient, query: str, **more: str) -> list[str]:
    """The external IDs of the suggestions, from the top."""
    page = desk.get(PATH, htmx=True, query_string={"q": query, **more})
    assert [tag["id"] for tag in page.soup.find_all(recursive=False)] == ["parent-suggestions"]
    return [str(option["data-value"]) for option in page.all("#parent-options [role=option]")]


def test_a_part_of_a_name_an_external_id_or_an_email_is_enough(desk: DeskClient, world: World) -> None:
    """Each suggestion says who it is by all three."""
    world.create_customer(external_id="acme-1", name="Holding Inc.", email="billing@holding.example")
    for part in ("hold", "ACME", "billing@h"):
        assert suggested(desk, part) == ["acme-1"]
    option = desk.get(f"{PATH}?q=hold", htmx=True).one("[role=option]")
    assert folded(option) == "Holding Inc. acme-1 billing@holding.example"
    assert option["aria-selected"] == "false"


def test_at_most_eight_are_suggested_the_exact_one_first(desk: DeskClient, world: World) -> None:
    """Never a list of all customers."""
    for number in range(12):
        world.create_customer(external_id=f"holding {number}")
    found = suggested(desk, "holding 1")
    assert (found[0], len(suggested(desk, "holding"))) == ("holding 1", 8)
    assert set(found) == {"holding 1", "holding 10", "holding 11"}


def test_neither_the_customer_itself_nor_an_archived_one_is_suggested(desk: DeskClient, world: World) -> None:
    """None of them could be the parent."""
    customer = world.create_customer(external_id="holding 1")
    world.create_customer(external_id="holding 2")
    world.archive(world.create_customer(external_id="holding 3"))
    assert suggested(desk, "holding", customer_id=customer.id) == ["holding 2"]
    assert suggested(desk, "holding 1", customer_id=customer.id) == []
    box = desk.get(f"{url_of(customer)}/edit").one("#parent_customer_external_id")
    assert box["hx-get"] == f"{PATH}?customer_id={customer.id}"


def test_another_tenants_customers_are_not_suggested(desk: DeskClient, world: World) -> None:
    """They do not exist here."""
    world.create_customer(ELSEWHERE, external_id="holding")
    assert suggested(desk, "holding") == []


@pytest.mark.parametrize("query", ["", "   ", "x" * 256, "%", "a\x00b"], ids=["none", "blank", "long", "sign", "NUL"])
def test_what_names_nobody_suggests_nobody(desk: DeskClient, world: World, query: str) -> None:
    """And is no error: somebody is typing."""
    world.create_customer(external_id="holding")
    assert suggested(desk, query) == []


def test_it_says_that_nobody_was_found(desk: DeskClient) -> None:
    """In sight, and to be read out; for nothing typed there is nothing to say."""
    page = desk.get(f"{PATH}?q=nobody", htmx=True)
    assert (page.text(".suggestions-none"), page.one("#parent-suggestions")["data-count"]) == (
        "No customer found",
        "No customer found",
    )
    assert desk.get(PATH, htmx=True).one("#parent-suggestions").has_attr("hidden")


def test_without_a_script_it_is_a_page(desk: DeskClient, world: World) -> None:
    """The same fragment in it."""
    world.create_customer(external_id="holding")
    assert "holding" in desk.get(f"{PATH}?q=holding").text("main #parent-suggestions")


def test_a_viewer_needs_no_suggestions(app: Flask, world: World) -> None:
    """They have no form."""
    assert DeskClient(app, "viewer").get(PATH).status == 403
