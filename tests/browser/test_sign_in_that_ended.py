"""A sign-in that ends in front of an edit: what was typed is sent once more, with a script and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import box, open_form, press_save
from tests.support.world import PASSWORD

with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


@with_and_without_script
def test_an_edit_outlives_its_sign_in(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """Refused, signed in again in another tab, sent once more: saved as it was typed."""
    customer = desk.world.create_customer(name="Before")
    page = open_page(java_script_enabled=script)
    open_form(page, customer)
    box(page, "Name").fill('After "<b>" é')
    page.context.clear_cookies()
    press_save(page)
    expect(page.locator(".problem")).to_contain_text("What you typed is kept in this page.")
    assert desk.world.reload(customer).name == "Before"

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    tab = opened.value
    tab.get_by_label("Email").fill(desk.world.email_of("editor"))
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_label("Password").press("Enter")
    expect(tab).to_have_url(re.compile("/customers$"))

    page.get_by_role("button", name="Send it once more").click()
    expect(page.locator("#saved")).to_be_focused()
    assert desk.world.reload(customer).name == 'After "<b>" é'
