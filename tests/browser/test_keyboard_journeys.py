"""Every journey that changes data, by the keyboard alone; and how many keys the main one takes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import Keys, box, open_form, open_record
from webapp.customers.model import Customer


@pytest.fixture
def acme(desk: Desk) -> Customer:
    """This test's own customer."""
    return desk.world.create_customer(name="Acme Corp", email="old@acme.example", metadata={"plan": "gold"})


def _edit_email(keys: Keys, text: str) -> None:
    """From a record: open the form by its key and type an email."""
    keys.press("e")
    expect(box(keys.page, "Email")).to_be_focused()
    keys.type(text)


def _copy(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)


def test_the_main_journey_takes_five_keys(desk: Desk, open_page: OpenPage, acme: Customer) -> None:
    """From a pasted external ID to a saved email, from whatever page the last ticket left open."""
    last_ticket = desk.world.create_customer()
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    open_record(page, last_ticket)
    _copy(page, acme.external_id)
    keys = Keys(page)
    keys.press("/", "Control+V", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Acme Corp")
    _edit_email(keys, "new@acme.example")
    keys.press("Control+Enter")
    expect(page.locator("#saved")).to_be_focused()
    assert desk.world.reload(acme).email == "new@acme.example"
    assert keys.pressed == ["/", "Control+V", "Enter", "e", "Control+Enter"]


def test_the_form_opens_at_the_box_that_was_changed_last(open_page: OpenPage, acme: Customer) -> None:
    """The next ticket is often of the same kind. Who opens it by the link stays where a page begins."""
    page = open_page()
    keys = Keys(page)
    open_record(page, acme)
    keys.press("e")
    expect(box(page, "Email")).to_be_focused()
    keys.tab_to(box(page, "City"))
    keys.type("Oslo")
    keys.press("Control+Enter")
    expect(page.locator("#saved")).to_be_focused()
    keys.press("e")
    expect(box(page, "City")).to_be_focused()
    keys.type("Bergen")
    expect(box(page, "City")).to_have_value("Bergen")
    open_form(page, acme)
    expect(page.locator("body")).to_be_focused()


def test_edit_and_undo_by_keyboard(desk: Desk, open_page: OpenPage, acme: Customer) -> None:
    """The notice has the focus, so the button to take it back is next."""
    page = open_page()
    keys = Keys(page)
    open_record(page, acme)
    _edit_email(keys, "new@acme.example")
    keys.press("Control+Enter")
    expect(page.locator("#saved")).to_be_focused()
    keys.tab_to(page.locator("#saved").get_by_role("button", name="Undo"))
    keys.press("Enter")
    expect(page.locator("#saved")).to_contain_text("Undone")
    assert desk.world.reload(acme).email == "old@acme.example"


def test_create_by_keyboard(desk: Desk, open_page: OpenPage) -> None:
    """From the list, by its key."""
    page = open_page()
    page.goto("/customers")
    keys = Keys(page)
    keys.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("New customer")
    keys.tab_to(box(page, "External ID required"))
    keys.type("by_keyboard_1")
    keys.tab_to(box(page, "Name required"))
    keys.type("Zephyr Quill Works")
    keys.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zephyr Quill Works")


def test_archive_and_restore_by_keyboard(desk: Desk, open_page: OpenPage, acme: Customer) -> None:
    """Through the page that names the consequences."""
    page = open_page()
    keys = Keys(page)
    open_record(page, acme)
    keys.tab_to(page.get_by_role("link", name="Archive"))
    keys.press("Enter")
    keys.tab_to(page.get_by_role("button", name="Archive this customer"))
    keys.press("Enter")
    expect(page.locator("#saved")).to_be_focused()
    assert not desk.world.reload(acme).is_published
    open_record(page, acme)
    keys.tab_to(page.get_by_role("button", name="Restore"))
    keys.press("Enter")
    expect(page.locator("#saved")).to_be_focused()
    assert desk.world.reload(acme).is_published


def test_a_conflict_is_settled_by_keyboard(desk: Desk, open_page: OpenPage, acme: Customer) -> None:
    """The focus is at what is to choose; arrows choose."""
    page = open_page()
    keys = Keys(page)
    open_record(page, acme)
    _edit_email(keys, "mine@acme.example")
    desk.world.update_customer(acme, email="theirs@acme.example")
    keys.press("Control+Enter")
    expect(page.locator("#stale")).to_be_focused()
    keys.tab_to(page.locator("#stale input[type=radio]").first)
    keys.press("Space", "ArrowDown")
    chosen = page.locator("#stale input[type=radio]:checked").input_value()
    keys.press("Control+Enter")
    expect(page.locator("#saved")).to_be_focused()
    email = desk.world.reload(acme).email
    assert email == {"mine": "mine@acme.example", "theirs": "theirs@acme.example"}.get(chosen, "old@acme.example")


def test_entries_are_typed_in_a_row(desk: Desk, open_page: OpenPage, acme: Customer) -> None:
    """Key, Enter, value, Enter, and the next row is there."""
    page = open_page()
    keys = Keys(page)
    open_record(page, acme)
    keys.press("e")
    expect(box(page, "Email")).to_be_focused()
    keys.tab_to(page.get_by_label("Metadata key 2", exact=True))
    for key, value in (("seats", "12"), ("region", "EMEA")):
        keys.type(key)
        keys.press("Enter")
        keys.type(value)
        keys.press("Enter")
        expect(page.locator("#metadata-editor :focus")).to_have_value("")
    keys.press("Control+Enter")
    expect(page.locator("#saved")).to_be_focused()
    assert desk.world.reload(acme).metadata == {"plan": "gold", "seats": "12", "region": "EMEA"}


def test_a_list_is_kept_and_an_old_change_undone_by_keyboard(desk: Desk, open_page: OpenPage, acme: Customer) -> None:
    """A filter, a name for the list, a row; then the history's filter, one entry, and what was changed later."""
    desk.world.update_customer(acme, external_id="kept-list-1", name="Acme Two", address_country="NO")
    desk.world.update_customer(acme, name="Acme Three")
    page = open_page()
    page.goto("/customers")
    keys = Keys(page)
    keys.press("/")
    keys.type("kept-list")
    expect(page.locator("#customer-count")).to_be_visible()
    keys.tab_to(page.get_by_text("Filter and sort"))
    keys.press("Enter")
    keys.tab_to(page.get_by_role("combobox", name="Country"))
    keys.type("Norway")
    expect(page.locator(".filter-chip")).to_contain_text("Norway")
    expect(page).to_have_url(re.compile("country=NO"))
    keys.tab_to(page.get_by_text("Save as a view"))
    keys.press("Enter")
    keys.tab_to(page.get_by_role("textbox", name="Name of the view"))
    keys.type("By hand")
    keys.press("Enter")
    expect(page.locator("#view-notice")).to_contain_text("By hand")
    keys.press("j")
    expect(page.locator("#customer-list .row-link").first).to_be_focused()
    keys.press("Enter")

    keys.tab_to(page.get_by_role("link", name="All history"))
    keys.press("Enter")
    keys.tab_to(page.get_by_role("link", name="version 2", exact=True))
    keys.press("Enter")
    keys.tab_to(page.get_by_role("button", name="Undo this change"))
    keys.press("Enter")
    expect(page.locator("#changed-later")).to_be_focused()
    keys.tab_to(page.get_by_label("Keep what it is now"))
    keys.press("Space")
    keys.tab_to(page.get_by_role("button", name="Undo as chosen"))
    keys.press("Enter")
    expect(page.locator("#saved")).to_be_focused()
    stored = desk.world.reload(acme)
    assert (stored.name, stored.address_country) == ("Acme Three", "")
