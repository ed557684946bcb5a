"""What the undoing of one change comes to, beside what was changed later: a three-way merge, field by field.

Knows no database, and not who may undo what.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum

from webapp.customers.changeset import CustomerChanges, MappingItem, MetadataPatch, ParentReference
from webapp.customers.history import MAPPING_FIELD, Change, FieldChange, Values, are_same
from webapp.customers.limits import TEXT_FIELDS
from webapp.customers.places import Place, write_place
from webapp.errors import InvalidInput, InvalidOperation
from webapp.phrases import phrase

STATUS = ("status", None)
#: Raises InvalidInput for metadata that is against the rules.
MetadataJudge = Callable[[dict[str, str]], None]


class Standing(Enum):
    """How a field of a change stands now."""

    AS_CHANGED = "as changed"
    BACK_ALREADY = "back already"
    CHANGED_LATER = "changed later"


@dataclass(frozen=True, slots=True)
class Reversal:
    """One field of the change: how it stands, and what undoing it would do.

    Attributes:
        present: the field from its present value (``old_value``) to the one before the change (``new_value``).
    """

    standing: Standing
    present: FieldChange

    @property
    def place(self) -> Place:
        """Which field."""
        return self.present.field, self.present.key


def place_of(field: FieldChange) -> Place:
    """Which field a change of one is about."""
    return field.field, field.key


def plan_revert(change: Change, values: Values, fields: Collection[Place] | None = None) -> list[Reversal]:
    """How each field of ``change``, or each of ``fields``, stands in the present ``values``.

    Raises:
        InvalidOperation: the change is the creation of the customer.
        InvalidInput: ``fields`` names one that the change does not have.
    """
    if change.operation == "create":
        raise InvalidOperation(phrase("The creation of a customer cannot be undone. Archive the customer instead."))
    unknown = set(fields or ()) - {place_of(field) for field in change.fields}
    if unknown:
        raise InvalidInput(
            phrase("This change did not change that field."), {"field": sorted(map(write_place, unknown))}
        )
    return [
        Reversal(_standing(field, now), FieldChange(field.field, field.key, now, field.old_value, field.is_erased))
        for field in change.fields
        if fields is None or place_of(field) in fields
        for now in [_value_in(values, field)]
    ]


def _standing(field: FieldChange, now: object) -> Standing:
    if are_same(now, field.old_value):
        return Standing.BACK_ALREADY
    return Standing.AS_CHANGED if are_same(now, field.new_value) else Standing.CHANGED_LATER


def _value_in(values: Values, field: FieldChange) -> object:
    return values.get(field.field) if field.key is None else values[field.field].get(field.key)


def fields_to_write(plan: Iterable[Reversal], take_back_later: Collection[Place]) -> list[FieldChange]:
    """The fields that go back: those that stand as changed, and of those changed later the ones that are named."""
    return [
        reversal.present
        for reversal in plan
        if reversal.standing is Standing.AS_CHANGED
        or (reversal.standing is Standing.CHANGED_LATER and reversal.place in take_back_later)
    ]


def changes_of(fields: Iterable[FieldChange], judge: MetadataJudge) -> CustomerChanges:
    """Fields as changes to their new values; ``judge`` refuses metadata that would be against the rules."""
    texts: dict[str, str] = {}
    entries: dict[str, str | None] = {}
    mappings: list[MappingItem] = []
    parent = None
    for field in fields:
        value = field.new_value
        if field.field in TEXT_FIELDS:
            texts[field.field] = value or ""
        elif field.field == "parent_customer_id":
            parent = ParentReference(value or "")
        elif field.key is not None and field.field == MAPPING_FIELD:
            item = MappingItem(field.key, value["id"], value["metadata"]) if value else MappingItem(field.key, "")
            mappings.append(item)
        elif field.key is not None:
            entries[field.key] = value
    patch = MetadataPatch(entries, judge) if entries else None
    return CustomerChanges(texts, patch, parent, tuple(mappings))
