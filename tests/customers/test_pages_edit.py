"""The desk's edit page: the form as opened, what it refuses and how, and what a save writes."""

from datetime import datetime

import pytest
from flask import Flask

from tests.support.clients import DeskClient
from tests.support.desk_pages import changed_fields, folded, opened_form, save, save_and_follow, url_of
from tests.support.world import HOME, World
from webapp.customers.model import Customer
from webapp.customers.validators import COUNTRY_NAMES

TEXTS = {
    "external_id": "user_12345",
    "name": "Acme Corp",
    "email": "billing@acme.com",
    "contact": "+1 415 555 0100",
    "address_line1": "123 Main Street",
    "address_line2": "Suite 4",
    "address_city": "San Francisco",
    "address_state": "CA",
    "address_postal_code": "94105",
    "address_country": "US",
    "timezone": "America/Los_Angeles",
}
CLEARED = sorted(TEXTS.keys() - {"external_id", "name", "timezone"})


@pytest.fixture
def acme(world: World) -> Customer:
    """A customer with something in every field."""
    world.create_customer(external_id="holding")
    return world.create_customer(
        parent="holding", metadata={"plan_tier": "enterprise", "note": ""}, mappings={"stripe": "cus_1"}, **TEXTS
    )


def test_the_form_shows_every_value(desk: DeskClient, acme: Customer) -> None:
    """Each box holds what is stored, entries row by row, with a blank row to go on."""
    values = opened_form(desk, acme)
    assert values.pop("csrf_token")
    assert values == {
        **TEXTS,
        "parent_customer_external_id": "holding",
        "metadata-0-key": "plan_tier",
        "metadata-0-value": "enterprise",
        "metadata-1-key": "note",
        "metadata-1-value": "",
        "metadata-2-key": "",
        "metadata-2-value": "",
        "integration_entity_mapping-0-provider": "stripe",
        "integration_entity_mapping-0-id": "cus_1",
        "reason": "",
        "version": "1",
        "stale_since": "",
        "metadata": "rows",
        "metadata_pasted": "",
        "environment_id": HOME.environment_id,
        "integration_entity_mapping": "rows",
    }


def test_the_form_is_titled_by_the_customer(desk: DeskClient, acme: Customer) -> None:
    """A tab among many can be told from the others."""
    page = desk.get(f"{url_of(acme)}/edit")
    assert page.text("h1") == "Edit Acme Corp"
    assert page.text("title").startswith("Edit Acme Corp")


def test_the_country_is_chosen_by_its_full_name(desk: DeskClient, acme: Customer) -> None:
    """Every assigned country is there by name, after a choice of none. Their order is ``countries``' own."""
    options = desk.get(f"{url_of(acme)}/edit").options("#address_country")
    names = [folded(option) for option in options]
    assert {str(option["value"]) for option in options} == {"", *COUNTRY_NAMES}
    assert (options[0]["value"], names[0], "Germany" in names) == ("", "No country", True)


@pytest.mark.parametrize(
    ("field", "attribute", "value"),
    [("email", "type", "email"), ("email", "spellcheck", "false"), ("contact", "type", "tel")],
)
def test_a_control_is_of_its_kind(desk: DeskClient, acme: Customer, field: str, attribute: str, value: str) -> None:
    """A phone offers the right keyboard, and nobody's spelling is corrected."""
    assert desk.get(f"{url_of(acme)}/edit").one(f"#{field}")[attribute] == value


def test_enter_in_a_box_saves(desk: DeskClient, acme: Customer) -> None:
    """The first submit button of a form is what Enter presses, so it is one that saves."""
    first = desk.get(f"{url_of(acme)}/edit").all("#customer-form button[type=submit]")[0]
    assert not first.get("formaction")
    assert not first.get("name")


def test_a_save_writes_what_was_typed(desk: DeskClient, world: World, acme: Customer) -> None:
    """The one field, trimmed, in one new version, by the person at the desk."""
    save_and_follow(desk, acme, address_city="  Oakland ")
    stored = world.reload(acme)
    assert (stored.address_city, stored.version, stored.updated_by) == ("Oakland", 2, "staff_editor")
    assert [change.field for change in world.history(acme)[0].fields] == ["address_city"]


def test_a_save_leads_back_to_the_record(desk: DeskClient, acme: Customer) -> None:
    """303, so that a reload of what follows sends nothing again."""
    answer = save(desk, acme, name="Acme Ltd")
    assert (answer.status, answer.response.headers["Location"]) == (303, url_of(acme))


@pytest.mark.parametrize("field", CLEARED)
def test_an_empty_box_clears_its_field(desk: DeskClient, world: World, acme: Customer, field: str) -> None:
    """On the form every field is present (contract section 4)."""
    save_and_follow(desk, acme, **{field: ""})
    assert getattr(world.reload(acme), field) == ""


def test_an_empty_timezone_means_utc(desk: DeskClient, world: World, acme: Customer) -> None:
    """The default of a field that is never empty."""
    save_and_follow(desk, acme, timezone="")
    assert world.reload(acme).timezone == "UTC"


def test_an_empty_parent_detaches(desk: DeskClient, world: World, acme: Customer) -> None:
    """The child stands on its own."""
    save_and_follow(desk, acme, parent_customer_external_id="")
    assert world.reload(acme).parent_customer_id is None


