"""The desk's search box: which customers a text means, in which order, page by page, on both databases."""

import pytest

from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers.folding import fold
from webapp.customers.model import Customer, Scope
from webapp.customers.search_box import Page, search_customers
from webapp.database import reading


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def search(world: World, query: str, *, most: int = 50, after: Customer | None = None) -> Page:
    """One page of what the box finds."""
    with world.app.app_context(), reading() as connection:
        return search_customers(connection, HOME, query, most=most, after=after)


def found(world: World, query: str) -> list[str]:
    """The names of what the box finds, in order."""
    return [customer.name for customer in search(world, query).customers]


@pytest.mark.parametrize(
    "query", ["user_77", "USER_77", "er_7", "Ärzte", "ärzte", "ÄRZ", "haus", "billing@", "ACME.com", "acme.com"]
)
def test_external_id_name_and_email_are_searched_in_any_case(world: World, query: str) -> None:
    """From their start or inside, beyond ASCII too."""
    world.create_customer(external_id="user_77", name="Ärztehaus", email="billing@acme.com")
    world.create_customer(external_id="other", name="Other", email="other@example.com")
    assert found(world, query) == ["Ärztehaus"]


@pytest.mark.parametrize("query", ["Berlin", "gold", "plan", "cust_", "stripe"])
def test_nothing_else_is_searched(world: World, query: str) -> None:
    """No address, no metadata, no ID."""
    world.create_customer(name="A", address_city="Berlin", metadata={"plan": "gold"}, mappings={"stripe": "1"})
    assert found(world, query) == []


@pytest.mark.parametrize(
    ("query", "names"),
    [("%", ["100%"]), ("_", ["a_b"]), ("\\", ["a\\b"]), ("/", ["a/b"]), ("'", ["a'b"]), ("a_", ["a_b"])],
    ids=repr,
)
def test_signs_that_mean_something_to_sql_mean_themselves(world: World, query: str, names: list[str]) -> None:
    """Nothing is a wildcard."""
    for number, name in enumerate(["100%", "a_b", "a\\b", "a/b", "a'b", "axb"]):
        world.create_customer(external_id=str(number), name=name)
    assert found(world, query) == names


@pytest.mark.parametrize(
    ("stored", "query"),
    [
        ("Cafe\u0301", "caf\u00e9"),
        ("Caf\u00e9", "CAFE\u0301"),
        ("Straße", "STRASSE"),
        ("\uff21\uff23\uff2d\uff25", "acme"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
    ids=["composed", "decomposed", "sharp s", "full width", "final sigma"],
)
def test_unicode_that_looks_alike_is_alike(world: World, stored: str, query: str) -> None:
    """On every database."""
    world.create_customer(name=stored)
    assert found(world, query) == [stored]


def test_folding_what_is_folded_changes_nothing() -> None:
    """So stored and typed texts meet."""
    for text in ("Straße", "ΣΊΣΥΦΟΣ", "Cafe\u0301", "\ufb01n"):
        assert fold(fold(text)) == fold(text)


def test_a_text_does_not_match_across_fields(world: World) -> None:
    """The end of one and the beginning of the next are apart."""
    world.create_customer(external_id="ab", name="cd", email="ef@example.com")
    assert found(world, "abcd") == []


def test_those_that_begin_with_the_text_come_first(world: World) -> None:
    """Then the newest first."""
    for number, name in enumerate(["Acme", "Not Acme", "Acme Two", "Also Acme"]):
        world.create_customer(external_id=str(number), name=name)
    assert found(world, "acme") == ["Acme Two", "Acme", "Also Acme", "Not Acme"]


def test_the_start_of_any_field_counts_as_a_beginning(world: World) -> None:
    """Of the email, too."""
    world.create_customer(external_id="1", name="First", email="acme@example.com")
    world.create_customer(external_id="2", name="Second acme")
    assert found(world, "acme") == ["First", "Second acme"]


def test_without_a_text_the_newest_come_first(world: World) -> None:
    """All of them."""
    for name in "abc":
        world.create_customer(name=name)
    assert found(world, "") == ["c", "b", "a"]


def test_archived_customers_are_not_found(world: World) -> None:
    """Neither by text nor without."""
    world.archive(world.create_customer(name="Acme"))
    assert found(world, "acme") == found(world, "") == []


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_nobody_else_s_customers_are_found(world: World, scope: Scope) -> None:
    """The search is confined to its scope."""
    world.create_customer(scope, name="Acme")
    assert found(world, "acme") == found(world, "") == []


@pytest.mark.parametrize("field", ["external_id", "name", "email"])
def test_a_changed_field_is_found_by_its_new_text(world: World, field: str) -> None:
    """And no longer by its old one."""
    customer = world.create_customer(name="Old name", external_id="old ID", email="old@example.com")
    old = getattr(customer, field)
    changed = world.update_customer(customer, **{field: "new@example.org"})
    assert found(world, "new@example.org") == [changed.name]
    assert found(world, old) == []


def test_a_page_says_whether_there_are_more(world: World) -> None:
    """Exactly as many as fit are the last page."""
    for number in range(3):
        world.create_customer(name=f"Acme {number}")
    assert [search(world, "acme", most=most).has_more for most in (2, 3, 4)] == [True, False, False]
    assert len(search(world, "acme", most=2).customers) == 2


@pytest.mark.parametrize("query", ["", "acme", "x"])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_pages_show_every_customer_once_in_order(world: World, query: str, most: int) -> None:
    """However long the pages; some begin with the text, some hold it, and some were created at one moment."""
    for number in range(3):
        world.create_customer(name=f"Acme {number} x")
        world.create_customer(name=f"x Acme {number}")
        world.create_customer(name=f"Other x {number}")
    whole = [customer.id for customer in search(world, query).customers]
    paged: list[str] = []
    page = search(world, query, most=most)
    paged += [customer.id for customer in page.customers]
    while page.has_more:
        page = search(world, query, most=most, after=page.customers[-1])
        paged += [customer.id for customer in page.customers]
    assert paged == whole
    assert len(set(paged)) == len(paged) == (6 if query == "acme" else 9)
