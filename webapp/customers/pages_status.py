"""Archiving a customer, with what follows from it said before; restoring one. Knows no rule and no SQL."""

from flask import Response, request, url_for

from webapp import htmx
from webapp.customers import operations
from webapp.customers.calling import actor, scope
from webapp.customers.erasures import find_erasure
from webapp.customers.family import find_children
from webapp.customers.history import changes_since
from webapp.customers.lookup import find_by_external_id, find_customer, find_parent
from webapp.customers.model import Customer
from webapp.customers.pages_saved import remember_saved
from webapp.customers.status_form import StatusForm
from webapp.database import reading
from webapp.errors import CustomerNotFound, DeskError, ExternalIdTaken, InvalidOperation, VersionConflict

CHILDREN_SHOWN = 10


def ask_to_archive(customer_id: str) -> Response:
    """``GET /customers/{id}/archive``: what follows from it, and one button."""
    customer, form = _open(customer_id)
    return _archive_page(customer, form) if customer.is_published else _to_record(customer)


def archive_customer(customer_id: str) -> Response:
    """``POST /customers/{id}/archive``: back to the record; or 422, or 409 with what stands against it."""
    customer, form = _open(customer_id)
    if not customer.is_published:  # somebody was quicker: the record says who
        return _to_record(customer)
    if not form.validate():
        return _archive_page(customer, form, 422)
    versions = frozenset({form.opened_version()})
    try:
        outcome = operations.archive_customer(
            scope(), actor(), customer.id, expected_versions=versions, reason=form.reason.data
        )
    except (VersionConflict, InvalidOperation, CustomerNotFound) as refusal:
        return _archive_page(_now(customer), form, 409, refusal)
    remember_saved(outcome)
    return _to_record(customer)


def restore_customer(customer_id: str) -> Response:
    """``POST /customers/{id}/restore``: back to the record; or 422, or 409 with what stands against it."""
    customer, form = _open(customer_id)
    if customer.is_published:
        return _to_record(customer)
    if not form.validate():
        return _restore_page(customer, form, 422)
    versions = frozenset({form.opened_version()})
    try:
        outcome = operations.restore_customer(
            scope(), actor(), customer.id, expected_versions=versions, reason=form.reason.data
        )
    except (VersionConflict, InvalidOperation, ExternalIdTaken) as refusal:
        return _restore_page(_now(customer), form, 409, refusal)
    remember_saved(outcome)
    return _to_record(customer)


def ask_to_restore(customer_id: str) -> Response:
    """``GET /customers/{id}/restore``: what a refused restore is reloaded to."""
    customer, form = _open(customer_id)
    return _to_record(customer) if customer.is_published else _restore_page(customer, form)


def _open(customer_id: str) -> tuple[Customer, StatusForm]:
    with reading() as connection:
        customer = find_customer(connection, scope(), customer_id)
    return customer, StatusForm(request.form or None, version=customer.version)


def _now(customer: Customer) -> Customer:
    with reading() as connection:
        return find_customer(connection, scope(), customer.id)


def _to_record(customer: Customer) -> Response:
    return htmx.see_other(url_for(".show", customer_id=customer.id))


def _archive_page(
    customer: Customer, form: StatusForm, status: int = 200, refusal: DeskError | None = None
) -> Response:
    if not customer.is_published:
        return _to_record(customer)
    opened = form.opened_version()
    with reading() as connection:
        children = find_children(connection, scope(), customer.id, most=CHILDREN_SHOWN)
        meanwhile = changes_since(connection, scope(), customer.id, opened) if 0 < opened < customer.version else []
    form.catch_up(customer.version)
    return htmx.render(
        page="customers/archive.html",
        fragment="customers/_archive.html",
        status=status,
        customer=customer,
        form=form,
        children=children,
        meanwhile=meanwhile,
        refusal=refusal,
    )


def _restore_page(
    customer: Customer, form: StatusForm, status: int = 200, refusal: DeskError | None = None
) -> Response:
    if customer.is_published:
        return _to_record(customer)
    with reading() as connection:
        if find_erasure(connection, customer):  # its page says that nothing brings it back
            return _to_record(customer)
        parent = find_parent(connection, scope(), customer)
        is_waiting = parent is not None and not parent.is_published and not find_erasure(connection, parent)
        try:
            holder = find_by_external_id(connection, scope(), customer.external_id)
        except CustomerNotFound:
            holder = None
    form.catch_up(customer.version)
    return htmx.render(
        page="customers/restore.html",
        fragment="customers/_restore.html",
        status=status,
        customer=customer,
        form=form,
        archived_parent=parent if is_waiting else None,
        holder=holder.customer if holder and not holder.by_retired_external_id else None,
        refusal=refusal,
    )
