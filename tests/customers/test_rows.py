"""Rows of a form: how metadata entries and mappings are typed, trimmed, removed and brought back."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from tests.support.faces import LIMITS, make_form
from webapp.customers.form import CustomerForm
from webapp.customers.rows import MOST_ROWS, MetadataField, trim


def metadata_of(**kept: str) -> MetadataField:
    """The field as it opens on a customer's metadata."""
    form = CustomerForm(limits=LIMITS, kept={"metadata": kept, "integration_entity_mapping": {}, "external_id": "a"})
    field: MetadataField = form.metadata
    return field


def typed(**inputs: str) -> MetadataField:
    """The field as a browser sends it; ``_`` in a name stands for ``-``."""
    field: MetadataField = make_form(**{name.replace("_", "-"): text for name, text in inputs.items()}).metadata
    return field


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [
        (None, ""),
        ("", ""),
        (" \t\r\n\u00a0\u2003\u3000", ""),
        (" a  b\n", "a  b"),
        ("\u200ba\u200b", "\u200ba\u200b"),
        ("\0 a", "\0 a"),
        ("a\x85", "a\x85"),
    ],
    ids=repr,
)
def test_white_space_around_a_text_is_trimmed(text: str | None, trimmed: str) -> None:
    """Spaces of every kind, tabs and line ends; nothing else, and nothing inside."""
    assert trim(text) == trimmed


def test_rows_open_with_what_is_kept_in_its_order() -> None:
    """One row for each entry."""
    assert [(row.index, row.key, row.value) for row in metadata_of(b="1", a="2").rows] == [(0, "b", "1"), (1, "a", "2")]


def test_rows_are_read_in_the_order_of_their_numbers() -> None:
    """However a browser orders its inputs, and whichever numbers are missing."""
    field = typed(metadata_10_key="last", metadata_2_value="1", metadata_2_key="first", metadata_10_value="2")
    assert list(field.data.items()) == [("first", "1"), ("last", "2")]


def test_a_removed_row_does_not_count() -> None:
    """It is still there, so that it can be brought back."""
    field = typed(metadata_0_key="plan", metadata_0_value="gold", metadata_0_removed="1")
    assert field.data == {}
    assert [(row.key, row.removed) for row in field.rows] == [("plan", True)]


def test_a_row_in_which_nothing_was_typed_does_not_count() -> None:
    """The blank row at the end of the editor is no entry."""
    assert typed(metadata_0_key=" ", metadata_0_value="").data == {}


def test_a_key_that_is_missing_from_the_form_is_a_blank_one() -> None:
    """A row with a value alone is flagged, not dropped."""
    form = make_form(**{"metadata-0-value": "gold"})
    assert not form.validate()
    assert form.metadata.rows[0].key_errors


@pytest.mark.parametrize(
    "name",
    ["metadata-x-key", "metadata-0-other", "metadata-0", "xmetadata-0-key", "metadata-0-key-"],
)
def test_inputs_of_other_names_are_no_rows(name: str) -> None:
    """Only NAME-INDEX-PART is read."""
    assert make_form(**{name: "value"}).metadata.rows == []


def test_rows_past_the_bound_are_not_read() -> None:
    """A form of a million inputs cannot keep the server busy."""
    rows = {f"metadata-{index}-key": str(index) for index in range(MOST_ROWS + 10)}
    inputs = MultiDict({"metadata": "rows", **rows})
    form = CustomerForm(inputs, limits=LIMITS, kept={"integration_entity_mapping": {}, "external_id": ""})
    assert len(form.metadata.rows) == MOST_ROWS


def test_an_added_row_is_blank_and_last() -> None:
    """Its number is one past the greatest, so that no other row's inputs are mistaken for its."""
    field = typed(metadata_7_key="plan", metadata_7_value="gold")
    assert field.add_row() == "metadata-8-key"
    assert (field.rows[-1].index, field.rows[-1].is_blank) == (8, True)


def test_the_first_added_row_has_number_nought() -> None:
    """Where there is no other."""
    assert metadata_of().add_row() == "metadata-0-key"


def test_a_row_can_be_removed_and_brought_back() -> None:
    """With what was typed in it; each time the focus goes to what can be done next."""
    field = metadata_of(plan="gold")
    assert field.set_removed(0, removed=True) == "metadata-0-restore"
    assert field.data == {}
    assert field.set_removed(0, removed=False) == "metadata-0-key"
    assert field.data == {"plan": "gold"}


def test_a_blank_row_that_is_removed_is_gone() -> None:
    """There is nothing to bring back."""
    field = metadata_of()
    field.add_row()
    assert field.set_removed(0, removed=True) == "metadata-add"
    assert field.rows == []


def test_removing_a_row_that_is_not_there_does_nothing() -> None:
    """An old page's button is no fault."""
    field = metadata_of(plan="gold")
    assert field.set_removed(5, removed=True) == "metadata-add"
    assert field.data == {"plan": "gold"}


def test_showing_merged_entries_keeps_the_rows_that_do_not_count() -> None:
    """A changed entry changes in its row, a new one gets a row, a dropped one loses it; a removed row stays."""
    field = typed(
        metadata_0_key="plan", metadata_0_value="gold",
        metadata_1_key="gone", metadata_1_value="1",
        metadata_2_key="old", metadata_2_removed="1",
    )  # fmt: skip
    field.show({"plan": "silver", "new": "2"})
    assert [(row.index, row.key, row.value, row.removed) for row in field.rows] == [
        (0, "plan", "silver", False),
        (2, "old", "", True),
        (3, "new", "2", False),
    ]


@pytest.mark.parametrize(
    ("inputs", "faults"),
    [
        ({"metadata-3-value": "gold"}, ["metadata-3-key"]),
        ({"metadata-3-key": "plan", "metadata-3-value": "x" * 1001}, ["metadata-3-value"]),
        (
            {"metadata-0-key": "plan", "metadata-1-key": "plan", "metadata-2-key": "k" * 101},
            ["metadata-1-key", "metadata-2-key"],
        ),
        ({f"metadata-{index}-key": str(index) for index in range(101)}, ["metadata"]),
        ({"integration_entity_mapping-0-id": "cus_1"}, ["integration_entity_mapping-0-provider"]),
        (
            {"integration_entity_mapping-4-provider": "stripe", "integration_entity_mapping-4-id": "x" * 256},
            ["integration_entity_mapping-4-id"],
        ),
    ],
    ids=["blank key", "value too long", "duplicate and long key", "too many", "no provider", "ID too long"],
)
def test_a_fault_points_at_the_input_of_its_own_row(inputs: dict[str, Any], faults: list[str]) -> None:
    """The error summary can link to it; what concerns all rows points at the editor."""
    form = make_form(**inputs)
    assert not form.validate()
    assert [target for target, _ in form.error_summary] == faults


def test_removed_rows_are_not_judged() -> None:
    """A wrong row that was removed stands in nobody's way."""
    form = make_form(**{"metadata-0-key": "k" * 101, "metadata-0-removed": "1"})
    assert form.validate()


def test_mappings_are_read_as_provider_and_id() -> None:
    """The same rows, other parts."""
    name = "integration_entity_mapping"
    form = make_form(**{f"{name}-0-provider": "stripe", f"{name}-0-id": " cus_1 "})
    assert form.integration_entity_mapping.data == {"stripe": "cus_1"}
