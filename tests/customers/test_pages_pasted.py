"""The form's box for several metadata entries: they fill the rows, and what cannot stays with what is wrong."""

import pytest

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import ENTRIES, error_of, folded, opened_form, press, save, url_of
from tests.support.world import World
from webapp.customers.model import Customer

both_ways = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])


@pytest.fixture
def acme(world: World) -> Customer:
    """A customer with two entries."""
    return world.create_customer(metadata={"plan": "gold", "seats": "12"})


def paste(desk: DeskClient, customer: Customer, text: str, *, htmx: bool) -> Page:
    """Fill the box and press its button."""
    return press(desk, customer, {**opened_form(desk, customer), "metadata_pasted": text}, "metadata paste", htmx=htmx)


@both_ways
@pytest.mark.parametrize(
    "text", ['{"plan": "silver", "tier": 2}', "plan = silver\r\n\r\n# a comment\r\ntier: 2"], ids=["object", "lines"]
)
def test_pasted_entries_fill_the_rows(desk: DeskClient, acme: Customer, text: str, htmx: bool) -> None:
    """A key that is there changes in its row; a new one takes the blank row; the box is empty again."""
    page = paste(desk, acme, text, htmx=htmx)
    values = page.form_values("#metadata-editor")
    assert values.items() >= (ENTRIES.row(0, "plan", "silver") | ENTRIES.row(2, "tier", "2")).items()
    assert (values["metadata_pasted"], page.all("details.paste[open]")) == ("", [])
    assert page.one("#metadata-editor")["data-said"] == "1 entry added. 1 entry changed."


@both_ways
def test_what_cannot_be_an_entry_stays(desk: DeskClient, world: World, acme: Customer, htmx: bool) -> None:
    """In the box, which is open and takes the focus, with what is wrong tied to it; nothing is written."""
    page = paste(desk, acme, 'plan=silver\r\nno sign\r\n"><b>evil', htmx=htmx)
    box = page.one("#metadata_pasted")
    assert page.form_values("#metadata-editor")["metadata_pasted"] == 'no sign\n"><b>evil'
    assert (box.has_attr("autofocus"), box["aria-invalid"]) == (True, "true")
    assert "metadata_pasted-error" in str(box["aria-describedby"]).split()
    assert "Line 2 is no entry" in page.text("#metadata_pasted-error")
    assert page.one("details.paste").has_attr("open")
    assert page.all("b, [id=evil]") == []
    assert world.reload(acme) == acme


def test_a_save_does_not_drop_what_was_pasted(desk: DeskClient, world: World, acme: Customer) -> None:
    """It asks for it to be filled in, or taken away."""
    page = save(desk, acme, metadata_pasted="tier=2")
    assert page.status == 422
    assert "Fill this into the rows" in error_of(page, "metadata_pasted")
    assert page.form_values()["metadata_pasted"] == "tier=2"
    assert world.reload(acme) == acme


def test_more_than_there_is_room_for_stays(desk: DeskClient, acme: Customer) -> None:
    """A hundred entries are possible; the others can be read again."""
    page = paste(desk, acme, "\n".join(f"key {number}=x" for number in range(100)), htmx=True)
    assert page.form_values("#metadata-editor")["metadata_pasted"] == "key 98=x\nkey 99=x"
    assert "room for 100 entries; 2 have none" in folded(page.one("#metadata_pasted-error"))


def test_a_new_customers_entries_can_be_pasted_too(desk: DeskClient) -> None:
    """The same box."""
    values = desk.get("/customers/new").form_values()
    page = desk.post("/customers/new/rows", {**values, "metadata_pasted": "plan=gold", "rows": "metadata paste"})
    assert page.form_values().items() >= ENTRIES.row(0, "plan", "gold").items()


def test_the_row_that_enter_adds_is_like_the_others(desk: DeskClient, acme: Customer) -> None:
    """A script clones it: the same parts, with words in place of its numbers, and none of it is sent."""
    page = desk.get(f"{url_of(acme)}/edit")
    template = page.one("#metadata-editor template")
    names = [str(control["name"]) for control in template.select("input[name]")]
    assert names == ["metadata-INDEX-key", "metadata-INDEX-value"]
    row = page.all("#metadata-editor .rows > .row:not(.row-head)")[0]
    assert [tag.name for tag in template.select("*")][1:] == [tag.name for tag in row.select("*")]
    assert [button["value"] for button in template.select("button[name=rows]")] == ["metadata remove INDEX"]
