"""What the scan is led to, what it is kept from, and what it must have reached. Knows neither wapiti nor the server.

A crawl alone finds too little: the desk's lists lead to hundreds of records that are all one page, and its forms send
some parts by htmx, which no crawler reads.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
#: The demo's published example. No other customer's ID begins otherwise than with ``cust_0``.
EXAMPLE = "cust_abc123xyz789"
#: What would end the scan's own sign-in, or lock it out by wrong passwords.
_ENDS_THE_SIGN_IN = ("/sign-out", "/sign-in*", "/account/sessions/*", "/account/password*", "/account/second-factor*")
#: Moves this sign-in to the sandbox, where each customer below is a 404: it has a short scan of its own, the last one.
ENVIRONMENT = "/environment"
#: Refused before a view judged anything, or sent to no view at all.
NOT_REACHED = {0, 400, 401, 403, 404, 405, 406, 415, 500}

DESK_RULES = (
    "GET /", "GET /access-log", "GET /account", "GET /api-keys", "GET /api-keys/ID/revoke", "GET /api-keys/ID/roll",
    "GET /api-keys/new", "GET /customers", "GET /customers/ID", "GET /customers/ID/archive", "GET /customers/ID/edit",
    "GET /customers/ID/history", "GET /customers/ID/history.csv", "GET /customers/ID/history/N",
    "GET /customers/ID/personal-data", "GET /customers/ID/personal-data.json", "GET /customers/ID/presence",
    "GET /customers/ID/restore", "GET /customers/ID/versions/N", "GET /customers/new", "GET /customers/suggest-parent",
    "GET /docs", "GET /staff", "GET /staff/ID", "GET /staff/ID/disable", "GET /staff/ID/end-sessions",
    "GET /staff/invite", "POST /account", "POST /api-keys/ID/revoke", "POST /api-keys/ID/roll", "POST /api-keys/new",
    "POST /customers/ID/archive", "POST /customers/ID/history/N/revert", "POST /customers/ID/personal-data",
    "POST /customers/ID/restore", "POST /customers/views", "POST /staff/ID", "POST /staff/ID/disable",
    "POST /staff/ID/end-sessions", "POST /staff/invite",
)  # fmt: skip
FORM_RULES = (
    "POST /customers/ID/edit", "POST /customers/ID/edit/address", "POST /customers/ID/edit/check",
    "POST /customers/ID/edit/rows", "POST /customers/new", "POST /customers/new/address",
    "POST /customers/new/check", "POST /customers/new/rows",
)  # fmt: skip
LIST_RULES = ("GET /access-log", "GET /customers")
API_RULES = (
    "DELETE /v1/customers/ID", "GET /livez", "GET /metrics", "GET /readyz", "GET /v1/customers",
    "GET /v1/customers/ID", "GET /v1/customers/ID/history", "GET /v1/customers/external/TEXT",
    "GET /v1/customers/lookup/TEXT", "PATCH /v1/customers/ID", "POST /v1/customers", "POST /v1/customers/ID/restore",
    "POST /v1/customers/search", "PUT /v1/customers", "PUT /v1/customers/ID",
)  # fmt: skip
ENVIRONMENT_RULES = ("POST /environment",)
#: Rules that no scan must reach: those of ``_ENDS_THE_SIGN_IN``; what needs somebody invited; a view that must be saved
#: first, which the crawl may do; files; and addresses of the contract that this service answers with one refusal.
LEFT_OUT = (
    "GET /account/password", "POST /account/password", "POST /account/sessions/ID/end",
    "POST /account/sessions/end-others", "GET /account/second-factor", "POST /account/second-factor",
    "GET /account/second-factor/off", "POST /account/second-factor/off", "GET /account/second-factor/recovery-codes",
    "POST /account/second-factor/recovery-codes", "GET /sign-in", "POST /sign-in", "GET /sign-in/again",
    "POST /sign-in/again", "GET /sign-in/code", "POST /sign-in/code", "GET /sign-in/recovery",
    "POST /sign-in/recovery", "POST /sign-out",
    "GET /invites/TEXT", "POST /invites/TEXT", "POST /staff/invites/ID/withdraw",
    "POST /customers/views/ID/delete",
    "GET /openapi.json", "GET /static/TEXT", "GET /static/vendor/TEXT",
    "GET /v1/customers/ID/usage", "GET /v1/customers/ID/entitlements", "GET /v1/customers/ID/wallets",
    "GET /v1/customers/ID/grants/upcoming", "GET /v1/customers/ID/invoices/summary",
    "GET /v1/customers/ID/payment-methods", "GET /v1/customers/portal/TEXT", "GET /v1/customers/usage",
    "GET /v1/customers/wallets",
)  # fmt: skip
_PARTS = {"ID": r"[a-z]+_[0-9A-Za-z]+", "N": r"\d+", "TEXT": r"[^/{}]+"}


@dataclass(frozen=True, slots=True)
class Customers:
    """Customers of the demo, one for each thing that is done to them: what one attack ends, no other one needs.

    Attributes:
        others: records that look like these, and are not scanned.
    """

    archived: str
    restored: str
    erased: str
    by_api: str
    archived_by_api: str
    external_id: str
    others: tuple[str, ...]

    @property
    def not_the_desks(self) -> tuple[str, ...]:
        """Those that the desk's scan leaves alone."""
        return (self.by_api, self.archived_by_api, *self.others)

    @classmethod
    def among(cls, listed: Iterable[Json]) -> "Customers":
        """Those that stand alone, and have an email."""
        listed = list(listed)
        parents = {one["parent_customer_id"] for one in listed}
        alone = [
            one
            for one in listed
            if one["email"]
            and one["id"] not in {*parents, EXAMPLE}
            and not one["parent_customer_id"]
            and re.fullmatch("[A-Za-z0-9_-]+", one["external_id"])
        ]
        chosen = [one["id"] for one in alone[:5]]
        others = tuple(one["id"] for one in listed if one["id"] not in {*chosen, EXAMPLE})
        archived, restored, erased, by_api, archived_by_api = chosen
        return cls(archived, restored, erased, by_api, archived_by_api, alone[3]["external_id"], others)


