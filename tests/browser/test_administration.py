"""Journeys of an administrator: staff, API keys, the environments; each with and without a script."""

import re
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import box, call_api, open_form, press_save, sign_in
from tests.browser.states.access import sign_in_as, switch_second_factor_on, switch_to_sandbox
from tests.support.world import SANDBOX

with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
CHOSEN = "four plain words together"


def _admin(desk: Desk, open_page: OpenPage, name: str, *, script: bool) -> Page:
    page = open_page(role=None, java_script_enabled=script)
    sign_in_as(page, desk, f"{name}.{script}@desk.example".lower())
    return page


def _button(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name).click()


@with_and_without_script
def test_somebody_is_invited_joins_and_is_disabled(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """From the link to the end of their sign-in; the link works once."""
    email = f"joins.{script}@desk.example".lower()
    admin = _admin(desk, open_page, "invites", script=script)
    admin.goto("/staff")
    admin.get_by_role("link", name="Invite somebody").click()
    admin.locator("main").get_by_label("Email").fill(email)
    admin.get_by_label("Editor: reads and changes customers").check()
    _button(admin, "Make the link")
    link = admin.get_by_label(f"Link for {email}").input_value()

    newcomer = open_page(role=None, java_script_enabled=script)
    newcomer.goto(link)
    expect(newcomer.locator("main")).to_contain_text("invites you to Customer Desk as editor")
    newcomer.get_by_label("Password", exact=True).fill(CHOSEN)
    newcomer.get_by_label("The same password again").fill(CHOSEN)
    _button(newcomer, "Join")
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Customers")
    late = open_page(role=None, java_script_enabled=script)
    late.goto(link)
    expect(late.get_by_role("heading", level=1)).to_have_text("Not found")

    admin.goto("/staff")
    admin.get_by_role("link", name=email).click()
    admin.get_by_label("Viewer: reads customers").check()
    _button(admin, "Change the role")
    expect(admin.locator("#notice")).to_contain_text("The role was changed")
    admin.get_by_role("link", name="Disable…").click()
    _button(admin, "Disable")
    expect(admin.locator("#notice")).to_be_focused()
    newcomer.goto("/customers")
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Sign in")


@with_and_without_script
def test_an_api_key_is_created_rolled_and_revoked(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """What is shown works, until it was said to end; a reload shows it no more."""
    name = f"Billing job {script}"
    page = _admin(desk, open_page, "keys", script=script)
    page.goto("/api-keys")
    page.get_by_role("link", name="Create a key").click()
    page.locator("main").get_by_label("Name").fill(name)
    page.get_by_label("Write: changes them as well").check()
    expect(page.get_by_label("Last day")).to_be_hidden()
    page.get_by_label("After a year").check()
    _button(page, "Create the key")
    first = page.get_by_label("API key", exact=True).input_value()
    assert "items" in call_api(desk.address, first, "GET", "/v1/customers?limit=1")
    page.reload()
    expect(page.locator("main")).to_contain_text("This key was made already")

    page.goto("/api-keys")
    page.get_by_role("link", name=f"Roll… {name}").click()
    page.get_by_label("Not at all: it is dead at once").check()
    _button(page, "Make the new key")
    second = page.get_by_label("API key", exact=True).input_value()
    assert "items" in call_api(desk.address, second, "GET", "/v1/customers?limit=1")
    with pytest.raises(HTTPError, match="401"):
        call_api(desk.address, first, "GET", "/v1/customers?limit=1")

    page.goto("/api-keys")
    page.get_by_role("link", name=f"Revoke… {name}").click()
    expect(page.locator("main")).to_contain_text(second[:12])
    _button(page, "Revoke")
    expect(page.get_by_role("row", name=re.compile(name)).first).to_contain_text("Revoked")
    with pytest.raises(HTTPError, match="401"):
        call_api(desk.address, second, "GET", "/v1/customers?limit=1")


@with_and_without_script
def test_a_form_of_production_is_not_saved_into_the_sandbox(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """Switched in another tab: what was typed is kept, and one press saves it where it belongs."""
    customer, twin = desk.world.create_customer(name="Before"), desk.world.create_customer(SANDBOX, name="Twin")
    page = _admin(desk, open_page, "switches", script=script)
    open_form(page, customer)
    box(page, "Name").fill("After")
    other = page.context.new_page()
    other.goto("/customers")
    switch_to_sandbox(other)
    expect(other).to_have_title(re.compile("Sandbox"))
    expect(other.locator("#customer-rows")).to_contain_text(twin.external_id)
    press_save(page)
    expect(page.get_by_text("You are in another environment now")).to_be_visible()
    assert desk.world.reload(customer).name == "Before"
    page.get_by_role("button", name="Send it to Production").click()
    expect(page.locator("#saved")).to_be_visible()
    assert desk.world.reload(customer).name == "After"
    other.reload()
    expect(other.locator(".sandbox-band")).to_have_count(0)


@with_and_without_script
def test_somebody_gets_back_in_and_an_invitation_is_withdrawn(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """Who lost the app needs the password alone; all of their sign-ins end; disabled and enabled they are back."""
    email = f"member.{script}@desk.example".lower()
    member, admin = open_page(role=None, java_script_enabled=script), _admin(desk, open_page, "helps", script=script)
    sign_in_as(member, desk, email, role="viewer")
    switch_second_factor_on(member)
    for act, button in (
        ("Reset the second factor…", "Reset the second factor"),
        ("End all…", "End all sign-ins"),
        ("Disable…", "Disable"),
        ("Enable…", "Enable"),
    ):
        if act == "End all…":
            member.context.clear_cookies()
            sign_in(member, email)
        admin.goto("/staff")
        admin.get_by_role("link", name=email).click()
        admin.get_by_role("link", name=act).click()
        _button(admin, button)
        expect(admin.locator("#notice")).to_be_visible()
        member.goto("/account")
        expect(member.get_by_role("heading", level=1)).to_have_text("Sign in")
    member.context.clear_cookies()
    sign_in(member, email)

    invited = f"withdrawn.{script}@desk.example".lower()
    admin.goto("/staff/invite")
    admin.locator("main").get_by_label("Email").fill(invited)
    _button(admin, "Make the link")
    link = admin.get_by_label(f"Link for {invited}").input_value()
    admin.goto("/staff")
    _button(admin, f"Withdraw the invitation of {invited}")
    expect(admin.get_by_role("row", name=invited)).to_have_count(0)
    late = open_page(role=None, java_script_enabled=script)
    late.goto(link)
    expect(late.get_by_role("heading", level=1)).to_have_text("Not found")


@with_and_without_script
def test_the_password_is_asked_for_once_more_and_leads_back(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """From a sign-in that is not fresh any more, to the page that one wanted."""
    page = open_page("admin", java_script_enabled=script)
    page.goto("/sign-in/again?next=/staff/invite")
    page.get_by_label("Password").fill("correct horse battery staple")
    _button(page, "Confirm")
    expect(page.get_by_role("heading", level=1)).to_have_text("Invite somebody")
