"""The desk's record page: every field, the history, and the notice right after a save."""

import pytest
from flask import Flask

from tests.support.clients import ApiClient, DeskClient
from tests.support.desk_pages import changed_fields, facts, folded, save_and_follow, url_of
from tests.support.world import ELSEWHERE, SANDBOX, World
from webapp.customers.model import Customer, Scope

TEXTS = {
    "name": "Zoë's Bakery & Co",
    "email": "zoe@bakery.example",
    "contact": "+44 20 7946 0000",
    "address_line1": "1 High Street",
    "address_line2": "Floor 2",
    "address_city": "London",
    "address_state": "Greater London",
    "address_postal_code": "SW1A 1AA",
    "address_country": "GB",
    "timezone": "Europe/London",
}


@pytest.fixture
def bakery(world: World) -> Customer:
    """A customer with something in every field."""
    world.create_customer(external_id="holding", name="The Holding")
    return world.create_customer(
        external_id="bakery/1",
        parent="holding",
        metadata={"plan": "gold", "note": ""},
        mappings={"stripe": "cus_1", "hubspot": "hs-9"},
        **TEXTS,
    )


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Email", "zoe@bakery.example Copy email"),
        ("Phone", "+44 20 7946 0000 Copy phone number"),
        ("Time zone", "Europe/London"),
        ("Parent", "The Holding holding"),
        ("Address line 1", "1 High Street"),
        ("Address line 2", "Floor 2"),
        ("Town or city", "London"),
        ("State or region", "Greater London"),
        ("Postcode", "SW1A 1AA"),
        ("Country", "United Kingdom GB"),
    ],
)
def test_a_record_shows_each_field(desk: DeskClient, bakery: Customer, label: str, value: str) -> None:
    """Every field of the customer stands under its label."""
    assert facts(desk.get(url_of(bakery)))[label] == value


def test_a_record_is_titled_by_its_name(desk: DeskClient, bakery: Customer) -> None:
    """The name is the heading, and begins the title of the browser's tab."""
    page = desk.get(url_of(bakery))
    assert page.text("h1") == "Zoë's Bakery & Co"
    assert page.text("title").startswith("Zoë's Bakery & Co")


def test_a_record_shows_its_identifiers_with_copy_buttons(desk: DeskClient, bakery: Customer) -> None:
    """External ID and ID can be read and copied."""
    page = desk.get(url_of(bakery))
    assert [folded(code) for code in page.all(".record-ids code")] == ["bakery/1", bakery.id]
    assert [button["data-copy"] for button in page.all(".record-ids [data-copy]")] == ["bakery/1", bakery.id]


def test_a_record_shows_its_metadata_in_the_order_given(desk: DeskClient, bakery: Customer) -> None:
    """Key and value of each entry, an empty value as not set."""
    rows = desk.get(url_of(bakery)).all("[aria-labelledby=metadata-heading] tbody tr")
    assert [folded(row) for row in rows] == ["plan gold", "note — Not set"]


def test_a_record_shows_its_mappings(desk: DeskClient, bakery: Customer) -> None:
    """Provider and ID there, by provider."""
    page = desk.get(url_of(bakery))
    rows = page.all("[aria-labelledby=integrations-heading] tbody tr")
    assert [folded(row.select("th")[0]) for row in rows] == ["hubspot", "stripe"]
    assert [folded(row.select("td")[0]).split()[0] for row in rows] == ["hs-9", "cus_1"]


def test_the_parent_is_a_link(desk: DeskClient, bakery: Customer) -> None:
    """From a child to its parent it is one click."""
    link = desk.get(url_of(bakery)).one(f'.facts a[href="/customers/{bakery.parent_customer_id}"]')
    assert folded(link) == "The Holding"


def test_empty_fields_are_said_to_be_not_set(desk: DeskClient, world: World) -> None:
    """A gap is told from a value, for a screen reader too."""
    shown = facts(desk.get(url_of(world.create_customer())))
    assert {shown[label] for label in shown if label != "Time zone"} == {"— Not set"}


def test_a_record_without_entries_says_so(desk: DeskClient, world: World) -> None:
    """No metadata and no integrations are statements, not blanks; of no children there is no word."""
    page = desk.get(url_of(world.create_customer()))
    assert [folded(none) for none in page.all(".none")] == ["No metadata", "No integrations"]
    assert page.all("#children-heading") == []


