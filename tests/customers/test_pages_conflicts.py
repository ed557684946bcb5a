"""Two people change the same: each value is asked about, field by field and key by key, and what is chosen is saved."""

import pytest
from flask import Flask

from tests.support.clients import DeskClient
from tests.support.desk_pages import (
    changed_fields,
    choose,
    conflicts_on,
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


def test_a_true_conflict_is_never_written_unasked(
    desk: DeskClient, colleague: DeskClient, world: World, acme: Customer
) -> None:
    """Not even its part that would merge."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, name="Theirs")
    theirs = world.reload(acme)
    assert save(desk, acme, values, name="Mine", address_city="Oslo").status == 409
    assert world.reload(acme) == theirs


def test_it_tells_who_changed_what_meanwhile(desk: DeskClient, colleague: DeskClient, acme: Customer) -> None:
    """Each change since the form was opened, newest first; beside each value of theirs, who and when."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, name="Theirs", contact="123")
    save_and_follow(colleague, acme, **{"metadata-0-value": "silver"})
    page = save(desk, acme, values, name="Mine")
    assert [changed_fields(change) for change in page.all("#stale .change")] == [
        [("Metadata: plan", "gold", "silver")],
        [("Name", "Acme", "Theirs"), ("Phone", "empty", "123")],
    ]
    who = page.one("#stale .choice-who")
    assert folded(who).startswith("Updated on the desk by admin@desk.example, ")
    assert who.select("time[datetime]")


def test_each_conflict_shows_all_values_and_none_is_chosen(desk: DeskClient, world: World, acme: Customer) -> None:
    """Original, theirs and yours of each field and key that both changed, and of no other."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", contact="123", metadata={"plan": "silver", "note": "n"})
    page = save(desk, acme, values, **{"name": "Mine", "metadata-0-value": "bronze", "metadata-1-value": "13"})
    assert conflicts_on(page) == {
        "Name": {"yours": "Mine", "theirs": "Theirs", "original": "Acme"},
        "Metadata: plan": {"yours": "bronze", "theirs": "silver", "original": "gold"},
        "Metadata: seats": {"yours": "13", "theirs": "removed", "original": "12"},
    }
    assert page.all("#stale input[checked]") == []
    assert page.form_values().items() >= {"name": "Mine", "contact": "123"}.items()


def test_the_words_that_differ_are_marked_and_nothing_is_markup(desk: DeskClient, world: World, acme: Customer) -> None:
    """A value is shown as the text that it is."""
    customer = world.create_customer(name="Acme <b>Corp</b> Ltd")
    values = opened_form(desk, customer)
    world.update_customer(customer, name="Acme <b>Corp</b> GmbH")
    page = save(desk, customer, values, name="<script>alert(1)</script>")
    assert [mark.get_text() for mark in page.all("#choice-0-theirs + label .changed")] == ["GmbH"]
    assert page.one("#choice-0 + label .choice-value").get_text(strip=True) == "<script>alert(1)</script>"


@pytest.mark.parametrize(("wanted", "name"), [("yours", "Mine"), ("theirs", "Theirs"), ("original", "Acme")])
def test_what_is_chosen_is_saved(desk: DeskClient, world: World, acme: Customer, wanted: str, name: str) -> None:
    """By the server: the form's box still holds yours."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    page = save(desk, acme, values, name="Mine", address_city="Oslo")
    save_and_follow(desk, acme, choose(page, Name=wanted))
    assert (world.reload(acme).name, world.reload(acme).address_city) == (name, "Oslo")


def test_yours_is_what_stands_in_the_form(desk: DeskClient, world: World, acme: Customer) -> None:
    """It can still be edited."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    page = save(desk, acme, values, name="Mine")
    save_and_follow(desk, acme, choose(page, Name="yours"), name="Ours")
    assert world.reload(acme).name == "Ours"


@pytest.mark.parametrize("key", ["plan", "Ünï 用户", "a:b c", 'x"y', "choice-0", "k" * 100])
def test_a_choice_for_any_metadata_key(desk: DeskClient, world: World, key: str) -> None:
    """Whatever signs it has."""
    customer = world.create_customer(metadata={key: "1", "other": "o"})
    values = opened_form(desk, customer)
    world.update_customer(customer, metadata={key: "2", "other": "o"})
    page = save(desk, customer, values, **{"metadata-0-value": "3"})
    assert list(conflicts_on(page)) == [f"Metadata: {key}"]
    save_and_follow(desk, customer, page.form_values() | {"choice-0": "theirs"})
    assert world.reload(customer).metadata == {key: "2", "other": "o"}


@pytest.mark.parametrize(
    ("wanted", "metadata"),
    [("yours", {"plan": "gold", "note": "n"}), ("theirs", {**METADATA, "seats": "13"}), ("original", METADATA)],
)
def test_an_entry_that_you_removed_and_they_changed(
    desk: DeskClient, world: World, acme: Customer, wanted: str, metadata: dict[str, str]
) -> None:
    """Removing it is a value to choose as any other."""
    values = opened_form(desk, acme)
    world.update_customer(acme, metadata={**METADATA, "seats": "13"})
    page = save(desk, acme, values, **{"metadata-1-removed": "1"})
    assert conflicts_on(page) == {"Metadata: seats": {"yours": "removed", "theirs": "13", "original": "12"}}
    save_and_follow(desk, acme, choose(page, Metadata_seats=wanted))
    assert world.reload(acme).metadata == metadata


@pytest.mark.parametrize(("wanted", "seats"), [("yours", "13"), ("theirs", None), ("original", "12")])
def test_an_entry_that_they_removed_and_you_changed(
    desk: DeskClient, world: World, acme: Customer, wanted: str, seats: str | None
) -> None:
    """The other way round."""
    values = opened_form(desk, acme)
    world.update_customer(acme, metadata={"plan": "gold", "note": "n"})
    page = save(desk, acme, values, **{"metadata-1-value": "13"})
    save_and_follow(desk, acme, choose(page, Metadata_seats=wanted))
    assert world.reload(acme).metadata.get("seats") == seats


@pytest.mark.parametrize(("wanted", "stored"), [("yours", {}), ("theirs", {"stripe": "cus_2"})])
def test_an_integration_that_one_removed_and_the_other_changed(
    desk: DeskClient, colleague: DeskClient, world: World, acme: Customer, wanted: str, stored: dict[str, str]
) -> None:
    """Mappings are asked about as metadata is."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, **{"integration_entity_mapping-0-id": "cus_2"})
    page = save(desk, acme, values, **{"integration_entity_mapping-0-removed": "1"})
    assert conflicts_on(page) == {"Integration: stripe": {"yours": "removed", "theirs": "cus_2", "original": "cus_1"}}
    save_and_follow(desk, acme, choose(page, Integration_stripe=wanted))
    form = opened_form(desk, acme)
    assert form.get("integration_entity_mapping-0-id") == stored.get("stripe")


def test_saving_without_a_choice_for_each_is_refused(desk: DeskClient, world: World, acme: Customer) -> None:
    """The error summary leads to the radio buttons; choices that were made are kept."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", metadata={**METADATA, "plan": "silver"})
    before = world.reload(acme)
    page = save(desk, acme, values, **{"name": "Mine", "metadata-0-value": "bronze"})
    page = save(desk, acme, choose(page, Name="theirs"))
    assert page.status == 422
    assert page_errors(page) == [("choice-1", "Metadata: plan: choose which value shall stand.")]
    assert page.one('[id="choice-1"]')["type"] == "radio"
    assert [str(radio["value"]) for radio in page.all("#stale input[checked]")] == ["theirs"]
    assert page.form_values()["name"] == "Mine"
    assert world.reload(acme) == before
    save_and_follow(desk, acme, choose(page, Metadata_plan="yours"))
    assert (world.reload(acme).name, world.reload(acme).metadata["plan"]) == ("Theirs", "bronze")


def test_another_change_meanwhile_keeps_the_choices_that_still_apply(
    desk: DeskClient, world: World, acme: Customer
) -> None:
    """Only what has changed again is asked again."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs", contact="1")
    page = save(desk, acme, values, name="Mine", contact="2", address_city="Oslo")
    world.update_customer(acme, contact="3", email="new@acme.example")
    page = save(desk, acme, choose(page, Name="original", Phone="yours"))
    assert page.status == 409
    assert conflicts_on(page)["Phone"] == {"yours": "2", "theirs": "3", "original": ""} | {"original": "empty"}
    assert [str(radio["value"]) for radio in page.all("#stale input[checked]")] == ["original"]
    save_and_follow(desk, acme, choose(page, Phone="theirs"))
    stored = world.reload(acme)
    assert (stored.name, stored.contact, stored.email, stored.address_city) == (
        "Acme",
        "3",
        "new@acme.example",
        "Oslo",
    )


