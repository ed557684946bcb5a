"""The forms of the access pages: what is typed, and what must be right about it alone.

Knows no page and no table: what needs one is judged by the operation, whose messages come in by take().
"""

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import resources
from typing import Any

from wtforms import Form, PasswordField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import ValidationError

from webapp.access.api_keys import fault_of_name
from webapp.access.permissions import PERMISSIONS_OF_SCOPE
from webapp.phrases import phrase
from webapp.translation import LANGUAGES

ROLE_CHOICES = (
    SelectChoice("viewer", phrase("Viewer: reads customers")),
    SelectChoice("editor", phrase("Editor: reads and changes customers")),
    SelectChoice("admin", phrase("Administrator: also manages staff and API keys")),
)
SCOPE_CHOICES = (
    SelectChoice("read", phrase("Read: looks customers up")),
    SelectChoice("write", phrase("Write: changes them as well")),
)
#: Days that a key is good for, or a word.
EXPIRY_CHOICES = (
    SelectChoice("90", phrase("After 90 days")),
    SelectChoice("30", phrase("After 30 days")),
    SelectChoice("365", phrase("After a year")),
    SelectChoice("date", phrase("At the end of a day that I choose")),
    SelectChoice("never", phrase("Never")),
)
#: Hours that an old key goes on for.
OVERLAP_CHOICES = (
    SelectChoice("24", phrase("24 hours")),
    SelectChoice("168", phrase("7 days")),
    SelectChoice("1", phrase("1 hour")),
    SelectChoice("0", phrase("Not at all: it is dead at once")),
)
LANGUAGE_CHOICES = (
    SelectChoice("", phrase("As the browser says")),
    *(SelectChoice(code, name) for code, name in LANGUAGES.items()),
)
TIMEZONES = tuple(sorted(resources.files("tzdata").joinpath("zones").read_text("ascii").split()))


def trim(text: str | None) -> str:
    """Without white space around it; nothing is ``""``."""
    return (text or "").strip()


class AccessForm(Form):  # type: ignore[misc]
    """What all of them have: messages that an operation found, and the summary on top."""

    def take(self, details: Mapping[str, Sequence[str]]) -> None:
        """Put messages of an operation to their fields."""
        for name, messages in details.items():
            self[name].errors = [*self[name].errors, *messages]

    @property
    def error_summary(self) -> list[tuple[str, str]]:
        """(id of the input, message) for each fault, in the order of the page."""
        return [(field.id, message) for field in self for message in field.errors]


class InviteForm(AccessForm):
    """Whom to invite as what."""

    email = StringField(phrase("Email"), filters=[trim])
    role = RadioField(phrase("Role"), choices=ROLE_CHOICES, default="viewer", validate_choice=False)
    form_id = StringField(filters=[trim])


class RoleForm(AccessForm):
    """A staff member's role."""

    role = RadioField(phrase("Role"), choices=ROLE_CHOICES, validate_choice=False)


class AcceptForm(AccessForm):
    """The password of somebody who is new."""

    new_password = PasswordField(
        phrase("Password"),
        description=phrase(
            "At least 12 characters. A few words in a row are easy to keep; no kinds of characters are asked for."
        ),
    )
    repeated = PasswordField(phrase("The same password again"))

    def validate_repeated(self, field: PasswordField) -> None:
        """A slip in a password that nobody sees locks its owner out."""
        if self.new_password.data and field.data != self.new_password.data:
            raise ValidationError(phrase("The two passwords differ."))


class PasswordForm(AcceptForm):
    """Another password for oneself."""

    password = PasswordField(phrase("Present password"))
    new_password = PasswordField(phrase("New password"), description=AcceptForm.new_password.kwargs["description"])
    repeated = PasswordField(phrase("The new password again"))


class PreferencesForm(AccessForm):
    """What a person reads the desk in."""

    language = SelectField(phrase("Language"), choices=LANGUAGE_CHOICES, validate_choice=False)
    timezone = StringField(
        phrase("Time zone"),
        filters=[trim],
        description=phrase("An IANA name, such as Europe/Berlin. Empty: as the browser says."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timezone.choices = TIMEZONES

    def validate_language(self, field: SelectField) -> None:
        """One that the desk speaks."""
        if field.data and field.data not in LANGUAGES:
            raise ValidationError(phrase("Choose one of the languages."))

    def validate_timezone(self, field: StringField) -> None:
        """One that exists."""
        if field.data and field.data not in TIMEZONES:
            raise ValidationError(phrase("There is no such time zone. Choose one from the list."))


class CodeForm(AccessForm):
    """A code of the authenticator app, or a recovery code."""

    code = StringField(phrase("Code"), filters=[trim])


class ApiKeyForm(AccessForm):
    """A new API key."""

    name = StringField(phrase("Name"), filters=[trim], description=phrase("What uses the key, such as: billing job."))
    scope = RadioField(phrase("Scope"), choices=SCOPE_CHOICES, default="read", validate_choice=False)
    expiry = RadioField(phrase("Expires"), choices=EXPIRY_CHOICES, default="90", validate_choice=False)
    expires_on = StringField(phrase("Last day"), filters=[trim])
    form_id = StringField(filters=[trim])

    def validate_name(self, field: StringField) -> None:
        """As the operation judges it; here all faults are told at once."""
        if fault := fault_of_name(field.data):
            raise ValidationError(fault)

    def validate_scope(self, field: RadioField) -> None:
        """One of the two."""
        if field.data not in PERMISSIONS_OF_SCOPE:
            raise ValidationError(phrase("Choose one of the scopes."))

    def validate_expiry(self, field: RadioField) -> None:
        """One of the list."""
        if field.data not in {choice.value for choice in EXPIRY_CHOICES}:
            raise ValidationError(phrase("Choose when the key expires."))

    def validate_expires_on(self, field: StringField) -> None:
        """A day, where one is asked for."""
        if self.expiry.data == "date" and self.last_day() is None:
            raise ValidationError(phrase("Enter a day as year, month and day, such as 2030-12-31."))

    def last_day(self) -> date | None:
        """The day that was typed, or None."""
        try:
            return date.fromisoformat(self.expires_on.data)
        except ValueError:
            return None


class RollForm(AccessForm):
    """How long a key that is replaced goes on."""

    overlap = RadioField(
        phrase("The old key goes on for"), choices=OVERLAP_CHOICES, default="24", validate_choice=False
    )

    def validate_overlap(self, field: RadioField) -> None:
        """One of the list."""
        if field.data not in {choice.value for choice in OVERLAP_CHOICES}:
            raise ValidationError(phrase("Choose how long the old key goes on."))
