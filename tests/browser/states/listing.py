"""The list of customers."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.desk import open_record, save_view
from tests.browser.states.people import rich_customer


def _list(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    open_record(page, customer)
    page.goto("/customers")
    expect(page.locator(".row-link").first).to_be_visible()
    expect(page.locator(".recent a").first).to_be_visible()


def _filtered_list(page: Page, desk: Desk) -> None:
    customer = rich_customer(desk)
    desk.world.archive(rich_customer(desk))
    page.goto(f"/customers?status=all&country={customer.address_country}&changed_from=2020-01-01&sort=name&order=desc")
    save_view(page, f"Everybody in Britain, {'archived ones too, ' * 3}{desk.world.made}")
    expect(page.locator(".filter-chip")).to_have_count(3)
    expect(page.locator(".view").first).to_be_visible()


def _list_with_columns(page: Page, desk: Desk) -> None:
    rich_customer(desk)
    names = (
        "name",
        "email",
        "contact",
        "address_city",
        "parent_customer_external_id",
        "status",
        "version",
        "created_at",
    )
    page.goto("/customers?" + "&".join(f"columns={name}" for name in ("external_id", *names, "metadata.plan")))
    page.get_by_text("Columns", exact=True).click()
    expect(page.get_by_role("checkbox", name="plan")).to_be_checked()


def _nothing_found(page: Page, _desk: Desk) -> None:
    page.goto(f"/customers?q={'nobody' * 20}+plan:none&country=GB")
    expect(page.locator(".nothing")).to_be_visible()


def _search_refused(page: Page, _desk: Desk) -> None:
    page.goto(f"/customers?q={'x' * 256}&changed_from=soon")
    expect(page.locator("#list-faults")).to_be_focused()


def _view_name_taken(page: Page, desk: Desk) -> None:
    name = f"Taken {desk.world.made}"
    rich_customer(desk)
    page.goto("/customers?status=all")
    save_view(page, name)
    page.goto("/customers?country=GB")
    save_view(page, name)
    expect(page.locator("#error-summary")).to_be_focused()


STATES = {
    "list": _list,
    "filtered list": _filtered_list,
    "list with columns": _list_with_columns,
    "nothing found": _nothing_found,
    "search refused": _search_refused,
    "view name taken": _view_name_taken,
}
