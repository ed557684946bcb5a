"""The edit form in a person's hands: country, parent, checks and rows, with the keyboard alone and without a script."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, OpenPage
from tests.browser.desk import box, open_form, press_save
from tests.browser.test_main_journey import with_and_without_script

UNSAVED = "#save-state"


def _paste(page: Page, text: str) -> None:
    """Put a text into the clipboard and paste it where the focus is, as Ctrl+V does."""
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
            if (document.activeElement.dispatchEvent(event)) document.execCommand("insertText", false, text);
        }""",
        text,
    )


@with_and_without_script
def test_the_country_drives_the_address(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """Another country brings its fields and its advice, keeps what was typed, and the save is not held up by it."""
    acme = desk.world.create_customer(address_country="US", address_state="CA", address_postal_code="94105")
    page = open_page(java_script_enabled=script)
    open_form(page, acme)
    box(page, "City").fill("Osaka")
    box(page, "Country").focus()
    box(page, "Country").select_option("JP")
    if not script:
        page.get_by_role("button", name="Update the address fields").click()
    expect(box(page, "Prefecture")).to_have_value("CA")
    expect(box(page, "City")).to_have_value("Osaka")
    expect(page.locator("#address_postal_code-note")).to_contain_text("such as 154-0023")
    if script:
        expect(box(page, "Country")).to_be_focused()
        expect(page.locator(UNSAVED)).to_have_text("Unsaved: Country, City")
        expect(page.locator("#announcer")).to_have_text("The address fields are those of Japan.")
    box(page, "Postal code").fill("530-0001")
    press_save(page)
    expect(page.locator("#saved")).to_be_visible()
    stored = desk.world.reload(acme)
    assert (stored.address_country, stored.address_city, stored.address_state) == ("JP", "Osaka", "CA")
    assert stored.address_postal_code == "530-0001"


@with_and_without_script
def test_pasted_entries_become_rows(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """What cannot be an entry stays and says why; once it is mended, all of it is saved."""
    acme = desk.world.create_customer(metadata={"plan": "gold"})
    page = open_page(java_script_enabled=script)
    open_form(page, acme)
    pasted = "plan=silver\nseats: 12\nno sign"
    if script:
        page.locator("#metadata-1-key").focus()
        _paste(page, pasted)
    else:
        page.get_by_text("Paste several entries").first.click()
        page.get_by_label("Paste several entries").fill(pasted)
        page.get_by_role("button", name="Fill into the rows").click()
    rest = page.get_by_label("Paste several entries")
    expect(rest).to_have_value("no sign")
    expect(rest).to_be_focused()
    expect(page.locator("#metadata_pasted-error")).to_contain_text("Line 3 is no entry")
    expect(page.locator("#metadata-0-value")).to_have_value("silver")
    press_save(page)
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_label("Paste several entries").fill('{"tier": 2}')
    page.get_by_role("button", name="Fill into the rows").click()
    expect(page.locator("#metadata-2-key")).to_have_value("tier")
    press_save(page)
    expect(page.locator("#saved")).to_be_visible()
    assert desk.world.reload(acme).metadata == {"plan": "silver", "seats": "12", "tier": "2"}


def test_one_line_is_pasted_as_it_is(desk: Desk, open_page: OpenPage) -> None:
    """A value may well hold an equals sign, or be an object."""
    page = open_page()
    open_form(page, desk.world.create_customer(metadata={"plan": ""}))
    page.locator("#metadata-0-value").focus()
    _paste(page, "a=b")
    expect(page.locator("#metadata-0-value")).to_have_value("a=b")
    page.locator("#metadata-0-value").fill("")
    _paste(page, '{"seats": 12}')
    expect(page.locator("#metadata-0-value")).to_have_value('{"seats": 12}')
    expect(page.locator("details.paste")).not_to_have_attribute("open", "")


def test_metadata_is_edited_with_the_keyboard_alone(desk: Desk, open_page: OpenPage) -> None:
    """Enter goes from key to value, to the next row, to a new one, as fast as one types; Ctrl+Enter saves."""
    acme = desk.world.create_customer(metadata={"plan": "gold", "old": "1"}, mappings={"stripe": "cus_1"})
    page = open_page()
    open_form(page, acme)
    page.locator("#metadata-0-key").focus()
    for text in ("plan", "silver", "older", "2", "seats", "12", "tier", "3", "region", "EMEA"):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    expect(page.locator("#metadata-5-key")).to_be_focused()
    expect(page.get_by_label("Metadata key 6")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Metadata value 6")).to_be_focused()
    page.keyboard.press("Enter")  # a blank row is enough
    expect(page.locator("#metadata-editor .row:not(.row-head)")).to_have_count(6)

    page.locator("#metadata-3-value").focus()
    page.keyboard.press("Tab")  # its button
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Bring back tier")).to_be_focused()

    page.locator("#integration_entity_mapping-0-id").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Provider 2", exact=True)).to_be_focused()
    page.keyboard.type("paddle")
    page.keyboard.press("Tab")
    page.keyboard.type("p_1")
    expect(page.locator(UNSAVED)).to_have_text("Unsaved: Metadata, Integrations")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saved")).to_be_focused()
    assert desk.world.reload(acme).metadata == {"plan": "silver", "older": "2", "seats": "12", "region": "EMEA"}
    changed = {(field.field, field.key) for field in desk.world.history(acme)[0].fields}
    assert ("integration_entity_mapping", "paddle") in changed


def test_a_parent_is_chosen_while_one_types(desk: Desk, open_page: OpenPage) -> None:
    """Arrows mark, Enter chooses without saving, Escape closes without leaving, a click chooses too."""
    holding = desk.world.create_customer(name="Zebra Holding", external_id=f"zebra-{desk.world.made}")
    desk.world.create_customer(name="Zebra Retail")
    acme = desk.world.create_customer(name="Acme")
    page = open_page()
    open_form(page, acme)
    parent = page.get_by_role("combobox", name="Parent customer")
    parent.press_sequentially("zebra")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(2)
    expect(parent).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#announcer")).to_have_text("2 customers found")
    page.keyboard.press("Escape")
    expect(parent).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit Acme")

    page.keyboard.type(" h")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(parent).to_have_attribute("aria-activedescendant", "parent-option-1")
    page.keyboard.press("Enter")
    expect(parent).to_have_value(holding.external_id)
    expect(parent).to_be_focused()
    expect(page.locator("#parent_customer_external_id-note")).to_contain_text("Zebra Holding")
    expect(page.locator(UNSAVED)).to_have_text("Unsaved: Parent customer")

    parent.fill("zebra r")
    page.get_by_role("listbox").get_by_role("option").click()
    expect(page.locator("#parent_customer_external_id-note")).to_contain_text("Zebra Retail")
    parent.fill(holding.external_id)
    press_save(page)
    expect(page.locator("#saved")).to_be_visible()
    assert desk.world.reload(acme).parent_customer_id == holding.id


@with_and_without_script
def test_a_parent_and_integrations_are_typed(desk: Desk, open_page: OpenPage, script: bool) -> None:
    """An unknown parent is refused with the rows kept; then one integration is new, one changed, one gone."""
    holding = desk.world.create_customer(name="Holding")
    acme = desk.world.create_customer(mappings={"stripe": "cus_1", "paddle": "p_1"})
    page = open_page(java_script_enabled=script)
    open_form(page, acme)
    box(page, "Parent customer").fill("nobody_at_all")
    page.get_by_role("button", name="Add integration").click()
    page.get_by_label("Provider 3", exact=True).select_option("hubspot")
    page.get_by_label("ID at provider 3", exact=True).fill("hub_1")
    page.get_by_label("ID at provider 1", exact=True).fill("p_2")
    page.get_by_role("button", name="Remove stripe").click()
    expect(page.get_by_role("button", name="Bring back stripe")).to_be_visible()
    press_save(page)
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.get_by_label("ID at provider 3", exact=True)).to_have_value("hub_1")
    box(page, "Parent customer").fill(holding.external_id)
    press_save(page)
    expect(page.locator("#saved")).to_be_visible()
    assert desk.world.reload(acme).parent_customer_id == holding.id
    changed = {
        field.key: [value["id"] if value else None for value in (field.old_value, field.new_value)]
        for field in desk.world.history(acme)[0].fields
        if field.field == "integration_entity_mapping"
    }
    assert changed == {"stripe": ["cus_1", None], "paddle": ["p_1", "p_2"], "hubspot": [None, "hub_1"]}


def test_a_field_is_checked_as_one_leaves_it(desk: Desk, open_page: OpenPage) -> None:
    """The message comes, is read out, and goes again; an untouched field is let alone, a failed check is silent."""
    page = open_page()
    open_form(page, desk.world.create_customer(metadata={"plan": "gold", "tier": "1"}))
    email = box(page, "Email")
    email.fill("no address")
    page.keyboard.press("Tab")
    expect(page.locator("#email-error")).to_contain_text("Enter an email address")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_attribute("aria-describedby", "email-error")
    expect(page.locator("#announcer")).to_contain_text("Enter an email address")
    expect(box(page, "Phone")).to_be_focused()
    page.locator("#metadata-1-key").fill("plan")
    page.locator("#metadata-0-value").focus()
    expect(page.locator("#metadata-1-key-error")).to_contain_text("there twice")
    expect(page.locator(UNSAVED)).to_have_text("Unsaved: Email, Metadata")

    refused = "**/edit/check?field=email"  # as when the sign-in has ended
    page.route(refused, lambda route: route.fulfill(status=401, content_type="text/html", body="<p>Sign in</p>"))
    with page.expect_response(refused):
        email.fill("still none")
        box(page, "Phone").focus()
    expect(page.locator("#messages")).to_be_empty()
    expect(page.locator("#email-error")).to_contain_text("Enter an email address")
    page.unroute(refused)
    email.fill("right@a.example")
    box(page, "Phone").focus()
    expect(page.locator("#email-error")).to_have_count(0)
    expect(email).not_to_have_attribute("aria-invalid", "true")


def test_the_save_bar_is_right_after_swaps(desk: Desk, open_page: OpenPage) -> None:
    """A swapped fragment hides no unsaved edit, and what was typed back is none."""
    page = open_page()
    open_form(page, desk.world.create_customer(address_country="US", address_city="Reno", metadata={"plan": "gold"}))
    box(page, "City").fill("Las Vegas")
    box(page, "Country").select_option("GB")
    expect(box(page, "Town or city")).to_have_value("Las Vegas")
    expect(page.locator(UNSAVED)).to_have_text("Unsaved: Country, Town or city")
    box(page, "Town or city").fill("Reno")
    box(page, "Country").select_option("US")
    expect(box(page, "ZIP code")).to_be_visible()
    page.get_by_role("button", name="Add entry").click()
    expect(page.locator("#metadata-2-key")).to_be_focused()
    expect(page.locator(UNSAVED)).to_have_text("No unsaved edits")
    page.close(run_before_unload=True)  # nothing asks
