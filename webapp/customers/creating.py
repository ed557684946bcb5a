"""Creating a customer on the desk: the form that is open on none yet, and what it looks like already.

Knows how form, search and operations meet; not how the page looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.customers import operations
from webapp.customers.form import NewCustomerForm
from webapp.customers.limits import Limits
from webapp.customers.model import Actor, Scope
from webapp.customers.operations import Outcome
from webapp.customers.similar import Similar, find_similar
from webapp.database import reading
from webapp.errors import CustomerNotFound, ExternalIdTaken, InvalidInput, InvalidOperation


@dataclass(slots=True)
class Creation:
    """A form that is open on a customer that is not there yet; ``similar`` are those that it may be already."""

    form: NewCustomerForm
    similar: Sequence[Similar] = field(default_factory=list)


def open_new(limits: Limits, typed: Any = None) -> Creation:
    """The form, or bound to what was typed."""
    return Creation(NewCustomerForm(typed, limits=limits))


def create(creation: Creation, scope: Scope, actor: Actor) -> Outcome | None:
    """Write the customer. None when it was refused: the form then says why.

    It is refused, too, where it looks like others and nobody has ticked that it is another.
    """
    form = creation.form
    # Only what the rules let pass is looked for: neither what no database takes nor a name that is a book.
    name, email = (field.data if field.validate(form) else "" for field in (form.name, form.email))
    with reading() as connection:
        creation.similar = find_similar(connection, scope, name, email)
    form.looks_like_another = bool(creation.similar)
    if not form.validate():
        return None
    try:
        return operations.create_customer(scope, actor, form.changes(), reason=form.reason.data or "")
    except (CustomerNotFound, ExternalIdTaken, InvalidInput, InvalidOperation) as error:
        if not form.take_errors(error.details):
            form.form_errors.append(error.message)
        return None
