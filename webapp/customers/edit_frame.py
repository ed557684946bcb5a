"""The edit page as it opens, by frames: but for what the fields hold, it is the same for nearly all customers.

Knows what differs from one to the next, and on what the look of the page depends; the markup is the templates'.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from markupsafe import Markup

from webapp.access.environments import other_environments
from webapp.access.permissions import Caller, EnvironmentChoice, Person, current_caller
from webapp.customers.address import ADDRESS_FIELDS
from webapp.customers.calling import limits
from webapp.customers.editing import PARENT, OpenedRecord
from webapp.customers.field_checks import Note
from webapp.customers.form import CustomerForm, provider_choices
from webapp.customers.form_page import TIMEZONE_OPTIONS, Checks, urls_of, written
from webapp.customers.history import MAPPING_FIELD
from webapp.frames import Call, Frames, Holes
from webapp.security import csrf_token

PAGE, ADDRESS = "customers/edit.html", "customers/_address.html"
METADATA_ROW = ("components/metadata_row.html", "metadata_row")
MAPPING_ROW = ("components/mapping_row.html", "mapping_row")
#: The texts that stand outside of the address.
_TEXTS = ("external_id", "name", PARENT, "email", "contact", "timezone")


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the page that have frames of their own, in place of the templates that it includes."""

    address: str
    metadata_rows: str
    mapping_rows: str


