"""Two people edit one customer: a stale form never overwrites, says what changed meanwhile, and loses nothing typed."""

import pytest
from bs4 import Tag
from flask import Flask

from tests.support.clients import ApiClient, DeskClient, Page
from tests.support.desk_pages import (
    ENTRIES,
    changed_fields,
    folded,
    opened_form,
    page_errors,
    press,
    save,
    save_and_follow,
)
from tests.support.world import World
from webapp.customers.model import Customer

METADATA = {"plan": "gold", "seats": "12", "note": "n"}


@pytest.fixture
def acme(world: World) -> Customer:
    """The customer that both edit."""
    return world.create_customer(
        name="Acme", email="a@acme.example", address_city="Rome", metadata=METADATA, mappings={"stripe": "cus_1"}
    )


@pytest.fixture
def colleague(app: Flask, desk: DeskClient) -> DeskClient:
    """Somebody else at the desk."""
    return DeskClient(app, "admin")


def _conflicts(page: Page) -> dict[str, tuple[str, ...]]:
    """(original, theirs, yours) by label."""
    rows: list[Tag] = page.all(".conflicts tbody tr")
    return {folded(row.select("th")[0]): tuple(folded(cell) for cell in row.select("td")) for row in rows}


def test_a_stale_form_never_overwrites(desk: DeskClient, colleague: DeskClient, world: World, acme: Customer) -> None:
    """Not even where nobody else touched what was typed: the person is asked first."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, name="Theirs")
    theirs = world.reload(acme)
    assert save(desk, acme, values, name="Mine", address_city="Oslo").status == 409
    assert world.reload(acme) == theirs


def test_it_tells_who_changed_what_meanwhile(desk: DeskClient, colleague: DeskClient, acme: Customer) -> None:
    """Each change since the form was opened, newest first, with who and from where, old and new."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, name="Theirs", contact="123")
    save_and_follow(colleague, acme, **{"metadata-0-value": "silver"})
    page = save(desk, acme, values, email="mine@acme.example")
    changes = page.all("#stale .change")
    assert [folded(change.select(".change-head")[0]) for change in changes] == [
        "Updated on the desk by admin@desk.example"
    ] * 2
    assert [changed_fields(change) for change in changes] == [
        [("Metadata: plan", "gold", "silver")],
        [("Name", "Acme", "Theirs"), ("Phone", "empty", "123")],
    ]


def test_a_program_counts_as_somebody_else(desk: DeskClient, api: ApiClient, acme: Customer) -> None:
    """A PUT between opening and saving is shown as one."""
    values = opened_form(desk, acme)
    api.put(f"/v1/customers/{acme.id}", {"name": "By API"})
    page = save(desk, acme, values, email="mine@acme.example")
    assert page.status == 409
    assert page.text("#stale .change-head") == "Updated through the API by API key write key"


def test_the_notice_takes_the_focus(desk: DeskClient, world: World, acme: Customer) -> None:
    """It is an alert on top of the form."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    notice = save(desk, acme, values, email="mine@acme.example").one("#stale")
    assert (notice["role"], notice["tabindex"], notice.has_attr("autofocus")) == ("alert", "-1", True)


def test_what_was_typed_is_kept(desk: DeskClient, world: World, acme: Customer) -> None:
    """Every touched box, the tick, the reason and the rows."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", metadata={**METADATA, "theirs": "1"})
    typed = {
        "external_id": "typed",
        "confirm_external_id": "y",
        "email": "not an email",
        "address_city": "",
        "address_country": "JP",
        "reason": "because",
        "metadata-1-value": "99",
        "integration_entity_mapping-0-id": "cus_2",
    }
    assert save(desk, acme, values, **typed).form_values().items() >= typed.items()


def test_untouched_fields_show_the_new_values(desk: DeskClient, world: World, acme: Customer) -> None:
    """So that the next save does not undo what somebody else did."""
    parent = world.create_customer(external_id="parent")
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", contact="123", timezone="Asia/Tokyo")
    save_and_follow(desk, acme, parent_customer_external_id=parent.external_id)
    shown = save(desk, acme, values, email="mine@acme.example").form_values()
    assert (
        shown.items()
        >= {
            "name": "Theirs",
            "contact": "123",
            "timezone": "Asia/Tokyo",
            "parent_customer_external_id": "parent",
            "email": "mine@acme.example",
        }.items()
    )


