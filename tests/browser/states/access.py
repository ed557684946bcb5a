"""Signing in, one's account, administration."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.desk import sign_in, signed_in_already
from tests.support.authenticator import code_of
from tests.support.world import HOME, PASSWORD
from webapp.access.api_keys import create_api_key, revoke_api_key, roll_api_key
from webapp.access.invites import create_invite
from webapp.access.staff_members import disable, find_by_email


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


def sign_in_as(page: Page, desk: Desk, email: str, *, role: str = "admin") -> None:
    """Let a new person of this page's own in; what they see first is for the caller to open."""
    staff_id = desk.world.hire(email, role)
    page.context.clear_cookies()
    page.context.add_cookies(signed_in_already(desk.world, staff_id, desk.address))


def _staff(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, f"staff.{'unbroken' * 5}@desk.example")
    desk.world.hire("gone@desk.example", "viewer")
    with desk.world.app.app_context():
        disable(*find_by_email("gone@desk.example"))
        create_invite(HOME.tenant_id, "invited@desk.example", "editor", "admin@desk.example")
    page.goto("/staff")
    expect(page.get_by_role("row", name="gone@desk.example")).to_be_visible()


def _staff_member(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "member@desk.example")
    page.goto("/staff/staff_editor")
    expect(page.get_by_role("heading", name="Open sign-ins")).to_be_visible()


def _staff_act(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "act@desk.example")
    page.goto("/staff/staff_viewer/disable")


def _invited(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "inviting@desk.example")
    page.goto("/staff/invite")
    page.locator("main").get_by_label("Email").fill("somebody.new@desk.example")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_label("Link for")).to_be_focused()


def _invite_refused(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "inviting.twice@desk.example")
    page.goto("/staff/invite")
    page.locator("main").get_by_label("Email").fill("editor@desk.example")
    page.get_by_role("button", name="Make the link").click()
    expect(page.locator("#error-summary")).to_be_focused()


def _invitation(page: Page, desk: Desk) -> None:
    page.context.clear_cookies()
    with desk.world.app.app_context():
        token = create_invite(HOME.tenant_id, "joining@desk.example", "editor", "admin@desk.example")
    page.goto(f"/invites/{token}")
    page.get_by_label("Password", exact=True).fill("password1234")
    page.get_by_label("The same password again").fill("password1234")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#error-summary")).to_be_focused()


def _account(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "account@desk.example", role="viewer")
    page.context.clear_cookies()
    sign_in(page, "account@desk.example")
    page.goto("/account")
    expect(page.get_by_role("button", name="End all others")).to_be_visible()


def _password(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "password@desk.example", role="viewer")
    page.goto("/account/password")
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator("#error-summary")).to_be_focused()


def _second_factor_set_up(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "factor@desk.example", role="viewer")
    page.goto("/account/second-factor")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()


def switch_second_factor_on(page: Page) -> str:
    """Set one up as a person does. Returns the key that their app keeps."""
    page.goto("/account/second-factor")
    key = page.locator(".setup-key").inner_text()
    page.get_by_label("Code").fill(code_of(key))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    return key


def _recovery_codes(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "recovery@desk.example", role="viewer")
    switch_second_factor_on(page)


def _second_factor(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "factor.on@desk.example", role="viewer")
    switch_second_factor_on(page)
    page.goto("/account/second-factor")


def _code_asked(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "code@desk.example", role="viewer")
    switch_second_factor_on(page)
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_label("Email").fill("code@desk.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#error-summary")).to_be_focused()


def _api_keys(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "keys@desk.example")
    with desk.world.app.app_context():
        for number, name in enumerate(("Rolled", "Revoked", "unbroken" * 12)):
            key_id = f"key_state_{number}"
            create_api_key(HOME.environment_id, "write", name, "admin@desk.example", key_id=key_id)
        revoke_api_key("key_state_1")
        roll_api_key("key_state_0", timedelta(hours=24), "admin@desk.example")
    page.goto("/api-keys")
    expect(page.get_by_role("row", name="unbroken")).to_be_visible()


def _api_key_refused(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "keys.refused@desk.example")
    page.goto("/api-keys/new")
    page.get_by_label("At the end of a day that I choose").check()
    page.get_by_role("button", name="Create the key").click()
    expect(page.locator("#error-summary")).to_be_focused()


def _api_key_created(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "keys.created@desk.example")
    page.goto("/api-keys/new")
    page.locator("main").get_by_label("Name").fill("Billing job")
    page.get_by_role("button", name="Create the key").click()
    expect(page.get_by_label("API key", exact=True)).to_be_focused()


def _api_key_roll(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "keys.roll@desk.example")
    with desk.world.app.app_context():
        key_id = "key_state_to_roll"
        create_api_key(HOME.environment_id, "write", "Billing job", "admin@desk.example", key_id=key_id)
    page.goto(f"/api-keys/{key_id}/roll")


def _api_key_revoke(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "keys.revoke@desk.example")
    with desk.world.app.app_context():
        key_id = "key_state_to_revoke"
        create_api_key(HOME.environment_id, "write", "Billing job", "admin@desk.example", key_id=key_id)
    page.goto(f"/api-keys/{key_id}/revoke")


def switch_to_sandbox(page: Page) -> None:
    """By the menu in the header."""
    page.locator(".environment-switch summary").click()
    page.get_by_role("button", name="Switch to Sandbox").click()
    expect(page.locator(".sandbox-band")).to_be_visible()


def _environment_menu(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "switching@desk.example")
    page.goto("/account")
    switch_to_sandbox(page)
    page.locator(".environment-switch summary").click()
    expect(page.get_by_role("button", name="Switch to Production")).to_be_visible()


def _other_environment(page: Page, desk: Desk) -> None:
    sign_in_as(page, desk, "other.tab@desk.example")
    page.goto("/account")
    other = page.context.new_page()
    other.goto("/account")
    switch_to_sandbox(other)
    other.close()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in another environment now")


STATES = {
    "sign-in": _sign_in,
    "sign-in refused": _sign_in_refused,
    "sign-in again": _sign_in_again,
    "code asked": _code_asked,
    "invitation refused": _invitation,
    "account": _account,
    "password refused": _password,
    "second factor set up": _second_factor_set_up,
    "second factor": _second_factor,
    "recovery codes": _recovery_codes,
    "staff": _staff,
    "staff member": _staff_member,
    "staff act": _staff_act,
    "invited": _invited,
    "invite refused": _invite_refused,
    "API keys": _api_keys,
    "API key refused": _api_key_refused,
    "API key created": _api_key_created,
    "API key roll": _api_key_roll,
    "API key revoke": _api_key_revoke,
    "environment menu": _environment_menu,
    "other environment": _other_environment,
}
