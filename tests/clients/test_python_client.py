"""The official Python client, unchanged: every call that it has for customers, and what it gives back."""

from typing import Any

import pytest
from flexprice import Flexprice
from flexprice.models import CustomerResponse, ListCustomersResponse

from tests.clients.conftest import Service
from tests.support.world import HOME, World
from webapp.customers.model import Customer


def names(page: ListCustomersResponse) -> str:
    """The first letters of the customers of a page, in order."""
    return "".join(str(customer.name)[0] for customer in page.items or [])


def test_create_stores_what_was_sent(python_client: Flexprice, service: Service) -> None:
    """And gives it back typed; the fields of the wider product beside it are accepted."""
    answer = python_client.customers.create_customer(
        external_id="created/by python ü",
        name="Acme Corp",
        email="billing@acme.com",
        contact="+1 555 0100",
        address_country="us",
        timezone="America/New_York",
        metadata={"plan_tier": "pro"},
        skip_onboarding_workflow=True,
        onboarding_workflow_name="default",
        billing_currency="usd",
        tax_treatment="taxable",
        contact_persons=[{"first_name": "Ada"}],
        tax_rate_overrides=[{"currency": "usd", "tax_rate_code": "vat"}],
    )
    stored = service.stored(answer.id or "")
    assert isinstance(answer, CustomerResponse)
    for name in ("external_id", "name", "email", "contact", "address_country", "timezone", "metadata", "created_at"):
        assert getattr(answer, name) == getattr(stored, name), name
    assert (stored.external_id, stored.address_country, stored.metadata) == (
        "created/by python ü",
        "US",
        {"plan_tier": "pro"},
    )
    assert (answer.tenant_id, answer.environment_id) == (HOME.tenant_id, HOME.environment_id)
    assert answer.status == "published"


def test_create_stores_mappings(python_client: Flexprice, service: Service) -> None:
    """In the shape that this client has."""
    answer = python_client.customers.create_customer(
        external_id="mapped by python",
        name="Acme",
        integration_entity_mapping=[
            {"entity_id": "", "entity_type": "customer", "provider_type": "stripe", "provider_entity_id": "cus_1"}
        ],
    )
    assert service.stored_mappings(answer.id or "") == {"stripe": "cus_1"}


