"""The form's address: as the chosen country has it, with advice that stops nobody, by htmx and by a plain submit."""

import pytest

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import folded, opened_form, save_and_follow, url_of
from tests.support.world import World
from webapp.customers.model import Customer

ADDRESS = {
    "address_line1": "123 Main Street",
    "address_line2": "",
    "address_city": "San Francisco",
    "address_state": "CA",
    "address_postal_code": "94105",
    "address_country": "US",
}


@pytest.fixture
def acme(world: World) -> Customer:
    """A customer in the United States."""
    return world.create_customer(name="Acme", **ADDRESS)


def labels(page: Page) -> list[str]:
    """The labels of the address group, from the top."""
    return [folded(label) for label in page.all("#address-editor label")]


def advice(page: Page) -> dict[str, str]:
    """The advice on the page, by the field that it stands at; each is tied to its control."""
    found = {}
    for box in page.all(".field-said:has(.field-advice)"):
        name = str(box["id"]).removesuffix("-note")
        assert str(box["id"]) in str(page.one(f"#{name}")["aria-describedby"]).split()
        found[name] = folded(box)
    return found


def choose(desk: DeskClient, path: str, values: dict[str, str], country: str, *, htmx: bool) -> Page:
    """Choose a country: what htmx sends by itself, or the button without a script."""
    return desk.post(f"{path}/address", {**values, "address_country": country}, htmx=htmx)


def test_the_form_opens_with_the_countrys_fields(desk: DeskClient, acme: Customer) -> None:
    """In its order, by its names, its states at hand; what looks right has no advice."""
    page = desk.get(f"{url_of(acme)}/edit")
    assert labels(page) == ["Country", "Address line 1", "Address line 2", "City", "State", "ZIP code"]
    states = page.all(f"#{page.one('#address_state')['list']} option")
    assert ("CA", "California") in [(state["value"], folded(state)) for state in states]
    assert advice(page) == {}


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_another_country_brings_its_fields(desk: DeskClient, acme: Customer, htmx: bool) -> None:
    """Nothing is cleared; what does not fit is advised, and what the country does not use stays, last."""
    values = {**opened_form(desk, acme), "name": "Typed"}
    page = choose(desk, f"{url_of(acme)}/edit", values, "JP", htmx=htmx)
    assert page.status == 200
    assert labels(page) == [
        "Country", "Postal code", "Prefecture", "Address line 1", "Address line 2", "City not usual there",
    ]  # fmt: skip
    shown = page.form_values("#address-editor")
    assert shown == {**ADDRESS, "address_country": "JP"}
    assert advice(page) == {
        "address_postal_code": "This does not look like a postal code, such as 154-0023.",
        "address_state": "The list of this country's post does not have this name.",
    }
    if htmx:
        assert [tag["id"] for tag in page.soup.find_all(recursive=False)] == ["address-editor"]
    else:
        assert page.form_values()["name"] == "Typed"


def test_the_address_is_the_target_of_its_select(desk: DeskClient, acme: Customer) -> None:
    """What htmx receives replaces the element that it names; the button without a script is sent there too."""
    page = desk.get(f"{url_of(acme)}/edit")
    group = page.one("#address-editor [hx-target='#address-editor']")
    assert group.select_one("#address_country") is not None
    assert page.one("noscript button")["formaction"] == group["hx-post"] == f"{url_of(acme)}/edit/address"


def test_choosing_a_country_writes_nothing(desk: DeskClient, world: World, acme: Customer) -> None:
    """It is a button of the form, not a save."""
    choose(desk, f"{url_of(acme)}/edit", opened_form(desk, acme), "DE", htmx=False)
    assert world.reload(acme) == acme


def test_advice_stops_nobody(desk: DeskClient, world: World, acme: Customer) -> None:
    """The contract sets only lengths (section 3)."""
    save_and_follow(desk, acme, address_postal_code="no ZIP", address_state="Bayern")
    stored = world.reload(acme)
    assert (stored.address_postal_code, stored.address_state) == ("no ZIP", "Bayern")
    assert sorted(advice(desk.get(f"{url_of(acme)}/edit"))) == ["address_postal_code", "address_state"]


def test_an_unknown_country_has_the_fields_of_any(desk: DeskClient, acme: Customer) -> None:
    """Whatever is sent in its place."""
    page = choose(desk, f"{url_of(acme)}/edit", opened_form(desk, acme), "<b>", htmx=True)
    assert labels(page)[1:] == ["Address line 1", "Address line 2", "City", "State or region", "Postal code"]


def test_a_new_customers_address_follows_its_country_too(desk: DeskClient) -> None:
    """The same form."""
    page = choose(desk, "/customers/new", desk.get("/customers/new").form_values(), "GB", htmx=False)
    assert labels(page)[1:] == [
        "Address line 1", "Address line 2", "Town or city", "Postcode", "State or region not usual there",
    ]  # fmt: skip
