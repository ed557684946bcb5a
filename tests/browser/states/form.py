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


def _form_of_another_country(page: Page, desk: Desk) -> None:
    open_form(page, rich_customer(desk))
    box(page, "Country").select_option("JP")
    expect(box(page, "Prefecture")).to_have_value("CA")
    expect(page.locator(".field-advice")).to_have_count(2)
    box(page, "Postal code").fill("10115")
    box(page, "Email").fill("no address")
    box(page, "Phone").focus()
    expect(page.locator("#address_postal_code-note")).to_contain_text("154-0023")
    expect(page.locator("#email-error")).to_be_visible()


def _form_with_suggestions(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    for number in range(3):
        desk.world.create_customer(name=f"Suggested holding {number}", email=f"holding{number}@a.example")
    open_form(page, customer)
    box(page, "Parent customer").fill("suggested hold")
    expect(page.locator(".suggestion")).to_have_count(3)
    page.keyboard.press("ArrowDown")


def _form_with_pasted_entries(page: Page, desk: Desk) -> None:
    open_form(page, rich_customer(desk))
    page.get_by_text("Paste several entries").first.click()
    page.get_by_label("Paste several entries").fill('{"plan": "silver", "seats": 12, "more": {"a": [1]}}')
    page.get_by_role("button", name="Fill into the rows").click()
    expect(page.locator("#metadata_pasted-error")).to_be_visible()
    expect(page.locator("#metadata-3-value")).to_have_value("12")


def _new_customer(page: Page, _desk: Desk) -> None:
    page.goto("/customers/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("New customer")


def _new_customer_like_others(page: Page, desk: Desk) -> None:
    archived = desk.world.create_customer(name="Twin Peaks Coffee Ltd", email=f"twin{desk.world.made}@a.example")
    desk.world.archive(archived)
    desk.world.create_customer(name="Twin Peaks Coffee", email="")
    page.goto("/customers/new")
    box(page, "External ID required").fill("twin")
    box(page, "Name").fill("Twin Peaks Coffee Inc.")
    box(page, "Email").fill(archived.email)
    page.locator(".save-bar").get_by_role("button", name="Create").click()
    expect(page.locator("#similar tbody tr").nth(1)).to_be_visible()


STATES = {
    "form of another country": _form_of_another_country,
    "form with suggestions": _form_with_suggestions,
    "form with pasted entries": _form_with_pasted_entries,
    "new customer": _new_customer,
    "new customer like others": _new_customer_like_others,
    "form": _form,
    "form with errors": _form_with_errors,
    "form with changed rows": _form_with_changed_rows,
}
