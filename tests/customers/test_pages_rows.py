"""The edit page's rows of metadata and integrations: add, remove, bring back, with htmx and by a plain submit."""

from typing import Any

import pytest
from flask import Flask

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import ENTRIES, INTEGRATIONS, RowEditor, opened_form, press, url_of
from tests.support.world import World
from webapp.customers.model import Customer

METADATA = {"plan": "gold", "seats": "12", "note": ""}
MAPPINGS = {"hubspot": "hs-1", "stripe": "cus_1"}


both_editors = pytest.mark.parametrize("editor", [ENTRIES, INTEGRATIONS], ids=["metadata", "integrations"])
both_ways = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])


@pytest.fixture
def acme(world: World) -> Customer:
    """A customer with three entries and two integrations."""
    return world.create_customer(name="Acme", metadata=METADATA, mappings=MAPPINGS)


def rows_of(page: Page, editor: RowEditor) -> dict[str, str]:
    """What the rows of an editor would send."""
    values = page.form_values(f'[id="{editor.root}"]')
    return {name: value for name, value in values.items() if name.startswith(f"{editor.field}-")}


@both_editors
def test_htmx_receives_the_editor_alone(desk: DeskClient, acme: Customer, editor: RowEditor) -> None:
    """The fragment's root is the very element that the button targets."""
    button = desk.get(f"{url_of(acme)}/edit").one(f'[id="{editor.field}-add"]')
    page = press(desk, acme, opened_form(desk, acme), str(button["value"]), htmx=True)
    assert [tag["id"] for tag in page.soup.find_all(recursive=False)] == [editor.root]
    assert (button["hx-target"], button["hx-post"]) == (f"#{editor.root}", button["formaction"])


@both_editors
def test_a_plain_submit_receives_the_whole_page(desk: DeskClient, acme: Customer, editor: RowEditor) -> None:
    """Without a script the same button brings the same rows."""
    values = opened_form(desk, acme)
    fragment = press(desk, acme, values, f"{editor.field} add", htmx=True)
    page = press(desk, acme, values, f"{editor.field} add", htmx=False)
    assert (page.status, page.text("h1")) == (200, "Edit Acme")
    assert rows_of(page, editor) == rows_of(fragment, editor)


@both_ways
@both_editors
def test_adding_puts_a_blank_row_at_the_end(desk: DeskClient, acme: Customer, editor: RowEditor, htmx: bool) -> None:
    """The rows before it stay what they are, and the new one takes the focus."""
    values = opened_form(desk, acme)
    before = {name: value for name, value in values.items() if name.startswith(f"{editor.field}-")}
    index = len(before) // 2
    page = press(desk, acme, values, f"{editor.field} add", htmx=htmx)
    assert rows_of(page, editor) == {**before, **editor.row(index, "", "")}
    assert page.one("[autofocus]")["id"] == f"{editor.field}-{index}-{editor.parts[0]}"


@both_ways
@both_editors
def test_a_removed_row_is_shown_as_gone(desk: DeskClient, acme: Customer, editor: RowEditor, htmx: bool) -> None:
    """Struck through, its texts carried on, with a button to bring it back that takes the focus."""
    page = press(desk, acme, opened_form(desk, acme), f"{editor.field} remove 0", htmx=htmx)
    first, second = next(iter((METADATA if editor is ENTRIES else MAPPINGS).items()))
    assert page.text(f'[id="{editor.root}"] .row-removed del') == f"{first} = {second}"
    assert rows_of(page, editor).items() >= {**editor.row(0, first, second), f"{editor.field}-0-removed": "1"}.items()
    assert page.one("[autofocus]")["value"] == f"{editor.field} restore 0"


@both_ways
@both_editors
def test_a_removed_row_can_be_brought_back(desk: DeskClient, acme: Customer, editor: RowEditor, htmx: bool) -> None:
    """As it was, as often as one likes."""
    values = opened_form(desk, acme)
    gone = press(desk, acme, values, f"{editor.field} remove 0", htmx=False).form_values()
    page = press(desk, acme, gone, f"{editor.field} restore 0", htmx=htmx)
    before = {name: value for name, value in values.items() if name.startswith(f"{editor.field}-")}
    assert rows_of(page, editor) == before
    assert page.one("[autofocus]")["id"] == f"{editor.field}-0-{editor.parts[0]}"


@both_editors
def test_removing_a_blank_row_just_takes_it_away(desk: DeskClient, acme: Customer, editor: RowEditor) -> None:
    """There is nothing to bring back; the focus goes to the button that adds."""
    added = press(desk, acme, opened_form(desk, acme), f"{editor.field} add", htmx=False).form_values()
    page = press(desk, acme, added, f"{editor.field} remove {editor.blank}", htmx=True)
    assert f"{editor.field}-{editor.blank}-{editor.parts[0]}" not in rows_of(page, editor)
    assert page.one("[autofocus]")["id"] == f"{editor.field}-add"


