"""The rest of a record's life in a browser: archived and restored, its family, who else is here, on paper."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import box, open_form, open_record, paste_into_search, press_save
from tests.browser.test_main_journey import with_and_without_script


def _look_again(page: Page) -> None:
    """What the browser says when a person comes back to the tab: the page then asks at once who is here."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@with_and_without_script
def test_a_family_is_archived_from_below_and_restored_from_above(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """A parent refuses, its child is archived first; restoring goes the other way round."""
    parent = desk.world.create_customer(name="Holding")
    child = desk.world.create_customer(name="Bakery", parent=parent.external_id)
    page = open_page(java_script_enabled=script)
    open_record(page, parent)
    page.get_by_role("link", name="Archive", exact=True).click()
    expect(page.locator("#has-children")).to_contain_text("one published customer")
    page.get_by_role("link", name="Bakery").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bakery")

    page.get_by_role("link", name="Archive", exact=True).click()
    page.get_by_label("Reason").fill("closed down")
    page.get_by_role("button", name="Archive this customer").click()
    expect(page.locator("#saved")).to_be_focused()
    expect(page.locator(".record-title")).to_contain_text("Archived")
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="Holding").click()
    page.get_by_role("link", name="Archive", exact=True).click()
    page.get_by_role("button", name="Archive this customer").click()
    expect(page.locator(".panel-warn")).to_contain_text("Archived by editor@desk.example")

    open_record(page, child)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#refusal")).to_be_focused()
    page.locator("#refusal").get_by_role("link", name="Holding").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".record-title")).to_contain_text("Published")
    page.get_by_role("link", name="1 archived child").click()
    page.get_by_role("link", name=child.external_id, exact=True).first.click()
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#saved")).to_be_focused()
    assert [desk.world.reload(customer).status for customer in (parent, child)] == ["published", "published"]
    assert desk.world.history(child)[1].reason == "closed down"


@with_and_without_script
def test_a_person_goes_through_a_list_and_an_administrator_sees_it(
    desk: Desk, open_page: OpenPage, script: bool
) -> None:
    """To the next record, to the one before, back to the very list; the access log has who opened which."""
    word = f"through{desk.world.made}"
    last, middle, first = (desk.world.create_customer(name=f"{word} {number}") for number in range(3))
    page = open_page(java_script_enabled=script)
    page.goto("/customers")
    paste_into_search(page, word)
    page.get_by_role("link", name=first.external_id, exact=True).click()
    heading = page.get_by_role("heading", level=1)
    for key, link, customer in (("j", "Next", middle), ("j", "Next", last), ("k", "Previous", middle)):
        if script:
            expect(heading).to_contain_text(word)
            page.keyboard.press(key)
        else:
            page.get_by_role("link", name=link).click()
        expect(heading).to_have_text(customer.name)
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("#customer-count")).to_have_text("3 matches")

    admin = open_page("admin", java_script_enabled=script)
    open_record(admin, middle)
    admin.get_by_role("link", name="Who opened it").click()
    expect(admin.locator("main table")).to_contain_text("editor@desk.example")
    expect(admin.locator("main table")).not_to_contain_text(last.external_id)


def test_two_people_see_each_other(desk: Desk, open_page: OpenPage) -> None:
    """Quietly, without a reload; what changes is announced, and no edit is disturbed by it."""
    customer = desk.world.create_customer(name="Shared")
    reader, writer = open_page("admin"), open_page("editor")
    open_record(reader, customer)
    expect(reader.locator("#presence")).to_have_text("")

    open_form(writer, customer)
    expect(writer.locator("#presence")).to_contain_text("Also here: admin@desk.example")
    box(writer, "Phone").fill("+49 30 1234")
    _look_again(reader)
    expect(reader.locator(".presence-people")).to_have_text("Also here: editor@desk.example (editing)")
    expect(reader.locator("#announcer")).to_have_text("Also here: editor@desk.example (editing)")

    desk.world.update_customer(customer, name="Changed by a program")
    _look_again(writer)
    expect(writer.locator(".presence-newer")).to_contain_text("Your edits stay")
    expect(box(writer, "Phone")).to_have_value("+49 30 1234")
    expect(box(writer, "Phone")).to_be_focused()
    _look_again(reader)
    reader.get_by_role("link", name="Show the customer as it is now").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Changed by a program")
    expect(reader.locator(".presence-newer")).to_have_count(0)


def test_presence_is_told_without_a_script_too(desk: Desk, open_page: OpenPage) -> None:
    """As of when the page was opened."""
    customer = desk.world.create_customer()
    open_form(open_page("admin", java_script_enabled=False), customer)
    page = open_page(java_script_enabled=False)
    open_record(page, customer)
    expect(page.locator("#presence")).to_contain_text("Also here: admin@desk.example (editing)")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()


def test_an_ended_sign_in_is_told_before_anything_is_sent(desk: Desk, open_page: OpenPage) -> None:
    """Quietly: the page asks in the background, so it neither leaves a form that is being filled in nor complains."""
    page = open_page()
    open_form(page, desk.world.create_customer())
    box(page, "Phone").fill("+49 30 1234")
    page.route("**/presence?*", lambda route: route.fulfill(status=429, body="away"))
    with page.expect_response("**/presence?*"):
        _look_again(page)
    page.unroute("**/presence?*")
    kept = page.context.cookies()
    page.context.clear_cookies()
    _look_again(page)
    expect(page.locator("#presence")).to_contain_text("Your sign-in has ended. What you typed stays in this page.")
    expect(page.locator("#announcer")).to_contain_text("Your sign-in has ended.")
    expect(page.locator("#messages")).to_be_empty()
    expect(box(page, "Phone")).to_be_focused()

    page.context.add_cookies(kept)  # as signing in in another tab does
    _look_again(page)
    expect(page.locator("#presence")).to_have_text("")
    expect(box(page, "Phone")).to_have_value("+49 30 1234")
    press_save(page)
    expect(page.locator("#saved")).to_be_focused()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_record_on_paper_has_everything_and_nothing_to_click(
    desk: Desk, open_page: OpenPage, tmp_path: Path, script: bool
) -> None:
    """The print button opens the browser's dialog; folded values are on the sheet, buttons and the header are not."""
    customer = desk.world.create_customer(name="On paper", metadata={"note": f"begins {'x' * 400} ends"})
    page = open_page(java_script_enabled=script)
    page.add_init_script("window.print = () => { document.title = 'printed'; }")
    open_record(page, customer)
    if script:
        page.get_by_role("button", name="Print").click()
        expect(page).to_have_title("printed")
    page.emulate_media(media="print")
    for hidden in (".top", ".record-actions", ".copy", ".trail"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".fold-whole")).to_be_visible()
    expect(page.locator(".record-foot .print-only")).to_contain_text("Production, as of")
    assert page.pdf(path=tmp_path / "record.pdf").startswith(b"%PDF")
