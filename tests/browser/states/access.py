"""Signing in."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk


def _sign_in(page: Page, _desk: Desk) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in")


def _sign_in_refused(page: Page, desk: Desk) -> None:
    _sign_in(page, desk)
    page.get_by_label("Email").fill("nobody@desk.example")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#error-summary")).to_be_focused()


def _sign_in_again(page: Page, _desk: Desk) -> None:
    page.goto("/sign-in/again")
    expect(page.get_by_label("Password")).to_be_focused()


STATES = {
    "sign-in": _sign_in,
    "sign-in refused": _sign_in_refused,
    "sign-in again": _sign_in_again,
}
