"""CustomerForm: THE rule set of a customer's fields, a plain wtforms.Form. The JSON face runs its rules by judge().

Knows neither Flask nor the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import BooleanField, Form, HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, StopValidation, ValidationError

from webapp.customers.changeset import CustomerChanges, MappingItem, ParentReference
from webapp.customers.labels import field_label
from webapp.customers.limits import DEFAULT_TIMEZONE, FIELD_LENGTHS, REASON_LENGTH, TEXT_FIELDS, Limits
from webapp.customers.rows import MappingRow, MappingsField, MetadataField, MetadataRow, trim
from webapp.customers.validators import (
    COUNTRY_NAMES,
    TIMEZONES,
    CountryCode,
    EmailAddress,
    IntegrationMappings,
    MayBeEmpty,
    MetadataEntries,
    PlainText,
    Required,
    TimezoneName,
)

COUNTRY_CHOICES = [
    SelectChoice("", "No country"),
    *(SelectChoice(code, name) for code, name in sorted(COUNTRY_NAMES.items(), key=lambda item: item[1])),
]
TIMEZONE_CHOICES = sorted(TIMEZONES)

Messages = list[str]


def _upper(text: str) -> str:
    """In capitals, where that leaves the letters what they are: ``ß`` must not become the code of South Sudan."""
    return text.upper() if text.isascii() else text


def _or_default_timezone(text: str) -> str:
    return text or DEFAULT_TIMEZONE


def _at_most(length: int) -> Length:
    return Length(max=length, message="Use at most %(max)d characters.")


def _text(name: str, *rules: Any, required: str = "", filters: Sequence[Any] = (), **kwargs: Any) -> Any:
    length = FIELD_LENGTHS["external_id" if name == "parent_customer_external_id" else name]
    presence = Required(required) if required else MayBeEmpty()
    return StringField(
        field_label(name),
        filters=[trim, *filters],
        validators=[presence, PlainText(), _at_most(length), *rules],
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
        required="Enter an external ID.",
        description="The customer's identifier in your own system.",
    )
    confirm_external_id = BooleanField("Yes, change the external ID")
    name = _text("name", required="Enter a name.")
    email = _text("email", EmailAddress())
    contact = _text("contact")
    address_line1 = _text("address_line1")
    address_line2 = _text("address_line2")
    address_city = _text("address_city")
    address_state = _text("address_state")
    address_postal_code = _text("address_postal_code")
    address_country = SelectField(
        field_label("address_country"),
        choices=COUNTRY_CHOICES,
        validate_choice=False,  # CountryCode judges, on both faces alike
        filters=[trim, _upper],
        validators=[MayBeEmpty(), PlainText(), CountryCode()],
    )
    timezone = _text(
        "timezone",
        TimezoneName(),
        filters=[_or_default_timezone],
        description="An IANA name, such as Europe/Berlin. Empty means UTC.",
    )
    parent_customer_external_id = _text(
        "parent_customer_external_id",
        description="The external ID of the customer that this one belongs to. Empty means none.",
    )
    metadata = MetadataField("Metadata", validators=[MetadataEntries()])
    integration_entity_mapping = MappingsField("Integrations", validators=[IntegrationMappings()])
    reason = StringField(
        "Reason for the change",
        filters=[lambda text: " ".join((text or "").split())],
        validators=[MayBeEmpty(), PlainText(), _at_most(REASON_LENGTH)],
        description="Optional. Kept with the change in the history.",
    )
    version = HiddenField(filters=[trim])
    stale_since = HiddenField(filters=[trim])

    def __init__(self, formdata: Any = None, *, limits: Limits, kept: Mapping[str, Any]) -> None:
        self.limits = limits
        self.kept = kept
        super().__init__(formdata, data=kept)
        if formdata is not None and not self.version.raw_data:
            self.version.data = ""  # a page that does not say which version it shows does not show the present one
        self.timezone.choices = TIMEZONE_CHOICES
        self.integration_entity_mapping.choices = (("", "Choose…"), *((name, name) for name in limits.providers))

    def validate_confirm_external_id(self, field: BooleanField) -> None:
        """A changed external ID needs the tick beside it (contract section 3, the form)."""
        changed = self.external_id.data and self.external_id.data != self.kept["external_id"]
        if changed and not self.external_id.errors and not field.data:
            raise ValidationError("Tick this box to change the external ID.")

    def validate_integration_entity_mapping(self, field: MappingsField) -> None:
        """A new row needs its ID: an empty one removes, and there is nothing to remove (contract section 6)."""
        for row in field.rows:
            if not (row.removed or row.id or row.provider in self.kept[field.name]):
                row.id_errors = [f"Enter the customer's ID at {row.provider}, or remove the integration."]
                field.errors.extend(row.id_errors)

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
        of_the_form = [("customer-form", message) for message in self.form_errors]
        return of_the_form + [fault for field in self for fault in _field_faults(field)]


def _version(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _field_faults(field: Any) -> Iterable[tuple[str, str]]:
    if isinstance(field, MetadataField | MappingsField):
        return field.faults()
    return ((field.id, f"{field.label.text}: {message}") for message in field.errors)


class _JudgedField:
    """What a rule sees in place of a form's field: the value, and a place for messages."""

    __slots__ = ("data", "errors", "rows")

    def __init__(self, data: Any, rows: Any = ()) -> None:
        self.data = data
        self.rows = rows
        self.errors: Messages = []

    def gettext(self, text: str) -> str:
        return text

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return singular if number == 1 else plural


