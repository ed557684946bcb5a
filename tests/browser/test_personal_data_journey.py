"""All that is kept about a customer, taken away as a file and then erased."""

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import open_record
from tests.browser.test_main_journey import with_and_without_script


@with_and_without_script
def test_a_customer_is_exported_and_erased(desk: Desk, open_page: OpenPage, tmp_path: Path, script: bool) -> None:
    """From the record and back to what is left of it; erasing asks for a reason and a tick first."""
    customer = desk.world.create_customer(email="jane@example.com", metadata={"vip": "yes"})
    page = open_page(role="admin", java_script_enabled=script)
    open_record(page, customer)
    page.get_by_role("link", name="Personal data").click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the file").click()
    downloading.value.save_as(tmp_path / "file.json")
    file = json.loads((tmp_path / "file.json").read_text(encoding="utf-8"))
    assert (file["customer"]["email"], file["customer"]["metadata"]) == ("jane@example.com", {"vip": "yes"})

    page.get_by_role("button", name="Erase for good").click()
    expect(page.locator("#error-summary li")).to_have_count(2)
    page.get_by_label("Reason for erasing it").fill("Request 17")
    page.get_by_label("Yes, erase this customer's data for good").check()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Erased customer")
    expect(page.locator("#erased")).to_contain_text("Request 17")
    expect(page.get_by_text("jane@example.com")).to_have_count(0)
    assert desk.world.reload(customer).name == "erased"
