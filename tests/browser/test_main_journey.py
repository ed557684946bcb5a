"""The journey that the desk is there for: find a customer, edit it, see a slip refused, save, read the history."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import (
    add_entry,
    add_row,
    box,
    call_api,
    open_form,
    open_record,
    paste_into_search,
    press_save,
    sign_in,
)
from webapp.customers.model import Customer

with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def _make_acme(desk: Desk) -> Customer:
    return desk.world.create_customer(
        name="Acme Corp",
        email="billing@acme.example",
        address_country="US",
        metadata={"plan_tier": "enterprise", "renewal_date": "2024-01-15"},
    )


def _field_changes(page: Page, within: str) -> list[str]:
    """Each changed field of a part of the page, as it reads."""
    lines = page.locator(within).locator(".field-changes > div")
    return [" ".join(line.split()) for line in lines.all_inner_texts()]


@with_and_without_script
def test_a_person_finds_edits_corrects_and_saves(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """Sign in, paste an external ID, edit, have an invalid email refused with nothing lost, save, see what changed."""
    acme = _make_acme(desk)
    page = open_page(role=None, java_script_enabled=script)
    sign_in(page, "editor@desk.example")

    paste_into_search(page, acme.external_id)
    expect(page.get_by_role("heading", level=1)).to_have_text("Acme Corp")
    if script:
        page.keyboard.press("e")
    else:
        page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit Acme Corp")

    box(page, "Name").fill("Acme GmbH")
    box(page, "Email").fill("no address")
    box(page, "Country").select_option(label="Germany")
    add_entry(page, 3, "seats", "12")
    add_row(page, 4)
    add_entry(page, 4, "region", "EMEA")
    page.get_by_role("button", name="Remove renewal_date").click()
    expect(page.get_by_role("button", name="Bring back renewal_date")).to_be_visible()
    press_save(page)

    expect(page).to_have_title("Error: Edit Acme Corp · Customer Desk")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(box(page, "Name")).to_have_value("Acme GmbH")
    expect(box(page, "Email")).to_have_value("no address")
    expect(box(page, "Country")).to_have_value("DE")
    expect(page.locator("#metadata-2-key")).to_have_value("seats")
    expect(page.locator("#metadata-3-value")).to_have_value("EMEA")
    expect(page.locator(".row-removed del")).to_have_text("renewal_date = 2024-01-15")
    page.locator("#error-summary").get_by_role("link").click()
    if script:
        expect(box(page, "Email")).to_be_focused()

    box(page, "Email").fill("billing@acme.example")
    box(page, "Email").press("Enter")
    expect(page.locator("#saved")).to_be_focused()
    changed = [
        "Name was Acme Corp → now Acme GmbH",
        "Country was United States US → now Germany DE",
        "Metadata: renewal_date was 2024-01-15 removed",
        "Metadata: seats now 12",
        "Metadata: region now EMEA",
    ]
    assert _field_changes(page, "#saved") == changed
    assert _field_changes(page, ".change >> nth=0") == changed
    expect(page.locator(".change-head").first).to_have_text("Updated on the desk by editor@desk.example")
    assert desk.world.reload(acme).metadata == {"plan_tier": "enterprise", "seats": "12", "region": "EMEA"}


@with_and_without_script
def test_the_external_id_asks_for_its_tick(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """The tick is at hand when it is needed, and the old external ID goes on finding the customer."""
    acme = _make_acme(desk)
    page = open_page(java_script_enabled=script)
    open_form(page, acme)
    tick = box(page, "Yes, change the external ID")
    expect(tick).to_be_visible(visible=not script)
    box(page, "External ID required").fill(f"{acme.external_id}_new")
    tick.check()
    press_save(page)
    expect(page.locator("#saved")).to_be_visible()
    paste_into_search(page, acme.external_id)
    expect(page.locator(".record-ids code").first).to_have_text(f"{acme.external_id}_new")


def test_a_program_and_a_person_see_each_others_edits(desk: Desk, open_page: OpenPage) -> None:
    """A PUT shows on the open record after a reload, with its key in the history; a save shows in GET."""
    acme = _make_acme(desk)
    path, key = f"/v1/customers/{acme.id}", desk.world.keys["write"]
    page = open_page()
    open_record(page, acme)
    body = {"name": "Acme Corp (Updated)", "metadata": {"plan_tier": "enterprise_plus", "renewal_date": "2025-01-15"}}
    assert call_api(desk.address, key, "PUT", path, body)["name"] == "Acme Corp (Updated)"
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Acme Corp (Updated)")
    expect(page.locator(".change-head").first).to_have_text("Updated through the API by API key write key")

    page.get_by_role("link", name="Edit").click()
    box(page, "City").fill("Berlin")
    press_save(page)
    expect(page.locator("#saved")).to_be_visible()
    assert call_api(desk.address, key, "GET", path)["address_city"] == "Berlin"
