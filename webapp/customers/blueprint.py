"""Every URL of customers on both faces, as a table: pages under /customers, JSON under /v1/customers, in one blueprint.

Knows which view answers where and which permission it takes; not what the view does.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from webapp.access.api_keys import authenticate_key
from webapp.access.permissions import READ_CUSTOMERS, WRITE_CUSTOMERS, requires
from webapp.access.staff import authenticate_staff
from webapp.customers import api, pages_edit, pages_list, pages_record
from webapp.customers.calling import with_plain_names
from webapp.security import csrf

View = Callable[..., Any]

#: rule, endpoint, view, method, permission
PAGES: tuple[tuple[str, str, View, str, str], ...] = (
    ("/customers", "list", pages_list.list_customers, "GET", READ_CUSTOMERS),
    ("/customers/<customer_id>", "show", pages_record.show_customer, "GET", READ_CUSTOMERS),
    ("/customers/<customer_id>/edit", "edit", pages_edit.edit_customer, "GET", WRITE_CUSTOMERS),
    ("/customers/<customer_id>/edit", "save", pages_edit.save_customer, "POST", WRITE_CUSTOMERS),
    ("/customers/<customer_id>/edit/rows", "edit_rows", pages_edit.edit_rows, "POST", WRITE_CUSTOMERS),
)

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
    for rule, endpoint, view, method, permission in PAGES:
        blueprint.add_url_rule(
            rule, endpoint, requires(permission, authenticate_staff)(with_plain_names(view)), methods=[method]
        )
    for rule, endpoint, view, method, permission in API:
        guarded = csrf.exempt(requires(permission, authenticate_key)(with_plain_names(view)))
        blueprint.add_url_rule(rule, endpoint, guarded, methods=[method])
    refused = csrf.exempt(requires(READ_CUSTOMERS, authenticate_key)(api.refuse_foreign_route))
    for method, rule in FOREIGN:
        blueprint.add_url_rule(rule, "api_foreign", refused, methods=[method])
    return blueprint
