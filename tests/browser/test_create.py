"""Creating a customer in a person's browser: warned of one that is there already, nothing typed lost."""

from playwright.sync_api import expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import add_entry, add_row, box
from tests.browser.test_main_journey import with_and_without_script
from tests.support.world import HOME
from webapp.customers.lookup import find_by_external_id
from webapp.database import reading


@with_and_without_script
def test_a_person_creates_a_customer_that_looks_like_another(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """The one that is there is shown, early with a script; the tick creates another, and a second press does not."""
    number = desk.world.made
    there = desk.world.create_customer(name=f"Quokka Traders {number} Ltd", email=f"quokka{number}@a.example")
    page = open_page(java_script_enabled=script)
    page.goto("/customers/new")
    box(page, "External ID required").fill(f"quokka_{number}_new")
    box(page, "Name").fill(f"Quokka Traders {number}")
    box(page, "Email").fill(there.email.upper())
    add_entry(page, 1, "plan", "gold")
    add_row(page, 2)
    add_entry(page, 2, "seats", "12")
    box(page, "Country").select_option(label="Japan")
    if not script:
        page.get_by_role("button", name="Update the address fields").click()
    box(page, "Prefecture").fill("Osaka")
    if script:
        expect(page.locator("#email-note")).to_contain_text("A customer has this email:")
        expect(page.locator("#name-note").get_by_role("link")).to_contain_text(there.name)
        expect(page.locator("#save-state")).to_have_text(
            "Unsaved: External ID, Name, Email, Country, Prefecture, Metadata"
        )
    create = page.locator(".save-bar").get_by_role("button", name="Create")
    create.click()

    expect(page).to_have_title("Error: New customer · Customer Desk")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#similar tbody tr")).to_have_count(1)
    expect(page.locator("#similar").get_by_role("link")).to_contain_text(there.name)
    expect(page.locator("#metadata-0-value")).to_have_value("gold")
    page.get_by_label("Create it anyway").check()
    create.click()

    expect(page.locator("#saved")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Quokka Traders {number}")
    with desk.world.app.app_context(), reading() as connection:
        made = find_by_external_id(connection, HOME, f"quokka_{number}_new").customer
    assert made.metadata == {"plan": "gold", "seats": "12"}
    assert (made.address_country, made.address_state) == ("JP", "Osaka")

    page.goto("/customers/new")
    box(page, "External ID required").fill(made.external_id)
    box(page, "Name").fill("Pressed twice")
    create.click()
    expect(page.locator("#external_id-error")).to_contain_text("already has this external ID")
    expect(page.locator("#external_id-note").get_by_role("link")).to_contain_text(made.name)
