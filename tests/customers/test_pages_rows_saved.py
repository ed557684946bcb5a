"""What a save makes of the edit page's rows of metadata and integrations, and which rows it refuses."""

import pytest

from tests.support.clients import DeskClient
from tests.support.desk_pages import (
    ENTRIES,
    INTEGRATIONS,
    changed_fields,
    error_of,
    folded,
    opened_form,
    page_errors,
    press,
    save,
    save_and_follow,
)
from tests.support.world import World
from webapp.customers.model import Customer

METADATA = {"plan": "gold", "seats": "12", "note": ""}


@pytest.fixture
def acme(world: World) -> Customer:
    """A customer with three entries and two integrations."""
    return world.create_customer(metadata=METADATA, mappings={"hubspot": "hs-1", "stripe": "cus_1"})


def test_a_save_writes_added_changed_and_removed_entries(desk: DeskClient, world: World, acme: Customer) -> None:
    """One save for all of them, and the history tells each."""
    gone = press(desk, acme, opened_form(desk, acme), "metadata remove 0", htmx=False).form_values()
    typed = gone | ENTRIES.row(1, "seats", "20") | ENTRIES.row(3, " tier ", " 2 ")
    page = save_and_follow(desk, acme, typed)
    assert world.reload(acme).metadata == {"seats": "20", "note": "", "tier": "2"}
    assert changed_fields(page.one("#saved")) == [
        ("Metadata: plan", "gold", ""),
        ("Metadata: seats", "12", "20"),
        ("Metadata: tier", "", "2"),
    ]


def test_a_save_writes_added_changed_and_removed_integrations(desk: DeskClient, acme: Customer) -> None:
    """One mapping for each provider; a removed row takes its mapping away."""
    gone = press(desk, acme, opened_form(desk, acme), "integration_entity_mapping remove 0", htmx=False).form_values()
    page = save_and_follow(
        desk, acme, gone | INTEGRATIONS.row(1, "stripe", "cus_2") | INTEGRATIONS.row(2, "zoho_books", "z")
    )
    assert changed_fields(page.one("#saved")) == [
        ("Integration: hubspot", "hs-1", ""),
        ("Integration: stripe", "cus_1", "cus_2"),
        ("Integration: zoho_books", "", "z"),
    ]


def test_an_integration_with_its_id_cleared_is_removed(desk: DeskClient, acme: Customer) -> None:
    """As an item with an empty ID does through the API (contract section 6)."""
    page = save_and_follow(desk, acme, opened_form(desk, acme) | INTEGRATIONS.row(0, "hubspot", ""))
    assert changed_fields(page.one("#saved")) == [("Integration: hubspot", "hs-1", "")]


def test_changing_the_provider_of_a_row_moves_its_id(desk: DeskClient, acme: Customer) -> None:
    """The old provider's mapping goes, the new one's comes."""
    page = save_and_follow(desk, acme, opened_form(desk, acme) | INTEGRATIONS.row(0, "paddle", "hs-1"))
    assert changed_fields(page.one("#saved")) == [
        ("Integration: hubspot", "hs-1", ""),
        ("Integration: paddle", "", "hs-1"),
    ]


def test_all_entries_can_be_removed(desk: DeskClient, world: World, acme: Customer) -> None:
    """No row is left, and no entry."""
    removed = {f"metadata-{index}-removed": "1" for index in range(3)}
    save_and_follow(desk, acme, opened_form(desk, acme) | removed)
    assert world.reload(acme).metadata == {}


def test_a_blank_row_is_no_entry(desk: DeskClient, world: World, acme: Customer) -> None:
    """White space is nothing typed."""
    save_and_follow(desk, acme, opened_form(desk, acme) | ENTRIES.row(3, "  ", "\t") | ENTRIES.row(9, "", ""))
    assert world.reload(acme) == acme


