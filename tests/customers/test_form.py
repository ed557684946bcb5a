"""CustomerForm: what only the page has (tick, version, reason), and how what was typed becomes typed changes."""

import pytest
from werkzeug.datastructures import MultiDict

from tests.support.faces import KEPT, LIMITS, form_inputs, make_form
from webapp.customers.changeset import MappingItem, ParentReference
from webapp.customers.form import CustomerForm, NewCustomerForm
from webapp.customers.limits import TEXT_FIELDS, Limits


def test_an_untouched_form_is_valid() -> None:
    """What is kept passes the rules."""
    form = make_form()
    assert form.validate()
    assert form.error_summary == []


def test_every_field_is_present_on_the_form() -> None:
    """So an empty box clears (contract section 4)."""
    changes = make_form().changes()
    assert set(changes.texts) == set(TEXT_FIELDS)
    assert changes.metadata == {}
    assert changes.parent == ParentReference("", by_external_id=True)


def test_an_emptied_box_clears() -> None:
    """The kept text is not brought back."""
    form = make_form(kept={"address_city": "Berlin"}, address_city="")
    assert form.validate()
    assert form.changes().texts["address_city"] == ""


def test_removing_the_last_entry_clears_the_metadata() -> None:
    """No rows are no entries, not "unchanged"."""
    form = make_form(kept={"metadata": {"plan": "gold"}})
    assert form.changes().metadata == {}


def test_a_mapping_whose_row_is_gone_is_removed() -> None:
    """Its provider is named with an empty ID; the others stay as typed."""
    name = "integration_entity_mapping"
    form = make_form(
        kept={name: {"stripe": "cus_1", "paddle": "2"}}, **{f"{name}-0-provider": "paddle", f"{name}-0-id": "2"}
    )
    assert set(form.changes().mappings) == {MappingItem("paddle", "2"), MappingItem("stripe", "")}


def test_a_mapping_keeps_its_metadata() -> None:
    """The page does not show it, so it must not touch it."""
    name = "integration_entity_mapping"
    form = make_form(**{f"{name}-0-provider": "stripe", f"{name}-0-id": "cus_1"})
    assert [item.metadata for item in form.changes().mappings] == [None]


def test_a_changed_external_id_needs_the_tick() -> None:
    """The message stands at the tick."""
    form = CustomerForm(form_inputs(external_id="other", confirm_external_id=""), limits=LIMITS, kept=KEPT)
    assert not form.validate()
    assert dict(form.errors) == {"confirm_external_id": ["Tick this box to change the external ID."]}


def test_a_browser_sends_nothing_for_a_box_that_is_not_ticked() -> None:
    """Its absence asks for the tick, too."""
    inputs = form_inputs(external_id="other")
    inputs.poplist("confirm_external_id")
    form = CustomerForm(inputs, limits=LIMITS, kept=KEPT)
    assert not form.validate()
    assert list(form.errors) == ["confirm_external_id"]


@pytest.mark.parametrize("external_id", ["kept_id", " kept_id "], ids=["same", "same once trimmed"])
def test_an_external_id_that_stays_needs_no_tick(external_id: str) -> None:
    """White space around it is no change."""
    inputs = form_inputs(external_id=external_id)
    inputs.poplist("confirm_external_id")
    assert CustomerForm(inputs, limits=LIMITS, kept=KEPT).validate()


def test_a_wrong_external_id_is_told_without_asking_for_the_tick() -> None:
    """One fault, one message."""
    inputs = form_inputs(external_id="x" * 256)
    inputs.poplist("confirm_external_id")
    form = CustomerForm(inputs, limits=LIMITS, kept=KEPT)
    assert not form.validate()
    assert list(form.errors) == ["external_id"]


@pytest.mark.parametrize(
    ("typed", "version"),
    [("7", 7), (" 7 ", 7), ("", 0), ("x", 0), ("-1", 0), ("٣", 0), ("1" * 10, 0), ("1.5", 0)],
    ids=repr,
)
def test_the_version_that_the_page_was_opened_with_is_read(typed: str, version: int) -> None:
    """Nought stands for one that cannot be read."""
    assert make_form(version=typed).opened_version() == version


@pytest.mark.parametrize(
    ("typed", "kept"), [("  called by\n the   customer ", "called by the customer"), ("", ""), ("x" * 500, "x" * 500)]
)
def test_a_reason_is_kept_on_one_line(typed: str, kept: str) -> None:
    """Its line ends become spaces."""
    form = make_form(reason=typed)
    assert form.validate()
    assert form.reason.data == kept


@pytest.mark.parametrize("typed", ["x" * 501, "a\0b"], ids=["too long", "control character"])
def test_a_wrong_reason_is_refused(typed: str) -> None:
    """By the rules of any other text."""
    form = make_form(reason=typed)
    assert not form.validate()
    assert list(form.errors) == ["reason"]


