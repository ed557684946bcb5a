"""Journeys of one's own account: the second factor, the password, language and sign-ins; with and without a script."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import sign_in
from tests.browser.states.access import sign_in_as, switch_second_factor_on
from tests.support.authenticator import code_of
from tests.support.world import PASSWORD

with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
CHOSEN = "four plain words together"


def _password_step(page: Page, email: str) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")


@with_and_without_script
def test_a_second_factor_is_set_up_used_and_switched_off(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """By the app's code, by a recovery code, and by the password alone at last."""
    email = f"factor.{script}@desk.example".lower()
    page = open_page(role=None, java_script_enabled=script)
    sign_in_as(page, desk, email, role="viewer")
    key = switch_second_factor_on(page)
    recovery_code = page.locator(".recovery-codes li").nth(6).inner_text()

    _password_step(page, email)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_label("Code").fill(code_of(key, steps=1))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")

    _password_step(page, email)
    page.get_by_role("link", name="use a recovery code").click()
    page.get_by_label("Code").fill(recovery_code)
    page.get_by_label("Code").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")

    page.goto("/account")
    expect(page.locator("main")).to_contain_text("On, 9 recovery codes left")
    page.get_by_role("link", name="Manage the second factor").click()
    page.get_by_role("link", name="Make new recovery codes…").click()
    page.get_by_role("button", name="Make new ones").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    expect(page.locator(".recovery-codes")).not_to_contain_text(recovery_code)
    page.goto("/account/second-factor")
    page.get_by_role("link", name="Switch it off…").click()
    page.get_by_role("button", name="Switch it off").click()
    expect(page.locator("#notice")).to_contain_text("The second factor is off")
    page.context.clear_cookies()
    sign_in(page, email)


@with_and_without_script
def test_a_password_is_changed_and_other_sign_ins_end(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """A slip first; then this browser goes on and the other one is out."""
    email = f"password.{script}@desk.example".lower()
    page, other = (open_page(role=None, java_script_enabled=script) for _ in range(2))
    sign_in_as(page, desk, email, role="viewer")
    sign_in(other, email)
    page.goto("/account")
    expect(page.locator("#sessions-heading")).to_contain_text("2")
    page.get_by_role("link", name="Change the password").click()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(CHOSEN)
    page.get_by_label("The new password again").fill("a slip")
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator("#error-summary")).to_contain_text("The two passwords differ.")
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(CHOSEN)
    page.get_by_label("The new password again").fill(CHOSEN)
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator("#notice")).to_contain_text("all of your other sign-ins have ended")
    other.goto("/account")
    expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.context.clear_cookies()
    sign_in(page, email, CHOSEN)


@with_and_without_script
def test_another_sign_in_is_ended_from_the_account(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """Then all others at once; the desk speaks another language from the next page on; signing out ends it all."""
    email = f"sessions.{script}@desk.example".lower()
    page, other, third = (open_page(role=None, java_script_enabled=script) for _ in range(3))
    sign_in_as(page, desk, email, role="viewer")
    sign_in(other, email)
    sign_in(third, email)
    other.goto("/account")
    other.get_by_role("button", name="End all others").click()
    expect(other.locator("#sessions-heading")).to_contain_text("1")
    third.goto("/account")
    expect(third.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.context.clear_cookies()
    sign_in(page, email)
    page.goto("/account")
    page.get_by_role("button", name="End the sign-in").click()
    expect(page.locator("#notice")).to_contain_text("That sign-in has ended")
    other.goto("/account")
    expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_label("Language", exact=True).select_option("de")
    page.get_by_label("Time zone", exact=True).fill("Asia/Tokyo")
    page.locator("main").get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("time").first).to_have_attribute("title", re.compile("Asia/Tokyo"))
    page.locator(".menu-button").click()
    page.locator(".menu-button + .menu-panel").get_by_role("button").click()
    page.goto("/account")
    expect(page).to_have_url(re.compile("/sign-in"))
