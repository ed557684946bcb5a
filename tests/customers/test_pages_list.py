"""The desk's list: what the search box finds, as a page and as what htmx receives."""

from urllib.parse import quote, urlsplit

import pytest
from flask import Flask

from tests.support.clients import DeskClient
from tests.support.desk_pages import folded, listed, url_of
from tests.support.world import ELSEWHERE, SANDBOX, World
from webapp.customers.model import Customer, Scope


def _url(query: str) -> str:
    return f"/customers?q={quote(query)}"


@pytest.fixture
def acme(world: World) -> Customer:
    """A customer that had another external ID before."""
    made = world.create_customer(external_id="acme_before", name="Acme Corp", email="billing@acme.example")
    return world.update_customer(made, external_id="acme/now 1")


@pytest.mark.parametrize("query", ["acme/now 1", "acme_before", "  acme/now 1\t"], ids=["current", "retired", "padded"])
def test_an_exact_external_id_opens_the_record(desk: DeskClient, acme: Customer, query: str) -> None:
    """A pasted external ID, with white space around it too, needs no list in between."""
    answer = desk.get(_url(query))
    assert (answer.status, answer.response.headers["Location"]) == (303, url_of(acme))


@pytest.mark.parametrize("archived", [False, True], ids=["published", "archived"])
def test_an_exact_id_opens_the_record(desk: DeskClient, world: World, acme: Customer, archived: bool) -> None:
    """The ID finds a customer whatever its status."""
    if archived:
        world.archive(acme)
    answer = desk.get(_url(acme.id))
    assert (answer.status, answer.response.headers["Location"]) == (303, url_of(acme))


@pytest.mark.usefixtures("acme")
def test_an_external_id_that_was_taken_over_opens_its_present_owner(desk: DeskClient, world: World) -> None:
    """A retired external ID belongs to whoever has it now."""
    owner = world.create_customer(external_id="acme_before")
    assert desk.get(_url("acme_before")).response.headers["Location"] == url_of(owner)


@pytest.mark.parametrize("query", ["acme/now 1", "acme_before", "ID"], ids=["external ID", "retired", "ID"])
def test_an_exact_hit_while_typing_is_listed_on_top(desk: DeskClient, world: World, acme: Customer, query: str) -> None:
    """Typing never leaves the page; what Enter would open stands first."""
    world.create_customer(external_id="acme/now 10", name="Newer, named by what acme_before begins with")
    page = desk.get(_url(acme.id if query == "ID" else query), htmx=True)
    assert page.status == 200
    assert listed(page)[0] == "acme/now 1"


@pytest.mark.usefixtures("acme")
def test_the_address_of_a_live_list_shows_the_list_again(desk: DeskClient, world: World) -> None:
    """Reload, Back and a shared link stay on the list, even where the text names a customer exactly."""
    world.create_customer(external_id="acme/now 10")
    form = desk.get("/customers").one("#list-form")
    live = desk.get(f"{form['hx-get']}&q={quote('acme/now 1')}", htmx=True)
    page = desk.get(live.response.headers["HX-Push-Url"])
    assert listed(page) == ["acme/now 1", "acme/now 10"]


