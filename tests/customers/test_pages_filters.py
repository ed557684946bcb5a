"""The list's filters, orders and columns, what it says when nobody is found, and what it remembers."""

import re
from urllib.parse import quote

import pytest

from tests.support.clients import DeskClient
from tests.support.desk_pages import folded, listed, url_of
from tests.support.world import World
from webapp.customers.model import Customer


@pytest.fixture
def anna(world: World) -> Customer:
    """A customer with something in each column."""
    world.create_customer(external_id="group")
    return world.create_customer(
        external_id="anna",
        name="Anna",
        email="anna@x.example",
        contact="+49 30 1",
        address_city="Berlin",
        address_country="DE",
        parent="group",
        metadata={"plan": "pro", "a,b": "<b>"},
        mappings={"stripe": "cus_anna"},
    )


@pytest.mark.parametrize("text", ["cus_anna", "ANNA@x.example"], ids=["provider's ID", "email"])
def test_what_names_one_customer_opens_the_record(desk: DeskClient, anna: Customer, text: str) -> None:
    """Not the external ID alone; and while typing it is listed on top."""
    assert desk.get(f"/customers?q={quote(text)}").response.headers["Location"] == url_of(anna)
    assert listed(desk.get(f"/customers?q={quote(text)}", htmx=True)) == ["anna"]


def test_what_names_several_customers_lists_them(desk: DeskClient, world: World, anna: Customer) -> None:
    """Nobody is opened by chance."""
    world.create_customer(external_id="other", mappings={"zoho_books": "cus_anna"}, email=anna.email)
    assert sorted(listed(desk.get("/customers?q=cus_anna"))) == ["anna", "other"]
    assert sorted(listed(desk.get(f"/customers?q={quote(anna.email)}"))) == ["anna", "other"]


@pytest.mark.usefixtures("anna")
def test_the_form_shows_what_is_asked_for(desk: DeskClient) -> None:
    """It lies open where a filter is set, and sends the same list again."""
    address = "/customers?q=a&status=all&country=DE&changed_from=2026-01-01&sort=name&order=desc"
    page = desk.get(address)
    values = page.form_values("#list-form")
    asked = ("q", "status", "country", "parent", "changed_from", "changed_to", "sort", "order")
    assert [values[name] for name in asked] == ["a", "all", "DE", "", "2026-01-01", "", "name", "desc"]
    assert page.one("#live-choices").has_attr("open")
    assert not desk.get("/customers").one("#live-choices").has_attr("open")
    sent = "&".join(f"{name}={quote(values[name])}" for name in asked)
    columns = "&".join(
        f"columns={box['value']}" for box in page.all("#list-form input[name=columns]") if box.has_attr("checked")
    )
    again = desk.get(f"/customers?{sent}&columns=external_id&{columns}&metadata_column=")
    assert (again.status, again.response.headers["Location"]) == (303, address)


@pytest.mark.usefixtures("anna")
def test_each_filter_that_is_set_can_be_taken_away(desk: DeskClient) -> None:
    """By a link that leaves all else as it is."""
    page = desk.get("/customers?q=a&country=DE&parent=group&sort=name")
    assert [folded(chip) for chip in page.all(".filter-chip")] == [
        "Remove the filter: Country: Germany",
        "Remove the filter: Parent: group",
    ]
    assert [chip["href"] for chip in page.all(".filter-chip")] == [
        "/customers?q=a&parent=group&sort=name",
        "/customers?q=a&country=DE&sort=name",
    ]


@pytest.mark.usefixtures("anna")
def test_a_column_head_sorts_and_turns_the_order_round(desk: DeskClient) -> None:
    """It says how the list is sorted; the names of the columns that cannot be sorted by are no links."""
    page = desk.get("/customers?q=a")
    links = {folded(link): str(link["href"]) for link in page.all("thead a")}
    assert list(links) == ["External ID", "Name", "Email", "Last changed"]
    assert not page.all("[aria-sort]")
    page = desk.get(links["Name"])
    assert page.one("[aria-sort=ascending]").get_text(strip=True) == "Name"
    turned = str(page.one("[aria-sort] a")["href"])
    assert turned == "/customers?q=a&sort=name&order=desc"
    assert desk.get(turned).one("[aria-sort=descending] a")["href"] == links["Name"]


@pytest.mark.usefixtures("anna")
def test_columns_are_chosen(desk: DeskClient) -> None:
    """Every one of them shows its value as text; a metadata key holds any character."""
    names = ("contact", "address_city", "parent_customer_external_id", "status", "version", "metadata.plan")
    wanted = "&".join(f"columns={quote(name)}" for name in ("external_id", *names, "metadata.a,b"))
    page = desk.get(f"/customers?q=a&{wanted}")
    row = next(row for row in page.all("tbody tr") if "anna" in folded(row))
    assert [folded(cell) for cell in row.find_all(["th", "td"])] == [
        "anna", "+49 30 1", "Berlin", "group", "Published", "1", "pro", "<b>",
    ]  # fmt: skip
    assert [folded(head) for head in page.all("thead th")][-2:] == ["plan", "a,b"]
    ticked = [box["value"] for box in page.all("#list-form input[type=checkbox][checked]")]
    assert ticked == [*names, "metadata.a,b"]


