"""Reading the history and undoing: right after a save, one field of an old change, beside what was changed later."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import box, open_form, open_record, press_save
from tests.browser.test_main_journey import with_and_without_script


def _heads(page: Page) -> list[str]:
    return page.locator("#history .change-head").all_inner_texts()


@with_and_without_script
def test_a_slip_is_undone_right_after_the_save(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """One button, and once more to have it back."""
    acme = desk.world.create_customer(name="Acme Corp")
    page = open_page(java_script_enabled=script)
    open_form(page, acme)
    box(page, "Name").fill("Acme Crop")
    press_save(page)
    for title, name in (
        ("Undone: what version 2 changed is back. This is version 3.", "Acme Corp"),
        ("Undone: what version 3 changed is back. This is version 4.", "Acme Crop"),
    ):
        page.locator("#saved").get_by_role("button", name="Undo").click()
        expect(page.locator("#saved-title")).to_have_text(title)
        expect(page.locator("#saved")).to_be_focused()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)


@with_and_without_script
def test_an_old_change_is_found_and_undone_in_part(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """By the filters to its page; one field at once, the rest after a choice about what was changed later."""
    acme = desk.world.create_customer(name="One", email="one@acme.example", metadata={"plan": "gold"})
    desk.world.update_customer(acme, name="Two", email="two@acme.example", metadata={"plan": "silver"})
    desk.world.update_customer(acme, name="Three", contact="123")
    page = open_page(java_script_enabled=script)
    open_record(page, acme)
    page.get_by_role("link", name="All history").click()
    expect(page.locator("#history .change")).to_have_count(3)
    page.get_by_label("Field").select_option(label="Metadata: plan")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#history .change")).to_have_count(2)
    page.get_by_role("link", name="version 2").click()

    page.get_by_role("button", name="Undo this field Metadata: plan").click()
    expect(page.locator("#saved")).to_be_visible()
    assert desk.world.reload(acme).metadata == {"plan": "gold"}
    page.goto(f"/customers/{acme.id}/history/2")
    page.get_by_label("Reason for undoing it").fill("not asked for")
    page.get_by_label("Reason for undoing it").press("Enter")

    expect(page.locator("#changed-later")).to_be_focused()
    expect(page.locator(".choice-value")).to_have_text(["Three", "One"])
    page.get_by_label("Put the old value back").check()
    page.get_by_role("button", name="Undo as chosen").click()
    expect(page.locator("#saved")).to_be_focused()
    stored = desk.world.reload(acme)
    assert (stored.name, stored.email, stored.contact) == ("One", "one@acme.example", "123")
    assert desk.world.history(acme)[0].reason == "not asked for"
    page.goto(f"/customers/{acme.id}/versions/2")
    expect(page.locator(".is-different th")).to_have_text(["Name", "Email", "Phone", "Metadata: plan"])


def test_older_changes_are_added_in_place(desk: Desk, open_page: OpenPage) -> None:
    """The focus goes to the first of them; the filter changes the address, and the file has the same filter."""
    acme = desk.world.create_customer()
    for number in range(24):
        desk.world.update_customer(acme, name=f"Name {number}")
    page = open_page()
    page.goto(f"/customers/{acme.id}/history")
    page.get_by_role("link", name="Older changes").click()
    expect(page.get_by_role("link", name="version 5", exact=True)).to_be_focused()
    assert len(_heads(page)) == 25
    page.get_by_label("Field").select_option(label="Email")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#history .change")).to_have_count(1)
    assert page.url.endswith("/history?field=email&person=")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename == f"history-{acme.external_id}.csv"
    assert download.value.path().read_text().count("\n") == 2
