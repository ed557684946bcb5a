"""Every URL of customers on both faces, as a table: pages under /customers, JSON under /v1/customers, in one blueprint.

Knows which view answers where and which permission it takes; not what the view does.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from webapp.access.access_log import RecordPage
from webapp.access.api_keys import authenticate_key
from webapp.access.fresh_sign_in import demands_fresh_sign_in
from webapp.access.permissions import (
    MANAGE_PERSONAL_DATA,
    READ_ACCESS_LOG,
    READ_CUSTOMERS,
    WRITE_CUSTOMERS,
    requires,
)
from webapp.access.staff import authenticate_staff
from webapp.customers import (
    api,
    pages_access_log,
    pages_create,
    pages_edit,
    pages_history,
    pages_list,
    pages_personal_data,
    pages_record,
    pages_status,
    pages_suggest,
    pages_views,
)
from webapp.customers.calling import with_plain_names
from webapp.customers.visits import opens_record, viewers_here
from webapp.security import exempt_from_csrf

View = Callable[..., Any]

#: rule, endpoint, view, method, permission
PAGES: tuple[tuple[str, str, View, str, str], ...] = (
    ("/customers", "list", pages_list.list_customers, "GET", READ_CUSTOMERS),
    ("/customers/views", "save_view", pages_views.save_list, "POST", READ_CUSTOMERS),
    ("/customers/views/<view_id>/delete", "delete_view", pages_views.delete_saved_view, "POST", READ_CUSTOMERS),
    ("/customers/<customer_id>", "show", pages_record.show_customer, "GET", READ_CUSTOMERS),
    ("/customers/<customer_id>/presence", "presence", pages_record.show_presence, "GET", READ_CUSTOMERS),
    ("/customers/<customer_id>/archive", "archive", pages_status.ask_to_archive, "GET", WRITE_CUSTOMERS),
    ("/customers/<customer_id>/archive", "archive_customer", pages_status.archive_customer, "POST", WRITE_CUSTOMERS),
    ("/customers/<customer_id>/restore", "restore", pages_status.ask_to_restore, "GET", WRITE_CUSTOMERS),
    ("/customers/<customer_id>/restore", "restore_customer", pages_status.restore_customer, "POST", WRITE_CUSTOMERS),
    ("/access-log", "access_log", pages_access_log.show_access_log, "GET", READ_ACCESS_LOG),
    ("/customers/<customer_id>/history", "history", pages_history.show_history, "GET", READ_CUSTOMERS),
    ("/customers/<customer_id>/history.csv", "history_csv", pages_history.download_history, "GET", READ_CUSTOMERS),
    ("/customers/<customer_id>/history/<int:version>", "change", pages_history.show_change, "GET", READ_CUSTOMERS),
    (
        "/customers/<customer_id>/history/<int:version>/revert",
        "revert",
        pages_history.revert_change,
        "POST",
        WRITE_CUSTOMERS,
    ),
    ("/customers/<customer_id>/versions/<int:version>", "version", pages_history.show_version, "GET", READ_CUSTOMERS),
    ("/customers/<customer_id>/edit", "edit", pages_edit.edit_customer, "GET", WRITE_CUSTOMERS),
    ("/customers/<customer_id>/edit", "save", pages_edit.save_customer, "POST", WRITE_CUSTOMERS),
    ("/customers/<customer_id>/edit/rows", "edit_rows", pages_edit.edit_rows, "POST", WRITE_CUSTOMERS),
    ("/customers/<customer_id>/edit/address", "edit_address", pages_edit.edit_address, "POST", WRITE_CUSTOMERS),
    ("/customers/<customer_id>/edit/check", "check_field", pages_edit.check_field, "POST", WRITE_CUSTOMERS),
    ("/customers/new", "new", pages_create.new_customer, "GET", WRITE_CUSTOMERS),
    ("/customers/new", "create", pages_create.create_customer, "POST", WRITE_CUSTOMERS),
    ("/customers/new/rows", "new_rows", pages_create.new_rows, "POST", WRITE_CUSTOMERS),
    ("/customers/new/address", "new_address", pages_create.new_address, "POST", WRITE_CUSTOMERS),
    ("/customers/new/check", "check_new", pages_create.check_new, "POST", WRITE_CUSTOMERS),
    ("/customers/suggest-parent", "suggest_parent", pages_suggest.suggest_parent, "GET", WRITE_CUSTOMERS),
)

#: The same, and where to come back to from a form: these ask for the password anew when that was long ago.
SENSITIVE_PAGES: tuple[tuple[str, str, View, str, str, str], ...] = (
    (
        "/customers/<customer_id>/personal-data",
        "personal_data",
        pages_personal_data.show_personal_data,
        "GET",
        MANAGE_PERSONAL_DATA,
        "personal_data",
    ),
    (
        "/customers/<customer_id>/personal-data",
        "erase_customer",
        pages_personal_data.erase_customer,
        "POST",
        MANAGE_PERSONAL_DATA,
        "personal_data",
    ),
    (
        "/customers/<customer_id>/personal-data.json",
        "export_customer",
        pages_personal_data.export_customer,
        "GET",
        MANAGE_PERSONAL_DATA,
        "personal_data",
    ),
)

#: The endpoints that show a customer's record, or a part of it, and as which page the access log has them.
PAGES_OF_A_RECORD: dict[str, RecordPage] = {
    "show": "record",
    "archive": "record",
    "archive_customer": "record",
    "restore": "record",
    "restore_customer": "record",
    "edit": "edit",
    "save": "edit",
    "history": "history",
    "history_csv": "history",
    "change": "history",
    "revert": "history",
    "version": "history",
    "personal_data": "personal_data",
    "erase_customer": "personal_data",
    "export_customer": "export",
}

#: The JSON face. Its callers send a key with each request and no cookie counts, so no request of theirs can be forged
#: by a page: each view is exempt from CSRF, one by one.
API: tuple[tuple[str, str, View, str, str], ...] = (
    ("/v1/customers", "api_create", api.create_customer, "POST", WRITE_CUSTOMERS),
    ("/v1/customers", "api_list", api.list_customers, "GET", READ_CUSTOMERS),
    ("/v1/customers/search", "api_search", api.search_customers, "POST", READ_CUSTOMERS),
    ("/v1/customers", "api_update_by_query", api.update_customer, "PUT", WRITE_CUSTOMERS),
    ("/v1/customers/<customer_id>", "api_update", api.update_customer, "PUT", WRITE_CUSTOMERS),
    ("/v1/customers/<customer_id>", "api_patch", api.patch_customer, "PATCH", WRITE_CUSTOMERS),
    ("/v1/customers/<customer_id>", "api_get", api.get_customer, "GET", READ_CUSTOMERS),
    ("/v1/customers/<customer_id>", "api_archive", api.archive_customer, "DELETE", WRITE_CUSTOMERS),
    ("/v1/customers/<customer_id>/restore", "api_restore", api.restore_customer, "POST", WRITE_CUSTOMERS),
    ("/v1/customers/<customer_id>/history", "api_history", api.list_history, "GET", READ_CUSTOMERS),
    (
        "/v1/customers/external/<anything:external_id>",
        "api_get_by_external_id",
        api.get_customer_by_external_id,
        "GET",
        READ_CUSTOMERS,
    ),
    (
        "/v1/customers/lookup/<anything:external_id>",
        "api_look_up",
        api.get_customer_by_external_id,
        "GET",
        READ_CUSTOMERS,
    ),
)

#: Published routes of the wider billing product (contract section 2): method and rule. They answer 501. Those below
#: /v1/customers/external/ are told from an external ID that ends alike by the view itself.
FOREIGN: tuple[tuple[str, str], ...] = (
    ("GET", "/v1/customers/usage"),
    ("GET", "/v1/customers/<customer_id>/usage"),
    ("GET", "/v1/customers/<customer_id>/entitlements"),
    ("GET", "/v1/customers/<customer_id>/wallets"),
    ("GET", "/v1/customers/<customer_id>/grants/upcoming"),
    ("GET", "/v1/customers/<customer_id>/invoices/summary"),
    ("GET", "/v1/customers/<customer_id>/payment-methods"),
    ("GET", "/v1/customers/wallets"),
    ("GET", "/v1/customers/portal/<external_id>"),
)


def create_blueprint() -> Blueprint:
    """The blueprint ``customers``, each view behind its permission."""
    blueprint = Blueprint("customers", __name__)
    blueprint.context_processor(viewers_here)
    for rule, endpoint, view, method, permission in PAGES:
        shown = with_plain_names(_noted(endpoint, view))
        blueprint.add_url_rule(rule, endpoint, requires(permission, authenticate_staff)(shown), methods=[method])
    for rule, endpoint, view, method, permission, back in SENSITIVE_PAGES:
        fresh = with_plain_names(demands_fresh_sign_in(_noted(endpoint, view), f"customers.{back}"))
        blueprint.add_url_rule(rule, endpoint, requires(permission, authenticate_staff)(fresh), methods=[method])
    for rule, endpoint, view, method, permission in API:
        guarded = exempt_from_csrf(requires(permission, authenticate_key)(with_plain_names(view)))
        blueprint.add_url_rule(rule, endpoint, guarded, methods=[method])
    refused = exempt_from_csrf(requires(READ_CUSTOMERS, authenticate_key)(api.refuse_foreign_route))
    for method, rule in FOREIGN:
        blueprint.add_url_rule(rule, "api_foreign", refused, methods=[method])
    return blueprint


def _noted(endpoint: str, view: View) -> View:
    page = PAGES_OF_A_RECORD.get(endpoint)
    return opens_record(page)(view) if page else view
