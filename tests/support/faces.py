"""One value of one field through each face, for tests that compare what CustomerForm and the JSON wire say."""

from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from webapp.customers.changeset import CustomerChanges
from webapp.customers.form import CustomerForm
from webapp.customers.limits import TEXT_FIELDS, Limits
from webapp.customers.wire import read_changes
from webapp.errors import InvalidInput

LIMITS = Limits()
#: What the record has before the change: nothing but what is required.
KEPT: dict[str, Any] = {
    **dict.fromkeys(TEXT_FIELDS, ""),
    "external_id": "kept_id",
    "name": "Kept",
    "timezone": "UTC",
    "parent_customer_external_id": "",
    "metadata": {},
    "integration_entity_mapping": {},
    "version": "1",
}
#: The form asks for a parent by external ID alone; a parent's ID follows the same rule.
FORM_FIELD = {"parent_customer_id": "parent_customer_external_id"}


@dataclass
class Verdict:
    """What a face says to one value: what it would store, and its messages by JSON name of the field."""

    stored: Any = None
    messages: dict[str, list[str]] = field(default_factory=dict)


def as_json(name: str, value: Any) -> Any:
    """A case's value in the JSON shape of its field."""
    if name == "integration_entity_mapping":
        return [{"provider": provider, "id": entity_id} for provider, entity_id in value]
    return value


def as_inputs(name: str, value: Any) -> dict[str, str]:
    """A case's value as the inputs that a browser sends."""
    pairs = {"metadata": ("key", "value"), "integration_entity_mapping": ("provider", "id")}
    if name not in pairs:
        return {FORM_FIELD.get(name, name): value}
    rows = value.items() if isinstance(value, dict) else value
    first, second = pairs[name]
    return {
        f"{name}-{index}-{part}": text
        for index, row in enumerate(rows)
        for part, text in zip((first, second), row, strict=True)
    }


def form_inputs(**changed: str) -> MultiDict[str, str]:
    """Every plain input of the form as it was opened, ``changed`` ones aside; the tick is set."""
    texts = {name: text for name, text in KEPT.items() if isinstance(text, str)}
    shown = dict.fromkeys(("metadata", "integration_entity_mapping"), "rows")
    return MultiDict({**texts, **shown, "confirm_external_id": "y", **changed})


def make_form(limits: Limits = LIMITS, kept: dict[str, Any] | None = None, **changed: str) -> CustomerForm:
    """The form, sent with ``changed`` inputs."""
    return CustomerForm(form_inputs(**changed), limits=limits, kept={**KEPT, **(kept or {})})


def by_form(name: str, value: Any) -> Verdict:
    """What CustomerForm says."""
    kept = {}
    if name == "integration_entity_mapping":  # an empty ID removes a mapping, so there must be one
        kept[name] = {provider: "kept" for provider, entity_id in value if not entity_id}
    form = make_form(kept=kept, **as_inputs(name, value))
    if form.validate():
        return Verdict(_stored(form.changes(), name))
    names = {FORM_FIELD[name]: name} if name in FORM_FIELD else {}
    return Verdict(None, {names.get(wrong, wrong): list(messages) for wrong, messages in form.errors.items()})


def by_json(name: str, value: Any) -> Verdict:
    """What the wire says."""
    try:
        return Verdict(_stored(read_changes({name: as_json(name, value)}, LIMITS), name))
    except InvalidInput as error:
        return Verdict(None, {wrong: list(messages) for wrong, messages in error.details.items()})


def _stored(changes: CustomerChanges, name: str) -> Any:
    if name in TEXT_FIELDS:
        return changes.texts[name]
    if name == "metadata":
        return changes.metadata
    if name == "integration_entity_mapping":
        return [(item.provider, item.id) for item in changes.mappings]
    assert changes.parent is not None
    return changes.parent.value
