"""The history of a customer, one entry of it, undoing it, the record as it was, conflicts of two people."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.desk import add_entry, box, open_form, press_save
from tests.browser.states.people import rich_customer
from webapp.customers.model import Customer


def _changed_often(desk: Desk) -> Customer:
    customer = rich_customer(desk)
    text = "The customer asked for invoices by post, on paper, in the first week of each month. "
    desk.world.update_customer(
        customer, address_line1=f"{text * 2}Thank you.", metadata={"plan": "gold", "note": text * 9}
    )
    metadata = {"plan": "gold", "note": (text * 9).replace("paper", "parchment", 1)}
    desk.world.update_customer(customer, address_line1=f"{text * 2}Thanks.", metadata=metadata)
    for number in range(25):
        desk.world.update_customer(customer, contact=f"+1 415 555 01{number:02}")
    desk.world.archive(customer)
    return desk.world.restore(customer)


def _history(page: Page, desk: Desk) -> None:
    customer = _changed_often(desk)
    page.goto(f"/customers/{customer.id}/history")
    page.get_by_role("link", name="Older changes").click()
    expect(page.get_by_role("link", name="version 1", exact=True)).to_be_visible()
    page.locator(".change details summary").first.click()


def _history_filtered_to_nothing(page: Page, desk: Desk) -> None:
    page.goto(f"/customers/{rich_customer(desk).id}/history?field=metadata:nothing&person=staff:nobody")
    expect(page.get_by_text("No change fits this filter.")).to_be_visible()


def _entry(page: Page, desk: Desk) -> None:
    customer = _changed_often(desk)
    page.goto(f"/customers/{customer.id}/history/2")
    expect(page.get_by_role("button", name="Undo this field").first).to_be_visible()


def _entry_of_the_creation(page: Page, desk: Desk) -> None:
    page.goto(f"/customers/{rich_customer(desk).id}/history/1")
    expect(page.get_by_text("cannot be undone")).to_be_visible()


def _undo_asks(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    desk.world.update_customer(customer, name=f"Even richer {'unbroken' * 30}", contact="123")
    page.goto(f"/customers/{customer.id}/history/2")
    page.get_by_role("button", name="Undo this change").click()
    page.get_by_label("Keep what it is now").first.check()
    page.get_by_role("button", name="Undo as chosen").click()
    expect(page.locator("#error-summary")).to_be_focused()


def _undone(page: Page, desk: Desk) -> None:
    page.goto(f"/customers/{rich_customer(desk).id}/history/2")
    page.get_by_role("button", name="Undo this change").click()
    expect(page.locator("#saved")).to_be_focused()


def _old_version(page: Page, desk: Desk) -> None:
    customer = _changed_often(desk)
    page.goto(f"/customers/{customer.id}/versions/2")
    expect(page.locator("#as-of")).to_be_visible()


def _merged(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    open_form(page, customer)
    box(page, "Phone").fill("+1 415 555 0199")
    desk.world.update_customer(customer, name=f"Theirs {'unbroken' * 20}", metadata={"plan": "silver"})
    press_save(page)
    page.locator("#saved .merged > summary").click()
    expect(page.locator("#saved .change")).to_have_count(1)


def _conflict(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    open_form(page, customer)
    box(page, "Name").fill("Mine is another name")
    box(page, "Metadata value 1").fill("bronze")
    add_entry(page, 4, "added", "mine")
    desk.world.update_customer(
        customer, name=f"Theirs {'unbroken' * 20}", metadata={"plan": "silver", "added": "theirs"}
    )
    press_save(page)
    expect(page.locator("#stale .choice")).to_have_count(3)
    page.get_by_label("Keep yours").first.check()


def _conflict_without_a_choice(page: Page, desk: Desk) -> None:
    _conflict(page, desk)
    press_save(page)
    expect(page.locator("#error-summary li")).to_have_count(2)


STATES = {
    "history": _history,
    "history filtered to nothing": _history_filtered_to_nothing,
    "entry": _entry,
    "entry of the creation": _entry_of_the_creation,
    "undo asks": _undo_asks,
    "undone": _undone,
    "old version": _old_version,
    "merged": _merged,
    "conflict": _conflict,
    "conflict without a choice": _conflict_without_a_choice,
}
