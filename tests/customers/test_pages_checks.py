"""Checks of single fields as one leaves them: the form's own rules, and what only the database knows."""

import pytest
from flask import Flask

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import ENTRIES, INTEGRATIONS, folded, opened_form, url_of
from tests.support.world import ELSEWHERE, World
from webapp.customers.model import Customer


@pytest.fixture
def acme(world: World) -> Customer:
    """A customer with entries and an integration."""
    return world.create_customer(
        external_id="acme", name="Acme", metadata={"plan": "gold", "seats": "12"}, mappings={"stripe": "cus_1"}
    )


def check(desk: DeskClient, path: str, name: str, typed: dict[str, str] | None = None, **more: str) -> Page:
    """What htmx sends as one leaves a field, and the fragment that comes: the field's messages, nothing else."""
    token = desk.get("/customers/new").form_values()["csrf_token"]
    page = desk.post(f"{path}/check?field={name}", {"csrf_token": token, **(typed or {}), **more}, htmx=True)
    if page.status == 200:
        assert [tag["id"] for tag in page.soup.find_all(recursive=False)] == [f"{name}-messages"]
        assert page.all("input, select, textarea") == []
    return page


def errors(page: Page) -> str:
    """What is wrong; ``""`` for nothing."""
    return " ".join(folded(box) for box in page.all(".field-error")).removeprefix("Error: ")


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("name", " ", "Enter a name."),
        ("email", "no address", "Enter an email address"),
        ("contact", "1" * 21, "at most 20"),
        ("timezone", "Mars", "IANA"),
        ("reason", "x" * 501, "at most 500"),
        ("parent_customer_external_id", "nobody", "no such customer"),
        ("parent_customer_external_id", "acme", "its own parent"),
        ("external_id", "other", "Another customer already has this external ID."),
    ],
)
def test_a_wrong_value_is_told_as_a_save_would(
    desk: DeskClient, world: World, acme: Customer, name: str, typed: str, says: str
) -> None:
    """By the same rule, at the field's own messages; nothing is written."""
    world.create_customer(external_id="other")
    assert says in errors(check(desk, f"{url_of(acme)}/edit", name, {name: typed}))
    assert world.reload(acme) == acme


@pytest.mark.parametrize(
    ("name", "typed"),
    [("name", "Acme"), ("email", ""), ("external_id", " acme "), ("timezone", ""), ("parent_customer_external_id", "")],
)
def test_a_right_value_has_no_message(desk: DeskClient, acme: Customer, name: str, typed: str) -> None:
    """An empty place remains, into which the next verdict goes."""
    page = check(desk, f"{url_of(acme)}/edit", name, {name: typed})
    assert folded(page.soup) == ""


def test_who_has_an_external_id_is_told(desk: DeskClient, world: World, acme: Customer) -> None:
    """By a link to that customer; who merely had it once does not hold it."""
    other = world.create_customer(external_id="other", name="Other")
    page = check(desk, f"{url_of(acme)}/edit", "external_id", external_id="other")
    assert [(folded(link), link["href"], link["target"]) for link in page.all("a")] == [
        ("Other", url_of(other), "_blank")
    ]
    world.update_customer(other, external_id="moved on")
    assert folded(check(desk, f"{url_of(acme)}/edit", "external_id", external_id="other").soup) == ""


def test_a_parent_is_named(desk: DeskClient, world: World, acme: Customer) -> None:
    """Its external ID alone tells nobody who it is; the form that opens on it says the same."""
    parent = world.create_customer(external_id="holding", name="Holding Inc.")
    page = check(desk, f"{url_of(acme)}/edit", "parent_customer_external_id", parent_customer_external_id="holding")
    assert [(folded(link), link["href"]) for link in page.all("a")] == [("Holding Inc.", url_of(parent))]
    child = world.create_customer(parent="holding")
    opened = desk.get(f"{url_of(child)}/edit")
    assert "Holding Inc." in opened.text("#parent_customer_external_id-note")


def test_whom_a_typed_name_may_mean_as_a_parent_is_told(desk: DeskClient, world: World, acme: Customer) -> None:
    """By what is to be typed, on the refused form as well: without a script nothing else suggests it."""
    parent = world.create_customer(external_id="holding", name="Blue Holding Inc.")
    name = "parent_customer_external_id"
    page = check(desk, f"{url_of(acme)}/edit", name, {name: "blue hold"})
    assert [(folded(link), link["href"]) for link in page.all("a")] == [("Blue Holding Inc.", url_of(parent))]
    assert page.text("code") == "holding"
    values = desk.get(f"{url_of(acme)}/edit").form_values()
    refused = desk.post(f"{url_of(acme)}/edit", {**values, name: "blue hold"})
    assert refused.status == 422
    assert refused.text(f"#{name}-note code") == "holding"
    values = desk.get("/customers/new").form_values() | {"external_id": "n", "name": "N"}
    assert desk.post("/customers/new", {**values, name: "blue hold"}).text(f"#{name}-note code") == "holding"


def test_a_customer_of_elsewhere_is_nobody(desk: DeskClient, world: World, acme: Customer) -> None:
    """Neither its external ID nor its name is known here."""
    world.create_customer(ELSEWHERE, external_id="foreign", name="Foreign Ltd", email="foreign@a.example")
    path = f"{url_of(acme)}/edit"
    assert folded(check(desk, path, "external_id", external_id="foreign").soup) == ""
    parent = check(desk, path, "parent_customer_external_id", parent_customer_external_id="foreign")
    assert "no such customer" in errors(parent)
    assert parent.all("a") == []
    assert folded(check(desk, "/customers/new", "email", email="foreign@a.example").soup) == ""


