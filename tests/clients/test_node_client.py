"""The official Node client, unchanged: every call that it has for customers, and what it gives back.

With the zod of today it refuses any answer that lacks one key it knows; null is fine.
"""

from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.node_client import NodeClient
from tests.support.world import HOME, World
from webapp.customers.model import Customer


def names(page: dict[str, Any]) -> str:
    """The first letters of the customers of a page, in order."""
    return "".join(customer["name"][0] for customer in page["items"])


def marked(batch: list[Customer], **query: Any) -> dict[str, Any]:
    """A query for the customers of this batch alone; this client has no parameter for metadata, but filters."""
    mark = {"field": "metadata.b", "operator": "eq", "dataType": "string", "value": {"string": batch[0].metadata["b"]}}
    return {**query, "filters": [mark, *query.get("filters", [])]}


def test_create_stores_what_was_sent(node: NodeClient, service: Service) -> None:
    """And gives it back in its own names; the fields of the wider product beside it are accepted."""
    answer = node.call(
        "createCustomer",
        {
            "externalId": "created/by node ü",
            "name": "Acme Corp",
            "email": "billing@acme.com",
            "addressLine1": "1 Main Street",
            "addressCountry": "us",
            "metadata": {"plan_tier": "pro"},
            "integrationEntityMapping": [{"provider": "stripe", "id": "cus_1"}],
            "skipOnboardingWorkflow": True,
            "taxRateOverrides": [{"currency": "usd", "taxRateCode": "vat"}],
        },
    )
    stored = service.stored(answer["id"])
    assert (stored.external_id, stored.name, stored.email, stored.address_line1, stored.address_country) == (
        "created/by node ü",
        "Acme Corp",
        "billing@acme.com",
        "1 Main Street",
        "US",
    )
    assert (answer["externalId"], answer["addressLine1"], answer["addressCountry"], answer["metadata"]) == (
        stored.external_id,
        stored.address_line1,
        stored.address_country,
        {"plan_tier": "pro"},
    )
    assert (answer["tenantId"], answer["environmentId"], answer["status"]) == (
        HOME.tenant_id,
        HOME.environment_id,
        "published",
    )
    assert service.stored_mappings(stored.id) == {"stripe": "cus_1"}


def test_create_below_a_parent(node: NodeClient, service: Service, world: World) -> None:
    """Named by its external ID."""
    parent = world.create_customer()
    answer = node.call(
        "createCustomer",
        {"externalId": "child by node", "name": "Child", "parentCustomerExternalId": parent.external_id},
    )
    assert answer["parentCustomerId"] == service.stored(answer["id"]).parent_customer_id == parent.id


def test_update_by_id_leaves_what_it_did_not_set(node: NodeClient, service: Service, world: World) -> None:
    """Metadata are replaced; the parent is set, with the mapping in the client's shape."""
    parent = world.create_customer()
    customer = world.create_customer(email="kept@acme.com", metadata={"dropped": "1"})
    changes = {
        "name": "Acme Corp (Updated)",
        "metadata": {"plan_tier": "enterprise_plus"},
        "parentCustomerId": parent.id,
        "integrationEntityMapping": [{"provider": "paypal", "id": "pp_1"}],
    }
    answer = node.call("updateCustomer", changes, customer.id)
    stored = service.stored(customer.id)
    assert (stored.name, stored.email, stored.metadata, stored.parent_customer_id) == (
        "Acme Corp (Updated)",
        "kept@acme.com",
        {"plan_tier": "enterprise_plus"},
        parent.id,
    )
    assert (answer["name"], answer["email"], answer["metadata"], answer["parentCustomerId"]) == (
        stored.name,
        stored.email,
        stored.metadata,
        parent.id,
    )
    assert service.stored_mappings(customer.id) == {"paypal": "pp_1"}


