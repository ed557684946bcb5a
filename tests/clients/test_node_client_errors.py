"""The official Node client's errors: it reads the nested half of the error body; 400s have a class of their own."""

from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.node_client import NodeClient, NodeClientError
from tests.support.world import World

#: For 400 and 500, and for the 404 of a look-up: with what it parsed.
PARSED = "ErrorsErrorsErrorResponse"
#: For any other status: with the body as text.
UNPARSED = "SDKError"


def assert_parsed(error: NodeClientError, status: int, code: str) -> None:
    """The client's own class, with what it reads of the nested half."""
    body = error.json()
    assert (error.error_class, error.is_answer, error.status, error.success) == (PARSED, True, status, False)
    assert error.nested == {"internalError": code, "message": body["error"]["message"]}
    assert error.message == body["error"]["message"] != ""


def assert_unparsed(error: NodeClientError, status: int, code: str) -> None:
    """The client's fallback, with our body to read."""
    assert (error.error_class, error.is_answer, error.status, error.nested) == (UNPARSED, True, status, None)
    assert error.json()["code"] == code


def test_a_bad_value_raises_its_error_response(node: NodeClient, world: World) -> None:
    """With our code and message, read from the nested half."""
    customer = world.create_customer()
    with pytest.raises(NodeClientError) as refusal:
        node.call("updateCustomer", {"email": "wrong", "addressCountry": "XX"}, customer.id)
    assert_parsed(refusal.value, 400, "validation_error")
    assert set(refusal.value.json()["error"]["details"]) == {"email", "address_country"}


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("createCustomer", [{"externalId": "nameless by node"}], "name"),
        ("createCustomer", [{"externalId": "", "name": "Acme"}], "external_id"),
        ("queryCustomer", [{"limit": 0}], "limit"),
        ("queryCustomer", [{"sort": [{"field": "nmae", "direction": "asc"}]}], "sort"),
        ("queryCustomer", [{"filters": [{"field": "nmae", "operator": "eq", "value": {"string": "a"}}]}], "filters"),
        ("updateCustomer", [{"name": "Nobody named"}], "id"),
    ],
    ids=["no_name", "empty_external_id", "limit", "sort_field", "filter_field", "no_identifier"],
)
def test_each_refusal_names_the_field(node: NodeClient, method: str, arguments: list[Any], field: str) -> None:
    """In the body that the error keeps."""
    with pytest.raises(NodeClientError) as refusal:
        node.call(method, *arguments)
    assert_parsed(refusal.value, 400, "validation_error")
    details = refusal.value.json()["error"]["details"]
    assert [name for name in details if name.split("[")[0].split(".")[0] == field]


def test_a_parent_that_is_its_own_descendant_is_an_invalid_operation(node: NodeClient, world: World) -> None:
    """Another code of the same class."""
    parent = world.create_customer()
    child = world.create_customer(parent=parent.external_id)
    with pytest.raises(NodeClientError) as refusal:
        node.call("updateCustomer", {"parentCustomerId": child.id}, parent.id)
    assert_parsed(refusal.value, 400, "invalid_operation")


def test_an_unknown_external_id_raises_its_error_response(node: NodeClient) -> None:
    """The one 404 that it has that class for."""
    with pytest.raises(NodeClientError) as refusal:
        node.call("getCustomerByExternalId", "unknown")
    assert_parsed(refusal.value, 404, "not_found")


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("getCustomer", ["cust_unknown"]),
        ("updateCustomer", [{"name": "A"}, "cust_unknown"]),
        ("updateCustomer", [{"name": "A"}, None, "unknown"]),
        ("deleteCustomer", ["cust_unknown"]),
    ],
    ids=["get", "update_by_id", "update_by_external_id", "delete"],
)
def test_an_unknown_customer_raises_its_default_error(node: NodeClient, method: str, arguments: list[Any]) -> None:
    """With the status, and our body to read."""
    with pytest.raises(NodeClientError) as refusal:
        node.call(method, *arguments)
    assert_unparsed(refusal.value, 404, "not_found")


def test_a_second_delete_is_not_found(node: NodeClient, world: World) -> None:
    """And so is the look-up of what was deleted."""
    customer = world.create_customer()
    node.call("deleteCustomer", customer.id)
    with pytest.raises(NodeClientError) as again:
        node.call("deleteCustomer", customer.id)
    with pytest.raises(NodeClientError) as look_up:
        node.call("getCustomerByExternalId", customer.external_id)
    assert_unparsed(again.value, 404, "not_found")
    assert_parsed(look_up.value, 404, "not_found")


@pytest.mark.parametrize("method", ["createCustomer", "updateCustomer"])
def test_a_taken_external_id_is_a_conflict(node: NodeClient, world: World, method: str) -> None:
    """There is still one customer of that ID, the first."""
    first, other = world.create_customer(), world.create_customer()
    fields = {"externalId": first.external_id, "name": "Twice"}
    with pytest.raises(NodeClientError) as refusal:
        node.call(method, fields, *([other.id] if method == "updateCustomer" else []))
    assert_unparsed(refusal.value, 409, "already_exists")
    page = node.call("queryCustomer", {"externalIds": [first.external_id]})
    assert [customer["id"] for customer in page["items"]] == [first.id]


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [("cdk_wrong", 401, "unauthorized"), ("read", 403, "permission_denied"), ("elsewhere", 404, "not_found")],
    ids=["unknown_key", "read_key", "key_of_another_tenant"],
)
def test_a_key_that_may_not_raises_its_default_error(
    node: NodeClient, service: Service, key: str, status: int, code: str
) -> None:
    """And nothing is written."""
    customer = service.world.create_customer()
    stranger = node.with_key(service.world.keys.get(key, key))
    with pytest.raises(NodeClientError) as refusal:
        stranger.call("updateCustomer", {"name": "Not mine"}, customer.id)
    assert_unparsed(refusal.value, status, code)
    assert service.stored(customer.id) == customer


def test_a_route_of_the_wider_product_raises_its_default_error(node: NodeClient, world: World) -> None:
    """Which says that it is not this service's."""
    customer = world.create_customer()
    with pytest.raises(NodeClientError) as refusal:
        node.call("getCustomerEntitlements", customer.id)
    assert_unparsed(refusal.value, 501, "not_implemented")


def test_its_own_headers_reach_the_service(node: NodeClient, world: World) -> None:
    """A version that is no longer the current one is a conflict, which it has no class of its own for."""
    customer = world.create_customer()
    options = {"headers": {"If-Match": '"1"'}}
    node.call("updateCustomer", {"name": "Second"}, customer.id, None, options)
    with pytest.raises(NodeClientError) as refusal:
        node.call("updateCustomer", {"name": "Third"}, customer.id, None, options)
    assert_unparsed(refusal.value, 412, "version_conflict")
