"""The buttons of the form's rows: add one, remove one, bring one back, fill in what was pasted. Judges nothing.

Knows what a button's value means; not how the page looks.
"""

from dataclasses import dataclass

from webapp.customers.form import CustomerForm
from webapp.customers.rows import Filled
from webapp.errors import InvalidInput
from webapp.phrases import Phrase, joined, phrase, plural_phrase

METADATA, MAPPINGS = "metadata", "integration_entity_mapping"


@dataclass(frozen=True, slots=True)
class RowsChange:
    """What a button did.

    Attributes:
        field: whose rows.
        focus_id: the control to go on at.
        said: what happened, for those who do not see it.
    """

    field: str
    focus_id: str
    said: str = ""


def change_rows(form: CustomerForm, button: str) -> RowsChange:
    """Do what a row button's value says, such as ``metadata remove 3`` or ``metadata paste``.

    Raises:
        InvalidInput: no button of ours has that value.
    """
    field, _, action = button.partition(" ")
    if field in {METADATA, MAPPINGS}:
        rows = form[field]
        name, _, index = action.partition(" ")
        if action == "add":
            return RowsChange(field, rows.add_row())
        if name in {"remove", "restore"} and index.isdecimal() and index.isascii() and len(index) < 7:
            return RowsChange(field, rows.set_removed(int(index), name == "remove"))
        if (field, action) == (METADATA, "paste"):
            filled = form.fill_in_pasted()
            return RowsChange(field, "metadata_pasted" if form.pasted_faults else "metadata-add", _said(filled))
    message = phrase("This page does not know that button.")
    raise InvalidInput(message, {"rows": [phrase("Add, remove or restore a row.")]})


def _said(filled: Filled) -> Phrase:
    added = plural_phrase("%(number)d entry added.", "%(number)d entries added.", filled.added)
    changed = plural_phrase("%(number)d entry changed.", "%(number)d entries changed.", filled.changed)
    return joined(" ", [added, changed])