def test_update_by_external_id_clears_what_it_sets_empty(node: NodeClient, service: Service, world: World) -> None:
    """With any external ID: the email, all metadata, and the parent."""
    parent = world.create_customer()
    customer = world.create_customer(
        external_id="node/1 ü?&+#%41", email="old@acme.com", metadata={"a": "b"}, parent=parent.external_id
    )
    changes = {"email": "", "metadata": {}, "parentCustomerExternalId": ""}
    answer = node.call("updateCustomer", changes, None, "node/1 ü?&+#%41")
    stored = service.stored(customer.id)
    assert answer["id"] == customer.id
    assert (stored.email, stored.metadata, stored.parent_customer_id) == ("", {}, None)


def test_update_takes_an_empty_id_beside_the_external_id(node: NodeClient, world: World) -> None:
    """As this client sends it when a program passes one."""
    customer = world.create_customer()
    assert node.call("updateCustomer", {"name": "Named"}, "", customer.external_id)["name"] == "Named"


def test_update_gives_another_external_id(node: NodeClient, world: World) -> None:
    """By which the customer is found afterwards."""
    customer = world.create_customer()
    node.call("updateCustomer", {"externalId": "renamed by node"}, customer.id)
    assert node.call("getCustomerByExternalId", "renamed by node")["id"] == customer.id


def test_get_gives_every_field_that_the_client_knows(node: NodeClient, world: World) -> None:
    """With the texts that are not set empty, and nothing for the parent that there is none of."""
    customer = world.create_customer()
    answer = node.call("getCustomer", customer.id)
    assert set(answer) == {
        "id", "externalId", "name", "email", "addressLine1", "addressLine2", "addressCity", "addressState",
        "addressPostalCode", "addressCountry", "metadata", "environmentId", "tenantId", "status", "createdAt",
        "updatedAt", "createdBy", "updatedBy",
    }  # fmt: skip
    assert (answer["email"], answer["metadata"]) == ("", {})


@pytest.mark.parametrize(
    "external_id", ["12 345 顧客", "a/b//c", "a?b#c", "100%", "%2541", "a+b&c=d", "../up", "a;b,c"]
)
def test_get_by_external_id_finds_any(node: NodeClient, world: World, external_id: str) -> None:
    """This client encodes whatever stands in one."""
    customer = world.create_customer(external_id=external_id)
    assert node.call("getCustomerByExternalId", external_id) == node.call("getCustomer", customer.id)


@pytest.mark.parametrize(
    ("field", "operator", "data_type", "value", "expected"),
    [
        ("email", "eq", "string", {"string": "a@acme.com"}, "A"),
        ("name", "contains", "string", {"string": "a OF"}, "A"),
        ("email", "not_contains", "string", {"string": "C@"}, "ABD"),
        ("email", "in", "array", {"array": ["a@acme.com", "d@acme.com", "nobody@acme.com"]}, "AD"),
        ("address_country", "not_in", "array", {"array": ["GB", ""]}, "AC"),
        ("email", "gt", "string", {"string": "b@acme.com"}, "CD"),
        ("email", "lt", "string", {"string": "c@acme.com"}, "AB"),
        ("metadata.none", "eq", "string", {"string": "1"}, ""),
    ],
    ids=["eq", "contains", "not_contains", "in", "not_in", "gt", "lt", "none"],
)
def test_query_filters(
    node: NodeClient,
    batch: list[Customer],
    field: str,
    operator: str,
    data_type: str,
    value: dict[str, Any],
    expected: str,
) -> None:
    """By every operator that this client has, all of the filters at once."""
    condition = {"field": field, "operator": operator, "dataType": data_type, "value": value}
    sort = [{"field": "name", "direction": "asc"}]
    assert names(node.call("queryCustomer", marked(batch, filters=[condition], sort=sort))) == expected


