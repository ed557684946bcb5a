"""The page of one customer's personal data, and how the desk shows a customer that was erased."""

import json

import pytest
from flask import Flask

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import changed_fields, error_of, folded, opened_form, page_errors, save, url_of
from tests.support.marked_customer import MARK, make_marked_customer
from tests.support.world import World
from webapp.access.fresh_sign_in import PASSWORD_AT
from webapp.customers.model import Customer


@pytest.fixture
def admin(app: Flask, world: World) -> DeskClient:
    """An administrator, signed in."""
    return DeskClient(app, "admin")


def address_of(customer: Customer) -> str:
    """The page's address."""
    return f"{url_of(customer)}/personal-data"


def erase(admin: DeskClient, customer: Customer, **typed: str) -> Page:
    """Fill in the form and send it."""
    values = admin.get(address_of(customer)).form_values(".status-page form")
    return admin.post(address_of(customer), {**values, "reason": "Request 17", "confirm": "y", **typed})


def test_administrators_alone_come_here(world: World, desk: DeskClient, admin: DeskClient) -> None:
    """The record leads there; an editor has no such way, and is refused."""
    customer = world.create_customer()
    assert admin.get(url_of(customer)).all(f'a[href="{address_of(customer)}"]')
    assert not desk.get(url_of(customer)).all(f'a[href="{address_of(customer)}"]')
    for path in (address_of(customer), f"{address_of(customer)}.json"):
        assert desk.get(path).status == 403


@pytest.mark.parametrize("end", ["", ".json"])
def test_the_password_is_asked_for_anew_first(world: World, admin: DeskClient, end: str) -> None:
    """When it was given long ago; nothing is shown, and nothing noted as shown."""
    customer = world.create_customer()
    with admin.client.session_transaction() as session:
        session[PASSWORD_AT] = 0
    answer = admin.get(f"{address_of(customer)}{end}")
    assert answer.status == 303
    assert answer.response.headers["Location"] == f"/sign-in/again?next={address_of(customer)}{end}"


def test_the_file_is_downloaded_and_the_download_is_noted(world: World, admin: DeskClient) -> None:
    """As JSON, under a name of its own; the access log has it, and the page that led there."""
    customer = world.create_customer(email="a@example.com")
    assert admin.get(address_of(customer)).status == 200
    answer = admin.get(f"{address_of(customer)}.json").response
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="personal-data-{customer.id}.json"'
    assert json.loads(answer.data)["customer"]["email"] == "a@example.com"
    log = admin.get(f"/access-log?customer={customer.id}")
    assert [folded(row.select("td")[-1]) for row in log.all("tbody tr")] == ["Export of everything", "Personal data"]


def test_erasing_wants_a_reason_and_a_tick(world: World, admin: DeskClient) -> None:
    """Nothing is erased without them; what was typed stays."""
    customer = world.create_customer()
    page = erase(admin, customer, reason=" ")
    assert (page.status, error_of(page, "reason")) == (422, "Give the reason.")
    values = admin.get(address_of(customer)).form_values(".status-page form")
    page = admin.post(address_of(customer), {**values, "reason": "Request 17"})
    assert (page.status, error_of(page, "confirm")) == (422, "Confirm that the data is to be erased.")
    assert page.one("#reason")["value"] == "Request 17"
    assert page.text("title").startswith("Error:")
    assert world.reload(customer) == customer


def test_what_changed_meanwhile_is_looked_over_first(world: World, admin: DeskClient) -> None:
    """The page says what it was; sent once more it holds."""
    customer = world.create_customer()
    values = admin.get(address_of(customer)).form_values(".status-page form")
    world.update_customer(customer, contact="123")
    page = admin.post(address_of(customer), {**values, "reason": "Request 17", "confirm": "y"})
    assert (page.status, page.text("#refusal h2")) == (409, "Nothing was erased")
    assert changed_fields(page.one("#refusal")) == [("Phone", "empty", "123")]
    again = page.form_values(".status-page form")
    assert admin.post(address_of(customer), again).status == 303
    assert world.reload(customer).name == "erased"