@pytest.mark.parametrize(
    ("row", "at", "says"),
    [
        (ENTRIES.row(3, "plan", "again"), "metadata-3-key", "there twice"),
        (ENTRIES.row(3, " plan ", "again"), "metadata-3-key", "there twice"),
        (ENTRIES.row(3, "", "keyless"), "metadata-3-key", "no key"),
        (ENTRIES.row(3, "k" * 101, "v"), "metadata-3-key", "longer than 100"),
        (ENTRIES.row(3, "key", "v" * 1001), "metadata-3-value", "at most 1000"),
        (INTEGRATIONS.row(2, "stripe", "x"), "integration_entity_mapping-2-provider", "there twice"),
        (INTEGRATIONS.row(2, "", "x"), "integration_entity_mapping-2-provider", "no provider"),
        (INTEGRATIONS.row(2, "unknown", "x"), "integration_entity_mapping-2-provider", "not a known provider"),
        (INTEGRATIONS.row(2, "paddle", "x" * 256), "integration_entity_mapping-2-id", "longer than 255"),
    ],
    ids=["key twice", "key twice, padded", "no key", "long key", "long value", "provider twice", "no provider",
         "unknown provider", "long ID"],
)  # fmt: skip
def test_a_wrong_row_is_flagged_in_its_own_row(
    desk: DeskClient, world: World, acme: Customer, row: dict[str, str], at: str, says: str
) -> None:
    """The message stands at the control that is wrong, once, and nothing is written."""
    page = save(desk, acme, opened_form(desk, acme) | row)
    assert page.status == 422
    assert says in error_of(page, at)
    assert len(page.all(".field-error")) == len(page_errors(page)) == 1
    assert world.reload(acme) == acme


def test_a_removed_row_is_not_judged(desk: DeskClient, world: World, acme: Customer) -> None:
    """Removing the wrong row mends it."""
    typed = opened_form(desk, acme) | ENTRIES.row(3, "plan", "again") | {"metadata-3-removed": "1"}
    save_and_follow(desk, acme, typed)
    assert world.reload(acme).metadata == METADATA


def test_too_many_entries_are_a_fault_of_the_editor(desk: DeskClient, world: World, acme: Customer) -> None:
    """No row of them is wrong; the message leads to the editor."""
    typed = opened_form(desk, acme)
    for index in range(3, 101):
        typed |= ENTRIES.row(index, f"key {index}", "x")
    page = save(desk, acme, typed)
    assert (page.status, page_errors(page)) == (
        422,
        [("metadata", "Keep at most 100 metadata entries; there are 101.")],
    )
    assert "101" in page.text('[id="metadata-error"]')
    assert world.reload(acme) == acme


def test_a_refused_save_keeps_removed_rows_removed(desk: DeskClient, acme: Customer) -> None:
    """They are shown as gone, and can still be brought back."""
    page = save(desk, acme, opened_form(desk, acme) | {"name": "", "metadata-1-removed": "1"})
    assert (page.status, [folded(gone) for gone in page.all(".row-removed del")]) == (422, ["seats = 12"])


def test_a_new_integration_without_an_id_is_flagged_in_its_row(desk: DeskClient, world: World) -> None:
    """It would vanish otherwise: an empty ID removes, and there is nothing to remove."""
    customer = world.create_customer()
    path = f"/customers/{customer.id}/edit"
    values = {**desk.get(path).form_values(), "integration_entity_mapping-0-provider": "paypal"}
    page = desk.post(path, values)
    assert page.status == 422
    assert "Enter the customer's ID at paypal" in page.text("#error-summary")


def test_a_form_without_its_rows_keeps_what_is_stored(desk: DeskClient, world: World) -> None:
    """A page that did not have the rows does not clear them."""
    customer = world.create_customer(metadata={"plan": "pro"}, mappings={"stripe": "cus_1"})
    path = f"/customers/{customer.id}/edit"
    opened = desk.get(path).form_values()
    desk.post(path, {"csrf_token": opened["csrf_token"], "version": "1", "name": "After"})
    assert (world.reload(customer).name, world.reload(customer).metadata) == ("After", {"plan": "pro"})
    assert [field.field for field in world.history(customer)[0].fields] == ["name"]
