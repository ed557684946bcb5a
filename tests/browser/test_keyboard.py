"""The desk by keyboard: shortcuts, live search, the save bar and the question before leaving."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import add_entry, box, open_form, open_record, press_save
from webapp.customers.model import Customer

NOTHING_UNSAVED = "No unsaved edits"


@pytest.fixture
def acme(desk: Desk) -> Customer:
    """This test's own customer."""
    return desk.world.create_customer(
        name="Acme Corp", address_country="US", metadata={"plan": "gold", "seats": "12"}, mappings={"stripe": "cus_1"}
    )


@pytest.fixture
def form(open_page: OpenPage, acme: Customer) -> Page:
    """Its edit page."""
    page = open_page()
    open_form(page, acme)
    return page


def _answer_dialogs(page: Page, *, leave: bool) -> list[str]:
    """Answer each question of the browser; the list fills with their kinds."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if leave:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    return asked


def test_slash_goes_to_the_search_box(open_page: OpenPage, acme: Customer) -> None:
    """From a record, with what is in the box selected."""
    page = open_page()
    open_record(page, acme)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("")


@pytest.mark.parametrize("key", ["/", "e", "?"])
def test_a_single_key_in_a_box_is_text(form: Page, key: str) -> None:
    """Typing never triggers a shortcut."""
    box(form, "Name").press(key)
    expect(box(form, "Name")).to_have_value(re.compile(re.escape(key)))
    expect(box(form, "Name")).to_be_focused()


def test_e_edits(open_page: OpenPage, acme: Customer) -> None:
    """From the record."""
    page = open_page()
    open_record(page, acme)
    page.keyboard.press("e")
    expect(page.locator("#customer-form")).to_be_visible()


def test_e_does_nothing_for_a_viewer(open_page: OpenPage, acme: Customer) -> None:
    """There is no form to open."""
    page = open_page(role="viewer")
    open_record(page, acme)
    page.keyboard.press("e")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/customers/{acme.id}$"))


def test_question_mark_lists_the_shortcuts(open_page: OpenPage) -> None:
    """In a dialog, which Esc closes."""
    page = open_page()
    page.goto("/customers")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Go to the search box")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_single_keys_can_be_switched_off(open_page: OpenPage) -> None:
    """For those whose voice or hand types them by accident; it is remembered (WCAG 2.1.4)."""
    page = open_page()
    page.goto("/customers")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Use the single keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_results_appear_while_typing_at_an_address_to_share(desk: Desk, open_page: OpenPage) -> None:
    """The list follows the text, and its address shows the same list to somebody else."""
    made = [desk.world.create_customer(name=f"Livewire {number}").external_id for number in range(3)]
    page = open_page()
    page.goto("/customers")
    page.get_by_role("searchbox").press_sequentially("livewire", delay=20)
    expect(page.locator(".row-link")).to_have_text(made[::-1])
    expect(page).to_have_url(re.compile(r"[?&]q=livewire$"))
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("3 matches")
    other = open_page(role="viewer")
    other.goto(page.url)
    expect(other.locator(".row-link")).to_have_text(made[::-1])
    expect(other.get_by_role("searchbox")).to_have_value("livewire")


def test_back_leads_to_the_list_as_it_was(desk: Desk, open_page: OpenPage) -> None:
    """Even where the text names a customer exactly, which Enter would open."""
    exact = desk.world.create_customer(external_id="backlist")
    desk.world.create_customer(external_id="backlist_2")
    page = open_page()
    page.goto("/customers")
    page.get_by_role("searchbox").press_sequentially("backlist", delay=20)
    expect(page.locator(".row-link")).to_have_text(["backlist", "backlist_2"])
    page.get_by_role("link", name="backlist", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(exact.name)
    page.go_back()
    expect(page.locator(".row-link")).to_have_text(["backlist", "backlist_2"])
    expect(page.get_by_role("searchbox")).to_have_value("backlist")


def test_arrows_step_through_the_results(desk: Desk, open_page: OpenPage) -> None:
    """Down from the box to a row, Enter opens it."""
    for number in (1, 2):
        desk.world.create_customer(external_id=f"arrow_{number}", name=f"Arrow {number}")
    page = open_page()
    page.goto("/customers?q=arrow_")
    page.get_by_role("searchbox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Arrow 1")


def test_control_enter_saves_from_any_box(form: Page) -> None:
    """No question is asked on the way."""
    asked = _answer_dialogs(form, leave=True)
    box(form, "City").fill("Oslo")
    box(form, "City").press("Control+Enter")
    expect(form.locator("#saved")).to_be_focused()
    assert asked == []


def test_escape_leaves_an_untouched_form_at_once(form: Page) -> None:
    """Back at the record, without a question."""
    asked = _answer_dialogs(form, leave=True)
    box(form, "Name").press("Escape")
    expect(form.locator("#customer-record")).to_be_visible()
    assert asked == []


@pytest.mark.parametrize("leave", [True, False], ids=["leave", "stay"])
def test_escape_asks_before_it_leaves_unsaved_edits(form: Page, leave: bool) -> None:
    """Who stays finds everything as it was."""
    asked = _answer_dialogs(form, leave=leave)
    box(form, "Name").fill("Typed")
    box(form, "Name").press("Escape")
    if leave:
        expect(form.locator("#customer-record")).to_be_visible()
    else:
        expect(box(form, "Name")).to_have_value("Typed")
    assert asked == ["beforeunload"]


def test_a_link_asks_before_it_leaves_unsaved_edits(form: Page) -> None:
    """As Esc does."""
    asked = _answer_dialogs(form, leave=True)
    add_entry(form, 3, "typed", "entry")
    form.get_by_role("link", name="Customers").click()
    expect(form.get_by_role("heading", level=1)).to_have_text("Customers")
    assert asked == ["beforeunload"]


def test_refused_edits_still_count_as_unsaved(form: Page) -> None:
    """The page that came back holds what nobody has saved."""
    asked = _answer_dialogs(form, leave=True)
    box(form, "Email").fill("no address")
    press_save(form)
    expect(form.locator("#error-summary")).to_be_focused()
    form.keyboard.press("Escape")
    expect(form.locator("#customer-record")).to_be_visible()
    assert asked == ["beforeunload"]


def test_the_save_bar_names_what_is_unsaved(form: Page) -> None:
    """By label, boxes and editors alike."""
    state = form.locator("#save-state")
    expect(state).to_have_text(NOTHING_UNSAVED)
    box(form, "Name").fill("Typed")
    box(form, "Country").select_option(label="Japan")
    add_entry(form, 3, "typed", "entry")
    expect(state).to_have_text("Unsaved: Name, Country, Metadata")


def test_typing_a_value_back_is_no_edit(form: Page) -> None:
    """The bar raises no false alarm, and leaving asks nothing."""
    asked = _answer_dialogs(form, leave=True)
    for label, typed in (("Name", "Typed"), ("Metadata value 1", "silver"), ("ID at provider 1", "cus_2")):
        control = box(form, label)
        before = control.input_value()
        control.fill(typed)
        expect(form.locator("#save-state")).not_to_have_text(NOTHING_UNSAVED)
        control.fill(before)
        expect(form.locator("#save-state")).to_have_text(NOTHING_UNSAVED)
    form.keyboard.press("Escape")
    expect(form.locator("#customer-record")).to_be_visible()
    assert asked == []


def test_a_blank_row_and_one_brought_back_are_no_edits(form: Page) -> None:
    """What htmx swaps in is compared with the rows as they were opened."""
    state = form.locator("#save-state")
    form.get_by_role("button", name="Add entry").click()
    expect(form.locator("#metadata-3-key")).to_be_focused()
    expect(state).to_have_text(NOTHING_UNSAVED)
    form.get_by_role("button", name="Remove plan").click()
    expect(form.get_by_role("button", name="Bring back plan")).to_be_focused()
    expect(state).to_have_text("Unsaved: Metadata")
    form.keyboard.press("Enter")
    expect(form.locator("#metadata-0-key")).to_be_focused()
    expect(state).to_have_text(NOTHING_UNSAVED)


@pytest.mark.parametrize("what", ["external ID", "ID"])
def test_a_copy_button_copies(open_page: OpenPage, acme: Customer, what: str) -> None:
    """The identifier alone, and it says so."""
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    open_record(page, acme)
    page.get_by_role("button", name=f"Copy {what}", exact=True).click()
    expect(page.locator("#announcer")).to_have_text(f"Copied the {what}")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (acme.id if what == "ID" else acme.external_id)


def test_an_ended_sign_in_leads_from_the_live_search_to_the_sign_in_page(desk: Desk, open_page: OpenPage) -> None:
    """Not into the list's place."""
    page = open_page()
    page.goto("/customers")
    page.context.clear_cookies()
    page.get_by_role("searchbox").press_sequentially(quote("any"), delay=20)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page).to_have_url(re.compile(f"^{re.escape(desk.address)}/sign-in"))
