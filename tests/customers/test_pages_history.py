"""The history's pages: the timeline and its filters, one entry, the record as it was, the file."""

import csv
import io

import pytest
from flask import Flask

from tests.support.clients import ApiClient, DeskClient, Page
from tests.support.desk_pages import changed_fields, folded, save_and_follow, url_of
from tests.support.world import HOME, SANDBOX, World
from webapp.customers.history_csv import COLUMNS, file_name
from webapp.customers.history_list import ENTRIES_PER_PAGE, HistoryFilter, read_all
from webapp.customers.model import Customer
from webapp.database import reading


@pytest.fixture
def acme(world: World, desk: DeskClient, api: ApiClient) -> Customer:
    """A customer that the command line made, a person changed with a reason, and a program changed."""
    customer = world.create_customer(name="Acme Corp", email="a@acme.example", metadata={"plan": "gold"})
    save_and_follow(desk, customer, name="Acme GmbH", reason="asked for by phone", **{"metadata-0-value": "silver"})
    api.put(f"/v1/customers/{customer.id}", {"email": "b@acme.example"})
    return customer


def history_of(desk: DeskClient, customer: Customer, query: str = "", **kwargs: bool) -> Page:
    """The page of a customer's history."""
    return desk.get(f"{url_of(customer)}/history{query}", **kwargs)


def titles(page: Page) -> list[str]:
    """What each entry of a page is called."""
    return [folded(title) for title in page.all(".change .change-head")]


def rows_of(desk: DeskClient, customer: Customer, query: str = "") -> list[dict[str, str]]:
    """The lines of the file, as a program reads them."""
    response = desk.client.get(f"{url_of(customer)}/history.csv{query}")
    assert (response.status_code, response.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True), newline="")))


def test_the_timeline_tells_who_from_where_when_why_and_what(desk: DeskClient, acme: Customer) -> None:
    """Newest first, each with a link to its own page."""
    page = history_of(desk, acme)
    assert titles(page) == [
        "Updated through the API by API key write key",
        "Updated on the desk by editor@desk.example",
        "Created from the command line by Test",
    ]
    assert [folded(reason) for reason in page.all(".change-reason")] == ["asked for by phone"]
    assert changed_fields(page.all(".change")[1]) == [
        ("Name", "Acme Corp", "Acme GmbH"),
        ("Metadata: plan", "gold", "silver"),
    ]
    assert [str(link["href"]) for link in page.all(".change-meta a")] == [
        f"{url_of(acme)}/history/{version}" for version in (3, 2, 1)
    ]
    assert len(page.all(".change-meta time[datetime][title]")) == 3


def test_the_words_that_changed_are_marked(desk: DeskClient, acme: Customer) -> None:
    """In the old value and in the new one; not where nothing of the old one is left."""
    entry = history_of(desk, acme).all(".change")[1]
    assert [mark.get_text() for mark in entry.select(".changed")] == ["Corp", "GmbH"]


def test_a_value_is_shown_as_text(desk: DeskClient, world: World) -> None:
    """Markup in it is none."""
    customer = world.create_customer(name="a <b>x</b> c")
    world.update_customer(customer, name="a <b>y</b> c")
    assert changed_fields(history_of(desk, customer).all(".change")[0]) == [("Name", "a <b>x</b> c", "a <b>y</b> c")]


def test_a_long_value_is_shortened_around_what_changed(desk: DeskClient, world: World) -> None:
    """All of it is one step away."""
    customer = world.create_customer(metadata={"note": "word " * 100 + "old" + " word" * 99})
    world.update_customer(customer, metadata={"note": "word " * 100 + "new" + " word" * 99})
    entry = history_of(desk, customer).all(".change")[0]
    shown = entry.select("del")[0].get_text()
    assert len(shown) < 120
    assert "old" in shown
    assert entry.select(".whole-new")[0].get_text() == "word " * 100 + "new" + " word" * 99


@pytest.mark.parametrize(
    ("query", "versions"),
    [
        ("?field=name", [2, 1]),
        ("?field=metadata:plan", [2, 1]),
        ("?field=metadata", [2, 1]),
        ("?field=email", [3, 1]),
        ("?field=nothing", []),
        ("?person=staff:staff_editor", [2]),
        ("?person=command:actor_test", [1]),
        ("?person=staff:staff_editor&field=email", []),
        ("?field=&person=", [3, 2, 1]),
    ],
)
def test_it_is_filtered_by_field_and_by_person(
    desk: DeskClient, acme: Customer, query: str, versions: list[int]
) -> None:
    """The page, the fragment and the file alike."""
    for page in (history_of(desk, acme, query), history_of(desk, acme, query, htmx=True)):
        assert [folded(link) for link in page.all(".change-meta a")] == [f"version {number}" for number in versions]
    assert sorted({int(row["version"]) for row in rows_of(desk, acme, query)}, reverse=True) == versions