@dataclass(frozen=True, slots=True)
class StaffIds:
    """Whom the desk's staff pages are of: who scans, who has a sign-in that can be ended, who can be disabled.

    Attributes:
        rolled_key: the API key to roll; the others may be revoked, and a revoked one is not rolled.
    """

    own: str
    signed_in: str
    disabled: str
    rolled_key: str


def start_points(customers: Customers, staff: StaffIds) -> list[str]:
    """Pages to begin at, beside what links lead to from there."""
    record = f"/customers/{EXAMPLE}"
    return [
        "/customers/new", record, f"{record}/edit", f"{record}/history", f"{record}/history/2", f"{record}/versions/1",
        f"{record}/history.csv", f"{record}/personal-data.json", f"{record}/presence?editing=1&version=1",
        f"/customers/suggest-parent?customer_id={EXAMPLE}&q=acme",
        f"/customers/{customers.archived}/archive", f"/customers/{customers.restored}/restore",
        f"/customers/{customers.erased}/personal-data",
        "/account", "/staff", f"/staff/{staff.signed_in}/end-sessions", f"/staff/{staff.disabled}/disable",
        f"/staff/{staff.disabled}", "/staff/invite", "/api-keys", "/api-keys/new", "/access-log", "/docs", "/customers",
    ]  # fmt: skip


LISTS = ("/customers", "/access-log")
#: What the scan of the lists leaves out: all but their own addresses, with and without parameters.
NO_LISTS = ("/customers/*", "/account*", "/api-keys*", "/docs*", "/environment", "/sign-*", "/staff*", "/static/*")


def kept_from(customers: Customers, staff: StaffIds) -> list[str]:
    """Addresses that are not asked for; ``*`` is anything.

    Archiving and erasing are scanned at customers of their own: wapiti's crawl sends each form once, filled in, and an
    erased example has no form left to attack. So with staff: the scan's own page ends or disables its own sign-in.
    Files are files. The forms of a customer and the lists with parameters have scans of their own: wapiti goes through
    the addresses in the order of the alphabet, by GET first, and spent the time of its slow modules before any form.
    """
    of_any_other = [f"/customers/cust_0*/{page}" for page in ("edit*", "history*", "versions*", "presence*")]
    return [
        *_ENDS_THE_SIGN_IN, f"/staff/{staff.own}*", f"/staff/{staff.signed_in}/disable", ENVIRONMENT, "/static/*",
        f"/api-keys/{staff.rolled_key}/revoke",
        *(f"{path}?*" for path in LISTS), *(f"/customers/{form}/*" for form in ("new", f"{EXAMPLE}/edit")),
        f"/customers/{EXAMPLE}/archive", f"/customers/{EXAMPLE}/personal-data", *of_any_other,
        f"/customers/{customers.archived}/personal-data", f"/customers/{customers.restored}/personal-data",
        f"/customers/{customers.erased}/archive",
        *(f"/customers/{other}*" for other in customers.not_the_desks),
    ]  # fmt: skip