def test_the_history_tells_who_when_and_what(desk: DeskClient, world: World, bakery: Customer) -> None:
    """Newest first, each entry with its actor, source, time and the old and the new value of each field."""
    world.update_customer(bakery, name="Zoë's", contact="", metadata={"plan": "silver", "tier": "2"})
    changes = desk.get(url_of(bakery)).all(".record-history .change")
    assert [folded(change.select(".change-head")[0]) for change in changes] == [
        "Updated from the command line by Test",
        "Created from the command line by Test",
    ]
    newest = world.history(bakery)[0]
    assert changes[0].select("time")[0]["datetime"] == newest.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert changed_fields(changes[0]) == [
        ("Name", "Zoë's Bakery & Co", "Zoë's"),
        ("Phone", "+44 20 7946 0000", "empty"),
        ("Metadata: plan", "gold", "silver"),
        ("Metadata: note", "empty", ""),
        ("Metadata: tier", "", "2"),
    ]


def test_the_history_tells_a_program_from_a_person(desk: DeskClient, api: ApiClient, bakery: Customer) -> None:
    """A change through the API names its key and its request, one at the desk the person."""
    headers = {"X-Request-ID": "req-of-the-program"}
    api.put(f"/v1/customers/{bakery.id}", {"name": "By API"}, headers=headers)
    save_and_follow(desk, bakery, name="By desk")
    changes = desk.get(url_of(bakery)).all(".record-history .change")
    assert [folded(change.select(".change-head")[0]) for change in changes[:2]] == [
        "Updated on the desk by editor@desk.example",
        "Updated through the API by API key write key",
    ]
    assert folded(changes[1].select(".request-id")[0]) == "req-of-the-program"
    assert changes[0].select(".request-id") == []  # the page of the change has it


def test_the_history_names_a_parent_and_a_mapping(desk: DeskClient, bakery: Customer) -> None:
    """What hangs on a customer is a part of its history."""
    page = save_and_follow(
        desk, bakery, **{"parent_customer_external_id": "", "integration_entity_mapping-1-id": "cus_2"}
    )
    assert changed_fields(page.all(".change")[0]) == [
        ("Parent customer", "The Holding", ""),
        ("Integration: stripe", "cus_1", "cus_2"),
    ]
    assert page.all(".change")[0].select("del a")[0]["href"] == f"/customers/{bakery.parent_customer_id}"


def test_a_record_shows_its_latest_changes_and_the_way_to_all(desk: DeskClient, world: World) -> None:
    """Five of them, the newest first; who made the first one is told all the same."""
    customer = world.create_customer()
    for number in range(7):
        save_and_follow(desk, customer, name=f"Name {number}")
    page = desk.get(url_of(customer))
    versions = [folded(link) for link in page.all(".record-history .change-meta a")]
    assert versions == [f"version {number}" for number in range(8, 3, -1)]
    assert page.one(".record-history .more a")["href"] == f"{url_of(customer)}/history"
    foot = [folded(line) for line in page.all(".record-foot > div")]
    assert foot[0] == "Version 8"
    assert foot[1].endswith("by Test")
    assert foot[2].endswith("by editor@desk.example")


def test_a_large_change_is_folded(desk: DeskClient, bakery: Customer) -> None:
    """The entry of a creation does not push the newer ones out of sight, yet holds every field."""
    created = desk.get(url_of(bakery)).all(".change")[-1]
    fields = changed_fields(created.select("details")[0])
    assert ("Name", "", "Zoë's Bakery & Co") in fields
    assert len(fields) > 8


@pytest.mark.parametrize("archived", [False, True], ids=["published", "archived"])
def test_an_archived_customer_is_marked_and_cannot_be_edited(
    desk: DeskClient, world: World, bakery: Customer, archived: bool
) -> None:
    """The notice stands where the Edit link would."""
    if archived:
        world.archive(bakery)
    page = desk.get(url_of(bakery))
    assert page.text(".record-title .chip") == ("Archived" if archived else "Published")
    assert len(page.all(".panel-warn")) == archived
    assert len(page.all("[data-shortcut=edit]")) == (not archived)


def test_an_archived_customer_has_no_edit_page(desk: DeskClient, world: World, bakery: Customer) -> None:
    """An address that was kept leads to a sentence, not to a form that could not be saved."""
    world.archive(bakery)
    page = desk.get(f"{url_of(bakery)}/edit")
    assert (page.status, page.all("#customer-form")) == (400, [])
    assert "archived" in page.text(".problem")


