"""How a PUT names its customer, and whose customers it reaches (contract sections 1 and 2)."""

from urllib.parse import quote

import pytest

from tests.support.clients import ApiClient
from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers.model import Customer, Scope

BODY = {"name": "After"}


@pytest.fixture
def customer(world: World) -> Customer:
    """One customer, whose IDs the paths below name."""
    return world.create_customer(id="cust_one", external_id="one", name="Before")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers/cust_one",
        "/v1/customers?id=cust_one",
        "/v1/customers?external_customer_id=one",
        "/v1/customers/cust_one?id=cust_one",
        "/v1/customers/cust_one?external_customer_id=one",
        "/v1/customers?id=cust_one&external_customer_id=one",
        "/v1/customers/cust_one?id=cust_one&external_customer_id=one",
        "/v1/customers?id=cust_one&id=cust_one",
        "/v1/customers?id=&external_customer_id=one",
    ],
)
def test_a_customer_is_named_by_path_id_or_external_id(
    api: ApiClient, world: World, customer: Customer, path: str
) -> None:
    """Or by several of them that agree."""
    answer = api.put(path, BODY)
    assert (answer.status_code, answer.get_json()["name"]) == (200, "After")
    assert world.reload(customer).name == "After"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v1/customers", {"id"}),
        ("/v1/customers?id=", {"id"}),
        ("/v1/customers?id=&external_customer_id=", {"id"}),
        ("/v1/customers/cust_one?id=cust_two", {"id"}),
        ("/v1/customers/cust_one?id=cust_unknown", {"id"}),
        ("/v1/customers?id=cust_one&id=cust_two", {"id"}),
        ("/v1/customers?external_customer_id=one&external_customer_id=two", {"external_customer_id"}),
        ("/v1/customers/cust_one?external_customer_id=two", {"id", "external_customer_id"}),
        ("/v1/customers?id=cust_one&external_customer_id=two", {"id", "external_customer_id"}),
    ],
)
def test_naming_nobody_or_two_customers_is_refused(
    api: ApiClient, world: World, customer: Customer, path: str, fields: set[str]
) -> None:
    """400; neither of the two is changed."""
    other = world.create_customer(id="cust_two", external_id="two")
    answer = api.put(path, BODY)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "validation_error")
    assert set(answer.get_json()["details"]) == fields
    assert (world.reload(customer), world.reload(other)) == (customer, other)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers/cust_unknown",
        "/v1/customers?id=cust_unknown",
        "/v1/customers?external_customer_id=unknown",
        "/v1/customers?id=cust_unknown&external_customer_id=one",
        "/v1/customers?id=cust_one&external_customer_id=unknown",
        "/v1/customers/one",
        "/v1/customers?external_customer_id=cust_one",
        "/v1/customers?external_customer_id=ONE",
    ],
)
def test_an_unknown_customer_is_not_found(api: ApiClient, world: World, customer: Customer, path: str) -> None:
    """404; an ID is no external ID, nor the other way round."""
    answer = api.put(path, BODY)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert world.reload(customer) == customer


@pytest.mark.parametrize(
    "external_id", ["a/b", "two words", "100%", "a&b=c", "a+b", "Ünï", "\N{GRINNING FACE}", "x" * 255], ids=ascii
)
def test_any_external_id_can_name_the_customer(api: ApiClient, world: World, external_id: str) -> None:
    """Encoded as a query asks for it."""
    customer = world.create_customer(external_id=external_id)
    answer = api.put(f"/v1/customers?external_customer_id={quote(external_id, safe='')}", BODY)
    assert (answer.status_code, answer.get_json()["id"]) == (200, customer.id)


def test_a_retired_external_id_does_not_name_the_customer(api: ApiClient, world: World, customer: Customer) -> None:
    """A change must not hit whom the caller may no longer mean; the look-up finds who it was."""
    world.update_customer(customer, external_id="new")
    assert api.put("/v1/customers?external_customer_id=one", BODY).status_code == 404


def test_an_archived_customer_has_no_external_id_to_name_it_by(
    api: ApiClient, world: World, customer: Customer
) -> None:
    """By ID it is found, and refused."""
    world.archive(customer)
    assert api.put("/v1/customers?external_customer_id=one", BODY).status_code == 404
    assert api.put("/v1/customers?id=cust_one", BODY).get_json()["code"] == "invalid_operation"


@pytest.mark.parametrize(
    ("key", "scope"), [("sandbox", HOME), ("elsewhere", HOME), ("write", SANDBOX), ("write", ELSEWHERE)]
)
@pytest.mark.parametrize("path", ["/v1/customers/{}", "/v1/customers?id={}", "/v1/customers?external_customer_id={}"])
def test_nobody_else_s_customer_answers_just_as_an_unknown_one(
    api: ApiClient, world: World, key: str, scope: Scope, path: str
) -> None:
    """The same body but for the request ID; and its row is as it was."""
    theirs = world.create_customer(scope, external_id="theirs")
    name, unknown = (theirs.external_id, "no-one") if "external" in path else (theirs.id, "cust_no_one")
    headers = {"X-Request-ID": "same"}
    answers = [api.put(path.format(quote(named)), BODY, key=key, headers=headers) for named in (name, unknown)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data
    assert world.reload(theirs, scope) == theirs


@pytest.mark.parametrize("key", ["sandbox", "elsewhere"])
def test_a_customer_of_the_same_external_id_is_told_apart_by_the_key(api: ApiClient, world: World, key: str) -> None:
    """Each key reaches its own."""
    scope = {"sandbox": SANDBOX, "elsewhere": ELSEWHERE}[key]
    ours, theirs = world.create_customer(external_id="shared"), world.create_customer(scope, external_id="shared")
    answer = api.put("/v1/customers?external_customer_id=shared", BODY, key=key)
    assert answer.get_json()["id"] == theirs.id
    assert world.reload(ours) == ours


def test_a_read_key_may_not_write(api: ApiClient, world: World, customer: Customer) -> None:
    """403, and the row is as it was."""
    answer = api.put("/v1/customers/cust_one", BODY, key="read")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "permission_denied")
    assert world.reload(customer) == customer


def test_without_a_key_nothing_is_changed(api: ApiClient, world: World, customer: Customer) -> None:
    """401."""
    api.key = ""
    answer = api.put("/v1/customers/cust_one", BODY)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert world.reload(customer) == customer
