"""The record of a customer: as it is read, by several people too, archived and restored; its access log."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.desk import box, open_form, open_record, press_save, signed_in_already
from tests.browser.states.people import rich_customer
from tests.support.viewers import let_view
from webapp.customers.model import Customer


def _family(desk: Desk) -> Customer:
    """A parent with more children than are shown, and an archived one."""
    parent = rich_customer(desk)
    for _ in range(12):
        child = desk.world.create_customer(name=f"Child {'unbroken' * 12}", parent=parent.external_id)
    desk.world.archive(child)
    return parent


def _record(page: Page, desk: Desk) -> None:
    open_record(page, rich_customer(desk))
    page.locator(".change summary", has_text="fields").click()


def _record_with_company(page: Page, desk: Desk) -> None:
    customer = _family(desk)
    let_view(desk.world, customer, "admin", is_editing=True)
    let_view(desk.world, customer, "viewer")
    open_record(page, customer)
    desk.world.update_customer(customer, contact="+1 415 555 0199")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".presence-newer")).to_be_visible()


def _sign_in_ended(page: Page, desk: Desk) -> None:
    open_form(page, rich_customer(desk))
    page.context.clear_cookies()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#presence")).to_contain_text("Your sign-in has ended.")


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


def _archive(page: Page, desk: Desk) -> None:
    page.goto(f"/customers/{rich_customer(desk).id}/archive")
    expect(page.get_by_role("button", name="Archive this customer")).to_be_visible()


def _archive_with_children(page: Page, desk: Desk) -> None:
    page.goto(f"/customers/{_family(desk).id}/archive")
    expect(page.locator("#has-children")).to_be_visible()


def _archive_changed_meanwhile(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    page.goto(f"/customers/{customer.id}/archive")
    desk.world.update_customer(customer, contact="+1 415 555 0199")
    page.get_by_role("button", name="Archive this customer").click()
    expect(page.locator("#refusal")).to_be_focused()


def _restore_refused(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    desk.world.archive(customer)
    desk.world.create_customer(external_id=customer.external_id, name=f"Holder {'unbroken' * 20}")
    open_record(page, customer)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#refusal")).to_be_focused()


def _access_log(page: Page, desk: Desk) -> None:
    page.context.clear_cookies()
    page.context.add_cookies(signed_in_already(desk.world, "staff_admin", desk.address))
    customer = rich_customer(desk)
    for path in ("", "/edit"):
        page.goto(f"/customers/{customer.id}{path}")
    page.goto(f"/access-log?customer={customer.id}")
    expect(page.locator(".access-table tbody tr")).to_have_count(2)


STATES = {
    "record": _record,
    "record with company": _record_with_company,
    "sign-in ended": _sign_in_ended,
    "archived record": _archived_record,
    "saved record": _saved_record,
    "archive": _archive,
    "archive with children": _archive_with_children,
    "archive changed meanwhile": _archive_changed_meanwhile,
    "restore refused": _restore_refused,
    "access log": _access_log,
}
