"""What leads from one record to others: the parents above, the children below, the neighbours in the last list."""

import pytest

from tests.support.clients import DeskClient
from tests.support.desk_pages import folded, listed, url_of
from tests.support.world import ELSEWHERE, World
from webapp.customers import family


def test_the_chain_of_parents_is_the_way_up(desk: DeskClient, world: World) -> None:
    """From the topmost one down, at most four above a customer."""
    chain = [world.create_customer(external_id="level 1", name="Level 1")]
    for level in range(2, 6):
        name = f"level {level}"
        chain.append(world.create_customer(external_id=name, name=name.title(), parent=f"level {level - 1}"))
    trail = desk.get(url_of(chain[-1])).all("nav.trail a")
    assert [link["href"] for link in trail[1:]] == [url_of(customer) for customer in chain[:-1]]
    assert [folded(link) for link in trail] == ["Customers", "Level 1", "Level 2", "Level 3", "Level 4"]


def test_a_parent_shows_its_children(desk: DeskClient, world: World) -> None:
    """Name and external ID, newest first; those of others, and archived ones, are not among them."""
    parent = world.create_customer(external_id="holding")
    for number in range(3):
        world.create_customer(external_id=f"child {number}", name=f"Child {number}", parent="holding")
    world.archive(world.create_customer(name="Gone", parent="holding"))
    world.create_customer(ELSEWHERE, external_id="holding")
    world.create_customer(ELSEWHERE, name="Child of others", parent="holding")
    page = desk.get(url_of(parent))
    assert [folded(child) for child in page.all(".family li")] == [
        "Child 2 child 2", "Child 1 child 1", "Child 0 child 0",
    ]  # fmt: skip
    assert page.text("#children-heading") == "Children 3"
    (archived,) = page.all(".family-more a")
    assert (folded(archived), archived["href"]) == (
        "1 archived child",
        "/customers?parent=holding&status=archived",
    )


def test_many_children_are_counted_and_a_link_away(
    desk: DeskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten are shown; beyond what is counted the number is said to be more than that."""
    parent = world.create_customer(external_id="holding")
    for _ in range(12):
        world.create_customer(parent="holding")
    page = desk.get(url_of(parent))
    assert (len(page.all(".family li")), page.text("#children-heading")) == (10, "Children 12")
    assert page.one(".family-more a")["href"] == "/customers?parent=holding"
    monkeypatch.setattr(family, "MOST_COUNTED", 11)
    assert desk.get(url_of(parent)).text("#children-heading") == "Children more than 11"


def test_neighbours_in_the_last_list_are_a_key_away(desk: DeskClient, world: World) -> None:
    """Previous and next as the list had them, and the way back to it; without a list there are none."""
    found = [world.create_customer(name=f"Bakery {number}") for number in range(3)]
    world.create_customer(name="Another")
    assert desk.get(url_of(found[1])).all("[data-shortcut=previous], [data-shortcut=next]") == []
    desk.get("/customers?q=bakery")
    page = desk.get(url_of(found[1]))
    assert page.one("[data-shortcut=previous]")["href"] == url_of(found[2])
    assert folded(page.one("[data-shortcut=next]")) == "Next Bakery 0 J"
    back = page.all("nav.trail a")[0]
    assert folded(back) == "Back to the list"
    assert listed(desk.get(str(back["href"]))) == [customer.external_id for customer in reversed(found)]
    assert desk.get(url_of(found[2])).all("[data-shortcut=previous]") == []


def test_a_garbled_last_list_is_none(desk: DeskClient, world: World) -> None:
    """The cookie is the browser's, so anything can stand in it."""
    customer = world.create_customer()
    desk.get("/customers")
    kept = desk.client.get_cookie("last_list", path="/customers")
    assert kept is not None
    garbled = kept.value + 'q="><b>&cursor=%00&status=nonsense'
    desk.client.set_cookie("last_list", garbled, path="/customers")
    page = desk.get(url_of(customer))
    assert (page.status, page.all("b"), page.all("[data-shortcut=next]")) == (200, [], [])


def test_the_last_list_is_that_of_the_sign_in(desk: DeskClient, world: World) -> None:
    """The next person at the same browser is not told what the one before has searched for."""
    customer = world.create_customer(name="Bakery")
    desk.get("/customers?q=bakery&list=1")
    assert folded(desk.get(url_of(customer)).all("nav.trail a")[0]) == "Back to the list"
    desk.sign_in("viewer")
    assert folded(desk.get(url_of(customer)).all("nav.trail a")[0]) == "Customers"