@pytest.mark.usefixtures("anna")
def test_a_typed_metadata_key_becomes_a_column(desk: DeskClient) -> None:
    """Without a script, the address then names it as every other column."""
    answer = desk.get("/customers?q=a&metadata_column=plan")
    assert answer.status == 303
    assert "columns=metadata.plan" in answer.response.headers["Location"]
    assert folded(desk.get(answer.response.headers["Location"]).all("thead th")[-1]) == "plan"


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("htmx", [True, False], ids=["fragment", "page"])
@pytest.mark.parametrize(
    "sent",
    ["status=gone", "country=XX", "parent=nobody", "changed_from=soon", "sort=shoe", "order=asc", "columns=shoe"],
)
def test_a_wrong_value_is_refused_beside_its_control(desk: DeskClient, sent: str, htmx: bool) -> None:
    """422, the other values kept, and no list that looks like an answer."""
    name = sent.partition("=")[0]
    page = desk.get(f"/customers?q=kept&{sent}", htmx=htmx)
    assert page.status == 422
    assert page.text(f"#{name}-error")
    assert not page.all("tbody")
    if not htmx:
        assert page.text("title").startswith("Error:")
        assert page.one("#q")["value"] == "kept"
        target = str(page.one(f"#{name}-error a")["href"])
        assert page.one(target).name in {"input", "select"}
        assert page.one(target).find_parent("details").has_attr("open")  # type: ignore[union-attr]


def test_nothing_found_offers_what_may_help(desk: DeskClient, world: World, anna: Customer) -> None:
    """The archived, with their number; the list without filters; the text as it is, where it was read as a term."""
    world.archive(anna)
    page = desk.get("/customers?q=anna plan:pro&country=DE")
    searched = [folded(line) for line in page.all(".nothing-searched li")]
    assert any("anna" in line for line in searched)
    assert any("Metadata: plan is exactly pro" in line for line in searched)
    assert "Country: Germany" in searched
    offers = {folded(link): str(link["href"]) for link in page.all(".nothing-offers a")}
    assert listed(desk.get(offers["Search among the archived: 1 match"])) == ["anna"]
    assert offers["Search without the filters"] == "/customers?q=anna+plan:pro"
    assert offers['Search for the text as it is: "anna plan:pro"'].startswith("/customers?q=%22anna+plan:pro%22")


@pytest.mark.usefixtures("anna")
def test_nothing_found_says_when_the_archived_do_not_help(desk: DeskClient) -> None:
    """No link that leads to nothing again."""
    page = desk.get("/customers?q=nobody")
    assert "there is nothing among the archived either" in page.text(".nothing-searched")
    assert [folded(link) for link in page.all(".nothing-offers a")] == ["To the newest customers"]


def test_the_records_opened_last_stand_where_nothing_is_asked_for(
    desk: DeskClient, world: World, anna: Customer
) -> None:
    """The latest first, each once; a search has them not, and neither has what htmx receives."""
    other = world.create_customer(external_id="other")
    for customer in (anna, other, other):
        desk.get(url_of(customer))
    shown = [str(link["href"]) for link in desk.get("/customers").all(".recent a")]
    assert shown == [url_of(other), url_of(anna)]
    assert not desk.get("/customers?q=x").all(".recent")
    assert not desk.get("/customers", htmx=True).all(".recent")


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("htmx", [True, False], ids=["typed", "page"])
def test_the_last_list_is_remembered_for_its_records(desk: DeskClient, htmx: bool) -> None:
    """In a cookie that scripts cannot read, without cursor; a list that is too long is forgotten."""
    answer = desk.get("/customers?q=an&status=all&list=1", htmx=htmx).response
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("last_list=")]
    assert re.match(r"last_list=sess_\w{26}:q=an&status=all;", cookie)
    assert {"HttpOnly", "Path=/customers", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Expires" not in cookie
    columns = "&".join(f"columns=metadata.{'k' * 200}{number}" for number in range(9))
    gone = desk.get(f"/customers?columns=external_id&{columns}", htmx=htmx).response
    assert any(line.startswith("last_list=;") for line in gone.headers.getlist("Set-Cookie"))


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("address", ["/customers?q=anna", "/customers?status=gone"], ids=["opens", "refused"])
def test_what_shows_no_list_is_not_remembered(desk: DeskClient, address: str) -> None:
    """The list before it goes on counting."""
    cookies = desk.get(address).response.headers.getlist("Set-Cookie")
    assert not any(line.startswith("last_list=") for line in cookies)