def test_a_second_save_applies(desk: DeskClient, world: World, acme: Customer) -> None:
    """Both edits stand."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", contact="123")
    save_and_follow(desk, acme, save(desk, acme, values, email="mine@acme.example").form_values())
    stored = world.reload(acme)
    assert (stored.name, stored.contact, stored.email, stored.version) == ("Theirs", "123", "mine@acme.example", 3)


def test_a_second_save_can_be_stale_again(desk: DeskClient, world: World, acme: Customer) -> None:
    """Only what is new since the first refusal is told."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    again = save(desk, acme, values, email="mine@acme.example").form_values()
    world.update_customer(acme, contact="123")
    page = save(desk, acme, again)
    assert page.status == 409
    assert [changed_fields(change) for change in page.all("#stale .change")] == [[("Phone", "empty", "123")]]
    assert page.form_values()["email"] == "mine@acme.example"


def test_metadata_merges_key_by_key(desk: DeskClient, world: World, acme: Customer) -> None:
    """Added, changed and removed on both sides, each on other keys: all of it holds."""
    values = opened_form(desk, acme)
    world.update_customer(acme, metadata={"plan": "silver", "note": "n", "theirs": "1"})
    typed = values | {"metadata-2-removed": "1"} | ENTRIES.row(3, "mine", "2")
    page = save(desk, acme, typed)
    assert (page.status, _conflicts(page)) == (409, {})
    save_and_follow(desk, acme, page.form_values())
    assert world.reload(acme).metadata == {"plan": "silver", "mine": "2", "theirs": "1"}


def test_integrations_merge_provider_by_provider(desk: DeskClient, colleague: DeskClient, acme: Customer) -> None:
    """One changes stripe while the other adds paddle."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, **{"integration_entity_mapping-0-id": "cus_theirs"})
    mine = {"integration_entity_mapping-1-provider": "paddle", "integration_entity_mapping-1-id": "pad_mine"}
    page = save_and_follow(desk, acme, save(desk, acme, values, **mine).form_values())
    rows = page.all("[aria-labelledby=integrations-heading] tbody tr")
    assert [folded(row.select("td")[0]).split()[0] for row in rows] == ["pad_mine", "cus_theirs"]


def test_a_true_conflict_is_shown_side_by_side(desk: DeskClient, world: World, acme: Customer) -> None:
    """Original, theirs and yours of each field that both changed, and of no other; yours stand in the form."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", contact="123", metadata={"plan": "silver", "note": "n"})
    page = save(desk, acme, values, **{"name": "Mine", "metadata-0-value": "bronze", "metadata-1-value": "13"})
    assert _conflicts(page) == {
        "Name": ("Acme", "Theirs", "Mine"),
        "Metadata: plan": ("gold", "silver", "bronze"),
        "Metadata: seats": ("12", "— Not set", "13"),
    }
    assert page.form_values()["name"] == "Mine"


def test_each_conflict_leads_to_its_control(desk: DeskClient, world: World, acme: Customer) -> None:
    """By a link to an element that is there, where the entry was removed too."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", metadata={**METADATA, "plan": "silver", "seats": "13"})
    page = save(desk, acme, values, **{"name": "Mine", "metadata-0-value": "bronze", "metadata-1-removed": "1"})
    links = [str(link["href"]) for link in page.all(".conflicts a")]
    assert len(links) == 3
    assert all(page.one(f'[id="{link.removeprefix("#")}"]') for link in links)


def test_the_same_edit_twice_is_no_conflict(desk: DeskClient, world: World, acme: Customer) -> None:
    """Two people mended the same slip."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Mended")
    page = save(desk, acme, values, name="Mended")
    assert (page.status, _conflicts(page)) == (409, {})


