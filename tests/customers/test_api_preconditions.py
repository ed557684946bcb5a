"""If-Match on a PUT (contract section 7; RFC 9110, 13.1.1)."""

import pytest

from tests.support.clients import ApiClient
from tests.support.threads import at_once
from tests.support.world import World
from webapp.customers.model import Customer

BODY = {"address_city": "After"}


@pytest.fixture
def customer(world: World) -> Customer:
    """A customer at version 2."""
    return world.update_customer(world.create_customer(), name="Second")


def test_the_answer_carries_the_new_version(api: ApiClient, customer: Customer) -> None:
    """As a strong ETag."""
    assert api.put(f"/v1/customers/{customer.id}", BODY).headers["ETag"] == '"3"'


@pytest.mark.parametrize("tag", ['"2"', ' "2" ', '"1", "2"', '"7","2","x"', "*", 'W/"1", "2"'])
def test_the_version_that_the_caller_has_read_is_updated(
    api: ApiClient, world: World, customer: Customer, tag: str
) -> None:
    """One of a list will do, and ``*`` stands for any."""
    answer = api.put(f"/v1/customers/{customer.id}", BODY, headers={"If-Match": tag})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"3"')
    assert world.reload(customer).address_city == "After"


@pytest.mark.parametrize(
    "tag", ['"1"', '"3"', '"1", "3"', 'W/"2"', '""', '"x"', '"02"', '"2.0"', '"+2"', '"٢"', '"' + "2" * 40 + '"']
)
def test_any_other_version_is_a_conflict(api: ApiClient, world: World, customer: Customer, tag: str) -> None:
    """412 with the present version; a weak tag never matches, nor does what merely reads like the number."""
    answer = api.put(f"/v1/customers/{customer.id}", BODY, headers={"If-Match": tag.encode().decode("latin-1")})
    assert (answer.status_code, answer.get_json()["code"]) == (412, "version_conflict")
    assert answer.get_json()["details"] == {"version": ["2"]}
    assert world.reload(customer) == customer


def test_a_stale_version_is_a_conflict_even_when_nothing_would_change(api: ApiClient, customer: Customer) -> None:
    """The caller does not know what it would confirm."""
    answer = api.put(f"/v1/customers/{customer.id}", {"name": "Second"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 412


def test_a_bad_value_is_told_before_a_stale_version(api: ApiClient, customer: Customer) -> None:
    """It would not do at any version."""
    answer = api.put(f"/v1/customers/{customer.id}", {"email": "x"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 400


def test_an_unknown_customer_is_not_found_whatever_version_is_expected(api: ApiClient, world: World) -> None:
    """There is nothing to compare with."""
    assert world.made == 0
    answer = api.put("/v1/customers/cust_unknown", BODY, headers={"If-Match": '"1"'})
    assert answer.status_code == 404


def test_two_puts_of_different_fields_at_once_both_hold(world_on_each_database: World) -> None:
    """Without If-Match nothing is lost either."""
    world = world_on_each_database
    customer = world.create_customer()
    fields = ("address_city", "address_state", "contact", "address_line1")

    def putting(field: str) -> int:
        return ApiClient(world.app, world).put(f"/v1/customers/{customer.id}", {field: "After"}).status_code

    statuses = at_once(world.app, [lambda field=field: putting(field) for field in fields])
    assert statuses == [200] * len(fields)
    assert {getattr(world.reload(customer), field) for field in fields} == {"After"}


def test_of_two_puts_with_the_same_version_one_wins(world_on_each_database: World) -> None:
    """The other one is told of the conflict."""
    world = world_on_each_database
    customer = world.create_customer()

    def putting(name: str) -> int:
        client = ApiClient(world.app, world)
        return client.put(f"/v1/customers/{customer.id}", {"name": name}, headers={"If-Match": '"1"'}).status_code

    assert sorted(at_once(world.app, [lambda: putting("a"), lambda: putting("b")])) == [200, 412]
    assert world.reload(customer).version == 2


def test_a_get_that_expects_another_version_is_refused(api: ApiClient, world: World) -> None:
    """In the one error body, as on a PUT."""
    customer = world.create_customer()
    answer = api.get(f"/v1/customers/{customer.id}", headers={"If-Match": '"99"'})
    assert (answer.status_code, answer.get_json()["code"]) == (412, "version_conflict")


def test_a_get_that_expects_this_version_is_answered(api: ApiClient, world: World) -> None:
    """There is nothing to refuse."""
    customer = world.create_customer()
    assert api.get(f"/v1/customers/{customer.id}", headers={"If-Match": '"1"'}).status_code == 200


@pytest.mark.parametrize("named_by", ["", "external/"])
def test_a_get_that_expects_any_version_is_answered(api: ApiClient, world: World, named_by: str) -> None:
    """``*`` is every version, and If-None-Match still saves the body of the one that the caller has."""
    customer = world.create_customer()
    path = f"/v1/customers/{named_by}{customer.external_id if named_by else customer.id}"
    other, same = ({"If-Match": "*", "If-None-Match": f'"{version}"'} for version in (2, 1))
    assert api.get(path, headers={"If-Match": "*"}).status_code == 200
    assert api.get(path, headers=other).get_json()["id"] == customer.id
    assert (known := api.get(path, headers=same)).status_code == 304
    assert known.data == b""
