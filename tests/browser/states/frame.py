"""What stands around every page, and pages that are no subject of their own."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.desk import open_form
from tests.browser.states.people import rich_customer


def _not_found(page: Page, _desk: Desk) -> None:
    page.goto("/customers/cust_nobody")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def _shortcuts(page: Page, _desk: Desk) -> None:
    page.goto("/customers/cust_nobody")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def _menu(page: Page, _desk: Desk) -> None:
    page.goto("/customers/cust_nobody")
    page.locator(".account summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def _environments(page: Page, _desk: Desk) -> None:
    page.goto("/customers/cust_nobody")
    page.locator(".environment-switch summary").click()
    expect(page.get_by_role("button", name="Switch to Sandbox")).to_be_visible()


def _unreachable(page: Page, desk: Desk) -> None:
    open_form(page, rich_customer(desk))
    page.evaluate("document.body.dispatchEvent(new CustomEvent('htmx:sendError', { bubbles: true }))")
    expect(page.locator("#messages")).to_contain_text("The desk could not be reached")


def _docs(page: Page, _desk: Desk) -> None:
    page.context.clear_cookies()
    page.goto("/docs")
    page.locator("details summary").first.click()
    page.locator("details summary").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customer Desk API")


STATES = {
    "not found": _not_found,
    "shortcuts": _shortcuts,
    "menu": _menu,
    "environments": _environments,
    "unreachable": _unreachable,
    "docs": _docs,
}