def test_saving_yours_over_theirs_is_possible_knowingly(desk: DeskClient, world: World, acme: Customer) -> None:
    """After the conflict was shown, and with both in the history."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    save_and_follow(desk, acme, save(desk, acme, values, name="Mine").form_values())
    assert [change.fields[0].new for change in world.history(acme)] == ["Mine", "Theirs", acme.external_id]


def test_a_removed_row_stays_removed(desk: DeskClient, world: World, acme: Customer) -> None:
    """It can still be brought back."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    page = save(desk, acme, values, **{"metadata-1-removed": "1"})
    assert page.text(".row-removed del") == "seats = 12"


def test_an_entry_that_others_removed_is_gone(desk: DeskClient, world: World, acme: Customer) -> None:
    """Unless it was touched, a save does not bring it back."""
    values = opened_form(desk, acme)
    world.update_customer(acme, metadata={"plan": "gold", "note": "n"})
    save_and_follow(desk, acme, save(desk, acme, values, name="Mine").form_values())
    assert world.reload(acme).metadata == {"plan": "gold", "note": "n"}


@pytest.mark.parametrize(
    "row", [ENTRIES.row(3, "plan", "twice"), ENTRIES.row(3, "", "keyless")], ids=["key twice", "no key"]
)
def test_a_wrong_row_is_kept_and_refused_at_the_next_save(
    desk: DeskClient, world: World, acme: Customer, row: dict[str, str]
) -> None:
    """The merge swallows nothing that was typed."""
    values = opened_form(desk, acme)
    world.update_customer(acme, metadata={**METADATA, "theirs": "1"})
    shown = save(desk, acme, values | row).form_values()
    assert set(row.values()) <= set(shown.values())
    assert [target for target, _ in page_errors(save(desk, acme, shown))] == ["metadata-3-key"]


def test_row_buttons_leave_a_stale_form_as_stale(desk: DeskClient, world: World, acme: Customer) -> None:
    """Adding a row merges nothing; Save still asks."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    page = press(desk, acme, values, "metadata add", htmx=False)
    assert page.form_values().items() >= {"name": "Acme", "version": "1"}.items()
    assert save(desk, acme, page.form_values(), email="mine@acme.example").status == 409


@pytest.mark.parametrize("version", ["0", "-1", "999999", "9" * 400, "x", "", "1.0", "²", None])
@pytest.mark.parametrize("changed", [False, True], ids=["at its first version", "changed since"])
def test_a_made_up_version_does_no_harm(
    desk: DeskClient, world: World, acme: Customer, version: str | None, changed: bool
) -> None:
    """It counts as stale: nothing is written, what was typed is kept, and the next save is a normal one."""
    values = opened_form(desk, acme)
    if changed:
        world.update_customer(acme, contact="123")
    before = world.reload(acme)
    del values["version"]
    page = save(desk, acme, values | ({} if version is None else {"version": version}), name="Mine")
    assert (page.status, page.form_values()["name"]) == (409, "Mine")
    assert world.reload(acme) == before
    save_and_follow(desk, acme, page.form_values())
    assert (world.reload(acme).name, world.reload(acme).contact) == ("Mine", before.contact)


def test_a_stale_form_of_an_archived_customer_shows_why(desk: DeskClient, world: World, acme: Customer) -> None:
    """It can no longer be saved, and there is only that to say; what was typed stays in the boxes."""
    values = opened_form(desk, acme)
    world.update_customer(acme, contact="123")
    world.archive(acme)
    page = save(desk, acme, values, name="Mine")
    assert (page.status, page.form_values()["name"]) == (422, "Mine")
    assert "archived" in page.text("#error-summary")


@pytest.mark.parametrize("step", ["a row is added", "a refusal"])
def test_the_conflict_stays_in_sight_on_the_pages_that_follow(
    desk: DeskClient, colleague: DeskClient, acme: Customer, step: str
) -> None:
    """Without JavaScript every button is a new page: until the save, it goes on telling what changed meanwhile."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, name="Theirs")
    shown = save(desk, acme, values, name="Mine").form_values()
    if step == "a refusal":
        page = save(desk, acme, shown, email="nope")
    else:
        page = press(desk, acme, shown, "metadata add", htmx=False)
    assert _conflicts(page) == {"Name": ("Acme", "Theirs", "Mine")}