def test_advice_is_no_error(desk: DeskClient, acme: Customer) -> None:
    """It depends on the country, which is sent with it."""
    typed = {"address_postal_code": "94105", "address_country": "DE"}
    assert folded(check(desk, f"{url_of(acme)}/edit", "address_postal_code", typed).soup) == ""
    page = check(desk, f"{url_of(acme)}/edit", "address_postal_code", {**typed, "address_country": "GB"})
    assert (errors(page), page.text(".field-advice")) == (
        "",
        "This does not look like a postcode, such as EC1Y 8SY.",
    )


def test_what_an_address_usually_has_is_missed_in_one_to_write_to(desk: DeskClient, acme: Customer) -> None:
    """A country alone, or a city, is no address that lacks something."""
    path, typed = f"{url_of(acme)}/edit", {"address_country": "US", "address_city": ""}
    assert folded(check(desk, path, "address_city", typed).soup) == ""
    page = check(desk, path, "address_city", {**typed, "address_line1": "123 Main Street"})
    assert (errors(page), page.text(".field-advice")) == ("", "Addresses in this country usually have this.")
    assert folded(check(desk, path, "address_line2", {**typed, "address_line1": "123 Main Street"}).soup) == ""


@pytest.mark.parametrize(
    ("row", "name", "says"),
    [
        (ENTRIES.row(2, "plan", "x"), "metadata-2-key", "there twice"),
        (ENTRIES.row(0, "seats", "x"), "metadata-0-key", "there twice"),
        (ENTRIES.row(2, "", "x"), "metadata-2-key", "no key"),
        (ENTRIES.row(2, "tier", "x" * 1001), "metadata-2-value", "at most 1000"),
        (ENTRIES.row(2, "tier", "x" * 1001), "metadata-2-key", ""),
        (ENTRIES.row(2, "", ""), "metadata-2-key", ""),
        (ENTRIES.row(7, "", ""), "metadata-9-key", ""),
        (INTEGRATIONS.row(1, "stripe", "x"), "integration_entity_mapping-1-provider", "there twice"),
        (INTEGRATIONS.row(0, "stripe", ""), "integration_entity_mapping-0-id", ""),
    ],
)
def test_a_row_is_judged_among_the_others(
    desk: DeskClient, acme: Customer, row: dict[str, str], name: str, says: str
) -> None:
    """Of two alike the one that was just typed is told; a row that is not finished yet is not."""
    found = errors(check(desk, f"{url_of(acme)}/edit", name, {**opened_form(desk, acme), **row}))
    assert says in found
    assert bool(found) is bool(says)


def test_a_check_without_a_script_is_a_page(desk: DeskClient, acme: Customer) -> None:
    """Nobody comes there, but whoever does is told the same."""
    values = opened_form(desk, acme)
    page = desk.post(f"{url_of(acme)}/edit/check?field=email", {**values, "email": "no address"})
    assert "Enter an email address" in page.text("main")


@pytest.mark.parametrize("name", ["", "status", "csrf_token", "metadata-0-other", "version"])
def test_what_is_no_field_is_not_checked(desk: DeskClient, acme: Customer, name: str) -> None:
    """400: no page of ours asks for it."""
    assert check(desk, f"{url_of(acme)}/edit", name).status == 400


def test_each_field_asks_for_its_own_check(desk: DeskClient, acme: Customer) -> None:
    """As it is left changed, only for its messages, which are there, sending no more than the verdict depends on."""
    page = desk.get(f"{url_of(acme)}/edit")
    for frame in page.all("#customer-form > .group [data-check]"):
        control = frame.select_one("input, select")
        assert control is not None
        assert frame["hx-post"] == f"{url_of(acme)}/edit/check?field={control['name']}"
        assert (frame["hx-trigger"], frame["hx-target"]) == ("change", f"#{control['id']}-messages")
        assert page.one(f"[id='{control['id']}-messages']").find_parent("div", attrs={"data-check": True}) == frame
        if not frame.find_parent(class_="row"):
            assert control["name"] in str(frame["hx-params"]).split(",")


def test_a_new_customers_email_and_name_are_looked_for(desk: DeskClient, world: World) -> None:
    """Early, so that nobody types all of a customer that is there already; archived ones are said to be."""
    world.create_customer(external_id="there", name="Blue Heron, Inc.", email="heron@a.example")
    world.archive(world.create_customer(external_id="gone", name="Blue Heron", email="HERON@a.example"))
    by_email = check(desk, "/customers/new", "email", email="Heron@A.example")
    assert errors(by_email) == ""
    assert by_email.text(".field-advice") == "2 customers have this email:"
    told = [folded(line) for line in by_email.all(".field-named")]
    assert sorted(told) == [
        "Blue Heron gone archived opens in a new tab",
        "Blue Heron, Inc. there opens in a new tab",
    ]
    by_name = check(desk, "/customers/new", "name", {"name": "blue heron GmbH"})
    assert by_name.text(".field-advice") == "2 customers have very similar names:"
    edited = world.create_customer(name="Another")
    assert folded(check(desk, f"{url_of(edited)}/edit", "email", email="heron@a.example").soup) == ""


def test_a_viewer_cannot_check(app: Flask, acme: Customer) -> None:
    """The form is not theirs."""
    viewer = DeskClient(app, "viewer")
    token = str(viewer.get(url_of(acme)).all("input[name=csrf_token]")[0]["value"])
    assert viewer.post(f"{url_of(acme)}/edit/check?field=name", {"csrf_token": token, "name": ""}).status == 403
