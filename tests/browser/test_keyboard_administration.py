"""Signing in, one's account and administration, by the keyboard alone."""

from playwright.sync_api import expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import Keys
from tests.browser.states.access import sign_in_as
from tests.support.authenticator import code_of
from tests.support.world import PASSWORD

CHOSEN = "four plain words together"


def test_a_second_factor_is_set_up_and_used_by_keyboard(desk: Desk, open_page: OpenPage) -> None:
    """By the menu to the account; the boxes for codes have the focus when their pages open."""
    email = "hands.factor@desk.example"
    page = open_page(role=None)
    sign_in_as(page, desk, email, role="viewer")
    page.goto("/customers")
    keys = Keys(page)
    keys.tab_to(page.locator(".menu-button"))
    keys.press("Enter")
    keys.tab_to(page.get_by_role("link", name="Account", exact=True))
    keys.press("Enter")
    keys.tab_to(page.get_by_role("link", name="Set up a second factor"))
    keys.press("Enter")
    key = page.locator(".setup-key").inner_text()
    keys.tab_to(page.get_by_label("Code"))
    keys.type(code_of(key))
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")

    keys.tab_to(page.locator(".menu-button"), back=True)
    keys.press("Enter")
    keys.tab_to(page.get_by_role("button", name="Sign out"))
    keys.press("Enter")
    keys.tab_to(page.get_by_label("Email"))
    keys.type(email)
    keys.tab_to(page.get_by_label("Password"))
    keys.type(PASSWORD)
    keys.press("Enter")
    keys.tab_to(page.get_by_label("Code"))
    keys.type(code_of(key, steps=1))
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")


def test_staff_keys_and_environments_by_keyboard(desk: Desk, open_page: OpenPage) -> None:
    """Somebody is invited and joins, another is disabled, a key is made and revoked, the environment switched."""
    page, newcomer = open_page(role=None), open_page(role=None)
    sign_in_as(page, desk, "hands.admin@desk.example")
    keys, theirs = Keys(page), Keys(newcomer)
    main = page.locator("main")
    email = "hands.invited@desk.example"
    page.goto("/staff")
    keys.tab_to(page.get_by_role("link", name="Invite somebody"))
    keys.press("Enter")
    keys.tab_to(main.get_by_label("Email"))
    keys.type(email)
    keys.tab_to(main.get_by_role("radio").first)
    keys.press("ArrowDown")
    keys.tab_to(page.get_by_role("button", name="Make the link"))
    keys.press("Enter")
    expect(page.get_by_label("Link for")).to_be_focused()

    newcomer.goto(page.get_by_label("Link for").input_value())
    theirs.tab_to(newcomer.get_by_label("Password", exact=True))
    theirs.type(CHOSEN)
    theirs.tab_to(newcomer.get_by_label("The same password again"))
    theirs.type(CHOSEN)
    theirs.press("Enter")
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Customers")

    page.goto("/staff")
    keys.tab_to(page.get_by_role("link", name=email))
    keys.press("Enter")
    keys.tab_to(page.get_by_role("link", name="Disable…"))
    keys.press("Enter")
    keys.tab_to(main.get_by_role("button", name="Disable"))
    keys.press("Enter")
    expect(page.locator("#notice")).to_be_focused()

    page.goto("/api-keys")
    keys.tab_to(page.get_by_role("link", name="Create a key"))
    keys.press("Enter")
    keys.tab_to(main.get_by_label("Name"))
    keys.type("By hand")
    keys.tab_to(page.get_by_role("button", name="Create the key"))
    keys.press("Enter")
    expect(page.get_by_label("API key", exact=True)).to_be_focused()
    page.goto("/api-keys")
    keys.tab_to(page.get_by_role("link", name="Revoke… By hand"))
    keys.press("Enter")
    keys.tab_to(main.get_by_role("button", name="Revoke"))
    keys.press("Enter")
    expect(page.get_by_role("row", name="By hand")).to_contain_text("Revoked")

    keys.tab_to(page.locator(".environment-switch summary"), back=True)
    keys.press("Enter")
    keys.tab_to(page.get_by_role("button", name="Switch to Sandbox"))
    keys.press("Enter")
    expect(page.locator(".sandbox-band")).to_be_visible()
