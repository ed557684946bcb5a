"""Requests made to break things: bodies too deep, names twice, paths that lead astray, lines smuggled into headers."""

from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from werkzeug.datastructures import Headers, MultiDict

from tests.support.api_routes import GOOD_REQUESTS
from tests.support.asgi import Application, Client, answer, scope
from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import csrf_token
from tests.support.world import World
from tests.test_urls import INVENTORY, address
from webapp.customers.history_csv import guarded
from webapp.search_requests import SEARCHES

DEEP = "[" * 10_000 + "]" * 10_000
BODIES = {
    "10,000 levels": DEEP,
    "10,000 objects": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "a level of each kind": '{"metadata":' + DEEP + "}",
    "6,000 digits": '{"name": ' + "9" * 6_000 + "}",
    "an exponent": '{"name": 1e999999999}',
    "a name twice": '{"name": "A", "name": "B"}',
    "a name twice below": '{"metadata": {"a": "1", "a": "2"}}',
    "a lone surrogate": '{"name": "\\ud800"}',
    "NUL": '{"name": "a\\u0000b"}',
    "a prototype": '{"__proto__": {"name": "A"}}',
    "two values": "{} {}",
    "cut off": '{"name": "A',
    "NaN": '{"name": NaN}',
    "no object": '"name"',
}
WRITES = sorted(route for route in GOOD_REQUESTS if GOOD_REQUESTS[route][0].body is not None)
FORMS = sorted({rule for method, rule, _ in INVENTORY if method == "POST" and not rule.startswith("/v1/")})


def test_a_body_made_to_break_a_parser_is_refused_on_every_route(api: ApiClient, world: World) -> None:
    """400 with the canonical body, never 500, on each route of the API that reads one; nothing is written."""
    customer = world.create_customer()
    for method, rule in WRITES:
        path = address(rule).replace("cust_1", customer.id)
        path += f"?id={customer.id}" if (method, rule) == ("PUT", "/v1/customers") else ""
        for about, body in BODIES.items():
            refused = api.request(method, path, data=body, content_type="application/json")
            assert (refused.status_code, refused.json["code"]) == (400, "validation_error"), (method, rule, about)
    assert world.reload(customer) == customer


def test_json_is_no_form(app: Flask, world: World) -> None:
    """415 on every form, signed in and not, with a good CSRF token, however deep it is: nobody reads it."""
    for role, page in (("admin", "/account"), (None, "/sign-in")):
        desk = DeskClient(app, role)
        headers = {"X-CSRFToken": csrf_token(desk, page)}
        for rule in FORMS:
            refused = desk.client.post(address(rule), data=DEEP, content_type="application/json", headers=headers)
            assert (refused.status_code, refused.mimetype) == (415, "text/html"), rule


@pytest.mark.parametrize("name", ["limit", "offset", "cursor", "status", "sort", "order", "external_id", "email"])
def test_a_parameter_of_the_api_is_given_once(api: ApiClient, name: str) -> None:
    """Two values: 400 that names it, even when they agree; a proxy may have judged the other one."""
    for values in (("1", "2"), ("1", "1")):
        refused = api.get("/v1/customers?" + urlencode([(name, value) for value in values]))
        assert (refused.status_code, list(refused.json["details"])) == (400, [name])


def test_who_is_meant_is_said_once(api: ApiClient, world: World) -> None:
    """An update never falls on the second of two customers that it names."""
    one, two = world.create_customer(), world.create_customer()
    for query in (
        f"id={one.id}&id={two.id}",
        f"external_customer_id={one.external_id}&external_customer_id={two.external_id}",
    ):
        assert api.put(f"/v1/customers?{query}", {"name": "After"}).status_code == 400
    assert api.put(f"/v1/customers/{one.id}?id={two.id}", {"name": "After"}).status_code == 400
    assert (world.reload(one), world.reload(two)) == (one, two)


def test_of_a_field_that_a_form_has_twice_the_first_counts(desk: DeskClient, world: World) -> None:
    """Judged, written and shown alike: no rule looks at the one and the database at the other."""
    customer = world.create_customer(name="Before")
    path = f"/customers/{customer.id}/edit"
    values = MultiDict(desk.get(path).form_values())
    values.setlist("name", ["First", "", "x" * 300])
    values.setlist("email", ["", "not an address"])
    values.add("version", "99")
    values.setlist("csrf_token", [values["csrf_token"], "forged"])
    assert desk.client.post(path, data=values).status_code == 303
    assert (world.reload(customer).name, world.reload(customer).email) == ("First", "")


def test_a_parameter_of_the_desk_twice_is_never_a_fault(desk: DeskClient, world: World) -> None:
    """The first counts, or the person is told."""
    customer = world.create_customer()
    names = ("q", "status", "sort", "order", "columns", "limit", "cursor", "person", "before", "next", "filter")
    twice = "&".join(f"{name}=a&{name}=b" for name in names)
    for path in ("/customers", f"/customers/{customer.id}", f"/customers/{customer.id}/history", "/access-log"):
        assert desk.client.get(f"{path}?{twice}").status_code in {200, 303, 400, 403, 404, 422}