def test_query_compares_times(node: NodeClient, batch: list[Customer]) -> None:
    """Before and after are strict; the range of the client's own parameters includes both ends."""
    second, third, fourth = (customer.created_at.isoformat() for customer in batch[1:])
    conditions = [
        {"field": "created_at", "operator": operator, "dataType": "date", "value": {"date": at}}
        for operator, at in (("after", second), ("before", fourth))
    ]
    strict = node.call("queryCustomer", marked(batch, filters=conditions))
    inclusive = node.call("queryCustomer", marked(batch, startTime=second, endTime=third))
    assert (names(strict), names(inclusive)) == ("C", "CB")


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ([{"field": "name", "direction": "desc"}], "DCBA"),
        ([{"field": "address_country", "direction": "asc"}, {"field": "name", "direction": "desc"}], "DBCA"),
        ([{"field": "created_at", "direction": "asc"}], "ABCD"),
        (None, "DCBA"),
    ],
    ids=["name", "country_then_name", "oldest_first", "newest_first_by_default"],
)
def test_query_sorts(node: NodeClient, batch: list[Customer], sort: list[dict[str, str]] | None, expected: str) -> None:
    """By each condition in turn."""
    query = marked(batch, **({"sort": sort} if sort else {}))
    assert names(node.call("queryCustomer", query)) == expected


def test_query_takes_the_order_alone(node: NodeClient, batch: list[Customer]) -> None:
    """It is the order of the field that is the default, the time of creation."""
    assert names(node.call("queryCustomer", marked(batch, order="asc"))) == "ABCD"


def test_query_pages(node: NodeClient, batch: list[Customer]) -> None:
    """Each page says where it is and how many there are."""
    pages = [node.call("queryCustomer", marked(batch, limit=3, offset=offset)) for offset in (0, 3, 6)]
    assert [names(page) for page in pages] == ["DCB", "A", ""]
    assert [page["pagination"] for page in pages] == [
        {"total": 4, "limit": 3, "offset": 0},
        {"total": 4, "limit": 3, "offset": 3},
        {"total": 4, "limit": 3, "offset": 6},
    ]


def test_query_finds_by_each_list_of_ids(node: NodeClient, batch: list[Customer]) -> None:
    """And by one external ID and email."""
    wanted = batch[:2]
    by_ids = node.call("queryCustomer", {"customerIds": [customer.id for customer in wanted]})
    by_external_ids = node.call("queryCustomer", {"externalIds": [customer.external_id for customer in wanted]})
    by_both = node.call("queryCustomer", {"externalId": wanted[0].external_id, "email": "a@acme.com"})
    assert (names(by_ids), names(by_external_ids), names(by_both)) == ("BA", "BA", "A")


def test_query_finds_by_parents_and_expands_them(node: NodeClient, world: World) -> None:
    """The parent is a whole customer, with a parent of none."""
    parent = world.create_customer()
    child = world.create_customer(parent=parent.external_id)
    page = node.call("queryCustomer", {"parentCustomerIds": [parent.id], "expand": "parent_customer"})
    (found,) = page["items"]
    assert (found["id"], found["parentCustomerId"], found["parentCustomer"]["name"]) == (
        child.id,
        parent.id,
        parent.name,
    )
    assert "parentCustomer" not in found["parentCustomer"]


def test_query_takes_an_empty_list_as_none(node: NodeClient, batch: list[Customer]) -> None:
    """As the published API does; this client sends it as it is."""
    empty: dict[str, Any] = {"customerIds": [], "externalIds": [], "parentCustomerIds": [], "sort": []}
    assert names(node.call("queryCustomer", marked(batch, **empty))) == "DCBA"


def test_query_finds_none_that_is_deleted(node: NodeClient, batch: list[Customer]) -> None:
    """The client knows that status; here nothing ever has it."""
    page = node.call("queryCustomer", marked(batch, status="deleted"))
    assert (page["items"], page["pagination"]["total"]) == ([], 0)


def test_query_without_anything_lists_the_published(node: NodeClient, batch: list[Customer]) -> None:
    """The newest first, fifty at most."""
    page = node.call("queryCustomer", {})
    assert names(page)[:4] == "DCBA"
    assert (page["pagination"]["limit"], page["pagination"]["offset"]) == (50, 0)


def test_delete_archives(node: NodeClient, batch: list[Customer]) -> None:
    """The customer is there by its ID and among the archived, and no longer among the published."""
    assert node.call("deleteCustomer", batch[1].id) is None
    assert node.call("getCustomer", batch[1].id)["status"] == "archived"
    assert names(node.call("queryCustomer", marked(batch))) == "DCA"
    assert names(node.call("queryCustomer", marked(batch, status="archived"))) == "B"
