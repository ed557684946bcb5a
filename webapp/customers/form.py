"""CustomerForm: THE rule set of a customer's fields, a plain wtforms.Form. The JSON face runs its rules by ``judging``.

Knows neither Flask nor the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from wtforms import BooleanField, Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from webapp.customers.address import AddressLayout, address_layout
from webapp.customers.changeset import CustomerChanges, MappingItem, ParentReference
from webapp.customers.labels import field_label
from webapp.customers.limits import DEFAULT_TIMEZONE, FIELD_LENGTHS, REASON_LENGTH, TEXT_FIELDS, Limits
from webapp.customers.pasted_entries import read_pasted, with_entries
from webapp.customers.rows import Filled, MappingsField, MetadataField, trim
from webapp.customers.validators import (
    TIMEZONES,
    AtMost,
    CountryCode,
    EmailAddress,
    IntegrationMappings,
    MayBeEmpty,
    MetadataEntries,
    PlainText,
    Required,
    TimezoneName,
)
from webapp.phrases import phrase, plural_phrase

TIMEZONE_CHOICES = sorted(TIMEZONES)
#: What the boxes of a customer that is not there yet show.
NEW_VALUES: Mapping[str, Any] = {
    **dict.fromkeys(TEXT_FIELDS, ""),
    "timezone": DEFAULT_TIMEZONE,
    "parent_customer_external_id": "",
    "metadata": {},
    "integration_entity_mapping": {},
    "version": "0",
}
#: The groups of the page from the top; within the address the country decides about the order.
_PAGE_ORDER = (
    *("create_anyway", "external_id", "confirm_external_id", "name", "parent_customer_external_id"),
    *("email", "contact", "timezone", "address_country"),
)

Messages = list[str]


def _upper(text: str) -> str:
    """In capitals, where that leaves the letters what they are: ``ß`` must not become the code of South Sudan."""
    return text.upper() if text.isascii() else text


def _or_default_timezone(text: str) -> str:
    return text or DEFAULT_TIMEZONE


def _text(name: str, *rules: Any, required: str = "", filters: Sequence[Any] = (), **kwargs: Any) -> Any:
    length = FIELD_LENGTHS["external_id" if name == "parent_customer_external_id" else name]
    presence = Required(required) if required else MayBeEmpty()
    return StringField(
        field_label(name),
        filters=[trim, *filters],
        validators=[presence, PlainText(), AtMost(length), *rules],
        **kwargs,
    )


class CustomerForm(Form):  # type: ignore[misc]
    """A customer's fields with their rules (contract section 3), and what only the page has: versions, tick, reason.

    Args:
        formdata: what was typed, or None.
        limits: the installation's limits.
        kept: the customer's values by field name, which the boxes show at first: texts, ``metadata`` as a dict,
            ``integration_entity_mapping`` as provider -> ID, and ``version``.
    """

    external_id = _text(
        "external_id",
        required=phrase("Enter an external ID."),
        description=phrase("The customer's identifier in your own system."),
    )
    confirm_external_id = BooleanField(
        phrase("Yes, change the external ID"),
        description=phrase(
            "The old ID goes on finding this customer, on the desk and in look-ups, until another customer takes it. "
            "Programs that write by the old ID get “not found”."
        ),
    )
    name = _text("name", required=phrase("Enter a name."))
    email = _text("email", EmailAddress())
    contact = _text("contact")
    address_line1 = _text("address_line1")
    address_line2 = _text("address_line2")
    address_city = _text("address_city")
    address_state = _text("address_state")
    address_postal_code = _text("address_postal_code")
    address_country = SelectField(
        field_label("address_country"),
        choices=(),  # the page has them, in its reader's language
        validate_choice=False,  # CountryCode judges, on both faces alike
        filters=[trim, _upper],
        validators=[MayBeEmpty(), PlainText(), CountryCode()],
    )
    timezone = _text(
        "timezone",
        TimezoneName(),
        filters=[_or_default_timezone],
        description=phrase("An IANA name, such as Europe/Berlin. Empty means UTC."),
    )
    parent_customer_external_id = _text(
        "parent_customer_external_id",
        description=phrase("Type a part of its name, external ID or email. Empty means none."),
    )
    metadata = MetadataField(phrase("Metadata"), validators=[MetadataEntries()])
    integration_entity_mapping = MappingsField(phrase("Integrations"), validators=[IntegrationMappings()])
    metadata_pasted = TextAreaField(
        phrase("Paste several entries"),
        description=phrase("A JSON object, or lines of key=value, key: value or tab-separated text."),
    )
    reason = StringField(
        phrase("Reason for the change"),
        filters=[lambda text: " ".join((text or "").split())],
        validators=[MayBeEmpty(), PlainText(), AtMost(REASON_LENGTH)],
        description=phrase("Optional. Kept with the change in the history."),
    )
    version = HiddenField(filters=[trim])
    stale_since = HiddenField(filters=[trim])

    def __init__(self, formdata: Any = None, *, limits: Limits, kept: Mapping[str, Any]) -> None:
        self.limits = limits
        self.kept = kept
        super().__init__(formdata, data=kept)
        if formdata is not None and not self.version.raw_data:
            self.version.data = ""  # a page that does not say which version it shows does not show the present one
        self.integration_entity_mapping.providers = limits.providers
        self.integration_entity_mapping.choices = provider_choices(limits.providers)
        self.pasted_faults: Messages = []
        #: (id of the radio button, message) for each choice between two people's values that is not made.
        self.choice_faults: list[tuple[str, str]] = []
        self._name_address()

    @property
    def address(self) -> AddressLayout:
        """The address as the chosen country has it."""
        return address_layout(self.address_country.data or "")

    def _name_address(self) -> None:
        for field in self.address.fields:
            self[field.name].label.text = field.label

    @property
    def is_new(self) -> bool:
        """Whether there is no customer yet."""
        return not self.kept["external_id"]

    def validate_confirm_external_id(self, field: BooleanField) -> None:
        """A changed external ID needs the tick beside it (contract section 3, the form)."""
        changed = self.external_id.data and self.external_id.data != self.kept["external_id"]
        if changed and not self.is_new and not self.external_id.errors and not field.data:
            raise ValidationError(phrase("Tick this box to change the external ID."))

    def validate_integration_entity_mapping(self, field: MappingsField) -> None:
        """A new row needs its ID: an empty one removes, and there is nothing to remove (contract section 6)."""
        for row in field.rows:
            if not (row.removed or row.id or row.provider in self.kept[field.name]):
                message = phrase(
                    "Enter the customer's ID at %(provider)s, or remove the integration.", provider=row.provider
                )
                row.id_errors = [message]
                field.errors.extend(row.id_errors)

    def validate_metadata_pasted(self, field: TextAreaField) -> None:
        """What was pasted and is not in the rows yet would be lost by a save."""
        if (field.data or "").strip():
            raise ValidationError(phrase("Fill this into the rows, or empty the box: it would not be saved."))

    def fill_in_pasted(self) -> Filled:
        """Put what was pasted into the rows of metadata; what cannot be stays in its box, with what is wrong."""
        pasted = read_pasted(self.metadata_pasted.data or "")
        filled = self.metadata.fill(pasted.entries, self.limits.metadata_entries)
        self.pasted_faults = list(pasted.faults)
        rest = pasted.rest
        if filled.left_over:
            message = plural_phrase(
                "Metadata has room for %(most)d entries; %(number)d has none and stays here.",
                "Metadata has room for %(most)d entries; %(number)d have none and stay here.",
                len(filled.left_over),
                most=self.limits.metadata_entries,
            )
            self.pasted_faults.append(message)
            rest = with_entries(rest, filled.left_over)
        self.metadata_pasted.data = rest
        return filled

    def values(self) -> dict[str, Any]:
        """Every field of the customer as typed, in the shape of ``kept``, without the version."""
        names = [*TEXT_FIELDS, "parent_customer_external_id", "metadata", "integration_entity_mapping"]
        return {name: self[name].data for name in names}

    def opened_version(self) -> int:
        """The version that the page was opened with; 0 when it carries none that can be read."""
        return _version(self.version.data)

    def merged_since(self) -> int:
        """The version from which on others' changes were merged into the form; 0 when none were."""
        return _version(self.stale_since.data)

    def changes(self) -> CustomerChanges:
        """What was typed, as typed changes: every field is present, so an empty one clears (contract section 4)."""
        wanted = self.integration_entity_mapping.data
        gone = [name for name in self.kept["integration_entity_mapping"] if name not in wanted]
        return CustomerChanges(
            texts={name: self[name].data for name in TEXT_FIELDS},
            metadata=self.metadata.data,
            parent=ParentReference(self.parent_customer_external_id.data, by_external_id=True),
            mappings=tuple(MappingItem(*item) for item in [*wanted.items(), *((name, "") for name in gone)]),
        )

    def show(self, values: Mapping[str, Any], version: int) -> None:
        """Put ``values`` into the boxes in place of what was typed, and ``version`` with them."""
        for name, value in values.items():
            field = self[name]
            if isinstance(field, MetadataField | MappingsField):
                field.show(value)
            else:
                field.process(None, value)
        self.version.data = str(version)
        self._name_address()

    def take_errors(self, details: Mapping[str, Sequence[str]]) -> bool:
        """Put messages that the operation found to their fields. Returns whether each of them has one."""
        for field_name, messages in details.items():
            name = "parent_customer_external_id" if field_name == "parent_customer_id" else field_name
            if name not in self:
                return False
            self[name].errors = [*self[name].errors, *messages]
        return bool(details)

    @property
    def error_summary(self) -> list[tuple[str, str]]:
        """(id of the input, message) for each fault, in the order of the page."""
        faults = [("customer-form", message) for message in self.form_errors] + self.choice_faults
        if wrong := {field.name: field for field in self if field.errors}:
            order = (*_PAGE_ORDER, *(field.name for field in self.address.fields))
            for name in (*order, *(name for name in wrong if name not in order)):
                faults += _field_faults(wrong[name]) if name in wrong else ()
        return faults


class NewCustomerForm(CustomerForm):
    """The form of a customer that is not there yet; it also asks whether one that looks like another is meant.

    Attributes:
        looks_like_another: whether customers are there that look like this one, and the tick is wanted.
    """

    create_anyway = BooleanField(phrase("Create it anyway"))

    def __init__(self, formdata: Any = None, *, limits: Limits) -> None:
        super().__init__(formdata, limits=limits, kept=NEW_VALUES)
        self.looks_like_another = False

    def validate_create_anyway(self, field: BooleanField) -> None:
        """Where customers look like this one, it takes the tick."""
        if self.looks_like_another and not field.data:
            raise ValidationError(
                phrase("Look at the customers that are alike, then tick this box if it is none of them.")
            )


@lru_cache(maxsize=8)
def provider_choices(providers: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The choices of a select of providers, and none."""
    return ("", phrase("Choose…")), *((name, name) for name in providers)


def _version(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _field_faults(field: Any) -> Iterable[tuple[str, str]]:
    if isinstance(field, MetadataField | MappingsField):
        return field.faults()
    said = ((field.label.text, message) for message in field.errors)
    return ((field.id, phrase("%(field)s: %(message)s", field=label, message=message)) for label, message in said)