@pytest.mark.parametrize("path", ["", "/edit"], ids=["record", "edit"])
@pytest.mark.parametrize("customer_id", ["cust_nobody", "ä%20b", "x" * 3000], ids=["unknown", "odd", "long"])
def test_an_unknown_customer_is_a_page_of_404(desk: DeskClient, customer_id: str, path: str) -> None:
    """It says what is missing, and leads back."""
    page = desk.get(f"/customers/{customer_id}{path}")
    assert (page.status, page.text("h1")) == (404, "Not found")
    assert page.all('main a[href="/"]')
    assert page.text(".problem code") == page.response.headers["X-Request-ID"]


@pytest.mark.parametrize("path", ["", "/edit"], ids=["record", "edit"])
@pytest.mark.parametrize("customer_id", ["%00", "a%0Ab"], ids=["NUL", "line"])
def test_a_control_character_in_the_address_is_refused(desk: DeskClient, customer_id: str, path: str) -> None:
    """It can be no customer's ID (contract section 3), and is a page too."""
    page = desk.get(f"/customers/{customer_id}{path}")
    assert (page.status, len(page.all(".problem"))) == (400, 1)


@pytest.mark.parametrize("path", ["", "/edit"], ids=["record", "edit"])
@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["other environment", "other tenant"])
def test_a_customer_of_others_is_a_page_of_404(desk: DeskClient, world: World, scope: Scope, path: str) -> None:
    """Another's record answers as an unknown one."""
    assert desk.get(f"{url_of(world.create_customer(scope))}{path}").status == 404


def test_a_save_is_told_on_the_record(desk: DeskClient, bakery: Customer) -> None:
    """Right after a save the record says what changed, in a notice that takes the focus."""
    page = save_and_follow(desk, bakery, name="Zoë's", email="")
    notice = page.one("#saved")
    assert notice.has_attr("autofocus")
    assert page.text("#saved-title") == "Saved. This is version 2."
    assert changed_fields(notice) == [
        ("Name", "Zoë's Bakery & Co", "Zoë's"),
        ("Email", "zoe@bakery.example", "empty"),
    ]


def test_a_save_is_told_once(desk: DeskClient, bakery: Customer) -> None:
    """A reload does not claim another save."""
    save_and_follow(desk, bakery, name="Zoë's")
    assert desk.get(url_of(bakery)).all("#saved") == []


def test_a_save_is_told_on_its_own_record_alone(desk: DeskClient, world: World, bakery: Customer) -> None:
    """Another tab with another customer shows no notice of this one."""
    other = world.create_customer()
    desk.post(f"{url_of(bakery)}/edit", {**desk.get(f"{url_of(bakery)}/edit").form_values(), "name": "Zoë's"})
    assert desk.get(url_of(other)).all("#saved") == []


def test_saving_without_a_change_says_so(desk: DeskClient, bakery: Customer) -> None:
    """The notice tells that nothing was written."""
    page = save_and_follow(desk, bakery)
    assert page.text("#saved-title") == "Nothing changed."


def test_saving_without_a_change_writes_nothing(desk: DeskClient, world: World, bakery: Customer) -> None:
    """Version, time of update and history stay as they are."""
    save_and_follow(desk, bakery)
    assert world.reload(bakery) == bakery
    assert len(world.history(bakery)) == 1


def test_a_viewer_sees_the_record_without_an_edit_link(app: Flask, bakery: Customer) -> None:
    """Who may not save is not invited to."""
    page = DeskClient(app, "viewer").get(url_of(bakery))
    assert page.text("h1") == bakery.name
    assert page.all("[data-shortcut=edit]") == []


@pytest.mark.parametrize("role", ["editor", "admin"])
def test_who_may_save_sees_an_edit_link(app: Flask, bakery: Customer, role: str) -> None:
    """It leads to the form."""
    link = DeskClient(app, role).get(url_of(bakery)).one("[data-shortcut=edit]")
    assert link["href"] == f"{url_of(bakery)}/edit"


def test_htmx_receives_the_record_alone(desk: DeskClient, bakery: Customer) -> None:
    """The fragment's root is the one that the page includes."""
    fragment = desk.get(url_of(bakery), htmx=True)
    assert [tag["id"] for tag in fragment.soup.find_all(recursive=False)] == ["customer-record"]
    assert "HX-Request" in fragment.response.vary


def test_markup_in_any_value_is_text(desk: DeskClient, world: World) -> None:
    """No field, key, value, mapping or reason becomes a part of the page."""
    evil = '"><b id=evil>x</b>'
    customer = world.create_customer(name=evil, address_city=evil, metadata={evil: evil}, mappings={"stripe": evil})
    page = save_and_follow(desk, customer, contact='"><b id=evil>', reason=evil)
    assert page.all("b, [id=evil]") == []
    assert page.text("h1") == evil
    assert page.text(".change-reason") == evil