def test_update_by_id_leaves_what_it_did_not_set(python_client: Flexprice, service: Service, world: World) -> None:
    """Metadata are replaced, and the answer is typed."""
    customer = world.create_customer(email="kept@acme.com", metadata={"dropped": "1"})
    answer = python_client.customers.update_customer(
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
    stored = service.stored(customer.id)
    assert isinstance(answer, CustomerResponse)
    assert (answer.name, answer.email, answer.address_country) == ("Acme Corp (Updated)", "kept@acme.com", "US")
    assert (stored.name, stored.email, stored.metadata) == (
        "Acme Corp (Updated)",
        "kept@acme.com",
        {"plan_tier": "enterprise_plus"},
    )
    assert (answer.created_at, answer.updated_at) == (stored.created_at, stored.updated_at)
    assert service.stored_mappings(customer.id) == {"stripe": "cus_1"}


def test_update_by_external_id_clears_what_it_sets_empty(python_client: Flexprice, world: World) -> None:
    """With any external ID."""
    customer = world.create_customer(external_id="user/1 ü?&+#%41", email="old@acme.com", contact="1")
    answer = python_client.customers.update_customer(external_customer_id="user/1 ü?&+#%41", email="")
    assert (answer.id, answer.email, answer.contact) == (customer.id, "", "1")


def test_update_gives_another_external_id(python_client: Flexprice, world: World) -> None:
    """By which the customer is found afterwards."""
    customer = world.create_customer()
    python_client.customers.update_customer(id=customer.id, external_id="renamed by python")
    found = python_client.customers.get_customer_by_external_id(external_id="renamed by python")
    assert found.id == customer.id


def test_get_by_id_and_by_external_id_give_the_same(python_client: Flexprice, world: World) -> None:
    """With a slash, spaces and other scripts in the external ID."""
    customer = world.create_customer(external_id="user/12 345 顧客", metadata={"a": "b"})
    by_id = python_client.customers.get_customer(id=customer.id)
    by_external_id = python_client.customers.get_customer_by_external_id(external_id="user/12 345 顧客")
    assert by_id == by_external_id
    assert (by_id.id, by_id.metadata, by_id.status) == (customer.id, {"a": "b"}, "published")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([("name", "eq", "string", {"string": "A of "})], "A"),
        ([("name", "contains", "string", {"string": "a OF"})], "A"),
        ([("email", "not_contains", "string", {"string": "C@"})], "ABD"),
        ([("email", "in", "array", {"array": ["a@acme.com", "d@acme.com", "nobody@acme.com"]})], "AD"),
        ([("address_country", "not_in", "array", {"array": ["GB", ""]})], "AC"),
        ([("name", "gt", "string", {"string": "B of "})], "CD"),
        ([("name", "gte", "string", {"string": "B of "})], "BCD"),
        ([("name", "lt", "string", {"string": "C of "})], "AB"),
        ([("address_country", "eq", "string", {"string": "US"}), ("name", "gt", "string", {"string": "B"})], "C"),
    ],
    ids=lambda value: "+".join(f"{item[0]}_{item[1]}" for item in value) if isinstance(value, list) else value,
)
def test_query_filters(
    python_client: Flexprice, batch: list[Customer], filters: list[tuple[str, str, str, dict[str, Any]]], expected: str
) -> None:
    """By every operator, all of the filters at once."""
    mark = batch[0].metadata["b"]
    conditions = [
        {"field": field, "operator": operator, "data_type": data_type, "value": _with_mark(field, value, mark)}
        for field, operator, data_type, value in filters
    ]
    page = python_client.customers.query_customer(
        metadata={"b": mark},
        filters=conditions,  # type: ignore[arg-type]
        sort=[{"field": "name", "direction": "asc"}],
    )
    assert names(page) == expected


def _with_mark(field: str, value: dict[str, Any], mark: str) -> dict[str, Any]:
    """Names end in the batch's mark."""
    complete = field == "name" and str(value.get("string", "")).endswith(" of ")
    return {"string": value["string"] + mark} if complete else value


def test_query_compares_times(python_client: Flexprice, batch: list[Customer]) -> None:
    """Before and after are strict; the range of the client's own parameters includes both ends."""
    mark = {"b": batch[0].metadata["b"]}
    second, third = (batch[index].created_at for index in (1, 2))
    conditions: list[Any] = [
        {"field": "created_at", "operator": operator, "data_type": "date", "value": {"date_": at.isoformat()}}
        for operator, at in (("after", second), ("before", batch[3].created_at))
    ]
    strict = python_client.customers.query_customer(metadata=mark, filters=conditions)
    inclusive = python_client.customers.query_customer(metadata=mark, start_time=second, end_time=third)
    assert (names(strict), names(inclusive)) == ("C", "CB")


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ([{"field": "name", "direction": "desc"}], "DCBA"),
        ([{"field": "address_country", "direction": "asc"}, {"field": "name", "direction": "desc"}], "DBCA"),
        ([{"field": "created_at", "direction": "asc"}], "ABCD"),
        ([], "DCBA"),
    ],
    ids=["name", "country_then_name", "oldest_first", "newest_first_by_default"],
)
def test_query_sorts(
    python_client: Flexprice, batch: list[Customer], sort: list[dict[str, str]], expected: str
) -> None:
    """By each condition in turn."""
    page = python_client.customers.query_customer(
        metadata={"b": batch[0].metadata["b"]},
        sort=sort,  # type: ignore[arg-type]
    )
    assert names(page) == expected