@dataclass(frozen=True, slots=True)
class _Customer:
    """A customer as templates see it."""

    id: str
    external_id: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads the page, and where: in one of their environments, and with which others to switch to."""

    staff: Person
    environment: EnvironmentChoice
    others: list[EnvironmentChoice]

    @property
    def look(self) -> tuple[Any, ...]:
        """What of it decides how the page looks."""
        return self.staff.role, self.environment.kind, tuple(other.kind for other in self.others)


def edit_page(opened: OpenedRecord, said: Mapping[str, Note]) -> bytes:
    """The page of a customer that nobody else has open, with what is said of its fields, in UTF-8."""
    customer, kept, reader, frames = opened.customer, opened.kept, _reader(current_caller()), Frames()
    notes = written(frames, said)
    values = {
        "customer_id": customer.id,
        "kept_external_id": customer.external_id,
        "kept_name": customer.name,
        "version": kept["version"],
        "parent_note": notes.get(PARENT, ""),
        **_fields_of(kept, _TEXTS),
        **_of_reader(reader),
        "address": _address(frames, customer.id, kept, notes),
        "metadata_rows": _metadata_rows(frames, customer.id, kept["metadata"]),
        "mapping_rows": _mapping_rows(frames, customer.id, kept[MAPPING_FIELD]),
    }
    look = (*reader.look, PARENT in notes, bool(kept[MAPPING_FIELD]))

    def context_of(holes: Holes) -> dict[str, Any]:
        told = {PARENT: Markup(holes["parent_note"])} if PARENT in notes else {}  # noqa: S704 - a hole, for markup
        return {
            **_form_context(kept, holes, _TEXTS, told),
            **_context_of_reader(reader, holes),
            "customer": _Customer(
                holes["customer_id"], holes["kept_external_id"], holes["kept_name"], holes["version"]
            ),
            "parts": Parts(holes["address"], holes["metadata_rows"], holes["mapping_rows"]),
            "viewers": [],
            "meanwhile": [],
            "similar": [],
        }

    return frames.page(PAGE, look, context_of, values, printed={"csrf_token": csrf_token()})


def _reader(caller: Caller) -> _Reader:
    if caller.staff is None or caller.environment is None:
        raise TypeError("a page of the desk for nobody who is signed in")
    return _Reader(caller.staff, caller.environment, other_environments(caller))


def _address(frames: Frames, customer_id: str, kept: Mapping[str, str], notes: Mapping[str, Markup]) -> Markup:
    """The fields of the address, as its country has them."""
    noted = tuple(name for name in ADDRESS_FIELDS if name in notes)
    values = {
        "customer_id": customer_id,
        **_fields_of(kept, ADDRESS_FIELDS),
        **{f"note_{name}": notes[name] for name in noted},
    }

    def context_of(holes: Holes) -> dict[str, Any]:
        told = {name: Markup(holes[f"note_{name}"]) for name in noted}  # noqa: S704 - a hole, for markup
        return _form_context(kept, holes, ADDRESS_FIELDS, told)

    return frames.template(ADDRESS, (kept["address_country"], noted), context_of, values)


def _form_context(
    kept: Mapping[str, Any], holes: Holes, names: tuple[str, ...], notes: dict[str, Markup]
) -> dict[str, Any]:
    """What templates of the form are rendered with: its fields of those names show holes."""
    form = CustomerForm(limits=limits(), kept=kept)
    form.metadata.add_row()
    for name in names:
        form[name].data = holes[f"text_{name}"]
    form.version.data = holes.get("version", "")
    urls = urls_of(holes["customer_id"])
    return {
        "form": form,
        "urls": urls,
        "checks": Checks(urls.check, notes),
        "timezone_options": TIMEZONE_OPTIONS,
        "focus_id": "",
        "said": "",
    }


def _fields_of(kept: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {f"text_{name}": kept[name] for name in names}


def _metadata_rows(frames: Frames, customer_id: str, entries: Mapping[str, str]) -> Markup:
    """A row for each entry, and a blank one behind them."""
    rows = [
        {"customer_id": customer_id, "index": index, "number": index + 1, "key": key, "value": value}
        for index, (key, value) in enumerate(entries.items())
    ]
    blank = {"customer_id": customer_id, "index": len(rows), "number": len(rows) + 1}
    return frames.components(
        METADATA_ROW,
        [
            Call(("entry",), _metadata_row, rows),
            Call(("blank",), lambda holes: {**_metadata_row(holes), "key": "", "value": ""}, [blank]),
        ],
    )


def _metadata_row(holes: Holes) -> dict[str, Any]:
    return _row("metadata", holes)


def _mapping_rows(frames: Frames, customer_id: str, mappings: Mapping[str, str]) -> Markup:
    """A row for each provider."""
    choices = provider_choices(limits().providers)

    def calls() -> Iterator[Call]:
        for index, (provider, provider_id) in enumerate(mappings.items()):
            values = {"customer_id": customer_id, "index": index, "number": index + 1, "id": provider_id}
            own = {"provider": provider, "choices": choices}
            yield Call((provider, choices), partial(_mapping_row, own), [values])

    return frames.components(MAPPING_ROW, calls())


def _mapping_row(own: dict[str, Any], holes: Holes) -> dict[str, Any]:
    return {**_row(MAPPING_FIELD, holes), **own}


def _row(field: str, holes: Holes) -> dict[str, Any]:
    """What a row of an editor is made with."""
    urls = urls_of(holes["customer_id"])
    told = {name: hole for name, hole in holes.items() if name != "customer_id"}
    return {**told, "name": f"{field}-{holes['index']}", "rows_url": urls.rows, "check_url": urls.check}


def _of_reader(reader: _Reader) -> dict[str, str]:
    """What the page says of who reads it, and where."""
    values = {
        "staff_email": reader.staff.email,
        "environment_id": reader.environment.id,
        "environment_name": reader.environment.name,
    }
    for place, other in enumerate(reader.others):
        values |= {f"other_{place}_id": other.id, f"other_{place}_name": other.name}
    return values


def _context_of_reader(reader: _Reader, holes: Holes) -> dict[str, Any]:
    others = [
        EnvironmentChoice(holes[f"other_{place}_id"], holes[f"other_{place}_name"], other.kind)
        for place, other in enumerate(reader.others)
    ]
    here = EnvironmentChoice(holes["environment_id"], holes["environment_name"], reader.environment.kind)
    return {
        "staff": Person("", holes["staff_email"], reader.staff.role),
        "environment": here,
        "other_environments": lambda: others,
    }
