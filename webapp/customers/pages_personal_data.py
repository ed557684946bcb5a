"""All that is kept about one customer, to take away as a file or to erase. Knows no rule and no SQL."""

from flask import Response, current_app, request, stream_with_context, url_for

from webapp import htmx
from webapp.customers import operations
from webapp.customers.calling import actor, scope
from webapp.customers.erasures import find_erasure
from webapp.customers.family import find_children
from webapp.customers.history import changes_since
from webapp.customers.lookup import find_customer
from webapp.customers.model import Customer
from webapp.customers.pages_saved import remember_saved
from webapp.customers.personal_data import export
from webapp.customers.status_form import ErasureForm
from webapp.database import reading
from webapp.errors import DeskError, InvalidOperation, VersionConflict
from webapp.log_lines import log

CHILDREN_SHOWN = 10


def show_personal_data(customer_id: str) -> Response:
    """``GET /customers/{id}/personal-data``: what is kept, the way to its file, and what erasing means."""
    return _page(*_open(customer_id))


def export_customer(customer_id: str) -> Response:
    """``GET /customers/{id}/personal-data.json``: the file."""
    with reading() as connection:
        customer = find_customer(connection, scope(), customer_id)
    log.info("personal data exported", customer=customer.id)
    pieces = export(reading, scope(), customer.id)
    response = current_app.response_class(stream_with_context(pieces), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="personal-data-{customer.id}.json"'
    return response


def erase_customer(customer_id: str) -> Response:
    """``POST /customers/{id}/personal-data``: back to what is left of it; or 422, or 409 with what is against it."""
    customer, form = _open(customer_id)
    if not form.validate():
        return _page(customer, form, 422)
    versions = frozenset({form.opened_version()})
    try:
        outcome = operations.erase_customer(
            scope(), actor(), customer.id, expected_versions=versions, reason=form.reason.data
        )
    except (VersionConflict, InvalidOperation) as refusal:
        return _page(*_open(customer_id), 409, refusal)
    if outcome.change:
        log.info("customer erased", customer=customer.id)
        remember_saved(outcome)
    return htmx.see_other(url_for(".show", customer_id=customer.id))


def _open(customer_id: str) -> tuple[Customer, ErasureForm]:
    with reading() as connection:
        customer = find_customer(connection, scope(), customer_id)
    return customer, ErasureForm(request.form or None, version=customer.version)


def _page(customer: Customer, form: ErasureForm, status: int = 200, refusal: DeskError | None = None) -> Response:
    opened = form.opened_version()
    with reading() as connection:
        erasure = find_erasure(connection, customer)
        children = find_children(connection, scope(), customer.id, most=CHILDREN_SHOWN)
        meanwhile = changes_since(connection, scope(), customer.id, opened) if 0 < opened < customer.version else []
    form.catch_up(customer.version)
    return htmx.render(
        page="customers/personal_data.html",
        fragment="customers/_personal_data.html",
        status=status,
        customer=customer,
        form=form,
        erasure=erasure,
        children=children,
        meanwhile=meanwhile,
        refusal=refusal,
    )