def test_query_takes_the_order_alone(python_client: Flexprice, batch: list[Customer]) -> None:
    """It is the order of the field that is the default, the time of creation."""
    page = python_client.customers.query_customer(metadata={"b": batch[0].metadata["b"]}, order="asc")
    assert names(page) == "ABCD"


def test_query_pages(python_client: Flexprice, batch: list[Customer]) -> None:
    """Each page says where it is and how many there are."""
    mark = {"b": batch[0].metadata["b"]}
    pages = [python_client.customers.query_customer(metadata=mark, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [names(page) for page in pages] == ["DCB", "A", ""]
    told = [(page.pagination.total, page.pagination.limit, page.pagination.offset) for page in pages if page.pagination]
    assert told == [(4, 3, 0), (4, 3, 3), (4, 3, 6)]


def test_query_finds_by_each_list_of_ids(python_client: Flexprice, batch: list[Customer]) -> None:
    """And by one external ID and email."""
    wanted = batch[:2]
    by_ids = python_client.customers.query_customer(customer_ids=[customer.id for customer in wanted])
    by_external_ids = python_client.customers.query_customer(external_ids=[item.external_id for item in wanted])
    by_both = python_client.customers.query_customer(external_id=wanted[0].external_id, email="a@acme.com")
    assert (names(by_ids), names(by_external_ids), names(by_both)) == ("BA", "BA", "A")


def test_query_takes_a_time_without_offset_as_utc(python_client: Flexprice, batch: list[Customer]) -> None:
    """As this client sends a naive datetime."""
    page = python_client.customers.query_customer(
        metadata={"b": batch[0].metadata["b"]}, start_time=batch[2].created_at.replace(tzinfo=None)
    )
    assert names(page) == "DC"


def test_query_takes_an_empty_list_as_none(python_client: Flexprice, batch: list[Customer]) -> None:
    """As the published API does; this client sends it as it is."""
    mark = {"b": batch[0].metadata["b"]}
    page = python_client.customers.query_customer(metadata=mark, customer_ids=[], external_ids=[], filters=[], sort=[])
    assert names(page) == "DCBA"


def test_query_finds_none_that_is_deleted(python_client: Flexprice, batch: list[Customer]) -> None:
    """The client knows that status; here nothing ever has it."""
    page = python_client.customers.query_customer(metadata={"b": batch[0].metadata["b"]}, status="deleted")
    assert (page.items, page.pagination and page.pagination.total) == ([], 0)


def test_query_without_anything_lists_the_published(python_client: Flexprice, batch: list[Customer]) -> None:
    """The newest first, fifty at most."""
    page = python_client.customers.query_customer()
    assert names(page)[:4] == "DCBA"
    assert page.pagination is not None
    assert page.pagination.limit == 50


def test_query_expands_integrations(python_client: Flexprice, world: World) -> None:
    """Which are typed."""
    customer = world.create_customer(mappings={"stripe": "cus_7"})
    page = python_client.customers.query_customer(customer_ids=[customer.id], expand="integrations")
    (found,) = page.items or []
    (mapping,) = found.integrations or []
    assert (mapping.provider_type, mapping.provider_entity_id, mapping.entity_id) == ("stripe", "cus_7", customer.id)


def test_delete_archives(python_client: Flexprice, batch: list[Customer]) -> None:
    """The customer is there by its ID and among the archived, and no longer among the published."""
    gone = batch[1]
    assert python_client.customers.delete_customer(id=gone.id) is None  # type: ignore[func-returns-value]
    mark = {"b": gone.metadata["b"]}
    assert python_client.customers.get_customer(id=gone.id).status == "archived"
    assert names(python_client.customers.query_customer(metadata=mark)) == "DCA"
    assert names(python_client.customers.query_customer(metadata=mark, status="archived")) == "B"


def test_delete_frees_the_external_id(python_client: Flexprice, world: World) -> None:
    """For another customer."""
    customer = world.create_customer()
    python_client.customers.delete_customer(id=customer.id)
    other = python_client.customers.create_customer(external_id=customer.external_id, name="Another")
    assert other.id != customer.id
