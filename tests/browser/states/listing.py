"""The list of customers."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.states.people import rich_customer


def _list(page: Page, desk: Desk) -> None:
    rich_customer(desk)
    page.goto("/customers")
    expect(page.locator(".row-link").first).to_be_visible()


def _nothing_found(page: Page, _desk: Desk) -> None:
    page.goto(f"/customers?q={'nobody' * 20}")
    expect(page.locator(".nothing")).to_be_visible()


def _search_refused(page: Page, _desk: Desk) -> None:
    page.goto(f"/customers?q={'x' * 256}")
    expect(page.locator("#q-error")).to_be_visible()


STATES = {
    "list": _list,
    "nothing found": _nothing_found,
    "search refused": _search_refused,
}
