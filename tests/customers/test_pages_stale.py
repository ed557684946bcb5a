"""Two people edit one customer: what does not clash is merged and saved, and nothing is lost."""

from collections.abc import Callable

import pytest
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
from tests.support.world import World, seed_world
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


def _merged_notice(page: Page) -> str:
    return page.text("#saved-merged")


def test_edits_of_different_fields_are_merged_and_saved(
    desk: DeskClient, colleague: DeskClient, world: World, acme: Customer
) -> None:
    """At once, and the record says with what of whom; both edits hold."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, name="Theirs", contact="123")
    world.update_customer(acme, timezone="Asia/Tokyo")
    page = save_and_follow(desk, acme, values, address_city="Oslo")
    stored = world.reload(acme)
    assert (stored.name, stored.contact, stored.timezone, stored.address_city) == (
        "Theirs",
        "123",
        "Asia/Tokyo",
        "Oslo",
    )
    assert _merged_notice(page) == "Merged with 2 changes that admin@desk.example, Test saved since you opened it."
    assert changed_fields(page.one("#saved > .field-changes").parent)[0] == ("City", "Rome", "Oslo")
    assert [changed_fields(change) for change in page.all("#saved .merged .change")] == [
        [("Time zone", "UTC", "Asia/Tokyo")],
        [("Name", "Acme", "Theirs"), ("Phone", "empty", "123")],
    ]


def test_who_saves_what_nobody_else_touched_is_told_of_no_merge(desk: DeskClient, acme: Customer) -> None:
    """The notice says nothing of it."""
    page = save_and_follow(desk, acme, address_city="Oslo")
    assert page.all("#saved-merged, #saved .merged") == []


def test_the_change_holds_only_what_was_typed(desk: DeskClient, world: World, acme: Customer) -> None:
    """What others saved is theirs in the history."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", contact="123")
    save_and_follow(desk, acme, values, email="mine@acme.example")
    assert [(field.field, field.new) for field in world.history(acme)[0].fields] == [("email", "mine@acme.example")]


def test_a_program_counts_as_somebody_else(desk: DeskClient, api: ApiClient, acme: Customer) -> None:
    """A PUT between opening and saving is merged with, or asked about, as any change."""
    values = opened_form(desk, acme)
    api.put(f"/v1/customers/{acme.id}", {"name": "By API"})
    page = save(desk, acme, values, name="Mine")
    assert page.status == 409
    assert page.text("#stale .change-head") == "Updated through the API by API key write key"


def test_metadata_merges_key_by_key(desk: DeskClient, world: World, acme: Customer) -> None:
    """Added, changed and removed on both sides, each on other keys: all of it holds."""
    values = opened_form(desk, acme)
    world.update_customer(acme, metadata={"plan": "silver", "note": "n", "theirs": "1"})
    save_and_follow(desk, acme, values | {"metadata-2-removed": "1"} | ENTRIES.row(3, "mine", "2"))
    assert world.reload(acme).metadata == {"plan": "silver", "mine": "2", "theirs": "1"}


def test_integrations_merge_provider_by_provider(desk: DeskClient, colleague: DeskClient, acme: Customer) -> None:
    """One changes stripe while the other adds paddle."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, **{"integration_entity_mapping-0-id": "cus_theirs"})
    mine = {"integration_entity_mapping-1-provider": "paddle", "integration_entity_mapping-1-id": "pad_mine"}
    page = save_and_follow(desk, acme, values, **mine)
    rows = page.all("[aria-labelledby=integrations-heading] tbody tr")
    assert [folded(row.select("td")[0]).split()[0] for row in rows] == ["pad_mine", "cus_theirs"]


def test_the_same_edit_twice_changes_nothing(desk: DeskClient, world: World, acme: Customer) -> None:
    """Two people mended the same slip."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Mended")
    page = save_and_follow(desk, acme, values, name="Mended")
    assert page.text("#saved-title") == "Nothing changed."
    assert world.reload(acme).version == 2


TYPED = {
    "external_id": "typed",
    "confirm_external_id": "y",
    "email": "mine@acme.example",
    "address_city": "",
    "address_country": "JP",
    "reason": "because",
    "metadata-1-value": "99",
    "integration_entity_mapping-0-id": "cus_2",
}