def test_an_entry_shows_only_the_fields_that_are_asked_for(desk: DeskClient, acme: Customer) -> None:
    """Its own page has all of them."""
    page = history_of(desk, acme, "?field=name&person=staff:staff_editor")
    assert changed_fields(page.one(".change")) == [("Name", "Acme Corp", "Acme GmbH")]


def test_the_filters_offer_what_occurs(desk: DeskClient, acme: Customer) -> None:
    """Fields and keys by their labels, persons by name; what is chosen stays chosen, occurring or not."""
    page = history_of(desk, acme, "?field=metadata:gone&person=staff:staff_editor")
    fields = {str(option["value"]): folded(option) for option in page.all("#field option")}
    people = {str(option["value"]): folded(option) for option in page.all("#person option")}
    assert fields.items() >= {"": "All fields", "email": "Email", "metadata:plan": "Metadata: plan"}.items()
    assert set(people.values()) == {"Everybody", "editor@desk.example", "write key", "Test"}
    assert page.one("#field option[selected]")["value"] == "metadata:gone"
    assert page.one("#person option[selected]")["value"] == "staff:staff_editor"


def test_a_very_long_entry_leads_to_its_page(desk: DeskClient, world: World) -> None:
    """Every field of twenty such entries would be megabytes, and keep the server from everybody else meanwhile."""
    customer = world.create_customer()
    world.update_customer(customer, metadata={f"key {number}": "value" for number in range(100)})
    entry = history_of(desk, customer).all(".change")[0]
    assert (folded(entry.select("summary")[0]), len(changed_fields(entry))) == ("100 fields", 20)
    link = entry.select("details a")[0]
    assert folded(link) == "80 more fields on the page of this change"
    assert len(changed_fields(desk.get(str(link["href"])).one("main"))) == 100


def test_older_changes_follow_page_by_page(desk: DeskClient, world: World) -> None:
    """By a link; htmx gets only what is new, and no version twice."""
    customer = world.create_customer()
    for number in range(2 * ENTRIES_PER_PAGE):
        world.update_customer(customer, name=f"Name {number}")
    seen, page = [], history_of(desk, customer, "?person=command:actor_test")
    for count in (ENTRIES_PER_PAGE, ENTRIES_PER_PAGE, 1):
        assert len(page.all(".change")) == count
        seen += [folded(link) for link in page.all(".change-meta a")]
        link = page.all(".more a")
        if link:
            target = str(link[0]["hx-target"]).removeprefix("#")
            page = desk.get(str(link[0]["hx-get"]), htmx=True)
            assert (page.soup.find() or {}).get("id") == target
    assert seen == [f"version {number}" for number in range(2 * ENTRIES_PER_PAGE + 1, 0, -1)]


@pytest.mark.parametrize("before", ["0", "-5", "x", "9" * 30, ""])
def test_a_made_up_page_does_no_harm(desk: DeskClient, acme: Customer, before: str) -> None:
    """It is empty, or the first."""
    assert history_of(desk, acme, f"?before={before}").status == 200


def test_an_entry_has_a_page_with_its_neighbours(desk: DeskClient, acme: Customer) -> None:
    """And leads to the record as it was."""
    page = desk.get(f"{url_of(acme)}/history/2")
    assert page.text("h1") == "Version 2 of Acme GmbH"
    assert page.text(".change-head") == "Updated on the desk by editor@desk.example"
    assert [str(link["href"]).removeprefix(url_of(acme)) for link in page.all(".entry-ways a")] == [
        "/history/1",
        "/history/3",
        "/versions/2",
    ]
    assert len(page.all(".entry-undo button")) == 2