@both_editors
def test_a_button_for_a_row_that_is_not_there_does_no_harm(desk: DeskClient, acme: Customer, editor: RowEditor) -> None:
    """The page in another tab had more rows."""
    values = opened_form(desk, acme)
    page = press(desk, acme, values, f"{editor.field} remove 77", htmx=False)
    assert page.form_values() == {**values, "csrf_token": page.form_values()["csrf_token"]}


@pytest.mark.parametrize(
    "button",
    ["", "metadata", "name add", "metadata add 1", "metadata remove", "metadata remove x", "metadata remove -1",
     "metadata remove ²", "metadata explode 1", "metadata remove 99999999999999999999"],
)  # fmt: skip
def test_an_unknown_button_is_refused(desk: DeskClient, acme: Customer, button: str) -> None:
    """A sentence, not a crash."""
    assert press(desk, acme, opened_form(desk, acme), button, htmx=False).status == 400


@both_editors
def test_typed_values_survive_every_button(desk: DeskClient, acme: Customer, editor: RowEditor) -> None:
    """In the other fields and in both editors, wrong ones too: nothing is judged before Save."""
    typed = {
        **opened_form(desk, acme),
        "name": "",
        "email": "not an email",
        "address_country": "JP",
        "external_id": "typed",
        "confirm_external_id": "y",
        "reason": "because",
        **ENTRIES.row(3, "plan", "twice"),
        **INTEGRATIONS.row(0, "paddle", "typed"),
    }
    page = press(desk, acme, typed, f"{editor.field} add", htmx=False)
    assert page.form_values().items() >= {k: v for k, v in typed.items() if k != "csrf_token"}.items()
    assert page.all("[aria-invalid], #error-summary") == []


@both_editors
@pytest.mark.parametrize("action", ["add", "remove 0", "restore 0"])
def test_no_button_saves(desk: DeskClient, world: World, acme: Customer, editor: RowEditor, action: str) -> None:
    """Rows are typed; Save saves."""
    press(desk, acme, opened_form(desk, acme) | {"name": "Typed"}, f"{editor.field} {action}", htmx=False)
    assert world.reload(acme) == acme


@both_editors
def test_a_row_removed_meanwhile_does_not_shift_the_rows(
    desk: DeskClient, world: World, acme: Customer, editor: RowEditor
) -> None:
    """The button acts on the row that it stands in, whatever somebody else saved since."""
    values = opened_form(desk, acme)
    world.update_customer(acme, metadata={"seats": "12", "note": ""})
    page = press(desk, acme, values, f"{editor.field} remove 1", htmx=True)
    second = list(METADATA if editor is ENTRIES else MAPPINGS)[1]
    assert page.text(".row-removed del").split(" = ")[0] == second


@pytest.mark.parametrize("rows", ["metadata-add", "metadata-0-remove", "metadata-1-restore"])
def test_each_button_works_without_a_script(desk: DeskClient, acme: Customer, rows: str) -> None:
    """A submit button of the form that asks for no valid input first."""
    page = press(desk, acme, opened_form(desk, acme), "metadata remove 1", htmx=False)
    button = page.one(f'[id="{rows}"]')
    assert (button["type"], button["name"], button["formaction"]) == ("submit", "rows", f"{url_of(acme)}/edit/rows")
    assert button.has_attr("formnovalidate")
    assert button.find_parent("form")["id"] == "customer-form"


@both_editors
def test_markup_in_a_row_is_text(desk: DeskClient, acme: Customer, editor: RowEditor) -> None:
    """In inputs and in struck-through rows."""
    evil = '"><b id=evil>x</b>'
    typed = opened_form(desk, acme) | editor.row(0, "stripe" if editor is INTEGRATIONS else evil, evil)
    page = press(desk, acme, typed, f"{editor.field} remove 0", htmx=True)
    assert page.all("b, [id=evil]") == []
    assert evil in page.text(".row-removed del")


def test_a_provider_that_there_is_not_is_in_no_frame(app: Flask, desk: DeskClient, world: World) -> None:
    """A form may bring any text for it, which is judged when it is saved."""
    customer = world.create_customer()
    made_up = "\ue000nobody\ue001 %(url)s"
    values = opened_form(desk, customer) | INTEGRATIONS.row(0, made_up, "id")
    assert desk.post(f"{url_of(customer)}/edit/address", values).status == 200
    environment: Any = app.jinja_env
    kept = [str(key) for one in environment.environments_by_language.values() for key in one.frames]
    assert kept
    assert not [key for key in kept if "nobody" in key]
