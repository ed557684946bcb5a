"""The official Python client's errors: it reads the flat half of the error body; 400s have a class of their own."""

from collections.abc import Callable
from typing import Any

import pytest
from flexprice import Flexprice
from flexprice.models.errors import ErrorResponse, FlexpriceDefaultError

from tests.clients.conftest import Service
from tests.support.world import World

Call = Callable[[Flexprice], Any]


def test_a_bad_value_raises_its_error_response(python_client: Flexprice, world: World) -> None:
    """With our code, status and message, read from the flat half."""
    customer = world.create_customer()
    with pytest.raises(ErrorResponse) as refusal:
        python_client.customers.update_customer(id=customer.id, email="wrong", address_country="XX")
    error = refusal.value
    assert (error.data.code, error.data.http_status_code, error.status_code) == ("validation_error", 400, 400)
    assert error.data.message == error.message == error.raw_response.json()["message"] != ""
    assert set(error.raw_response.json()["details"]) == {"email", "address_country"}


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda client: client.customers.create_customer(external_id="", name="Acme"), "external_id"),
        (lambda client: client.customers.create_customer(external_id="bad python", name="A", email="no"), "email"),
        (lambda client: client.customers.query_customer(limit=0), "limit"),
        (lambda client: client.customers.query_customer(sort=[{"field": "nmae", "direction": "asc"}]), "sort"),
        (
            lambda client: client.customers.query_customer(
                filters=[{"field": "nmae", "operator": "eq", "data_type": "string", "value": {"string": "a"}}]
            ),
            "filters",
        ),
        (lambda client: client.customers.update_customer(name="Nobody named"), "id"),
    ],
    ids=["empty_external_id", "email", "limit", "sort_field", "filter_field", "no_identifier"],
)
def test_each_refusal_names_the_field(python_client: Flexprice, call: Call, field: str) -> None:
    """In the body that the error keeps."""
    with pytest.raises(ErrorResponse) as refusal:
        call(python_client)
    assert refusal.value.data.code == "validation_error"
    assert [name for name in refusal.value.raw_response.json()["details"] if name.split("[")[0].split(".")[0] == field]


def test_an_update_of_an_archived_customer_is_an_invalid_operation(python_client: Flexprice, world: World) -> None:
    """Another code of the same class."""
    customer = world.create_customer()
    python_client.customers.delete_customer(id=customer.id)
    with pytest.raises(ErrorResponse) as refusal:
        python_client.customers.update_customer(id=customer.id, name="Too late")
    assert (refusal.value.data.code, refusal.value.data.http_status_code) == ("invalid_operation", 400)


def test_an_unknown_external_id_raises_its_error_response(python_client: Flexprice) -> None:
    """The one 404 that it has that class for."""
    with pytest.raises(ErrorResponse) as refusal:
        python_client.customers.get_customer_by_external_id(external_id="unknown")
    assert (refusal.value.data.code, refusal.value.data.http_status_code) == ("not_found", 404)
    assert refusal.value.data.message == refusal.value.message != ""


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.customers.get_customer(id="cust_unknown"),
        lambda client: client.customers.update_customer(id="cust_unknown", name="A"),
        lambda client: client.customers.update_customer(external_customer_id="unknown", name="A"),
        lambda client: client.customers.delete_customer(id="cust_unknown"),
    ],
    ids=["get", "update_by_id", "update_by_external_id", "delete"],
)
def test_an_unknown_customer_raises_its_default_error(python_client: Flexprice, call: Call) -> None:
    """With the status, and our body to read."""
    with pytest.raises(FlexpriceDefaultError) as refusal:
        call(python_client)
    assert (refusal.value.status_code, refusal.value.raw_response.json()["code"]) == (404, "not_found")


def test_a_second_delete_is_not_found(python_client: Flexprice, world: World) -> None:
    """And so is the look-up of what was deleted."""
    customer = world.create_customer()
    python_client.customers.delete_customer(id=customer.id)
    with pytest.raises(FlexpriceDefaultError) as again:
        python_client.customers.delete_customer(id=customer.id)
    with pytest.raises(ErrorResponse) as look_up:
        python_client.customers.get_customer_by_external_id(external_id=customer.external_id)
    assert (again.value.status_code, look_up.value.status_code) == (404, 404)


@pytest.mark.parametrize(
    "call",
    [
        lambda client, taken, _other: client.customers.create_customer(external_id=taken, name="Twice"),
        lambda client, taken, other: client.customers.update_customer(id=other, external_id=taken),
    ],
    ids=["create", "update"],
)
def test_a_taken_external_id_is_a_conflict(python_client: Flexprice, world: World, call: Callable[..., Any]) -> None:
    """There is still one customer of that ID, the first."""
    first, other = world.create_customer(), world.create_customer()
    with pytest.raises(FlexpriceDefaultError) as refusal:
        call(python_client, first.external_id, other.id)
    assert (refusal.value.status_code, refusal.value.raw_response.json()["code"]) == (409, "already_exists")
    found = python_client.customers.query_customer(external_ids=[first.external_id]).items or []
    assert [customer.id for customer in found] == [first.id]


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [("cdk_wrong", 401, "unauthorized"), ("read", 403, "permission_denied"), ("elsewhere", 404, "not_found")],
    ids=["unknown_key", "read_key", "key_of_another_tenant"],
)
def test_a_key_that_may_not_raises_its_default_error(service: Service, key: str, status: int, code: str) -> None:
    """And nothing is written."""
    customer = service.world.create_customer()
    with (
        Flexprice(server_url=f"{service.address}/v1", api_key_auth=service.world.keys.get(key, key)) as stranger,
        pytest.raises(FlexpriceDefaultError) as refusal,
    ):
        stranger.customers.update_customer(id=customer.id, name="Not mine")
    assert (refusal.value.status_code, refusal.value.raw_response.json()["code"]) == (status, code)
    assert service.stored(customer.id) == customer


def test_a_route_of_the_wider_product_raises_its_default_error(python_client: Flexprice, world: World) -> None:
    """Which says that it is not this service's."""
    customer = world.create_customer()
    with pytest.raises(FlexpriceDefaultError) as refusal:
        python_client.customers.get_customer_entitlements(id=customer.id)
    assert (refusal.value.status_code, refusal.value.raw_response.json()["code"]) == (501, "not_implemented")


def test_its_own_headers_reach_the_service(python_client: Flexprice, world: World) -> None:
    """A version that is no longer the current one is a conflict, which it has no class of its own for."""
    customer = world.create_customer()
    headers = {"If-Match": '"1"'}
    python_client.customers.update_customer(id=customer.id, name="Second", http_headers=headers)
    with pytest.raises(FlexpriceDefaultError) as refusal:
        python_client.customers.update_customer(id=customer.id, name="Third", http_headers=headers)
    assert (refusal.value.status_code, refusal.value.raw_response.json()["code"]) == (412, "version_conflict")
