"""Markup as a customer's content, in a real browser: it is read, not run, wherever it is shown."""

from playwright.sync_api import expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import box, open_form, open_record, paste_into_search, press_save

MARKUP = "\"'><img src=x onerror=alert(7)></textarea></title><script>alert(7)</script><svg onload=alert(7)>"
LINK = "javascript:alert(7)"


def test_markup_runs_nowhere(open_page: OpenPage, desk: Desk) -> None:
    """In the list, while typing, on the record, in its history and in the form with its rows.

    No dialog, and nothing that the content security policy had to stop: the page's fixture looks at the console.
    """
    customer = desk.world.create_customer(
        external_id=f"markup {MARKUP}",
        name=MARKUP,
        address_line1=MARKUP,
        metadata={MARKUP: MARKUP, "link": LINK},
        mappings={"stripe": MARKUP},
    )
    page = open_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    page.goto("/customers")
    page.get_by_role("searchbox").press_sequentially("markup <img", delay=5)
    expect(page.get_by_role("row").filter(has_text="onerror").first).to_be_visible()
    paste_into_search(page, customer.external_id)
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert(7)</script>")

    open_form(page, customer)
    box(page, "Name").fill(MARKUP + "2")
    page.get_by_label("Metadata key 3", exact=True).fill(MARKUP)  # there already: the message names it
    page.get_by_label("Metadata value 3", exact=True).fill(LINK)
    press_save(page)
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_label("Metadata key 3", exact=True).fill("other")
    press_save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("onload=alert(7)>2")

    page.goto(f"/customers/{customer.id}/history")
    expect(page.get_by_text("onload=alert(7)>2").first).to_be_visible()
    open_record(page, customer)
    assert page.locator("img[src=x], a[href^='javascript:']").count() == 0
    assert dialogs == []