@pytest.mark.parametrize(
    ("typed", "status", "fault"),
    [
        ({"name": "Mine"}, 409, ""),
        ({"email": "not an email"}, 422, "email"),
        ({"external_id": "taken"}, 422, "external_id"),
        ({"parent_customer_external_id": "nobody"}, 422, "parent_customer_external_id"),
    ],
    ids=["a conflict", "a wrong value", "a taken external ID", "no such parent"],
)
def test_whatever_stops_a_stale_save_what_was_typed_is_kept(
    desk: DeskClient, world: World, acme: Customer, typed: dict[str, str], status: int, fault: str
) -> None:
    """Every touched box, the tick, the reason and the rows; untouched ones show what is there now."""
    world.create_customer(external_id="taken")
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", contact="123", metadata={**METADATA, "theirs": "1"})
    page = save(desk, acme, values, **{**TYPED, **typed})
    assert page.status == status
    assert [target for target, _ in page_errors(page)] == ([fault] if fault else [])
    assert page.form_values().items() >= {**TYPED, **typed, "contact": "123"}.items()
    assert len(page.all("#stale")) == 1
    assert world.reload(acme).version == 2


def test_a_refused_merge_is_saved_when_it_is_mended(desk: DeskClient, world: World, acme: Customer) -> None:
    """And still says what it was merged with."""
    values = opened_form(desk, acme)
    world.update_customer(acme, contact="123")
    page = save(desk, acme, values, email="no address")
    page = save_and_follow(desk, acme, page.form_values(), email="mine@acme.example")
    assert (world.reload(acme).email, world.reload(acme).contact) == ("mine@acme.example", "123")
    assert _merged_notice(page) == "Merged with one change that Test saved since you opened it."


def test_the_rules_judge_the_merged_form(make_app: Callable[..., Flask]) -> None:
    """Two who each add an entry can be one too many together; nothing of it is lost."""
    world = seed_world(make_app(metadata_max_entries=2))
    customer, desk = world.create_customer(metadata={"a": "1"}), DeskClient(world.app)
    values = opened_form(desk, customer)
    world.update_customer(customer, metadata={"a": "1", "theirs": "2"})
    page = save(desk, customer, values | ENTRIES.row(1, "mine", "3"))
    assert page.status == 422
    assert [target for target, _ in page_errors(page)] == ["metadata"]
    assert {"theirs", "mine"} <= set(page.form_values().values())


def test_a_wrong_row_is_kept_and_refused(desk: DeskClient, world: World, acme: Customer) -> None:
    """The merge swallows nothing that was typed."""
    for row in (ENTRIES.row(3, "plan", "twice"), ENTRIES.row(3, "", "keyless")):
        values = opened_form(desk, acme)
        world.update_customer(acme, contact=row["metadata-3-value"])
        page = save(desk, acme, values | row)
        assert page.status == 422
        assert set(row.values()) <= set(page.form_values().values())
        assert [target for target, _ in page_errors(page)] == ["metadata-3-key"]


def test_an_entry_that_others_removed_is_gone(desk: DeskClient, world: World, acme: Customer) -> None:
    """Unless it was touched, a save does not bring it back."""
    values = opened_form(desk, acme)
    world.update_customer(acme, metadata={"plan": "gold", "note": "n"})
    save_and_follow(desk, acme, values, name="Mine")
    assert world.reload(acme).metadata == {"plan": "gold", "note": "n"}


def test_row_buttons_leave_a_stale_form_as_stale(desk: DeskClient, world: World, acme: Customer) -> None:
    """Adding a row merges nothing; Save does."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    page = press(desk, acme, values, "metadata add", htmx=False)
    assert page.form_values().items() >= {"name": "Acme", "version": "1"}.items()
    save_and_follow(desk, acme, page.form_values(), email="mine@acme.example")
    assert (world.reload(acme).name, world.reload(acme).email) == ("Theirs", "mine@acme.example")


@pytest.mark.parametrize("version", ["0", "-1", "999999", "9" * 400, "x", "", "1.0", "²", None])
@pytest.mark.parametrize("changed", [False, True], ids=["at its first version", "changed since"])
def test_a_made_up_version_does_no_harm(
    desk: DeskClient, world: World, acme: Customer, version: str | None, changed: bool
) -> None:
    """Nothing is written, what was typed is kept, and the next save is a normal one."""
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
