"""GET /v1/customers/lookup/{external_id}: the same as /v1/customers/external/{external_id} (contract section 2)."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.customers.test_api_get import AWKWARD_EXTERNAL_IDS
from tests.support.clients import ApiClient
from tests.support.world import World


def both(api: ApiClient, rest: str, **kwargs: Any) -> Any:
    """The answer of the alias, which must be that of the route that it stands for but for the request's ID."""
    answers = [api.get(f"/v1/customers/{route}/{rest}", **kwargs) for route in ("external", "lookup")]
    assert [answer.status_code for answer in answers] == [answers[1].status_code] * 2
    headers = [{name: answer.headers.get(name) for name in ("ETag", "X-Retired-External-ID")} for answer in answers]
    assert headers[0] == headers[1]
    bodies = [{**(answer.get_json(silent=True) or {}), "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1]
    return answers[1]


@pytest.mark.parametrize("external_id", AWKWARD_EXTERNAL_IDS, ids=ascii)
def test_any_external_id_is_found(api: ApiClient, world: World, external_id: str) -> None:
    """Slashes, spaces, dots, Unicode, what looks encoded: each encoded once."""
    customer = world.create_customer(external_id=external_id)
    answer = both(api, quote(external_id, safe=""))
    assert (answer.status_code, answer.json["id"]) == (200, customer.id)


@pytest.mark.parametrize("external_id", ["a/b", "a//b", "x/entitlements", "a b", "lookup/x", "external/x"])
def test_slashes_need_not_be_encoded(api: ApiClient, world: World, external_id: str) -> None:
    """Some clients send them as they are."""
    customer = world.create_customer(external_id=external_id)
    answer = both(api, quote(external_id, safe="/"))
    assert (answer.status_code, answer.json["id"]) == (200, customer.id)


def test_a_retired_external_id_is_answered_with_a_header(api: ApiClient, world: World) -> None:
    """As there."""
    customer = world.create_customer(external_id="old")
    world.update_customer(customer, external_id="new")
    answer = both(api, "old")
    assert (answer.json["id"], answer.headers["X-Retired-External-ID"]) == (customer.id, "true")
    assert "X-Retired-External-ID" not in both(api, "new").headers


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ("unknown", 404),
        ("unknown/entitlements", 501),
        ("unknown/subscriptions", 501),
        ("user?expand=wallets", 400),
        ("user?expand=parent_customer,integrations", 200),
        ("a%00b", 400),
    ],
)
def test_refusals_are_the_same(api: ApiClient, world: World, rest: str, status: int) -> None:
    """Unknown, of the wider product, wrong."""
    world.create_customer(external_id="user")
    assert both(api, rest).status_code == status


def test_what_the_caller_has_is_not_sent_again(api: ApiClient, world: World) -> None:
    """304 as there."""
    world.create_customer(external_id="user")
    assert both(api, "user", headers={"If-None-Match": '"1"'}).status_code == 304


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_it_is_for_reading_alone(api: ApiClient, world: World, method: str) -> None:
    """405 names what there is."""
    world.create_customer(external_id="user")
    answer = api.request(method, "/v1/customers/lookup/user", json={"name": "After"})
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
