"""Undoing on the desk: right after a save, one entry, one field of it; what was changed later is asked about."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import changed_fields, folded, page_errors, save_and_follow, url_of
from tests.support.world import World, seed_world
from webapp.customers.model import Customer

METADATA = {"plan": "gold", "seats": "12"}


@pytest.fixture
def acme(world: World) -> Customer:
    """A customer, changed once: name, email and one entry."""
    customer = world.create_customer(name="One", email="one@acme.example", metadata=METADATA)
    return world.update_customer(
        customer, name="Two", email="two@acme.example", metadata={"plan": "silver", "seats": "12"}
    )


def undo(desk: DeskClient, customer: Customer, version: int, page: Page | None = None, **sent: str) -> Page:
    """Press the button that undoes an entry, on its page or on ``page``, with what else is sent."""
    page = page or desk.get(f"{url_of(customer)}/history/{version}")
    action = f"{url_of(customer)}/history/{version}/revert"
    return desk.post(action, {**page.form_values(f'form[action="{action}"]'), **sent})


def undo_and_follow(desk: DeskClient, customer: Customer, version: int, page: Page | None = None, **sent: str) -> Page:
    """Where nothing speaks against it: the record that follows."""
    answer = undo(desk, customer, version, page, **sent)
    assert answer.status == 303, page_errors(answer)
    return desk.get(answer.response.headers["Location"])


def asked(page: Page) -> dict[str, list[str]]:
    """By label: what each field that was changed later can become."""
    return {
        folded(choice.select("legend")[0]): [
            " ".join(value.get_text().split()) for value in choice.select(".choice-value")
        ]
        for choice in page.all(".choice")
    }


def test_a_save_can_be_undone_at_once(desk: DeskClient, world: World, acme: Customer) -> None:
    """By the button of its notice; the undoing says so and can be undone as well."""
    saved = save_and_follow(desk, acme, name="Three", reason="a slip")
    undone = undo_and_follow(desk, acme, 3, saved)
    assert world.reload(acme).name == "Two"
    assert undone.text("#saved-title") == "Undone: what version 3 changed is back. This is version 4."
    assert changed_fields(undone.one("#saved")) == [("Name", "Three", "Two")]
    assert folded(undone.all(".change-head")[0]) == "Reverted version 3 on the desk by editor@desk.example"
    undo_and_follow(desk, acme, 4, undone)
    assert world.reload(acme).name == "Three"


def test_a_whole_entry_is_undone_with_a_reason(desk: DeskClient, world: World, acme: Customer) -> None:
    """All of its fields."""
    undo_and_follow(desk, acme, 2, reason="wrong customer")
    stored = world.reload(acme)
    assert (stored.name, stored.email, stored.metadata) == ("One", "one@acme.example", METADATA)
    assert world.history(acme)[0].reason == "wrong customer"


@pytest.mark.parametrize(
    ("place", "expected"),
    [("name", ("One", "silver")), ("metadata:plan", ("Two", "gold"))],
)
def test_one_field_of_an_entry_is_undone(
    desk: DeskClient, world: World, acme: Customer, place: str, expected: tuple[str, str]
) -> None:
    """By the button beside it."""
    page = desk.get(f"{url_of(acme)}/history/2")
    assert place in [str(button["value"]) for button in page.all("button[name=field]")]
    undo_and_follow(desk, acme, 2, page, field=place)
    assert (world.reload(acme).name, world.reload(acme).metadata["plan"]) == expected


def test_what_was_changed_later_is_asked_about(desk: DeskClient, world: World, acme: Customer) -> None:
    """Nothing is chosen beforehand, nothing is written; it says who changed it."""
    world.update_customer(acme, name="Three")
    page = undo(desk, acme, 2)
    assert (page.status, asked(page)) == (409, {"Name": ["Three", "One"]})
    assert page.all("input[type=radio][checked]") == []
    assert "Updated from the command line by Test" in page.text(".choice-side:first-child .choice-who")
    assert world.reload(acme).version == 3


@pytest.mark.parametrize(("answer", "name"), [("keep", "Three"), ("put_back", "One")])
def test_what_is_chosen_is_done(desk: DeskClient, world: World, acme: Customer, answer: str, name: str) -> None:
    """And the rest of the entry is undone with it; the reason is still there."""
    world.update_customer(acme, name="Three")
    page = undo(desk, acme, 2, reason="because")
    undo_and_follow(desk, acme, 2, page, **{"choice-0": answer})
    stored = world.reload(acme)
    assert (stored.name, stored.email, world.history(acme)[0].reason) == (name, "one@acme.example", "because")


def test_undoing_without_a_choice_is_refused(desk: DeskClient, world: World, acme: Customer) -> None:
    """The error summary leads to the radio button; what was chosen stays chosen."""
    world.update_customer(acme, name="Three", email="three@acme.example")
    page = undo(desk, acme, 2, undo(desk, acme, 2), **{"choice-1": "keep"})
    assert page.status == 422
    assert page.text("title").startswith("Error: ")
    assert page_errors(page) == [("choice-0", "Name: choose whether it goes back.")]
    assert [str(radio["id"]) for radio in page.all("input[type=radio][checked]")] == ["choice-1"]


def test_another_change_meanwhile_asks_again(desk: DeskClient, world: World, acme: Customer) -> None:
    """An answer was given about another value."""
    world.update_customer(acme, name="Three")
    page = undo(desk, acme, 2)
    world.update_customer(acme, name="Four")
    page = undo(desk, acme, 2, page, **{"choice-0": "put_back"})
    assert (page.status, asked(page)) == (409, {"Name": ["Four", "One"]})
    assert world.reload(acme).name == "Four"


def test_a_field_that_is_asked_about_can_be_one_that_is_gone(desk: DeskClient, world: World, acme: Customer) -> None:
    """Removed is a value as any other."""
    world.update_customer(acme, metadata={"seats": "12"})
    page = undo(desk, acme, 2, field="metadata:plan")
    assert asked(page) == {"Metadata: plan": ["removed", "gold"]}
    undo_and_follow(desk, acme, 2, page, **{"choice-2": "put_back"})
    assert (world.reload(acme).metadata["plan"], world.reload(acme).name) == ("gold", "Two")


def test_nothing_left_to_undo_is_said(desk: DeskClient, world: World, acme: Customer) -> None:
    """Somebody was quicker: nothing is written."""
    page = desk.get(f"{url_of(acme)}/history/2")
    undo_and_follow(desk, acme, 2, page)
    record = undo_and_follow(desk, acme, 2, page)
    assert record.text("#saved-title") == "Nothing to undo."
    assert world.reload(acme).version == 3
    page = desk.get(f"{url_of(acme)}/history/2")
    assert page.all("#customer-change form") == []
    assert len(page.all(".entry-now")) == 3


def test_the_creation_has_no_button(desk: DeskClient, world: World, acme: Customer) -> None:
    """It says why; whoever sends it anyway is told as well."""
    page = desk.get(f"{url_of(acme)}/history/1")
    assert page.all("#customer-change form") == []
    assert "cannot be undone" in page.text(".entry-now")
    values = desk.get(f"{url_of(acme)}/history/2").form_values("#customer-change form")
    page = desk.post(f"{url_of(acme)}/history/1/revert", values)
    assert (page.status, world.reload(acme).version) == (422, 2)
    assert "cannot be undone" in page.text("#error-summary")


def test_an_external_id_that_is_taken_is_said(desk: DeskClient, world: World) -> None:
    """And nothing is undone."""
    customer = world.create_customer(external_id="first")
    world.update_customer(customer, external_id="second")
    world.create_customer(external_id="first")
    page = undo(desk, customer, 2)
    assert page.status == 422
    assert "Another customer already has this external ID." in page.text("#error-summary")
    assert world.reload(customer).external_id == "second"


def test_metadata_past_its_limits_is_said(make_app: Callable[..., Flask]) -> None:
    """The rules are those of today."""
    world = seed_world(make_app(metadata_max_entries=1))
    customer, desk = world.create_customer(metadata={"a": "1"}), DeskClient(world.app)
    world.update_customer(customer, metadata={})
    world.update_customer(customer, metadata={"b": "2"})
    page = undo(desk, customer, 2)
    assert (page.status, world.reload(customer).metadata) == (422, {"b": "2"})


def test_a_wrong_reason_is_refused_and_kept(desk: DeskClient, world: World, acme: Customer) -> None:
    """By the form's own rule."""
    page = undo(desk, acme, 2, reason="x" * 501)
    assert (page.status, page_errors(page)[0][0]) == (422, "reason")
    assert page.one("#reason")["value"] == "x" * 501
    assert world.reload(acme).version == 2


def test_an_archived_customer_can_be_undone_only_in_that(desk: DeskClient, world: World, acme: Customer) -> None:
    """The other entries say why they have no button."""
    page = desk.get(f"{url_of(acme)}/history/2")
    world.archive(acme)
    assert "archived" in undo(desk, acme, 2, page).text("#error-summary")
    assert "archived" in desk.get(f"{url_of(acme)}/history/2").text("#customer-change .entry-form > .entry-now")
    undo_and_follow(desk, acme, 3)
    assert world.reload(acme).is_published


def test_a_made_up_field_is_refused(desk: DeskClient, world: World, acme: Customer) -> None:
    """Nothing is undone."""
    for field in ("contact", "metadata:nothing", "metadata", ""):
        assert undo(desk, acme, 2, field=field).status == 422
    assert world.reload(acme).version == 2


def test_without_its_token_nothing_is_undone(desk: DeskClient, world: World, acme: Customer) -> None:
    """As with every form."""
    desk.client.post(f"{url_of(acme)}/history/2/revert", data={})
    assert world.reload(acme).version == 2