@pytest.mark.parametrize(
    ("shown", "asked", "header"),
    [
        ("", "q=a", "HX-Push-Url"),
        ("list=1&q=a", "q=ac", "HX-Replace-Url"),
        ("list=1&q=ac", "q=a", "HX-Replace-Url"),
        ("list=1&q=a", "q=b", "HX-Push-Url"),
        ("list=1&q=a", "", "HX-Push-Url"),
        ("list=1&q=a&status=archived", "q=ac&status=archived", "HX-Replace-Url"),
        ("list=1&q=a", "q=a&status=archived", "HX-Push-Url"),
    ],
)
def test_back_leads_past_the_letters_of_one_search(desk: DeskClient, shown: str, asked: str, header: str) -> None:
    """Each list that was looked at has an address of its own; each letter on the way to it has none."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/customers?{shown}"}
    answer = desk.client.get(f"/customers?list=1&{asked}", headers=headers)
    assert [name for name in ("HX-Push-Url", "HX-Replace-Url") if name in answer.headers] == [header]


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    "query",
    ["acme/n", "now", "Acme C", "corp", "BILLING@", "acme.EXAMPLE", "aCmE/NoW"],
    ids=["external ID start", "external ID part", "name start", "name part", "email start", "email part", "any case"],
)
def test_a_text_finds_by_prefix_or_part(desk: DeskClient, world: World, query: str) -> None:
    """External ID, name and email are searched, in any case."""
    world.create_customer(external_id="other", name="Somebody Else", email="else@else.invalid")
    page = desk.get(_url(query))
    assert listed(page) == ["acme/now 1"]


@pytest.mark.parametrize("query", ["straße", "STRASSE", "Jose\u0301"], ids=["sharp s", "its capitals", "decomposed"])
def test_letters_of_other_scripts_compare_alike(desk: DeskClient, world: World, query: str) -> None:
    """Case and composition do not hide a name."""
    world.create_customer(external_id="found", name="José von der Straße")
    assert listed(desk.get(_url(query))) == ["found"]


def test_matches_at_the_start_come_first(desk: DeskClient, world: World) -> None:
    """A prefix ranks above a part, and within each rank the newest stands first."""
    for external_id, name in (("a", "north one"), ("b", "the north"), ("c", "north two"), ("d", "up north")):
        world.create_customer(external_id=external_id, name=name)
    assert listed(desk.get(_url("north"))) == ["c", "a", "d", "b"]


@pytest.mark.parametrize("sign", ["%", "_", "\\"], ids=["percent", "underscore", "backslash"])
def test_signs_of_patterns_are_themselves(desk: DeskClient, world: World, sign: str) -> None:
    """No text of a search works as a wildcard."""
    world.create_customer(external_id=f"x{sign}1")
    world.create_customer(external_id="x-1")
    assert listed(desk.get(_url(f"x{sign}"))) == [f"x{sign}1"]


def test_an_empty_search_shows_the_newest_first(desk: DeskClient, world: World) -> None:
    """The list without a query is a place to begin."""
    for external_id in ("oldest", "middle", "newest"):
        world.create_customer(external_id=external_id)
    assert listed(desk.get("/customers")) == ["newest", "middle", "oldest"]


def test_a_desk_without_customers_says_so(desk: DeskClient) -> None:
    """Nothing there at all is not the same as nothing found."""
    assert desk.get("/customers").text(".nothing-title") == "There are no customers yet"


@pytest.mark.usefixtures("acme")
def test_nothing_found_repeats_what_was_searched(desk: DeskClient) -> None:
    """The empty result shows the text, still in the box too."""
    page = desk.get(_url("nobody here"))
    assert page.text(".nothing-title q") == "nobody here"
    assert page.one("#q")["value"] == "nobody here"


@pytest.mark.parametrize("count", [1, 2], ids=["one", "two"])
def test_the_count_stands_in_what_htmx_receives(desk: DeskClient, world: World, count: int) -> None:
    """From there the script takes what a screen reader hears."""
    for _ in range(count):
        world.create_customer(name="Alike")
    page = desk.get(_url("alike"), htmx=True)
    assert page.text("#customer-count") == ("1 match" if count == 1 else "2 matches")


@pytest.mark.usefixtures("acme")
def test_htmx_receives_the_rows_alone(desk: DeskClient) -> None:
    """The fragment's root has the id that the search box targets, and the page holds the very same."""
    fragment = desk.get(_url("acm"), htmx=True)
    page = desk.get(_url("acm"))
    assert [tag["id"] for tag in fragment.soup.find_all(recursive=False)] == ["customer-rows"]
    assert folded(fragment.one("#customer-rows")) == folded(page.one("#customer-rows"))
    assert page.one("#list-form")["hx-target"] == "#customer-rows"


@pytest.mark.parametrize("htmx", [True, False], ids=["fragment", "page"])
def test_caches_are_told_that_htmx_receives_something_else(desk: DeskClient, htmx: bool) -> None:
    """One address has two answers, so the answer says by which header they differ."""
    assert "HX-Request" in desk.get("/customers", htmx=htmx).response.vary


@pytest.mark.usefixtures("acme")
def test_a_page_that_htmx_restores_from_its_history_is_whole(desk: DeskClient) -> None:
    """Going back needs the page, not the fragment."""
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    answer = desk.client.get("/customers?q=acm", headers=headers)
    assert answer.get_data(as_text=True).lstrip().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("query", ["", "alike"], ids=["newest", "search"])
def test_show_more_reaches_every_customer_once(desk: DeskClient, world: World, query: str) -> None:
    """Pages neither overlap nor leave anybody out, across the border between prefix and part."""
    expected = [world.create_customer(name="alike" if n % 3 else "not alike").external_id for n in range(125)]
    seen: list[str] = []
    page = desk.get(_url(query) if query else "/customers")
    while more := page.all("#list-more a"):
        seen += listed(page)
        page = desk.get(str(more[0]["href"]))
    seen += listed(page)
    assert sorted(seen) == sorted(expected)


def test_show_more_of_a_list_with_an_exact_hit_is_a_list(desk: DeskClient, world: World) -> None:
    """The exact hit stands on the first page once, and the next page is not the record."""
    expected = [world.create_customer(external_id=f"user_1{n or ''}").external_id for n in range(60)]
    first = desk.get(_url("user_1"), htmx=True)
    second = desk.get(str(first.one("#list-more a")["href"]))
    assert listed(first)[0] == "user_1"
    assert sorted(listed(first) + listed(second)) == sorted(expected)


