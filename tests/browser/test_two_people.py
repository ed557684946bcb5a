"""Two people at one customer: what does not clash is merged without a word too many, what does is chosen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import box, open_form, press_save
from tests.browser.test_main_journey import with_and_without_script
from webapp.customers.model import Customer


@pytest.fixture
def acme(desk: Desk) -> Customer:
    """The customer that both edit."""
    return desk.world.create_customer(
        name="Acme Corp", metadata={"plan_tier": "enterprise", "seats": "12", "region": "EMEA"}
    )


def _choose(page: Page, label: str, wanted: str) -> None:
    page.get_by_role("group", name=label, exact=True).get_by_label(wanted).check()


@with_and_without_script
def test_edits_that_do_not_clash_are_merged_at_once(
    desk: Desk, open_page: OpenPage, acme: Customer, script: bool
) -> None:
    """Different fields and different metadata keys: one Save each, and the second says what it was merged with."""
    mine, theirs = open_page(java_script_enabled=script), open_page(role="admin", java_script_enabled=script)
    open_form(mine, acme)
    box(mine, "City").fill("Oslo")
    box(mine, "Metadata value 2").fill("13")
    open_form(theirs, acme)
    box(theirs, "Phone").fill("+47 22 00 00 00")
    box(theirs, "Metadata value 1").fill("starter")
    press_save(theirs)
    expect(theirs.locator("#saved")).to_be_visible()

    press_save(mine)
    expect(mine.locator("#saved")).to_be_focused()
    expect(mine.locator("#saved-merged")).to_have_text(
        "Merged with one change that admin@desk.example saved since you opened it."
    )
    mine.get_by_text("What they changed").click()
    expect(mine.locator("#saved .change-head")).to_have_text("Updated on the desk by admin@desk.example")
    stored = desk.world.reload(acme)
    assert (stored.address_city, stored.contact) == ("Oslo", "+47 22 00 00 00")
    assert stored.metadata == {"plan_tier": "starter", "seats": "13", "region": "EMEA"}


@with_and_without_script
def test_what_both_changed_is_chosen_field_by_field_and_key_by_key(
    desk: Desk, open_page: OpenPage, acme: Customer, script: bool
) -> None:
    """Saving without a choice is refused, nothing typed is lost, and each choice holds."""
    mine = open_page(java_script_enabled=script)
    open_form(mine, acme)
    box(mine, "Name").fill("Mine")
    box(mine, "City").fill("Oslo")
    box(mine, "Metadata value 1").fill("mine")
    box(mine, "Metadata value 2").fill("13")
    box(mine, "Metadata value 3").fill("APAC")
    desk.world.update_customer(
        acme, name="Theirs", contact="123", metadata={"plan_tier": "theirs", "seats": "14", "other": "o"}
    )
    press_save(mine)
    expect(mine.locator("#stale")).to_be_focused()
    expect(mine.locator("#stale .choice")).to_have_count(4)
    expect(mine.locator("#stale :checked")).to_have_count(0)
    _choose(mine, "Name", "Take theirs")
    _choose(mine, "Metadata: plan_tier", "Back to the original")
    _choose(mine, "Metadata: region", "Take theirs")
    if script:
        expect(box(mine, "Name")).to_have_value("Theirs")
        expect(mine.locator("#metadata-0-value")).to_have_value("enterprise")
    press_save(mine)

    expect(mine.locator("#error-summary")).to_be_focused()
    expect(mine.locator("#error-summary li")).to_have_text(["Metadata: seats: choose which value shall stand."])
    expect(mine.locator("#choice-0 + label .choice-value")).to_have_text("Mine")
    expect(box(mine, "City")).to_have_value("Oslo")
    expect(box(mine, "Phone")).to_have_value("123")
    mine.locator("#error-summary").get_by_role("link").click()
    if script:
        expect(mine.get_by_role("group", name="Metadata: seats").get_by_role("radio").first).to_be_focused()
    _choose(mine, "Metadata: seats", "Keep yours")
    press_save(mine)
    expect(mine.locator("#saved")).to_be_visible()
    stored = desk.world.reload(acme)
    assert (stored.name, stored.address_city, stored.contact) == ("Theirs", "Oslo", "123")
    assert stored.metadata == {"plan_tier": "enterprise", "seats": "13", "other": "o"}


def test_the_form_shows_what_is_chosen_and_typing_means_yours(desk: Desk, open_page: OpenPage, acme: Customer) -> None:
    """Yours comes back when it is chosen again; who types over theirs has changed their mind."""
    page = open_page()
    open_form(page, acme)
    box(page, "Name").fill("Mine")
    desk.world.update_customer(acme, name="Theirs")
    press_save(page)
    _choose(page, "Name", "Take theirs")
    expect(box(page, "Name")).to_have_value("Theirs")
    _choose(page, "Name", "Keep yours")
    expect(box(page, "Name")).to_have_value("Mine")
    _choose(page, "Name", "Back to the original")
    box(page, "Name").press("End")
    box(page, "Name").press_sequentially("!")
    expect(page.get_by_role("group", name="Name", exact=True).get_by_label("Keep yours")).to_be_checked()
    press_save(page)
    expect(page.locator("#saved")).to_be_visible()
    assert desk.world.reload(acme).name == "Acme Corp!"