class _JudgedForm:
    """What a rule sees in place of the form."""

    __slots__ = ("limits",)

    def __init__(self, limits: Limits) -> None:
        self.limits = limits


def _declared(name: str) -> Mapping[str, Any]:
    kwargs: Mapping[str, Any] = getattr(CustomerForm, name).kwargs
    return kwargs


_RULES = {
    name: (_declared(name).get("filters", ()), _declared(name)["validators"])
    for name in (*TEXT_FIELDS, "parent_customer_external_id", "metadata", "integration_entity_mapping")
}
# A parent's ID is judged as its external ID is: it is a text that names a customer.
_RULES["parent_customer_id"] = _RULES["parent_customer_external_id"]


def judge(name: str, value: str, limits: Limits) -> tuple[str, Messages]:
    """Run the form's own filters and validators of one text field over a value, without building the form.

    Returns:
        The value as filtered, and the messages; none when it is right.
    """
    filters, rules = _RULES[name]
    for change in filters:
        value = change(value)
    return value, _run(rules, _JudgedField(value), limits)


def judge_metadata(entries: Mapping[str, str], limits: Limits) -> tuple[dict[str, str], Messages]:
    """As :func:`judge`, for metadata."""
    rows = [MetadataRow(index, trim(key), trim(value)) for index, (key, value) in enumerate(entries.items())]
    messages = _run(_RULES["metadata"][1], _JudgedField(None, rows), limits)
    return {row.key: row.value for row in rows}, messages


def judge_mappings(items: Sequence[MappingItem], limits: Limits) -> tuple[tuple[MappingItem, ...], Messages]:
    """As :func:`judge`, for the items of ``integration_entity_mapping``."""
    judged = tuple(MappingItem(trim(item.provider), trim(item.id), item.metadata) for item in items)
    rows = [MappingRow(index, item.provider, item.id) for index, item in enumerate(judged)]
    return judged, _run(_RULES["integration_entity_mapping"][1], _JudgedField(None, rows), limits)


def _run(rules: Sequence[Any], field: _JudgedField, limits: Limits) -> Messages:
    form = _JudgedForm(limits)
    for rule in rules:
        try:
            rule(form, field)
        except StopValidation as stop:
            if stop.args and stop.args[0]:
                field.errors.append(stop.args[0])
            break
        except ValidationError as error:
            field.errors.append(error.args[0])
    return field.errors