def test_a_parent_of_published_customers_is_not_offered(world: World, admin: DeskClient) -> None:
    """The page says what stands against it, also to a form that was open before."""
    parent = world.create_customer(external_id="the-parent")
    values = admin.get(address_of(parent)).form_values(".status-page form")
    world.create_customer(parent="the-parent")
    page = admin.post(address_of(parent), {**values, "reason": "Request 17", "confirm": "y"})
    assert page.status == 409
    assert "one published customer" in page.text("#has-children")
    assert not page.all(".status-page form")


def test_the_record_says_that_it_was_erased_and_offers_nothing(world: World, admin: DeskClient) -> None:
    """By whom, when and why; no value and no way back, on none of its pages."""
    customer = make_marked_customer(world).customer
    answer = erase(admin, customer)
    assert (answer.status, answer.response.headers["Location"]) == (303, url_of(customer))
    record = admin.get(url_of(customer))
    assert (record.text("h1"), record.text("title").split(" ·")[0]) == ("Erased customer", "Erased customer")
    assert "Request 17" in record.text("#erased")
    assert "admin@desk.example" in record.text("#erased")
    assert "the last one" in record.text("#saved")
    for path in (
        "",
        "/history",
        "/history/2",
        "/history/5",
        "/versions/2",
        "/versions/5",
        "/history.csv",
        "/personal-data",
    ):
        page = admin.get(f"{url_of(customer)}{path}")
        assert page.status == 200
        assert MARK not in page.response.get_data(as_text=True)
        buttons = {folded(button) for button in page.all("main button[type=submit]")}
        assert buttons <= {"Filter"}
    assert "nothing left to erase" in admin.get(address_of(customer)).text("main").lower()


def test_erased_values_are_said_in_words(world: World, admin: DeskClient) -> None:
    """In the reader's language, told apart by numbers, and no link leads to an erased parent."""
    customer = make_marked_customer(world).customer
    world.erase(customer)
    fields = changed_fields(admin.get(f"{url_of(customer)}/history/2").one(".entry-fields"))
    labels = {label: (old, new) for label, old, new in fields}
    assert labels["Name"][0].startswith("erased (")
    assert labels["Name"][0] != labels["Name"][1]
    assert any(label.startswith("Metadata: erased (") for label in labels)
    created = admin.get(f"{url_of(customer)}/history/1")
    assert not created.all(".entry-fields a")
    choices = admin.get(f"{url_of(customer)}/history").one("#field")
    assert "erased:" not in folded(choices)
    csv = admin.get(f"{url_of(customer)}/history.csv").response.get_data(as_text=True)
    assert ",erased:1," in csv


def test_an_erased_customer_has_no_name_on_any_page(world: World, admin: DeskClient) -> None:
    """Each says in the reader's language that it was erased, and none the word that stands in the row."""
    customer = world.create_customer()
    archived = world.create_customer(parent=customer.external_id)
    world.archive(archived)
    world.erase(customer)
    admin.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    for path in ("", "/history", "/history/2", "/versions/2", "/personal-data"):
        page = admin.get(f"{url_of(customer)}{path}")
        assert "Gelöschter Kunde" in page.text("h1")
        assert "Gelöschter Kunde" in page.text("title")
    for address in (f"/access-log?customer={customer.id}", "/customers?status=archived", url_of(archived)):
        page = admin.get(address)
        assert "Gelöschter Kunde" in page.text("main")
    called_so = world.create_customer(name="erased")
    assert admin.get(url_of(called_so)).text("h1") == "erased"


def test_whoever_has_the_form_open_is_told(world: World, desk: DeskClient) -> None:
    """What was typed is not saved and not lost; the form itself opens no more."""
    customer = world.create_customer(name="Before")
    values = opened_form(desk, customer)
    world.erase(customer)
    page = save(desk, customer, values, name="Typed")
    assert page.status == 422
    assert ["erased for good" in message for _, message in page_errors(page)] == [True]
    assert page.one("#name")["value"] == "Typed"
    refused = desk.get(f"{url_of(customer)}/edit")
    assert "erased for good" in refused.text("main")
    assert desk.get(f"{url_of(customer)}/restore").status == 303