def test_a_parent_is_given_by_its_external_id(desk: DeskClient, world: World, acme: Customer) -> None:
    """The identifier that people know."""
    other = world.create_customer(external_id="other holding")
    save_and_follow(desk, acme, parent_customer_external_id=" other holding ")
    assert world.reload(acme).parent_customer_id == other.id


def test_a_parent_that_was_renamed_meanwhile_stays(desk: DeskClient, world: World) -> None:
    """The box holds the external ID that the parent had when the page was opened, which still finds it."""
    parent = world.create_customer(external_id="before")
    child = world.create_customer(parent="before")
    values = opened_form(desk, child)
    world.update_customer(parent, external_id="after")
    save_and_follow(desk, child, values, name="Renamed too")
    assert world.reload(child).parent_customer_id == parent.id


def test_the_reason_is_kept_in_the_history(desk: DeskClient, world: World, acme: Customer) -> None:
    """It explains the change to the next reader, and is asked for anew each time."""
    page = save_and_follow(desk, acme, name="Acme Ltd", reason="  asked by\r\nphone ")
    assert folded(page.all(".change .change-reason")[0]) == "asked by phone"
    assert world.history(acme)[0].reason == "asked by phone"
    assert opened_form(desk, acme)["reason"] == ""


def test_the_history_tells_of_the_person_and_the_request(desk: DeskClient, world: World, acme: Customer) -> None:
    """Who, from where, and which request."""
    answer = save(desk, acme, name="Acme Ltd")
    change = world.history(acme)[0]
    assert (change.actor_type, change.actor_id, change.actor_name) == ("staff", "staff_editor", "editor@desk.example")
    assert (change.source, change.request_id) == ("desk", answer.response.headers["X-Request-ID"])


def test_the_record_shows_what_was_saved(desk: DeskClient, acme: Customer) -> None:
    """Old and new value of each field, the country by its name."""
    page = save_and_follow(desk, acme, name="Acme GmbH", address_country="DE")
    assert changed_fields(page.one("#saved")) == [
        ("Name", "Acme Corp", "Acme GmbH"),
        ("Country", "United States US", "Germany DE"),
    ]


def test_a_save_takes_a_later_time(desk: DeskClient, world: World, acme: Customer) -> None:
    """The time of update moves on; that of creation does not."""
    save_and_follow(desk, acme, name="Acme Ltd")
    stored = world.reload(acme)
    assert stored.created_at == acme.created_at
    assert isinstance(stored.updated_at, datetime)
    assert stored.updated_at > acme.updated_at


@pytest.mark.parametrize("path", ["/edit", "/edit/rows"], ids=["save", "rows"])
@pytest.mark.parametrize("token", [None, "made-up"], ids=["no token", "made up"])
def test_a_post_without_the_pages_token_is_refused(
    desk: DeskClient, world: World, acme: Customer, path: str, token: str | None
) -> None:
    """Another site cannot save in a person's name."""
    values = {**opened_form(desk, acme), "name": "Forged", "rows": "metadata add"}
    values |= {"csrf_token": token} if token else {"csrf_token": ""}
    assert desk.post(f"{url_of(acme)}{path}", values).status == 400
    assert world.reload(acme) == acme


def test_a_viewer_cannot_open_the_form(app: Flask, acme: Customer) -> None:
    """A page that says why, not a form without a button."""
    page = DeskClient(app, "viewer").get(f"{url_of(acme)}/edit")
    assert (page.status, page.all("#customer-form")) == (403, [])


@pytest.mark.parametrize("path", ["/edit", "/edit/rows"], ids=["save", "rows"])
def test_a_viewer_cannot_save(app: Flask, desk: DeskClient, world: World, acme: Customer, path: str) -> None:
    """The server refuses, whatever the page shows."""
    viewer = DeskClient(app, "viewer")
    token = str(viewer.get(url_of(acme)).all("input[name=csrf_token]")[0]["value"])
    values = {**opened_form(desk, acme), "name": "By a viewer", "csrf_token": token, "rows": "metadata add"}
    assert viewer.post(f"{url_of(acme)}{path}", values).status == 403
    assert world.reload(acme) == acme


def test_an_archived_customer_cannot_be_saved(desk: DeskClient, world: World, acme: Customer) -> None:
    """What was typed before it was archived is shown again with the reason."""
    values = opened_form(desk, acme)
    world.archive(acme)
    page = save(desk, acme, values, name="Typed before")
    assert (page.status, page.one("#name")["value"]) == (422, "Typed before")
    assert "archived" in page.text("#error-summary")
    assert world.reload(acme).name == "Acme Corp"


def test_the_form_of_an_unknown_customer_is_a_page_of_404(desk: DeskClient, acme: Customer) -> None:
    """A save into the void says so."""
    assert desk.post("/customers/cust_nobody/edit", opened_form(desk, acme)).status == 404


def test_a_long_form_is_read_in_full(desk: DeskClient, world: World, acme: Customer) -> None:
    """A hundred entries at their longest arrive, which is far more than a browser form usually sends."""
    entries = {f"key {number:03}{'é' * 93}": "ü" * 1000 for number in range(100)}
    values = {name: value for name, value in opened_form(desk, acme).items() if not name.startswith("metadata-")}
    for index, (key, value) in enumerate(entries.items()):
        values |= {f"metadata-{index}-key": key, f"metadata-{index}-value": value}
    save_and_follow(desk, acme, values)
    assert world.reload(acme).metadata == entries