@pytest.mark.parametrize("version", [1, 2, 3])
def test_the_record_is_shown_as_of_a_version(desk: DeskClient, acme: Customer, version: int) -> None:
    """Every value as it was, what differs from now marked; nothing to edit."""
    page = desk.get(f"{url_of(acme)}/versions/{version}")
    rows = {
        folded(row.select("th")[0]): " ".join(row.select("td")[0].get_text().split())
        for row in page.all(".old-values tbody tr")
    }
    assert (rows["Name"], rows["Email"], rows["Metadata: plan"]) == {
        1: ("Acme Corp", "a@acme.example", "gold"),
        2: ("Acme GmbH", "a@acme.example", "silver"),
        3: ("Acme GmbH", "b@acme.example", "silver"),
    }[version]
    assert [folded(row.select("th")[0]) for row in page.all(".is-different")] == {
        1: ["Name", "Email", "Metadata: plan"],
        2: ["Email"],
        3: [],
    }[version]
    assert page.all("#customer-version form") == []
    links = [str(link["href"]).rpartition("/")[2] for link in page.all(".entry-ways a")]
    assert links == {1: ["2"], 2: ["1", "3"], 3: ["2"]}[version]


@pytest.mark.parametrize("path", ["history/{}", "versions/{}"])
@pytest.mark.parametrize("version", ["0", "4", "2147483647", "2147483648", "9" * 30, "-1", "x", "1.0"])
def test_a_version_that_is_not_there_is_not_found(desk: DeskClient, acme: Customer, path: str, version: str) -> None:
    """However large."""
    assert desk.get(f"{url_of(acme)}/{path.format(version)}").status == 404


@pytest.mark.parametrize("path", ["history", "history.csv", "history/1", "versions/1"])
def test_nobody_else_s_history_is_shown(desk: DeskClient, world: World, path: str) -> None:
    """Another environment's customer answers as an unknown one."""
    customer = world.create_customer(SANDBOX)
    assert desk.get(f"{url_of(customer)}/{path}").status == 404


def test_a_viewer_reads_and_cannot_undo(app: Flask, acme: Customer) -> None:
    """No button, and no way around it."""
    viewer = DeskClient(app, "viewer")
    page = viewer.get(f"{url_of(acme)}/history/2")
    assert page.all("#customer-change form") == []
    token = viewer.get("/customers").all("input[name=csrf_token]")[0]["value"]
    assert viewer.post(f"{url_of(acme)}/history/2/revert", {"csrf_token": str(token)}).status == 403


def test_the_file_has_one_line_for_each_field(desk: DeskClient, acme: Customer) -> None:
    """RFC 4180: CRLF, quotes where they are needed; the newest first."""
    response = desk.client.get(f"{url_of(acme)}/history.csv")
    text = response.get_data(as_text=True)
    assert text.split("\r\n")[0] == ",".join(COLUMNS)
    assert text.endswith("\r\n")
    rows = rows_of(desk, acme)
    assert [(row["version"], row["field"], row["key"], row["old"], row["new"]) for row in rows[:3]] == [
        ("3", "email", "", "a@acme.example", "b@acme.example"),
        ("2", "name", "", "Acme Corp", "Acme GmbH"),
        ("2", "metadata", "plan", "gold", "silver"),
    ]
    assert (
        rows[1].items()
        >= {
            "operation": "update",
            "actor_type": "staff",
            "actor_id": "staff_editor",
            "actor_name": "editor@desk.example",
            "source": "desk",
            "reason": "asked for by phone",
        }.items()
    )
    assert rows[1]["at"].endswith("Z")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", 'a "quoted", text', "Ünï 用户", "'already"])
def test_no_cell_is_a_formula(desk: DeskClient, world: World, text: str) -> None:
    """An apostrophe stands before what a spreadsheet would compute; any other text is as it is."""
    customer = world.create_customer()
    world.update_customer(customer, address_line1=text)
    expected = f"'{text}" if text[0] in "=+-@" else text
    assert rows_of(desk, customer)[0]["new"] == expected


def test_a_long_history_is_in_the_file_as_a_whole(world: World) -> None:
    """It is read in bits."""
    customer = world.create_customer()
    for number in range(7):
        world.update_customer(customer, name=f"Name {number}")
    with world.app.app_context():
        for at_once in (1, 3, 8, 9):
            read = read_all(reading, HOME, customer.id, HistoryFilter(field="name"), at_once=at_once)
            assert [change.version for change in read] == list(range(8, 0, -1))


@pytest.mark.parametrize(
    ("external_id", "name"),
    [
        ("user_1", "history-user_1.csv"),
        ('a/b ü"c', "history-a-b-c.csv"),
        ("../../etc", "history-etc.csv"),
        ("用户", "history-customer.csv"),
        ("x" * 255, f"history-{'x' * 80}.csv"),
    ],
)
def test_the_file_s_name_is_safe(external_id: str, name: str) -> None:
    """Whatever the external ID holds."""
    assert file_name(external_id) == name