def forms_document(hidden: Mapping[str, str]) -> Json:
    """A customer's forms, and what they send by htmx. Each can be saved as it is: wapiti fills in a parent of no name.

    Args:
        hidden: the inputs of each form that a browser does not show.
    """
    row = {"metadata": "rows", "metadata-0-key": "plan_tier", "metadata-0-value": "basic"}
    fields = {
        **hidden,
        "name": "Scanned",
        "email": "scan@desk.example",
        "contact": "5550100",
        "timezone": "UTC",
        "reason": "scan",
        **row,
    }
    paths = {}
    for form, external_id, version in (("new", "scan-new", {}), (f"{EXAMPLE}/edit", "user_12345", {"version": "2"})):
        save = {**fields, **version, "external_id": external_id, "address_country": "US", "address_city": "Reno"}
        paths[f"/customers/{form}"] = _sent(save)
        paths[f"/customers/{form}/rows"] = _sent({**save, "rows": "metadata add"})
        paths[f"/customers/{form}/address"] = _sent(save)
        paths[f"/customers/{form}/check"] = _sent({**hidden, "name": "Scanned"}, field="name")
    return document(paths)


def environment_document(hidden: Mapping[str, str]) -> Json:
    """The button that switches the environment."""
    return document({ENVIRONMENT: _sent({**hidden, "environment_id": "env_sandbox_001", "next": "/customers"})})


def api_document(published: Json, customers: Customers) -> Json:
    """The OpenAPI document with a customer in each path, and what its examples say as what is sent.

    Wapiti reads no ``$ref`` of a parameter, no example and no ``type`` of several: it would send ``{customer_id}`` and
    bodies that are refused as a whole. What is archived and restored is another customer than what is changed.
    """
    paths: dict[str, Json] = {}
    for path, item in published["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                is_status = method == "delete" or path.endswith("/restore")
                ours = path.replace("{customer_id}", customers.archived_by_api if is_status else customers.by_api)
                ours = ours.replace("{external_id}", quote(customers.external_id))
                paths.setdefault(ours, {})[method] = _operation(published, operation, customers)
    return document(paths)


def not_reached(rules: Iterable[str], stored: Iterable[tuple[str, str, int]]) -> list[str]:
    """The rules that no stored (method, path, status) is of."""
    reached = {f"{method} {path}" for method, path, status in stored if status not in NOT_REACHED}
    return [rule for rule in rules if not any(map(_pattern(rule).fullmatch, reached))]


def _pattern(rule: str) -> re.Pattern[str]:
    return re.compile("/".join(_PARTS.get(part, re.escape(part)) for part in rule.split("/")))


def _operation(published: Json, operation: Json, customers: Customers) -> Json:
    known = {
        "Id": customers.by_api, "Expand": "parent_customer", "ListSort": "name",
        "ListExternalId": customers.external_id, "ListEmail": "billing@acme.com",
    }  # fmt: skip
    parameters = []
    for name in (parameter["$ref"].rpartition("/")[2] for parameter in operation.get("parameters", ())):
        whole = published["components"]["parameters"][name]
        default = known.get(name, whole["schema"].get("default"))
        if whole["in"] == "query" and default is not None:
            parameters.append({"name": whole["name"], "in": "query", "schema": _schema_of(str(default))})
    ours: Json = {"parameters": parameters}
    if body := operation.get("requestBody"):
        example = body["content"]["application/json"]["examples"]["usual"]["value"]
        if "external_id" in example:  # the demo has the example already
            example = {**example, "external_id": "scan-api", "integration_entity_mapping": []}
        ours["requestBody"] = {"content": {"application/json": {"schema": _schema_of(example)}}}
    return ours


def _sent(fields: Mapping[str, str], **query: str) -> Json:
    """A form; as parameters, because wapiti sends a body of one percent-encoded twice."""
    sent = [("formData", fields), ("query", query)]
    parameters = [
        {"name": name, "in": place, "schema": _schema_of(value)}
        for place, named in sent
        for name, value in named.items()
    ]
    return {"post": {"parameters": parameters}}


def document(paths: Json) -> Json:
    """What wapiti is given of such paths."""
    return {"openapi": "3.0.3", "servers": [{"url": "/"}], "paths": paths}


def _schema_of(value: Any) -> Json:
    """A schema of which wapiti makes that value; of a list its first item, of null nothing."""
    if isinstance(value, dict):
        known = {name: _schema_of(one) for name, one in value.items() if one not in (None, [])}
        return {"type": "object", "properties": known}
    if isinstance(value, list):
        return {"type": "array", "items": _schema_of(value[0])}
    return {"type": "integer" if isinstance(value, int) else "string", "default": value}
