"""The personal data of a customer: the page that exports and erases it, what it refuses, what is left."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.desk import open_record, sign_in
from tests.browser.states.people import rich_customer
from webapp.customers.model import Customer


def _open_page(page: Page, desk: Desk, customer: Customer) -> None:
    page.context.clear_cookies()
    sign_in(page, desk.world.email_of("admin"))
    page.goto(f"/customers/{customer.id}/personal-data")


def _personal_data(page: Page, desk: Desk) -> None:
    _open_page(page, desk, rich_customer(desk))
    expect(page.get_by_role("button", name="Erase for good")).to_be_visible()


def _refused(page: Page, desk: Desk) -> None:
    _open_page(page, desk, rich_customer(desk))
    page.get_by_role("button", name="Erase for good").click()
    expect(page.locator("#error-summary")).to_be_focused()


def _of_a_parent(page: Page, desk: Desk) -> None:
    parent = rich_customer(desk)
    desk.world.create_customer(parent=parent.external_id)
    _open_page(page, desk, parent)
    expect(page.locator("#has-children")).to_be_visible()


def _changed_meanwhile(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    _open_page(page, desk, customer)
    page.get_by_label("Reason for erasing it").fill("Request 17")
    page.get_by_label("Yes, erase").check()
    desk.world.update_customer(customer, contact="+1 415 555 0199")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.locator("#refusal")).to_be_focused()


def _erased(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    _open_page(page, desk, customer)
    page.get_by_label("Reason for erasing it").fill("Request 17")
    page.get_by_label("Yes, erase").check()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.locator("#saved")).to_be_focused()


def _erased_version(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    desk.world.erase(customer)
    open_record(page, customer)
    expect(page.locator("#erased")).to_be_visible()
    page.goto(f"/customers/{customer.id}/versions/1")
    expect(page.locator("#as-of")).to_be_visible()


STATES = {
    "personal data": _personal_data,
    "personal data refused": _refused,
    "personal data of a parent": _of_a_parent,
    "personal data changed meanwhile": _changed_meanwhile,
    "erased record": _erased,
    "erased version": _erased_version,
}
