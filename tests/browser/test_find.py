"""Finding a customer: search, filters, orders, columns, more, views, recent records; with a script and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import open_record, paste_into_search, save_view

with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def _rows(page: Page) -> list[str]:
    return page.locator("#customer-list .row-link").all_inner_texts()


def _choose(page: Page, label: str, value: str, *, script: bool) -> None:
    """Choose in the filters, which lie folded at first; without a script the form is sent."""
    page.get_by_role("combobox", name=label).select_option(label=value)
    if not script:
        page.get_by_role("button", name="Show this list").click()


@with_and_without_script
def test_a_person_finds_filters_sorts_and_keeps_the_list(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """By metadata, then among Germans by name, with the metadata in a column; the list gets a name, and loses it."""
    key = f"tier{desk.world.made}"
    tier = {key: "big"}
    for name, country in (("Zoe", "DE"), ("Anton", "DE"), ("Bea", "FR")):
        desk.world.create_customer(name=name, external_id=f"{key}-{name}", address_country=country, metadata=tier)
    page = open_page(java_script_enabled=script)
    page.goto("/customers")
    if script:
        page.get_by_role("searchbox").press_sequentially(f"{key}:big", delay=10)
        expect(page.locator("#announcer")).to_have_text("3 matches")
    else:
        paste_into_search(page, f"{key}:big")
    expect(page.locator("#customer-count")).to_have_text("3 matches")

    page.get_by_text("Filter and sort").click()
    _choose(page, "Country", "Germany", script=script)
    expect(page.locator(".filter-chip")).to_have_text(re.compile("Country: Germany"))
    page.locator("thead").get_by_role("link", name="Name").click()
    expect(page.locator("#customer-list .row-link")).to_have_text([f"{key}-Anton", f"{key}-Zoe"])
    expect(page).to_have_url(re.compile(r"country=DE&sort=name$"))

    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("checkbox", name="Email").uncheck()
    page.get_by_label("Metadata key").fill(key)
    page.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader")).to_have_text(["External ID", "Name", "Country", "Last changed", key])

    save_view(page, f"Big {key}")
    expect(page.locator("#view-notice")).to_contain_text(f"Big {key}")
    page.goto("/customers")
    page.get_by_role("link", name=f"Big {key}").click()
    assert _rows(page) == [f"{key}-Anton", f"{key}-Zoe"]
    page.get_by_role("link", name="Country: Germany").click()
    expect(page.locator("#customer-count")).to_have_text("3 matches")
    save_view(page, f"Big {key}")
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_role("button", name="Replace the other view").click()
    expect(page.locator("#customer-count")).to_have_text("3 matches")
    page.get_by_role("button", name=f"Delete the view Big {key}").click()
    page.get_by_role("button", name="Bring it back").click()
    page.get_by_role("button", name=f"Delete the view Big {key}").click()
    expect(page.get_by_role("link", name=f"Big {key}")).to_have_count(0)


@with_and_without_script
def test_show_more_goes_on(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """In place, with the focus on the first new row, said aloud, and Back leads there again.

    Without a script on a page of its own.
    """
    word = f"many{desk.world.made}"
    for number in range(53):
        desk.world.create_customer(name=f"{word} {number}")
    page = open_page(java_script_enabled=script)
    page.goto(f"/customers?q={word}")
    first = _rows(page)
    more = page.get_by_role("link", name="Show more")
    more.focus()
    more.press("Enter")
    if not script:
        expect(page.get_by_role("link", name="Back to the first")).to_be_visible()
        assert len(set(first) | set(_rows(page))) == 53
        return
    expect(page.locator("#customer-list .row-link")).to_have_count(53)
    expect(page.locator("#customer-list .row-link").nth(50)).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("53 matches, the first 53 are shown")
    expect(more).to_have_count(0)
    page.keyboard.press("k")
    expect(page.locator("#customer-list .row-link").nth(49)).to_be_focused()
    page.locator("#customer-list .row-link").nth(52).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{word} 0")
    page.go_back()
    expect(page.locator("#customer-list .row-link")).to_have_count(53)
    expect(page.locator("#customer-list .row-link").nth(52)).to_be_in_viewport()


def test_j_and_k_step_through_the_rows(desk: Desk, open_page: OpenPage) -> None:
    """From the page to the first row, on and back; in the search box they are letters."""
    word = f"step{desk.world.made}"
    for number in range(3):
        desk.world.create_customer(name=f"{word} {number}")
    page = open_page()
    page.goto(f"/customers?q={word}")
    rows = page.locator("#customer-list .row-link")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.get_by_role("searchbox").press("End")
    page.keyboard.press("j")
    expect(page.get_by_role("searchbox")).to_have_value(f"{word}j")


def test_a_filter_that_is_wrong_is_said_and_leaves_the_focus(desk: Desk, open_page: OpenPage) -> None:
    """While one types nothing takes the focus away; what is wrong links to its control."""
    desk.world.create_customer()
    page = open_page()
    page.goto("/customers")
    page.get_by_text("Filter and sort").click()
    page.get_by_label("Direction").focus()
    page.get_by_label("Direction").select_option(label="Upwards: A to Z, oldest first")
    expect(page.locator("#list-faults")).to_contain_text("Choose what to sort by, too.")
    expect(page.get_by_label("Direction")).to_be_focused()
    page.get_by_label("Sort by").select_option(label="Name")
    expect(page.locator("#list-faults")).to_have_count(0)
    expect(page).to_have_url(re.compile("sort=name&order=asc"))


def test_recent_records_make_room_for_a_search(desk: Desk, open_page: OpenPage) -> None:
    """They lead back to the record, and are gone while something is searched for."""
    customer = desk.world.create_customer(name=f"Recent {desk.world.made}")
    page = open_page()
    open_record(page, customer)
    page.goto("/customers")
    link = page.get_by_role("region", name="Recently opened").get_by_role("link", name=customer.name)
    page.get_by_role("searchbox").press_sequentially("x")
    expect(link).to_be_hidden()
    expect(page).to_have_url(re.compile("q=x$"))
    page.get_by_role("searchbox").fill("")
    expect(page).to_have_url(re.compile("list=1$"))
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(customer.name)
