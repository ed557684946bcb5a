"""The desk's form of a new customer: what it writes, what it refuses, and what it says of customers that look alike."""

import pytest
from flask import Flask

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import changed_fields, error_of, folded, page_errors, url_of
from tests.support.world import HOME, SANDBOX, World
from webapp.customers.lookup import find_by_external_id
from webapp.customers.model import Customer, Scope
from webapp.database import reading
from webapp.errors import CustomerNotFound

PATH = "/customers/new"


def create(desk: DeskClient, **typed: str) -> Page:
    """Open the form, fill it in and send it."""
    return desk.post(PATH, {**desk.get(PATH).form_values(), **typed})


def made(world: World, external_id: str, scope: Scope = HOME) -> Customer:
    """The published customer of an external ID."""
    with world.app.app_context(), reading() as connection:
        return find_by_external_id(connection, scope, external_id).customer


def test_the_form_opens_empty(desk: DeskClient) -> None:
    """With the default time zone, a row to go on with, and no tick that would make no sense yet."""
    page = desk.get(PATH)
    values = {name: value for name, value in page.form_values().items() if value}
    assert values.pop("csrf_token")
    assert values == {
        "environment_id": HOME.environment_id,
        "timezone": "UTC",
        "version": "0",
        "metadata": "rows",
        "integration_entity_mapping": "rows",
    }
    assert (page.text("h1"), page.all("#confirm_external_id, #create_anyway")) == ("New customer", [])


def test_a_customer_is_created_as_typed(desk: DeskClient, world: World) -> None:
    """Every field, entry and integration, by the person at the desk, with the reason; on to the record by 303."""
    parent = world.create_customer(external_id="holding")
    page = create(
        desk,
        external_id=" acme ",
        name="Acme",
        email="billing@acme.example",
        address_country="DE",
        parent_customer_external_id="holding",
        reason="asked by phone",
        **{"metadata-0-key": "plan", "metadata-0-value": "gold"},
        **{"integration_entity_mapping-0-provider": "stripe", "integration_entity_mapping-0-id": "cus_1"},
    )
    customer = made(world, "acme")
    assert (page.status, page.response.headers["Location"]) == (303, url_of(customer))
    assert (customer.name, customer.email, customer.address_country) == ("Acme", "billing@acme.example", "DE")
    assert (customer.parent_customer_id, customer.metadata, customer.version) == (parent.id, {"plan": "gold"}, 1)
    change = world.history(customer)[0]
    assert (change.operation, change.source, change.actor_id, change.reason) == (
        "create", "desk", "staff_editor", "asked by phone",
    )  # fmt: skip
    assert ("integration_entity_mapping", "stripe") in [(field.field, field.key) for field in change.fields]


def test_the_record_says_that_it_was_created(desk: DeskClient) -> None:
    """The notice of a save, with what was written."""
    answer = create(desk, external_id="acme", name="Acme")
    page = desk.get(answer.response.headers["Location"])
    assert [row[0] for row in changed_fields(page.one("#saved > .field-changes").parent)] == [
        "External ID", "Name", "Time zone", "Status",
    ]  # fmt: skip


def test_a_long_notice_of_a_save_folds(desk: DeskClient) -> None:
    """The record is what one came for."""
    entries = {f"metadata-{at}-{part}": f"{part}{at}" for at in range(6) for part in ("key", "value")}
    answer = create(desk, external_id="acme", name="Acme", **entries)
    page = desk.get(answer.response.headers["Location"])
    assert page.text("#saved details:not([open]) summary") == "10 fields"


def test_a_refusal_keeps_everything_typed(desk: DeskClient, world: World) -> None:
    """422, each fault at its field, with "Error:" in the title."""
    page = create(desk, external_id="", name="", email="nobody", contact="123", **{"metadata-0-value": "keyless"})
    assert page.status == 422
    assert [target for target, _ in page_errors(page)] == ["external_id", "name", "email", "metadata-0-key"]
    assert page.text("title").startswith("Error: New customer")
    assert page.form_values().items() >= {"email": "nobody", "contact": "123", "metadata-0-value": "keyless"}.items()


def test_a_taken_external_id_leads_to_who_has_it(desk: DeskClient, world: World) -> None:
    """So does the second of two presses of the button: it creates nothing."""
    values = {**desk.get(PATH).form_values(), "external_id": "acme", "name": "Acme"}
    first = desk.post(PATH, values)
    page = desk.post(PATH, {**values, "create_anyway": "y"})
    assert (first.status, page.status) == (303, 422)
    assert error_of(page, "external_id") == "Another customer already has this external ID."
    assert page.one("#external_id-note a")["href"] == first.response.headers["Location"]
    assert "external_id-note" in str(page.one("#external_id")["aria-describedby"]).split()


