"""What is said of a single field as one leaves it, and of the fields of a form that opens: errors, advice, customers.

Runs the form's own rules, and asks the database what they cannot know. Knows neither Flask nor the page.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from webapp.customers.address import ADDRESS_FIELDS, address_advice, address_layout
from webapp.customers.form import NEW_VALUES, CustomerForm
from webapp.customers.judging import JUDGED_FIELDS, judge
from webapp.customers.limits import Limits
from webapp.customers.lookup import find_by_external_id
from webapp.customers.model import Customer, Scope
from webapp.customers.parents import NO_SUCH_PARENT, OWN_PARENT
from webapp.customers.rows import trim
from webapp.customers.search_time_limit import briefly
from webapp.customers.similar import find_similar
from webapp.customers.suggesting import suggest_parents
from webapp.errors import CustomerNotFound, ExternalIdTaken, InvalidInput, ServiceUnavailable
from webapp.phrases import Phrase, phrase, plural_phrase

ROW_INPUT = re.compile(r"(metadata|integration_entity_mapping)-(\d{1,6})-(key|value|provider|id)")
PARENT = "parent_customer_external_id"
#: Fields that notes may follow from when a form's page is shown.
NOTED_FIELDS = ("external_id", PARENT, *ADDRESS_FIELDS, "address_country")
#: So many customers are named where the typed parent is none.
MOST_MEANT = 4
SECONDS_FOR_MEANT = 0.5


@dataclass(frozen=True, slots=True)
class Note:
    """What is said of a field beside its errors.

    Attributes:
        advice: it stops nobody.
        customers: those that its value names.
        with_ids: whether to show their external IDs, which may be what was typed.
    """

    advice: tuple[str, ...] = ()
    customers: tuple[Customer, ...] = ()
    with_ids: bool = False

    def __bool__(self) -> bool:
        return bool(self.advice or self.customers)


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """The verdict on one field, by the id of its control."""

    id: str
    errors: list[str] = field(default_factory=list)
    note: Note = field(default_factory=Note)


def check_field(
    connection: Connection, scope: Scope, limits: Limits, typed: MultiDict[str, str], name: str, customer_id: str
) -> FieldCheck:
    """Judge one field of the form.

    Args:
        connection: where to look.
        scope: whose customers.
        limits: the installation's limits.
        typed: the inputs: that of the field, and those that it depends on.
        name: the field, or an input of a row such as ``metadata-3-key``.
        customer_id: the customer that is edited; ``""`` for a new one.

    Raises:
        InvalidInput: the form has no such field.
    """
    if row := ROW_INPUT.fullmatch(name):
        return FieldCheck(name, _row_errors(limits, typed, row[1], int(row[2]), row[3]))
    if name not in JUDGED_FIELDS:
        raise InvalidInput(phrase("The form has no such field."), {"field": [phrase("The form has no such field.")]})
    value, errors = judge(name, typed.get(name, ""), limits)
    note = Note()
    if not errors and name == "external_id":
        errors, note = _taken(connection, scope, value, customer_id)
    elif not errors and name == PARENT:
        errors, note = _parent(connection, scope, value, customer_id)
    elif not errors and name in {"name", "email"} and not customer_id:
        note = _seen_before(connection, scope, name, value)
    elif not errors and name in ADDRESS_FIELDS:
        address = {part: trim(typed.get(part)) for part in (*ADDRESS_FIELDS, "address_country")}
        note = Note(tuple(_advice(address).get(name, ())))
    return FieldCheck(name, errors, note)


def notes_of(
    connection: Connection,
    scope: Scope,
    limits: Limits,
    texts: Mapping[str, str],
    faulty: Mapping[str, Sequence[str]],
    customer_id: str,
) -> dict[str, Note]:
    """What is said of a form's fields beside their errors when its page is shown, by field.

    Args:
        connection: where to look.
        scope: whose customers.
        limits: the installation's limits.
        texts: what the fields of ``NOTED_FIELDS`` show.
        faulty: the errors of those that have some.
        customer_id: as for :func:`check_field`.
    """
    notes = {}
    external_id, parent = (texts[name] for name in ("external_id", PARENT))
    if "external_id" in faulty and _can_be_asked_for("external_id", external_id, limits):
        _, notes["external_id"] = _taken(connection, scope, external_id, customer_id)
    if (PARENT not in faulty or NO_SUCH_PARENT in faulty[PARENT]) and _can_be_asked_for(PARENT, parent, limits):
        _, notes[PARENT] = _parent(connection, scope, parent, customer_id)
    notes |= {name: Note(tuple(advice)) for name, advice in _advice(texts).items() if name not in faulty}
    return {name: note for name, note in notes.items() if note}


def _can_be_asked_for(name: str, text: str, limits: Limits) -> bool:
    """Whether the rules let what was typed pass, even where the form was not judged: no database takes a NUL."""
    return bool(text) and not judge(name, text, limits)[1]


def _advice(address: Mapping[str, str]) -> dict[str, list[Phrase]]:
    country = address["address_country"]
    advice = address_advice(country, address["address_state"], address["address_postal_code"])
    if address["address_line1"]:  # otherwise it is none to send a letter to
        missing = [field for field in address_layout(country).fields if field.is_usual and not address[field.name]]
        advice |= {field.name: [phrase("Addresses in this country usually have this.")] for field in missing}
    return advice


def _taken(connection: Connection, scope: Scope, external_id: str, customer_id: str) -> tuple[list[str], Note]:
    try:
        found = find_by_external_id(connection, scope, external_id)
    except CustomerNotFound:
        return [], Note()
    if found.by_retired_external_id or found.customer.id == customer_id:
        return [], Note()
    return [*ExternalIdTaken(external_id).details["external_id"]], Note(customers=(found.customer,))


def _parent(connection: Connection, scope: Scope, external_id: str, customer_id: str) -> tuple[list[str], Note]:
    """Whether there is such a parent, and who it is. Loops and levels are judged when it is saved."""
    if not external_id:
        return [], Note()
    try:
        found = find_by_external_id(connection, scope, external_id)
    except CustomerNotFound:
        return [NO_SUCH_PARENT], _meant_parents(connection, scope, external_id, customer_id)
    if found.customer.id == customer_id:
        return [OWN_PARENT], Note()
    return [], Note(customers=(found.customer,), with_ids=found.by_retired_external_id)


def _meant_parents(connection: Connection, scope: Scope, typed: str, customer_id: str) -> Note:
    """The few that a name, an email or a part of them may mean: without a script nothing else suggests them."""
    try:
        with briefly(connection, SECONDS_FOR_MEANT):
            meant = suggest_parents(connection, scope, typed, customer_id)[:MOST_MEANT]
    except ServiceUnavailable:  # the search took too long; it is no more than a help
        return Note()
    if not meant:
        return Note()
    return Note((phrase("Type the external ID of the one you mean:"),), tuple(meant), with_ids=True)


def _seen_before(connection: Connection, scope: Scope, name: str, value: str) -> Note:
    similar = find_similar(connection, scope, **{"name": "", "email": "", name: value})
    if not similar:
        return Note()
    if name == "email":
        advice = plural_phrase("A customer has this email:", "%(number)d customers have this email:", len(similar))
    else:
        advice = plural_phrase(
            "A customer has a very similar name:", "%(number)d customers have very similar names:", len(similar)
        )
    return Note((advice,), tuple(found.customer for found in similar), with_ids=True)


def _row_errors(limits: Limits, typed: MultiDict[str, str], name: str, index: int, part: str) -> list[str]:
    """The messages of one input of a row; only with the other rows can it be said whether a key is there twice."""
    form = CustomerForm(typed, limits=limits, kept=NEW_VALUES)
    rows = form[name]
    rows.rows.sort(key=lambda row: row.index == index)  # of two alike the last one is told
    rows.validate(form)
    return [message for row in rows.rows if row.index == index for message in getattr(row, f"{part}_errors", ())]
