"""Every page and state of the desk: axe finds nothing, in both themes, wide and narrow; nothing scrolls sideways."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import add_entry, box, open_form, open_record, press_save
from webapp.customers.model import Customer

VIEWS = [(width, scheme) for width in (1280, 320) for scheme in ("light", "dark")]


def _rich(desk: Desk) -> Customer:
    """A customer with something in every field, and much of it in one word."""
    word = "unbroken" * 30
    parent = desk.world.create_customer(name=f"Parent {word[:60]}")
    number = desk.world.made
    customer = desk.world.create_customer(
        external_id=f"{number}_{word}",
        name=f"Rich {word}",
        email=f"{'a' * 60}.{number}@{'b' * 60}.example",
        contact="+1 415 555 0100",
        address_line1=word,
        address_city="San Francisco",
        address_country="GB",
        timezone="America/Argentina/ComodRivadavia",
        parent=parent.external_id,
        metadata={"plan": "gold", "k" * 100: "v" * 600, "empty": ""},
        mappings={"stripe": f"cus_{word}", "zoho_books": "z"},
    )
    return desk.world.update_customer(customer, name=f"Richer {word}", contact="", address_state="CA")


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


def _list(page: Page, desk: Desk) -> None:
    _rich(desk)
    page.goto("/customers")
    expect(page.locator(".row-link").first).to_be_visible()


def _nothing_found(page: Page, _desk: Desk) -> None:
    page.goto(f"/customers?q={'nobody' * 20}")
    expect(page.locator(".nothing")).to_be_visible()


def _search_refused(page: Page, _desk: Desk) -> None:
    page.goto(f"/customers?q={'x' * 256}")
    expect(page.locator("#q-error")).to_be_visible()


def _record(page: Page, desk: Desk) -> None:
    open_record(page, _rich(desk))
    page.locator(".change details summary").click()


def _archived_record(page: Page, desk: Desk) -> None:
    customer = _rich(desk)
    desk.world.archive(customer)
    open_record(page, customer)
    expect(page.locator(".panel-warn")).to_be_visible()


def _saved_record(page: Page, desk: Desk) -> None:
    open_form(page, _rich(desk))
    box(page, "Name").fill("Saved")
    press_save(page)
    expect(page.locator("#saved")).to_be_focused()


def _form(page: Page, desk: Desk) -> None:
    open_form(page, _rich(desk))
    box(page, "External ID required").fill("the tick is shown")
    expect(page.locator("#save-state")).to_have_text("Unsaved: External ID")


def _form_with_errors(page: Page, desk: Desk) -> None:
    open_form(page, _rich(desk))
    box(page, "External ID required").fill("changed without the tick")
    box(page, "Name").fill("")
    box(page, "Email").fill("no address")
    box(page, "Time zone").fill("Mars")
    box(page, "Parent customer").fill("x" * 256)
    add_entry(page, 4, "plan", "there twice")
    page.get_by_role("button", name="Add integration").click()
    page.get_by_label("ID at provider 3").fill("without a provider")
    press_save(page)
    expect(page.locator("#error-summary li")).to_have_count(7)


def _form_with_changed_rows(page: Page, desk: Desk) -> None:
    open_form(page, _rich(desk))
    page.get_by_role("button", name="Add entry").click()
    expect(page.locator("#metadata-4-key")).to_be_focused()
    page.get_by_role("button", name="Remove plan").click()
    page.get_by_role("button", name="Remove stripe").click()
    expect(page.locator(".row-removed")).to_have_count(2)


def _stale_form(page: Page, desk: Desk) -> None:
    customer = _rich(desk)
    open_form(page, customer)
    box(page, "Name").fill("Mine")
    box(page, "Metadata value 1").fill("bronze")
    desk.world.update_customer(customer, name=f"Theirs {'unbroken' * 20}", metadata={"plan": "silver"})
    press_save(page)
    expect(page.locator(".conflicts tbody tr")).to_have_count(2)


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
    "sign-in": _sign_in,
    "sign-in refused": _sign_in_refused,
    "sign-in again": _sign_in_again,
    "list": _list,
    "nothing found": _nothing_found,
    "search refused": _search_refused,
    "record": _record,
    "archived record": _archived_record,
    "saved record": _saved_record,
    "form": _form,
    "form with errors": _form_with_errors,
    "form with changed rows": _form_with_changed_rows,
    "stale form": _stale_form,
    "not found": _not_found,
    "shortcuts": _shortcuts,
    "docs": _docs,
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
def test_a_page_is_accessible_and_fits(desk: Desk, open_page: OpenPage, state: Callable[[Page, Desk], None]) -> None:
    """One load, seen light and dark, wide and narrow; the console stays clean, as ``open_page`` checks."""
    page = open_page(viewport={"width": 1280, "height": 800})
    state(page, desk)
    found = {}
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if violations := Axe().run(page).response["violations"]:
            found[width, scheme] = {rule["id"]: [node["target"] for node in rule["nodes"]] for rule in violations}
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if sideways > 0:
            found[width, scheme, "scrolls sideways by"] = sideways
    assert found == {}
