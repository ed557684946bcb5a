"""The form's rules over single values, without the form: what the JSON face and the checks of one field run.

Building a whole form for one value is most of a request's cost. Knows neither Flask nor the database.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms.validators import StopValidation, ValidationError

from webapp.customers.changeset import MappingItem
from webapp.customers.form import CustomerForm, Messages
from webapp.customers.limits import TEXT_FIELDS, Limits
from webapp.customers.rows import MappingRow, MetadataRow, trim


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


#: The fields of the form that hold one text.
JUDGED_FIELDS = (*TEXT_FIELDS, "parent_customer_external_id", "reason")
_RULES = {
    name: (_declared(name).get("filters", ()), _declared(name)["validators"])
    for name in (*JUDGED_FIELDS, "metadata", "integration_entity_mapping")
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
