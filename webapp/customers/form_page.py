"""What the pages of the form have in common, for a customer that is edited and for a new one: addresses and notes.

Knows where the form's parts are sent; neither what is in them nor the database's tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, get_template_attribute, request, url_for
from markupsafe import Markup

from webapp import htmx
from webapp.customers.address import ADDRESS_FIELDS
from webapp.customers.calling import limits, scope
from webapp.customers.field_checks import NOTED_FIELDS, Note, check_field, notes_of
from webapp.customers.form import TIMEZONE_CHOICES, CustomerForm
from webapp.customers.row_actions import METADATA, RowsChange
from webapp.database import reading
from webapp.frames import Call, Frames

#: What goes with a field where its verdict depends on others.
_SENT_WITH_ADDRESS = ("address_country", *ADDRESS_FIELDS)
_SENT_ALWAYS = ("csrf_token", "environment_id")
#: Several hundred, written once.
TIMEZONE_OPTIONS = Markup("").join(Markup('<option value="{}"></option>').format(name) for name in TIMEZONE_CHOICES)
#: A component's template and its name there.
FIELD_NOTE = ("components/field_note.html", "field_note")


@dataclass(frozen=True, slots=True)
class FormUrls:
    """Where the form and its parts are sent, where parents are suggested, and where its Cancel leads."""

    save: str
    rows: str
    address: str
    check: str
    suggest_parent: str
    cancel: str


@dataclass(frozen=True, slots=True)
class Checks:
    """What is said of the fields beside their errors, by field, and where a field is sent as one leaves it."""

    url: str
    notes: dict[str, Markup]

    def sent_with(self, name: str) -> str:
        """The inputs that are sent when a field is judged."""
        others = _SENT_WITH_ADDRESS if name in _SENT_WITH_ADDRESS else ()
        return ",".join(dict.fromkeys((*_SENT_ALWAYS, *others, name)))


def urls_of(customer_id: str) -> FormUrls:
    """The addresses of the form of a customer; of a new one for ``""``."""
    if customer_id:
        return FormUrls(
            save=url_for(".save", customer_id=customer_id),
            rows=url_for(".edit_rows", customer_id=customer_id),
            address=url_for(".edit_address", customer_id=customer_id),
            check=url_for(".check_field", customer_id=customer_id),
            suggest_parent=url_for(".suggest_parent", customer_id=customer_id),
            cancel=url_for(".show", customer_id=customer_id),
        )
    return FormUrls(
        save=url_for(".create"),
        rows=url_for(".new_rows"),
        address=url_for(".new_address"),
        check=url_for(".check_new"),
        suggest_parent=url_for(".suggest_parent"),
        cancel=url_for(".list"),
    )


def form_context(form: CustomerForm, customer_id: str) -> dict[str, Any]:
    """What the form's templates need beside the page's own. ``parts`` are of :mod:`webapp.customers.edit_frame`."""
    urls = urls_of(customer_id)
    texts = {name: form[name].data or "" for name in NOTED_FIELDS}
    faulty = {name: form[name].errors for name in NOTED_FIELDS if form[name].errors}
    with reading() as connection:
        notes = notes_of(connection, scope(), limits(), texts, faulty, customer_id)
    return {
        "form": form,
        "urls": urls,
        "checks": Checks(urls.check, written(Frames(), notes)),
        "parts": None,
        "timezone_options": TIMEZONE_OPTIONS,
        "focus_id": "",
        "said": "",
    }


def written(frames: Frames, notes: Mapping[str, Note]) -> dict[str, Markup]:
    """What is said of each field, as its page has it."""
    return {name: _written(frames, note) for name, note in notes.items()}


def _written(frames: Frames, note: Note) -> Markup:
    if note.customers:
        written: Markup = get_template_attribute(*FIELD_NOTE)(note)
        return written
    values = {f"advice_{place}": text for place, text in enumerate(note.advice)}
    call = Call((len(values),), lambda holes: {"note": Note(advice=tuple(holes.values()))}, [values])
    return frames.components(FIELD_NOTE, [call])


def rows_context(change: RowsChange) -> dict[str, Any]:
    """What the fragment of an editor needs beside the form's."""
    return {"focus_id": change.focus_id, "said": change.said}


def rows_fragment(change: RowsChange) -> str:
    """The template of the editor whose rows were changed."""
    return f"customers/{'_metadata_editor' if change.field == METADATA else '_mappings_editor'}.html"


def check_answer(customer_id: str) -> Response:
    """The messages of the one field that ``?field=`` names, as judged now."""
    with reading() as connection:
        check = check_field(connection, scope(), limits(), request.form, request.args.get("field", ""), customer_id)
    return htmx.render(page="customers/check.html", fragment="customers/_check.html", check=check)
