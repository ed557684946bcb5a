"""Who gets where: every route of the API by every kind of caller, and the other side's rows afterwards (section 1)."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.support.api_routes import GOOD_REQUESTS, ROUTE_NAMES, ROUTES, GoodRequest, Route, address, routes_of, send
from tests.support.clients import ApiClient, DeskClient
from tests.support.stored import faults_of, rows_of
from tests.support.world import ELSEWHERE, HOME, ROLES, SANDBOX, World
from webapp.access.model import ApiKey
from webapp.access.permissions import READ_CUSTOMERS, WRITE_CUSTOMERS
from webapp.customers.blueprint import PAGES, SENSITIVE_PAGES
from webapp.customers.model import Customer, Scope
from webapp.database import transaction
from webapp.identifiers import now

EACH_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=ROUTE_NAMES)
EACH_STRANGER = pytest.mark.parametrize(("key", "scope"), [("elsewhere", ELSEWHERE), ("sandbox", SANDBOX)])
OF_A_CUSTOMER = [route for route in ROUTES if any(good.names_customer for good in GOOD_REQUESTS[route])]
EACH_ROUTE_OF_A_CUSTOMER = pytest.mark.parametrize("route", OF_A_CUSTOMER, ids=[" ".join(r) for r in OF_A_CUSTOMER])
MADE = "made_by_the_home_side"


@pytest.fixture
def published(world: World) -> Customer:
    """A customer of the home side with all there is: parent, metadata, mapping, retired ID, stored answer."""
    world.create_customer(external_id="parent")
    customer = world.create_customer(
        external_id="before", parent="parent", metadata={"plan": "gold"}, mappings={"stripe": "cus_1"}
    )
    api = ApiClient(world.app, world)
    renamed = api.put(
        f"/v1/customers/{customer.id}", {"external_id": "user of home"}, headers={"Idempotency-Key": MADE}
    )
    assert renamed.status_code == 200
    return world.reload(customer)


@pytest.fixture
def archived(world: World, published: Customer) -> Customer:
    """An archived one."""
    return world.archive(world.create_customer(external_id="gone", metadata={"plan": "gold"}))


def about(good: GoodRequest, published: Customer, archived: Customer) -> Customer:
    """The customer that a request is for."""
    return archived if good.of_archived else published


def without_request_id(answer: Any) -> tuple[int, dict[str, Any]]:
    """An answer but for what every answer has of its own."""
    return answer.status_code, {**answer.json, "request_id": ""}


def set_times(world: World, name: str, **times: Any) -> None:
    """Change the times of a key, as an operator or the clock would."""
    statement = update(ApiKey).where(ApiKey.name == f"{name} key").values(**times)
    with world.app.app_context():
        transaction(lambda connection: connection.execute(statement))


def test_every_route_of_the_map_has_its_requests(app: Flask) -> None:
    """A new route is entered in GOOD_REQUESTS, and so goes through all of this file."""
    assert set(routes_of(app)) == set(GOOD_REQUESTS)


@EACH_ROUTE
def test_a_good_request_is_answered_as_expected(
    api: ApiClient, world: World, route: Route, published: Customer, archived: Customer
) -> None:
    """So that what is refused below is refused for the caller alone."""
    for number, good in enumerate(GOOD_REQUESTS[route]):
        headers = {"X-Request-ID": f"request-{number}"}
        answer = send(api, route, good, about(good, published, archived), headers=headers)
        assert answer.status_code == good.status
    assert faults_of(world) == []


@EACH_ROUTE
def test_without_a_living_key_nothing_is_said_and_nothing_is_done(
    world: World, route: Route, published: Customer, archived: Customer
) -> None:
    """No key, a malformed one, a wrong one, a revoked one, an expired one: one answer for all of them."""
    write, read = world.keys["write"], world.keys["read"]
    set_times(world, "elsewhere", revoked_at=now())
    set_times(world, "sandbox", expires_at=now() - timedelta(seconds=1))
    credentials: dict[str, dict[str, str]] = {
        "no key": {},
        "an empty key": {"x-api-key": ""},
        "a scheme alone": {"Authorization": "Bearer"},
        "a key without its scheme": {"Authorization": write},
        "another scheme": {"Authorization": f"Basic {write}"},
        "not ASCII": {"x-api-key": "cdk_é"},
        "a wrong key": {"x-api-key": "cdk_" + "A" * 43},
        "a key and more": {"Authorization": f"Bearer {write}x"},
        "two keys": {"Authorization": f"Bearer {write}", "x-api-key": read},
        "a revoked key": {"x-api-key": world.keys["elsewhere"]},
        "an expired key": {"Authorization": f"Bearer {world.keys['sandbox']}"},
    }
    before = rows_of(world)
    nobody = ApiClient(world.app, world, key="")
    for about_key, headers in credentials.items():
        for good in GOOD_REQUESTS[route]:
            answer = send(nobody, route, good, about(good, published, archived), headers=headers)
            said = (answer.status_code, answer.json["code"], answer.json["message"], answer.json["details"])
            message = "Send a valid API key, as 'Authorization: Bearer KEY' or as 'x-api-key: KEY'."
            assert said == (401, "unauthorized", message, {}), about_key
            assert answer.headers["WWW-Authenticate"] == "Bearer", about_key
    assert rows_of(world) == before


@pytest.mark.parametrize("route", [r for r in ROUTES if r[0] == "GET"], ids=[r for m, r in ROUTES if m == "GET"])
def test_head_is_guarded_as_get_is(app: Flask, world: World, route: Route, published: Customer) -> None:
    """It would tell who exists."""
    path = address(route[1], published.id, published.external_id)
    client = app.test_client(use_cookies=False)
    assert client.head(path).status_code == 401
    assert client.head(path, headers={"x-api-key": world.keys["read"]}).status_code in {200, 501}


@EACH_ROUTE
def test_a_read_key_may_not_write(
    app: Flask, api: ApiClient, world: World, route: Route, published: Customer, archived: Customer
) -> None:
    """403 exactly where the method writes, as the view declares; and nothing is done."""
    permission = routes_of(app)[route]
    is_read = route[0] == "GET" or route[1].endswith("/search")
    assert permission == (READ_CUSTOMERS if is_read else WRITE_CUSTOMERS)
    before = rows_of(world)
    for good in GOOD_REQUESTS[route]:
        answer = send(api, route, good, about(good, published, archived), key="read")
        assert answer.status_code == (good.status if is_read else 403)
        assert is_read or answer.json["code"] == "permission_denied"
    assert rows_of(world) == before


@EACH_STRANGER
@EACH_ROUTE_OF_A_CUSTOMER
def test_somebody_else_s_customer_is_as_unknown_as_one_that_does_not_exist(
    api: ApiClient, world: World, route: Route, key: str, scope: Scope, published: Customer, archived: Customer
) -> None:
    """404, to the letter what an unknown one is answered; nothing of the home side is changed."""
    before = rows_of(world)
    for good in GOOD_REQUESTS[route]:
        customer = about(good, published, archived)
        unknown = customer._replace(id="cust_" + "0" * 26, external_id="nobody")
        answer = send(api, route, good, customer, key=key)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
        assert without_request_id(answer) == without_request_id(send(api, route, good, unknown, key=key))
        assert "ETag" not in answer.headers
    assert rows_of(world) == before
    assert not any(rows_of(world, scope).get("customers", []))


@EACH_STRANGER
@EACH_ROUTE
def test_a_caller_sees_and_makes_only_what_is_its_own(
    api: ApiClient, world: World, route: Route, key: str, scope: Scope, published: Customer, archived: Customer
) -> None:
    """With a twin of the same external ID on its own side; the home side stays as it was."""
    twin = world.create_customer(scope, external_id=published.external_id, metadata={"plan": "gold"})
    gone = world.create_customer(scope, external_id=archived.external_id, metadata={"plan": "gold"})
    gone = archive_in(world, scope, gone)
    before = rows_of(world)
    for good in GOOD_REQUESTS[route]:
        answer = send(api, route, good, about(good, twin, gone), key=key)
        assert answer.status_code == good.status
        text = answer.get_data(as_text=True)
        assert HOME.environment_id not in text
        assert published.id not in text
        assert archived.id not in text
        if good.status < 300 and text:
            found = answer.json.get("items", [answer.json])
            assert found
            assert {item.get("environment_id", scope.environment_id) for item in found} == {scope.environment_id}
            assert {item.get("tenant_id", scope.tenant_id) for item in found} == {scope.tenant_id}
    assert rows_of(world) == before
    assert faults_of(world) == []


def archive_in(world: World, scope: Scope, customer: Customer) -> Customer:
    """Archive a customer of any environment, by its own key."""
    key = "elsewhere" if scope == ELSEWHERE else "sandbox"
    assert ApiClient(world.app, world, key).request("DELETE", f"/v1/customers/{customer.id}").status_code == 204
    return world.reload(customer, scope)


@EACH_STRANGER
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("field", ["parent_customer_id", "parent_customer_external_id"])
def test_somebody_else_s_customer_is_nobody_s_parent(
    api: ApiClient, world: World, key: str, scope: Scope, method: str, field: str, published: Customer
) -> None:
    """404, named; neither side is changed."""
    own = world.create_customer(scope, external_id="own")
    before = (rows_of(world), rows_of(world, scope))
    wanted = published.id if field == "parent_customer_id" else published.external_id
    body = {field: wanted, **({"external_id": "made", "name": "Made"} if method == "POST" else {})}
    path = "/v1/customers" if method == "POST" else f"/v1/customers/{own.id}"
    answer = api.request(method, path, json=body, key=key)
    assert (answer.status_code, list(answer.json["details"])) == (404, [field])
    assert (rows_of(world), rows_of(world, scope)) == before


@EACH_STRANGER
@pytest.mark.parametrize("external_id", ["user of home", "before"], ids=["present", "retired"])
def test_an_external_id_of_the_home_side_is_free_elsewhere(
    api: ApiClient, world: World, key: str, scope: Scope, external_id: str, published: Customer
) -> None:
    """Taking it there retires, takes and finds nothing here."""
    before = rows_of(world)
    answer = api.request("POST", "/v1/customers", json={"external_id": external_id, "name": "Twin"}, key=key)
    assert (answer.status_code, answer.json["tenant_id"]) == (201, scope.tenant_id)
    assert rows_of(world) == before
    assert api.get(f"/v1/customers/external/{external_id}").json["id"] == published.id


@EACH_STRANGER
def test_the_home_side_s_idempotency_key_replays_nothing_elsewhere(
    api: ApiClient, world: World, key: str, scope: Scope, published: Customer
) -> None:
    """It is another key there: the request runs, as a first one."""
    before = rows_of(world)
    path, body = f"/v1/customers/{published.id}", {"external_id": "user of home"}
    headers = {"Idempotency-Key": MADE}
    assert api.put(path, body, headers=headers).headers["Idempotency-Replayed"] == "true"
    answer = api.put(path, body, headers=headers, key=key)
    assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (404, False)
    assert rows_of(world) == before
    assert rows_of(world, scope)["idempotency_keys"] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_browser_session_alone_never_works_on_the_api(
    app: Flask, world: World, role: str, published: Customer, archived: Customer
) -> None:
    """Not even an administrator's, on any route."""
    desk = DeskClient(app, role)
    assert desk.get(f"/customers/{published.id}").status == 200
    before = rows_of(world)
    signed_in = ApiClient(app, world, key="")
    signed_in._client = desk.client  # noqa: SLF001 - a program that has the person's cookies
    for route in ROUTES:
        for good in GOOD_REQUESTS[route]:
            answer = send(signed_in, route, good, about(good, published, archived))
            assert (answer.status_code, answer.json["code"]) == (401, "unauthorized"), route
        assert rows_of(world) == before, route
    assert desk.get(f"/customers/{published.id}").status == 200


@pytest.mark.parametrize("header", ["x-api-key", "Authorization"])
def test_an_api_key_never_works_on_the_desk(app: Flask, world: World, header: str, published: Customer) -> None:
    """To look leads to the sign-in page; to send, even with a good CSRF token, is 401. Nothing is done by any page."""
    before = rows_of(world)
    visitor = DeskClient(app, role=None)
    token = visitor.get("/sign-in").form_values("form")["csrf_token"]
    value = world.keys["write"] if header == "x-api-key" else f"Bearer {world.keys['write']}"
    typed = {"csrf_token": token, "version": str(published.version), "name": "After"}
    for rule, _, _, method, *_ in (*PAGES, *SENSITIVE_PAGES):
        data = typed if method == "POST" else None
        path = rule.replace("<customer_id>", published.id).replace("<int:version>", "1")
        answer = visitor.client.open(path, method=method, headers={header: value}, data=data)
        assert answer.status_code == (401 if method == "POST" else 303), path
        assert method == "POST" or answer.headers["Location"].startswith("/sign-in?next="), path
        assert rows_of(world) == before, path
