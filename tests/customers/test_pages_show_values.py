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


def test_a_country_and_a_status_have_names_in_history_and_in_old_versions(desk: DeskClient, world: World) -> None:
    """As on the record, in the reader's language; the code stands beside the name."""
    customer = world.create_customer(address_country="US")
    world.update_customer(customer, address_country="FR")
    world.archive(customer)
    history = desk.get(f"{url_of(customer)}/history").text("main")
    assert "was United States US → now France FR" in history
    assert "was Published → now Archived" in history
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    old = desk.get(f"{url_of(customer)}/versions/1").text(".old-values")
    assert "Vereinigte Staaten US Frankreich FR" in old
    assert "Veröffentlicht Archiviert" in old


def test_a_country_has_its_name_where_it_is_chosen(desk: DeskClient, world: World) -> None:
    """Of two that were saved at once, and of one that shall be undone behind a later change."""
    customer = world.create_customer(address_country="US")
    path = f"{url_of(customer)}/edit"
    values = desk.get(path).form_values() | {"address_country": "DE"}
    world.update_customer(customer, address_country="FR")
    world.update_customer(customer, address_country="IT")
    conflict = desk.post(path, values).text("#stale .choice-sides")
    for name in ("Germany DE", "Italy IT", "United States US"):
        assert name in conflict

    action = f"{url_of(customer)}/history/2/revert"
    values = desk.get(f"{url_of(customer)}/history/2").form_values(f'form[action="{action}"]')
    sides = desk.post(action, values).text(".choice-sides")
    assert "Italy IT" in sides
    assert "United States US" in sides
