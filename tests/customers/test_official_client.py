"""The official FlexPrice client, unchanged, over a real socket against the production server."""

from collections.abc import Iterator

import pytest
from flexprice import Flexprice
from flexprice.models import CustomerResponse
from flexprice.models.errors import ErrorResponse, FlexpriceDefaultError

from tests.support.served import Served
from tests.support.world import HOME, World


@pytest.fixture
def client(served: Served, world: World) -> Iterator[Flexprice]:
    """The client, with a write key; it sends it as x-api-key."""
    with Flexprice(server_url=f"{served.address}/v1", api_key_auth=world.keys["write"]) as client:
        yield client


def test_the_client_updates_by_id(client: Flexprice, world: World) -> None:
    """What it did not set is left alone, and the answer is typed."""
    customer = world.create_customer(email="kept@acme.com", metadata={"dropped": "1"})
    answer = client.customers.update_customer(
        id=customer.id,
        name="Acme Corp (Updated)",
        metadata={"plan_tier": "enterprise_plus"},
        address_country="us",
        integration_entity_mapping=[
            {
                "entity_id": customer.id,
                "entity_type": "customer",
                "provider_type": "stripe",
                "provider_entity_id": "cus_1",
                "metadata": {"a": 1},
            }
        ],
    )
    stored = world.reload(customer)
    assert isinstance(answer, CustomerResponse)
    assert (answer.name, answer.email, answer.address_country) == ("Acme Corp (Updated)", "kept@acme.com", "US")
    assert (stored.name, stored.email, stored.metadata) == (
        "Acme Corp (Updated)",
        "kept@acme.com",
        {"plan_tier": "enterprise_plus"},
    )
    assert (answer.created_at, answer.updated_at) == (stored.created_at, stored.updated_at)
    assert (answer.tenant_id, answer.environment_id) == (HOME.tenant_id, HOME.environment_id)


def test_the_client_updates_by_external_id(client: Flexprice, world: World) -> None:
    """With any external ID."""
    customer = world.create_customer(external_id="user/12 345 ü")
    answer = client.customers.update_customer(external_customer_id="user/12 345 ü", email="new@acme.com")
    assert (answer.id, answer.email) == (customer.id, "new@acme.com")


def test_the_client_gets_by_id_and_by_external_id(client: Flexprice, world: World) -> None:
    """The same customer both ways."""
    customer = world.create_customer(external_id="user/12 345 ü", metadata={"a": "b"})
    by_id = client.customers.get_customer(id=customer.id)
    by_external_id = client.customers.get_customer_by_external_id(external_id="user/12 345 ü")
    assert by_id == by_external_id
    assert (by_id.id, by_id.metadata, by_id.status) == (customer.id, {"a": "b"}, "published")


def test_the_client_raises_its_own_error_for_a_bad_value(client: Flexprice, world: World) -> None:
    """With our code, status and message."""
    customer = world.create_customer()
    with pytest.raises(ErrorResponse) as refusal:
        client.customers.update_customer(id=customer.id, email="wrong")
    assert (refusal.value.data.code, refusal.value.data.http_status_code) == ("validation_error", 400)
    assert refusal.value.data.message == refusal.value.message != ""
    assert "email" in refusal.value.raw_response.json()["error"]["details"]


def test_the_client_raises_its_own_error_for_an_unknown_customer(client: Flexprice) -> None:
    """By external ID the typed one; by ID it knows of no 404 and raises its default."""
    with pytest.raises(ErrorResponse) as by_external_id:
        client.customers.get_customer_by_external_id(external_id="unknown")
    with pytest.raises(FlexpriceDefaultError) as by_id:
        client.customers.get_customer(id="cust_unknown")
    assert by_external_id.value.data.code == by_id.value.raw_response.json()["code"] == "not_found"
    assert by_external_id.value.status_code == by_id.value.status_code == 404


def test_the_client_raises_its_own_error_for_a_bad_key(served: Served, world: World) -> None:
    """One that it has no class of its own for."""
    customer = world.create_customer()
    with (
        Flexprice(server_url=f"{served.address}/v1", api_key_auth="cdk_wrong") as stranger,
        pytest.raises(FlexpriceDefaultError) as refusal,
    ):
        stranger.customers.get_customer(id=customer.id)
    assert (refusal.value.status_code, refusal.value.raw_response.json()["code"]) == (401, "unauthorized")
