"""The record of a customer."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.desk import box, open_form, open_record, press_save
from tests.browser.states.people import rich_customer


def _record(page: Page, desk: Desk) -> None:
    open_record(page, rich_customer(desk))
    page.locator(".change details summary").click()


def _archived_record(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    desk.world.archive(customer)
    open_record(page, customer)
    expect(page.locator(".panel-warn")).to_be_visible()


def _saved_record(page: Page, desk: Desk) -> None:
    open_form(page, rich_customer(desk))
    box(page, "Name").fill("Saved")
    press_save(page)
    expect(page.locator("#saved")).to_be_focused()


STATES = {
    "record": _record,
    "archived record": _archived_record,
    "saved record": _saved_record,
}
