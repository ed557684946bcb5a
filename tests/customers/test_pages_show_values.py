"""How a record shows its values: addresses by country, long texts, on paper."""

from tests.support.clients import DeskClient
from tests.support.desk_pages import facts, folded, url_of
from tests.support.world import World


def test_an_address_is_shown_in_the_country_s_order_and_words(desk: DeskClient, world: World) -> None:
    """What its addresses do not have is shown only where it was filled in."""
    japan = {"address_country": "JP", "address_city": "Chiyoda", "address_state": "Tokyo"}
    labels = list(facts(desk.get(url_of(world.create_customer(**japan)))))
    assert labels[4:] == ["Postal code", "Prefecture", "Address line 1", "Address line 2", "City", "Country"]
    singapore = {"address_country": "SG", "address_line1": "1 Orchard Road"}
    assert "State or region" not in facts(desk.get(url_of(world.create_customer(**singapore))))
    page = desk.get(url_of(world.create_customer(**singapore, address_state="Central")))
    assert "Central" in facts(page).values()


def test_a_long_value_is_folded(desk: DeskClient, world: World) -> None:
    """Its beginning shows; all of it is there, without a script; one of middling length is not folded."""
    customer = world.create_customer(metadata={"long": "x" * 600, "middling": "y" * 200})
    values = desk.get(url_of(customer)).all("[aria-labelledby=metadata-heading] td")
    assert folded(values[0].select(".fold-beginning")[0]) == "x" * 160 + "…"
    assert folded(values[0].select(".fold-whole")[0]) == "x" * 600
    assert folded(values[0].select(".fold-more")[0]) == "Show all 600 characters"
    assert (folded(values[1]), values[1].select("details")) == ("y" * 200, [])


def test_a_record_can_be_printed(desk: DeskClient, world: World) -> None:
    """The sheet says which environment it is of, as of when, and who printed it; the button is the script's."""
    page = desk.get(url_of(world.create_customer()))
    assert "needs-script" in str(page.one("[data-print]")["class"])
    printed = page.text(".record-foot .print-only dd")
    assert printed.startswith("Production, as of ")
    assert printed.endswith("by editor@desk.example")
