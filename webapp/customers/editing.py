"""The edit page's form: opening it on a customer, binding what was typed, and what a conflict in it is.

Knows how form and history meet; neither how it is saved (``saving``) nor how the page looks.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from webapp.customers.choices import Choice, read_choices
from webapp.customers.erasures import find_erasure, refuse_erased
from webapp.customers.form import CustomerForm
from webapp.customers.history import MAPPING_FIELD, Change, Values, recorded_values
from webapp.customers.labels import field_label
from webapp.customers.limits import TEXT_FIELDS, Limits
from webapp.customers.lookup import find_customer, find_mappings
from webapp.customers.mappings import recorded_mappings
from webapp.customers.model import Customer, Scope
from webapp.customers.places import write_place
from webapp.database import reading
from webapp.errors import InvalidOperation
from webapp.phrases import phrase

PARENT = "parent_customer_external_id"


@dataclass(frozen=True, slots=True)
class ShownConflict:
    """A place that both sides changed, as the page asks about it.

    Attributes:
        number: names its controls, ``choice-NUMBER``.
        control_id: the id of the input, or of its row.
        original, theirs, yours: the texts; None where there is none.
        their_change: the latest change that touched it.
    """

    number: int
    choice: Choice
    control_id: str
    original: str | None
    theirs: str | None
    yours: str | None
    their_change: Change | None

    @property
    def id(self) -> str:
        """The id of the first of its radio buttons."""
        return f"choice-{self.number}"

    @property
    def label(self) -> str:
        """What a person reads."""
        name, key = self.choice.place
        label = field_label(name)
        return label if key is None else phrase("%(label)s: %(key)s", label=label, key=key)

    @property
    def place(self) -> str:
        """Which field or key, as the form sends it."""
        return write_place(self.choice.place)


@dataclass(slots=True)
class Edit:
    """A form that is open on a customer.

    Attributes:
        customer: the customer as it is now.
        form: the form.
        present: the recorded values of the customer as it is now.
        choices: what the page asked about conflicts, with the answers.
        meanwhile: what was changed since the form was opened, newest first, where it is stale or was.
        conflicts: what both sides changed.
        is_erased: whether the customer was erased since the form was opened.
        status: how the page is answered while it is not saved.
    """

    customer: Customer
    form: CustomerForm
    present: Values
    choices: list[Choice] = field(default_factory=list)
    meanwhile: list[Change] = field(default_factory=list)
    conflicts: list[ShownConflict] = field(default_factory=list)
    is_erased: bool = False
    status: int = 422

    @property
    def opened(self) -> int:
        """The version that the form shows; 1 where it says none that can be: everything since is new to it."""
        opened = self.form.opened_version()
        return opened if 0 < opened <= self.customer.version else 1

    @property
    def first_opened(self) -> int:
        """The version that it was opened with at first, before anything was merged into it."""
        return min(self.form.merged_since() or self.opened, self.opened)


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A customer that is opened to be edited.

    Attributes:
        customer: it, as it is now.
        present: its recorded values.
        kept: the same in the shape of the form.
        is_erased: whether its data was erased.
    """

    customer: Customer
    present: Values
    kept: dict[str, Any]
    is_erased: bool


def open_record(connection: Connection, scope: Scope, customer_id: str, *, is_typed: bool = False) -> OpenedRecord:
    """Read a customer that is to be edited.

    Args:
        connection: where to read.
        scope: whose customer.
        customer_id: its ID.
        is_typed: whether something was typed already that could be lost.

    Raises:
        CustomerNotFound: there is no such customer.
        InvalidOperation: it is archived, and nothing was typed.
    """
    customer = find_customer(connection, scope, customer_id)
    erasure = find_erasure(connection, customer)
    if not is_typed and not customer.is_published:
        refuse_erased(connection, customer)
        raise InvalidOperation(phrase("The customer is archived. Restore it before changing it."))
    present = recorded_values(customer, recorded_mappings(find_mappings(connection, scope, customer_id)))
    kept = {**form_values(connection, scope, present), "version": str(customer.version)}
    return OpenedRecord(customer, present, kept, is_erased=erasure is not None)


def open_edit(scope: Scope, customer_id: str, limits: Limits, typed: Any = None) -> Edit:
    """Open the form on a customer, or bind it to what was typed.

    Args:
        scope: whose customer.
        customer_id: its ID.
        limits: the installation's limits.
        typed: the submitted form, or None.

    Raises: as :func:`open_record`.
    """
    with reading() as connection:
        opened = open_record(connection, scope, customer_id, is_typed=typed is not None)
    form = CustomerForm(typed, limits=limits, kept=opened.kept)
    edit = Edit(opened.customer, form, opened.present, is_erased=opened.is_erased)
    if typed is not None:
        edit.choices = read_choices(typed, edit.form.values(), opened.customer.version)
    return edit


def form_values(connection: Connection, scope: Scope, values: Values) -> dict[str, Any]:
    """Recorded values in the shape of the form: the parent by its external ID, mappings as provider -> ID."""
    kept = {name: values.get(name) or "" for name in TEXT_FIELDS}
    kept[PARENT] = ""
    if parent_id := values.get("parent_customer_id"):
        kept[PARENT] = find_customer(connection, scope, parent_id).external_id
    kept["metadata"] = values["metadata"]
    kept[MAPPING_FIELD] = {provider: mapping["id"] for provider, mapping in values[MAPPING_FIELD].items()}
    return kept