def test_the_error_summary_names_each_field_in_the_order_of_the_form() -> None:
    """With its label, and the id of its input to link to."""
    form = make_form(name="", email="wrong", contact="x" * 21)
    assert not form.validate()
    assert [(target, message.partition(":")[0]) for target, message in form.error_summary] == [
        ("name", "Name"),
        ("email", "Email"),
        ("contact", "Phone"),
    ]


def test_messages_of_the_operation_come_to_their_fields() -> None:
    """The parent's ID is asked for by its external ID."""
    form = make_form()
    assert form.take_errors({"external_id": ["Taken."], "parent_customer_id": ["No such."]})
    assert form.error_summary == [
        ("external_id", "External ID: Taken."),
        ("parent_customer_external_id", "Parent customer: No such."),
    ]


@pytest.mark.parametrize("details", [{}, {"somewhere_else": ["Wrong."]}], ids=["none", "no such field"])
def test_messages_without_a_field_are_not_swallowed(details: dict[str, list[str]]) -> None:
    """The caller learns that it must show them itself."""
    assert not make_form().take_errors(details)


def test_showing_values_replaces_what_was_typed() -> None:
    """After a merge the boxes show the merged values and the version that they come from."""
    form = make_form(name="Typed", **{"metadata-0-key": "plan", "metadata-0-value": "gold"})
    form.show({"name": "Merged", "metadata": {"tier": "1"}}, 9)
    assert (form.name.data, form.metadata.data, form.opened_version()) == ("Merged", {"tier": "1"}, 9)


def test_the_error_summary_follows_the_countrys_order() -> None:
    """As the page shows the fields, and by the country's names for them."""
    form = make_form(
        address_country="JP", address_state="x" * 101, address_line1="x" * 256, address_postal_code="1" * 21
    )
    assert not form.validate()
    assert [message.partition(":")[0] for _, message in form.error_summary] == [
        "Postal code",
        "Prefecture",
        "Address line 1",
    ]


def test_pasted_entries_that_are_not_in_the_rows_are_not_lost_by_a_save() -> None:
    """Saving would drop them, so it asks for them to be filled in or taken away."""
    form = make_form(metadata_pasted="plan=gold")
    assert not form.validate()
    assert form.error_summary == [
        (
            "metadata_pasted",
            "Paste several entries: Fill this into the rows, or empty the box: it would not be saved.",
        )
    ]


def test_pasted_entries_fill_the_rows() -> None:
    """An existing key's value changes in place, a removed one comes back, blank rows are used, others follow."""
    form = make_form(
        **{
            "metadata-0-key": "plan",
            "metadata-0-value": "gold",
            "metadata-1-key": "",
            "metadata-1-value": "",
            "metadata-2-key": "gone",
            "metadata-2-value": "1",
            "metadata-2-removed": "1",
        },
        metadata_pasted="plan=silver\nseats=12\ngone=2\ntier=3",
    )
    filled = form.fill_in_pasted()
    assert [(row.index, row.key, row.value, row.removed) for row in form.metadata.rows] == [
        (0, "plan", "silver", False),
        (1, "seats", "12", False),
        (2, "gone", "2", False),
        (3, "tier", "3", False),
    ]
    assert (filled.added, filled.changed, form.metadata_pasted.data, form.pasted_faults) == (2, 2, "", [])


@pytest.mark.parametrize(
    ("pasted", "stays"),
    [
        ("a=1\nb=2\nno sign\nc=3", "no sign\nc=3"),
        ('{"a": "1", "b": "2", "n": null, "c": "3"}', '{\n"n": null,\n"c": "3"\n}'),
    ],
    ids=["lines", "object"],
)
def test_entries_for_which_there_is_no_room_stay_where_they_were_pasted(pasted: str, stays: str) -> None:
    """Beside what is wrong; none is dropped, and what stays can be filled in once there is room."""
    form = make_form(Limits(metadata_entries=2), metadata_pasted=pasted)
    form.fill_in_pasted()
    assert form.metadata.data == {"a": "1", "b": "2"}
    assert form.metadata_pasted.data == stays
    assert form.pasted_faults[-1] == "Metadata has room for 2 entries; 1 has none and stays here."


def test_a_new_customers_form_asks_for_no_tick_of_an_old_external_id() -> None:
    """There is no old one."""
    form = NewCustomerForm(MultiDict({"external_id": "new", "name": "New"}), limits=LIMITS)
    assert form.validate(), form.errors


def test_a_customer_that_looks_like_another_takes_a_tick() -> None:
    """Only then, and then the tick is enough."""
    for ticked in ({}, {"create_anyway": "y"}):
        form = NewCustomerForm(MultiDict({"external_id": "new", "name": "New", **ticked}), limits=LIMITS)
        form.looks_like_another = True
        assert form.validate() is bool(ticked)


def test_a_provider_of_the_installation_is_offered() -> None:
    """The select of a mapping lists the setting's providers."""
    assert ("stripe", "stripe") in make_form().integration_entity_mapping.choices
