"""A good request for each route of the API, so that tests over the URL map can send one to every route."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask

from tests.support.clients import ApiClient
from webapp.customers.model import Customer

PREFIX = "/v1/"
Route = tuple[str, str]


@dataclass(frozen=True)
class GoodRequest:
    """What a caller who may sends to a route.

    Attributes:
        status: what it is answered.
        names_customer: whether it names one customer, who is unknown to callers of other environments.
        query: its query; ``{id}`` and ``{external_id}`` are the customer's.
        body: its JSON body; None for none.
        of_archived: it is for archived customers.
    """

    status: int = 200
    names_customer: bool = True
    query: str = ""
    body: dict[str, Any] | None = None
    of_archived: bool = False


BY_ID, BY_EXTERNAL_ID = "?id={id}", "?external_customer_id={external_id}"
NOT_PROVIDED = GoodRequest(501, names_customer=False)
#: Method and rule -> good requests. A route that is not here fails tests/access/test_authority_matrix.py.
GOOD_REQUESTS: dict[Route, tuple[GoodRequest, ...]] = {
    ("POST", "/v1/customers"): (GoodRequest(201, names_customer=False, body={"external_id": "made", "name": "Made"}),),
    ("GET", "/v1/customers"): (
        GoodRequest(names_customer=False),
        GoodRequest(names_customer=False, query="?expand=parent_customer,integrations&status=archived"),
        GoodRequest(names_customer=False, query="?external_id={external_id}"),
    ),
    ("POST", "/v1/customers/search"): (
        GoodRequest(names_customer=False, body={}),
        GoodRequest(names_customer=False, body={"metadata": {"plan": "gold"}, "expand": "integrations"}),
    ),
    ("PUT", "/v1/customers"): (
        GoodRequest(query=BY_ID, body={"name": "After", "metadata": {}}),
        GoodRequest(query=BY_EXTERNAL_ID, body={"name": "After"}),
    ),
    ("PUT", "/v1/customers/<customer_id>"): (
        GoodRequest(
            body={
                "external_id": "renamed",
                "parent_customer_id": "",
                "integration_entity_mapping": [{"provider": "stripe", "id": ""}],
            }
        ),
    ),
    ("PATCH", "/v1/customers/<customer_id>"): (GoodRequest(body={"metadata": {"plan": None}}),),
    ("GET", "/v1/customers/<customer_id>"): (
        GoodRequest(),
        GoodRequest(query="?expand=parent_customer,integrations"),
        GoodRequest(of_archived=True),
    ),
    ("DELETE", "/v1/customers/<customer_id>"): (GoodRequest(204),),
    ("POST", "/v1/customers/<customer_id>/restore"): (GoodRequest(of_archived=True),),
    ("GET", "/v1/customers/<customer_id>/history"): (GoodRequest(), GoodRequest(of_archived=True)),
    ("GET", "/v1/customers/external/<anything:external_id>"): (GoodRequest(),),
    ("GET", "/v1/customers/lookup/<anything:external_id>"): (GoodRequest(),),
    ("GET", "/v1/customers/usage"): (NOT_PROVIDED,),
    ("GET", "/v1/customers/wallets"): (NOT_PROVIDED,),
    ("GET", "/v1/customers/portal/<external_id>"): (NOT_PROVIDED,),
    ("GET", "/v1/customers/<customer_id>/usage"): (NOT_PROVIDED,),
    ("GET", "/v1/customers/<customer_id>/entitlements"): (NOT_PROVIDED,),
    ("GET", "/v1/customers/<customer_id>/wallets"): (NOT_PROVIDED,),
    ("GET", "/v1/customers/<customer_id>/grants/upcoming"): (NOT_PROVIDED,),
    ("GET", "/v1/customers/<customer_id>/invoices/summary"): (NOT_PROVIDED,),
    ("GET", "/v1/customers/<customer_id>/payment-methods"): (NOT_PROVIDED,),
}
ROUTES = sorted(GOOD_REQUESTS)
ROUTE_NAMES = [" ".join(route) for route in ROUTES]


def routes_of(app: Flask) -> dict[Route, str]:
    """Every method and rule under /v1 in the URL map, and the permission that its view declares."""
    return {
        (method, rule.rule): getattr(app.view_functions[rule.endpoint], "permission", "undeclared")
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(PREFIX)
    }


def address(rule: str, customer_id: str, external_id: str) -> str:
    """A rule with its parts filled in."""
    filled = rule.replace("<customer_id>", customer_id)
    for part in ("<anything:external_id>", "<external_id>"):
        filled = filled.replace(part, quote(external_id, safe=""))
    return filled


def send(api: ApiClient, route: Route, good: GoodRequest, customer: Customer, **kwargs: Any) -> Any:
    """Send a good request about a customer."""
    method, rule = route
    query = good.query.format(id=customer.id, external_id=customer.external_id)
    if good.body is not None:
        kwargs["json"] = good.body
    return api.request(method, address(rule, customer.id, customer.external_id) + query, **kwargs)