@pytest.mark.parametrize(
    "path",
    [
        "/static/../wsgi.py",
        "/static/..%2fwsgi.py",
        "/static/%2e%2e/wsgi.py",
        "/static/%2e%2e%2fwsgi.py",
        "/static/..;/wsgi.py",
        "/static/..%5cwsgi.py",
        "/static/....//wsgi.py",
        "/static/js/../../wsgi.py",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/static/%00",
        "/static/desk.css%00",
        "/static/desk.css%00.png",
        "/static/desk.css.",
        "/static/DESK.CSS",
        "/STATIC/desk.css",
        "/static/",
        "/static/js",
        "/static/.",
        "/static/" + "a" * 5000,
        "/static/" + "a/" * 2000,
        "/static/vendor/../../wsgi.py",
        "/static/vendor/htmx.min.js/../htmx.js",
        "/static/vendor/..%2f..%2fhtmx.js",
        "/static/%c0%ae%c0%ae/wsgi.py",
        "/customers/..",
        "/customers/%2e%2e/account",
        "/customers/..;/account",
        "/customers/ID.",
        "/customers/ID/",
        "/customers/ID%20",
        "/customers/ID%2e",
        "/customers//ID",
        "/CUSTOMERS/ID",
        "/customers/ID/edit/",
        "/customers/ID;a=b/edit",
        "/customers/%00",
        "/customers/ID%00",
        "/customers/ID%0d%0aX-Evil:%20a",
        "/customers/" + "a" * 9000,
        "/v1/customers/../../account",
        "/v1/../account",
        "/invites/../account",
    ],
)
def test_a_path_that_leads_astray_leads_nowhere(desk: DeskClient, world: World, path: str) -> None:
    """404 or 400: no other file, no other record, no other page, no fault."""
    customer = world.create_customer()
    with desk.client.get(path.replace("ID", customer.id)) as refused:
        assert refused.status_code in {400, 401, 404}
        assert "X-Evil" not in refused.headers


def test_more_slashes_in_front_are_the_same_address(app: Flask) -> None:
    """Routing takes them for one; so does what keeps searches apart from other requests, or they would slip past it."""
    for path in (b"//customers", b"/%2fcustomers", b"////customers", b"/%2F%2fcustomers"):
        application = Application()
        answer(application, scope("GET", path=path), Client())
        (environ,) = application.environs
        assert ("GET", environ["PATH_INFO"]) in SEARCHES


LINES = (
    "a\r\nX-Evil: b",
    "a\nX-Evil: b",
    "a\rX-Evil: b",
    "a\u560d\u560aX-Evil: b",
    "a\u2028X-Evil: b",
    "a\x0bX-Evil: b",
)


def test_nothing_sent_gets_a_line_into_a_header(desk: DeskClient, api: ApiClient, world: World) -> None:
    """Request IDs, redirects, file names, what htmx is told, cookies: each made of what was sent."""
    for sent in LINES:
        customer = world.create_customer(external_id=f"{sent.translate({10: 32, 13: 32, 11: 32})}{world.made}")
        escaped = quote(sent)
        by_htmx, stranger = {"HX-Request": "true"}, DeskClient(desk.app, role=None).client
        answers = [
            desk.client.get(f"/customers?q={escaped}", headers=by_htmx),
            desk.client.get(f"/customers?q={escaped}"),
            desk.client.get(f"/customers?sort={escaped}&status={escaped}&cursor={escaped}"),
            desk.client.get(f"/customers/{customer.id}/history.csv", buffered=True),
            desk.client.get(f"/customers/{escaped}"),
            stranger.get(f"/customers/{customer.id}?next={escaped}"),
            stranger.get(f"/sign-in?next=/{escaped}"),
            api.get(f"/v1/customers/external/{quote(customer.external_id)}"),
            api.get(f"/v1/customers/{escaped}"),
        ]
        for given in answers:
            assert "X-Evil" not in given.headers
            for name, value in given.headers.items():
                assert not set(value) & set("\r\n\x00\x0b"), name


def test_a_request_id_with_anything_else_in_it_is_not_echoed(app: Flask) -> None:
    """A new one stands in its place."""
    for sent in ("a b", "a;b", "<script>", "a" * 65, "é", "a,b"):
        headers = Headers([("X-Request-ID", sent)])
        assert app.test_client().get("/livez", headers=headers).headers["X-Request-ID"].startswith("req_")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_is_computed(sign: str) -> None:
    """Spreadsheets take the wide signs of East Asia for the plain ones; and one behind spaces, too."""
    for cell in (f"{sign}1+1", f" {sign}1+1", f"\u3000{sign}cmd|' /C calc'!A0", f"\t{sign}1", f"\r\n{sign}1"):
        assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=b", "1", "cus_1", "a-b", "'=1", "user@desk.example", "é+1", " a"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    """Values are not to be mended."""
    assert guarded(cell) == cell


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/sign-in"])
def test_a_type_of_no_body_is_no_reason_to_refuse(app: Flask, path: str) -> None:
    """Some clients name one with each request, probes included."""
    assert app.test_client().get(path, headers={"Content-Type": "application/json"}).status_code == 200
