"""What stands around every page, and pages that are no subject of their own."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk


def _not_found(page: Page, _desk: Desk) -> None:
    page.goto("/customers/cust_nobody")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def _shortcuts(page: Page, _desk: Desk) -> None:
    page.goto("/customers/cust_nobody")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def _docs(page: Page, _desk: Desk) -> None:
    page.context.clear_cookies()
    page.goto("/docs")
    page.locator("details summary").first.click()
    page.locator("details summary").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customer Desk API")


STATES = {
    "not found": _not_found,
    "shortcuts": _shortcuts,
    "docs": _docs,
}