def test_another_change_that_clashes_with_nothing_lets_the_choices_be_saved(
    desk: DeskClient, world: World, acme: Customer
) -> None:
    """Nobody is asked twice."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    page = save(desk, acme, values, name="Mine")
    world.update_customer(acme, contact="123")
    page = save_and_follow(desk, acme, choose(page, Name="yours"))
    assert (world.reload(acme).name, world.reload(acme).contact) == ("Mine", "123")
    assert page.text("#saved-merged") == "Merged with 2 changes that Test saved since you opened it."


def test_what_a_script_put_into_the_box_is_told_from_what_was_typed(
    desk: DeskClient, world: World, acme: Customer
) -> None:
    """It shows the chosen value there; where the save is refused, yours is still to be had."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    page = save(desk, acme, values, name="Mine")
    shown = choose(page, Name="theirs") | {"name": "Theirs", "email": "no address"}
    page = save(desk, acme, shown)
    assert (page.status, page.form_values()["name"]) == (422, "Mine")
    assert conflicts_on(page) == {"Name": {"yours": "Mine", "theirs": "Theirs", "original": "Acme"}}
    save_and_follow(desk, acme, page.form_values(), email="a@acme.example")
    assert world.reload(acme).name == "Theirs"


def test_the_notice_takes_the_focus(desk: DeskClient, world: World, acme: Customer) -> None:
    """It is an alert on top of the form."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    notice = save(desk, acme, values, name="Mine").one("#stale")
    assert (notice["role"], notice["tabindex"], notice.has_attr("autofocus")) == ("alert", "-1", True)


def test_a_parent_is_merged_and_asked_about_by_its_external_id(
    desk: DeskClient, colleague: DeskClient, world: World, acme: Customer
) -> None:
    """As the form shows it; with who changed it."""
    for name in ("one", "two"):
        world.create_customer(external_id=name)
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, parent_customer_external_id="one")
    page = save(desk, acme, values, parent_customer_external_id="two")
    assert conflicts_on(page) == {"Parent customer": {"yours": "two", "theirs": "one", "original": "empty"}}
    assert "admin@desk.example" in page.text(".choice-who")
    save_and_follow(desk, acme, choose(page, Parent_customer="yours"))
    assert opened_form(desk, acme)["parent_customer_external_id"] == "two"


@pytest.mark.parametrize(
    "sent",
    [
        {"choice-0-place": "nothing"},
        {"choice-0-place": "metadata"},
        {"choice-0-place": "name:key"},
        {"choice-0-since": "0"},
        {"choice-0-since": "9" * 30},
        {"choice-0-since": "x"},
        {"choice-0": "everybody's"},
    ],
    ids=str,
)
def test_a_made_up_choice_does_no_harm(desk: DeskClient, world: World, acme: Customer, sent: dict[str, str]) -> None:
    """It counts as none: what stands in the form is saved knowingly, or the choice is asked for."""
    values = opened_form(desk, acme)
    world.update_customer(acme, name="Theirs")
    page = save(desk, acme, values, name="Mine")
    answer = save(desk, acme, choose(page, Name="yours") | sent)
    assert answer.status in {303, 422}
    assert world.reload(acme).name == ("Mine" if answer.status == 303 else "Theirs")


@pytest.mark.parametrize("step", ["a row is added", "a refusal"])
def test_the_conflict_stays_in_sight_on_the_pages_that_follow(
    desk: DeskClient, colleague: DeskClient, acme: Customer, step: str
) -> None:
    """Without JavaScript every button is a new page: until the save, it goes on asking, and knows the answer."""
    values = opened_form(desk, acme)
    save_and_follow(colleague, acme, name="Theirs")
    shown = choose(save(desk, acme, values, name="Mine"), Name="theirs")
    if step == "a refusal":
        page = save(desk, acme, shown, email="nope")
    else:
        page = press(desk, acme, shown, "metadata add", htmx=False)
    assert conflicts_on(page) == {"Name": {"yours": "Mine", "theirs": "Theirs", "original": "Acme"}}
    assert [str(radio["value"]) for radio in page.all("#stale input[checked]")] == ["theirs"]
