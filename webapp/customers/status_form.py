"""The forms that archive, restore or erase a customer: the version that was looked at, and a reason.

Knows neither Flask nor the database, and no rule of its own.
"""

from typing import Any

from wtforms import BooleanField, Form, StringField
from wtforms.validators import InputRequired

from webapp.customers.form import CustomerForm
from webapp.customers.limits import REASON_LENGTH
from webapp.customers.validators import AtMost, PlainText, Required
from webapp.phrases import phrase


class StatusForm(Form):  # type: ignore[misc]
    """Both fields are those of the edit form, with their rules."""

    reason = CustomerForm.reason
    version = CustomerForm.version

    def __init__(self, typed: Any = None, *, version: int) -> None:
        super().__init__(typed, data={"version": str(version)})

    def opened_version(self) -> int:
        """The version that the page showed; 0 when it carries none that can be read."""
        typed = str(self.version.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0

    def catch_up(self, version: int) -> None:
        """Go on from another version: the page that follows shows that one."""
        self.version.data = str(version)

    @property
    def error_summary(self) -> list[tuple[str, str]]:
        """(id of the input, message) for each fault."""
        return [(field.id, message) for field in self for message in field.errors]


class ErasureForm(StatusForm):
    """Nobody erases by mistake, and whoever asks later is told why it was done."""

    reason = StringField(
        phrase("Reason for erasing it"),
        filters=[lambda text: " ".join((text or "").split())],
        validators=[Required(phrase("Give the reason.")), PlainText(), AtMost(REASON_LENGTH)],
        description=phrase(
            "It stays in the history for good, so write nothing about the person: a request's number, for example."
        ),
    )
    confirm = BooleanField(
        phrase("Yes, erase this customer's data for good"),
        validators=[InputRequired(phrase("Confirm that the data is to be erased."))],
    )
