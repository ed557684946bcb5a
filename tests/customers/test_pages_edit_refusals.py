"""The desk's edit page: what a save refuses, where it says so, and that nothing typed is lost."""

import pytest

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import error_of, page_errors, save, save_and_follow, url_of
from tests.support.world import World
from webapp.customers.model import Customer

#: field, what is typed, what the message holds: each rule once. The values of each rule are the parity test's.
BAD = [
    ("external_id", "", "Enter an external ID."),
    ("external_id", "x" * 256, "at most 255"),
    ("name", "  ", "Enter a name."),
    ("name", "x" * 256, "at most 255"),
    ("email", "not-an-email", "email address"),
    ("email", f"{'x' * 250}@a.example", "at most 254"),
    ("contact", "1" * 21, "at most 20"),
    ("address_line1", "x" * 256, "at most 255"),
    ("address_line2", "x" * 256, "at most 255"),
    ("address_city", "x" * 101, "at most 100"),
    ("address_state", "x" * 101, "at most 100"),
    ("address_postal_code", "1" * 21, "at most 20"),
    ("address_country", "XX", "ISO 3166-1"),
    ("timezone", "Mars/Olympus", "IANA"),
    ("parent_customer_external_id", "x" * 256, "at most 255"),
    ("reason", "x" * 501, "at most 500"),
]
BAD_IDS = [f"{field} {says}" for field, _, says in BAD]


@pytest.fixture
def acme(world: World) -> Customer:
    """A customer with entries."""
    return world.create_customer(
        external_id="user_12345",
        name="Acme Corp",
        metadata={"plan_tier": "enterprise", "note": ""},
        mappings={"stripe": "cus_1"},
    )


@pytest.mark.parametrize(("field", "typed", "says"), BAD, ids=BAD_IDS)
def test_a_bad_value_is_refused_at_its_field(
    desk: DeskClient, world: World, acme: Customer, field: str, typed: str, says: str
) -> None:
    """422, the message beside the box and in the summary, and nothing is written."""
    page = save(desk, acme, **{field: typed, "confirm_external_id": "y"})
    assert page.status == 422
    assert says in error_of(page, field)
    assert world.reload(acme) == acme


def test_a_refusal_keeps_everything_typed(desk: DeskClient, acme: Customer) -> None:
    """The bad values, the good ones beside them, the tick, the reason, each row, and the version as opened."""
    values = {name: typed.strip() for name, typed, _ in BAD} | {
        "address_city": "Oakland",
        "address_country": "DE",
        "confirm_external_id": "y",
        "metadata-0-value": "starter",
        "metadata-2-key": "seats",
        "metadata-2-value": "12",
        "integration_entity_mapping-0-id": "cus_2",
    }
    page = save(desk, acme, **values)
    assert page.status == 422
    assert values.items() <= page.form_values().items()
    assert page.form_values()["version"] == "1"


def _refused(desk: DeskClient, customer: Customer) -> Page:
    return save(desk, customer, name="", email="nobody", timezone="Nowhere", **{"metadata-2-value": "keyless"})


def test_the_error_summary_leads_to_each_field(desk: DeskClient, acme: Customer) -> None:
    """Every fault at once, in the order of the page, each a link to a control that is there."""
    page = _refused(desk, acme)
    targets = [target for target, _ in page_errors(page)]
    assert targets == ["name", "email", "timezone", "metadata-2-key"]
    assert all(page.one(f'[id="{target}"]').name == "input" for target in targets)


def test_the_error_summary_takes_the_focus(desk: DeskClient, acme: Customer) -> None:
    """A screen reader hears of it at once."""
    summary = _refused(desk, acme).one("#error-summary")
    assert (summary["role"], summary["tabindex"], summary.has_attr("autofocus")) == ("alert", "-1", True)


def test_a_refusal_is_told_by_the_title(desk: DeskClient, acme: Customer) -> None:
    """The first word that is read out of the new page."""
    assert _refused(desk, acme).text("title").startswith("Error: Edit Acme Corp")


def test_only_wrong_controls_are_marked(desk: DeskClient, acme: Customer) -> None:
    """aria-invalid stands at each fault, and nowhere else."""
    marked = [tag["id"] for tag in _refused(desk, acme).all("#customer-form [aria-invalid]")]
    assert marked == ["name", "email", "timezone", "metadata-2-key"]


def test_a_hint_stays_tied_to_a_wrong_control(desk: DeskClient, acme: Customer) -> None:
    """The hint and the error are both read out."""
    page = _refused(desk, acme)
    described = str(page.one("#timezone")["aria-describedby"]).split()
    assert [bool(page.one(f'[id="{part}"]')) for part in described] == [True, True]


def test_the_page_as_opened_marks_no_fault(desk: DeskClient, acme: Customer) -> None:
    """Nothing is wrong before anything was sent."""
    page = desk.get(f"{url_of(acme)}/edit")
    assert page.all("#error-summary, [aria-invalid], .field-error") == []


@pytest.mark.parametrize("typed", ["a\x1bb", "a\x00b"], ids=["escape", "NUL"])
def test_a_control_character_is_refused_at_its_field(
    desk: DeskClient, world: World, acme: Customer, typed: str
) -> None:
    """It is never stored, and the page repeats the rest: sent again as it stands, it is right."""
    page = save(desk, acme, name=typed)
    assert page.status == 422
    assert page.form_values()["name"] == "ab"
    assert "control character" in error_of(page, "name")
    assert world.reload(acme) == acme


def test_a_new_external_id_needs_the_tick(desk: DeskClient, world: World, acme: Customer) -> None:
    """A slip in that box cannot rename a customer."""
    page = save(desk, acme, external_id="user_99999")
    assert page.status == 422
    assert error_of(page, "confirm_external_id") == "Tick this box to change the external ID."
    assert world.reload(acme) == acme


def test_a_new_external_id_is_taken_with_the_tick(desk: DeskClient, world: World, acme: Customer) -> None:
    """The old one goes on finding the customer."""
    save_and_follow(desk, acme, external_id="user_99999", confirm_external_id="y")
    assert world.reload(acme).external_id == "user_99999"
    assert desk.get("/customers?q=user_12345").response.headers["Location"] == url_of(acme)


def test_a_tick_without_a_new_external_id_changes_nothing(desk: DeskClient, world: World, acme: Customer) -> None:
    """The tick is no field of the customer."""
    save_and_follow(desk, acme, confirm_external_id="y")
    assert world.reload(acme) == acme


def test_a_taken_external_id_is_a_field_error(desk: DeskClient, world: World, acme: Customer) -> None:
    """It is found out by the database, and told like every other fault."""
    world.create_customer(external_id="user_taken")
    page = save(desk, acme, external_id="user_taken", confirm_external_id="y", name="Typed too")
    assert page.status == 422
    assert error_of(page, "external_id") == "Another customer already has this external ID."
    assert page.one("#name")["value"] == "Typed too"
    assert world.reload(acme) == acme


@pytest.mark.parametrize(
    ("parent", "says"),
    [("nobody", "no such customer"), ("user_12345", "its own parent"), ("child", "loop")],
    ids=["unknown", "itself", "its child"],
)
def test_an_impossible_parent_is_a_field_error(
    desk: DeskClient, world: World, acme: Customer, parent: str, says: str
) -> None:
    """422 beside the box, although the operation found it out."""
    world.create_customer(external_id="child", parent="user_12345")
    page = save(desk, acme, parent_customer_external_id=parent)
    assert page.status == 422
    assert says in error_of(page, "parent_customer_external_id")
    assert world.reload(acme) == acme
