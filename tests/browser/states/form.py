"""The edit form."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.desk import add_entry, box, open_form, press_save
from tests.browser.states.people import rich_customer


def _form(page: Page, desk: Desk) -> None:
    open_form(page, rich_customer(desk))
    box(page, "External ID required").fill("the tick is shown")
    expect(page.locator("#save-state")).to_have_text("Unsaved: External ID")


def _form_with_errors(page: Page, desk: Desk) -> None:
    open_form(page, rich_customer(desk))
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
    open_form(page, rich_customer(desk))
    page.get_by_role("button", name="Add entry").click()
    expect(page.locator("#metadata-4-key")).to_be_focused()
    page.get_by_role("button", name="Remove plan").click()
    page.get_by_role("button", name="Remove stripe").click()
    expect(page.locator(".row-removed")).to_have_count(2)


def _stale_form(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    open_form(page, customer)
    box(page, "Name").fill("Mine")
    box(page, "Metadata value 1").fill("bronze")
    desk.world.update_customer(customer, name=f"Theirs {'unbroken' * 20}", metadata={"plan": "silver"})
    press_save(page)
    expect(page.locator(".conflicts tbody tr")).to_have_count(2)


STATES = {
    "form": _form,
    "form with errors": _form_with_errors,
    "form with changed rows": _form_with_changed_rows,
    "stale form": _stale_form,
}