@pytest.mark.parametrize(
    ("parent", "says"), [("nobody", "no such customer"), ("x" * 256, "at most 255")], ids=["unknown", "too long"]
)
def test_an_impossible_parent_is_refused(desk: DeskClient, world: World, parent: str, says: str) -> None:
    """And nothing is created without it."""
    page = create(desk, external_id="acme", name="Acme", parent_customer_external_id=parent)
    assert says in error_of(page, "parent_customer_external_id")
    with pytest.raises(CustomerNotFound):
        made(world, "acme")


def test_customers_that_look_alike_are_shown_first(desk: DeskClient, world: World) -> None:
    """By email or name, archived ones said to be, each a link in a new tab; nothing is created, nothing typed lost."""
    by_email = world.create_customer(name="Somebody else", email="Heron@A.example")
    by_name = world.archive(world.create_customer(name="Blue Heron, Inc."))
    typed = {"external_id": "new", "name": "Blue Heron", "email": "heron@a.example", "address_city": "Oslo"}
    page = create(desk, **typed)
    assert page.status == 422
    rows = [[folded(cell) for cell in row.select("th, td")] for row in page.all("#similar tbody tr")]
    assert rows == [
        ["Somebody else opens in a new tab", by_email.external_id, "Heron@A.example", "email"],
        ["Blue Heron, Inc. opens in a new tab archived", by_name.external_id, "none", "name"],
    ]
    links = [(link["href"], link["target"]) for link in page.all("#similar tbody a")]
    assert links == [(url_of(by_email), "_blank"), (url_of(by_name), "_blank")]
    assert [target for target, _ in page_errors(page)] == ["create_anyway"]
    assert page.form_values().items() >= typed.items()
    with pytest.raises(CustomerNotFound):
        made(world, "new")


def test_the_tick_creates_it_anyway(desk: DeskClient, world: World) -> None:
    """Two customers may have one name."""
    world.create_customer(name="Blue Heron")
    page = create(desk, external_id="new", name="Blue Heron", create_anyway="y")
    assert page.status == 303
    assert made(world, "new").name == "Blue Heron"


def test_it_is_created_where_the_person_is(desk: DeskClient, world: World) -> None:
    """In the environment that is open, and in no other."""
    create(desk, external_id="acme", name="Acme")
    assert made(world, "acme").environment_id == HOME.environment_id
    with pytest.raises(CustomerNotFound):
        made(world, "acme", SANDBOX)


def test_rows_of_a_new_customer_can_be_added_and_removed(desk: DeskClient) -> None:
    """By the same buttons as in the form of one that is there."""
    values = {**desk.get(PATH).form_values(), "metadata-0-key": "plan", "name": "Typed"}
    button = desk.get(PATH).one("#metadata-add")
    assert button["formaction"] == f"{PATH}/rows"
    page = desk.post(f"{PATH}/rows", {**values, "rows": "metadata add"})
    assert page.form_values().items() >= {"name": "Typed", "metadata-0-key": "plan", "metadata-1-key": ""}.items()
    page = desk.post(f"{PATH}/rows", {**values, "rows": "metadata remove 0"}, htmx=True)
    assert [tag["id"] for tag in page.soup.find_all(recursive=False)] == ["metadata-editor"]
    assert len(page.all(".row-removed")) == 1


def test_a_viewer_cannot_create(app: Flask, world: World) -> None:
    """Neither see the form nor send it."""
    viewer = DeskClient(app, "viewer")
    assert viewer.get(PATH).status == 403
    token = str(viewer.get("/customers").all("input[name=csrf_token]")[0]["value"])
    answer = viewer.post(PATH, {"csrf_token": token, "external_id": "acme", "name": "Acme"})
    assert answer.status == 403
    with pytest.raises(CustomerNotFound):
        made(world, "acme")


def test_what_the_rules_refuse_is_not_looked_for(world_on_each_database: World) -> None:
    """No database takes a NUL, and to compare a name of many thousand words would take minutes."""
    world_on_each_database.create_customer(name="Acme", email="a@acme.example")
    desk = DeskClient(world_on_each_database.app)
    for name in ("Acme\x00", "Acme " * 30_000):
        page = create(desk, external_id="new\x00", name=name, email="a@acme.example\x00")
        assert page.status == 422
        assert error_of(page, "name")
        assert page.all("#create_anyway") == []


def test_rows_can_be_changed_beside_what_cannot_be_stored(world_on_each_database: World) -> None:
    """Nothing is judged then, so nothing of it may reach the database."""
    desk = DeskClient(world_on_each_database.app)
    values = desk.get(PATH).form_values() | {"parent_customer_external_id": "a\x00b", "rows": "metadata add"}
    assert desk.post(f"{PATH}/rows", values).status == 200