def test_a_list_that_goes_on_says_how_many_there_are(desk: DeskClient, world: World) -> None:
    """The count is of all, and beside it stands how many of them are shown."""
    for _ in range(51):
        world.create_customer()
    page = desk.get("/customers")
    assert page.text("#customer-count") == "51 customers"
    assert page.text("#shown-count") == "the first 50 are shown"


@pytest.mark.parametrize("htmx", [True, False], ids=["fragment", "page"])
@pytest.mark.parametrize("cursor", ["0.garbled", "garbled", "7.W10", "\N{SNOWMAN}"])
def test_a_cursor_of_no_list_is_explained(desk: DeskClient, cursor: str, htmx: bool) -> None:
    """A made-up mark of where to go on is 422, with a way to the first page."""
    page = desk.get(f"/customers?q=a&cursor={quote(cursor)}", htmx=htmx)
    assert page.status == 422
    assert page.one("#cursor-error a")["href"] == "/customers?q=a"


def test_a_cursor_of_another_list_is_explained(desk: DeskClient, world: World) -> None:
    """It would leave customers out without a word."""
    for _ in range(51):
        world.create_customer(name="Alike")
    more = str(desk.get("/customers").one("#list-more a")["href"])
    assert desk.get(f"{more}&q=alike").status == 422


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("htmx", [True, False], ids=["fragment", "page"])
@pytest.mark.parametrize(
    ("query", "says"),
    [("ab\x00cd", "U+0000"), ("a\x1bb", "U+001B"), ("x" * 256, "255")],
    ids=["NUL", "escape", "too long"],
)
def test_a_text_that_cannot_be_searched_is_explained(desk: DeskClient, query: str, says: str, htmx: bool) -> None:
    """422 and a sentence that names the fault, and no list that looks like an answer."""
    page = desk.get(_url(query), htmx=htmx)
    assert page.status == 422
    assert says in page.text("#q-error")
    assert listed(page) == []
    assert page.text("#customer-count") == "Nothing was searched"


def test_the_longest_text_is_searched(desk: DeskClient, world: World) -> None:
    """An external ID of full length can be pasted."""
    customer = world.create_customer(external_id="x" * 255)
    assert desk.get(_url("x" * 255)).response.headers["Location"] == url_of(customer)


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["other environment", "other tenant"])
@pytest.mark.parametrize("by", ["id", "external_id", "name"])
def test_customers_of_others_are_not_found(desk: DeskClient, world: World, scope: Scope, by: str) -> None:
    """Neither a list nor an exact hit reaches over the border of an environment."""
    theirs = world.create_customer(scope, external_id="theirs", name="Their Customer")
    page = desk.get(_url(getattr(theirs, by)))
    assert (page.status, listed(page)) == (200, [])


def test_an_archived_customer_is_not_listed(desk: DeskClient, world: World, acme: Customer) -> None:
    """Its external ID may belong to somebody else by now."""
    world.archive(acme)
    assert listed(desk.get(_url("acme/now 1"))) == []


def test_each_row_is_a_link_to_its_record(desk: DeskClient, acme: Customer) -> None:
    """A row can be opened without a script, in a new tab too."""
    links = desk.get("/customers").all("#customer-rows tbody tr a")
    assert [urlsplit(str(link["href"])).path for link in links] == [url_of(acme)]


def test_a_row_shows_what_tells_customers_apart(desk: DeskClient, world: World) -> None:
    """External ID, name, email, and the country in full."""
    world.create_customer(external_id="u1", name="Ann", email="ann@example.com", address_country="JP")
    cells = [folded(cell) for cell in desk.get("/customers").all("tbody tr > *")]
    assert cells[:4] == ["u1", "Ann", "ann@example.com", "Japan"]


@pytest.mark.parametrize("htmx", [True, False], ids=["fragment", "page"])
def test_markup_in_a_value_is_text(desk: DeskClient, world: World, htmx: bool) -> None:
    """What a customer is called never becomes a part of the page."""
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    world.create_customer(external_id=f"e{evil}", name=f"n{evil}", email="e@example.com")
    page = desk.get(_url('"><script>'), htmx=htmx)
    assert listed(page) == [f"e{evil}"]
    assert page.text("td.col-name") == f"n{evil}"
    assert not page.all("script:not([src]), img")


def test_markup_in_the_query_is_text(desk: DeskClient) -> None:
    """Neither does what was searched."""
    page = desk.get(_url('"><script>alert(1)</script>'))
    assert page.one("#q")["value"] == '"><script>alert(1)</script>'
    assert page.text(".nothing-title q") == '"><script>alert(1)</script>'
    assert not page.all("script:not([src])")


@pytest.mark.usefixtures("acme")
def test_a_viewer_can_search(app: Flask) -> None:
    """Looking takes no more than the lowest role."""
    assert listed(DeskClient(app, "viewer").get(_url("acm"))) == ["acme/now 1"]
