"""What the API refuses, and how: one body, every status with its code and headers (contract section 8)."""

import json
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from tests.support.clients import ApiClient
from tests.support.world import World
from webapp.customers.blueprint import FOREIGN
from webapp.customers.model import Customer


@pytest.fixture
def customer(world: World) -> Customer:
    """A customer that must stay as it is."""
    return world.create_customer(external_id="one")


def put_raw(api: ApiClient, customer: Customer, data: bytes, content_type: str | None = "application/json") -> Any:
    """PUT any bytes."""
    return api.put(f"/v1/customers/{customer.id}", data=data, content_type=content_type)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/customers/external/one", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/v1/customers/cust_1", {"GET", "HEAD", "OPTIONS", "PUT"}),
    ],
)
def test_a_method_that_an_address_does_not_know_is_405(
    api: ApiClient, method: str, path: str, allowed: set[str]
) -> None:
    """With the methods that it does know."""
    answer = api.request(method, path)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert allowed <= {name.strip() for name in answer.headers["Allow"].split(",")}
    assert method not in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/nothing", "/v1/customers/", "/v1/customers/external/", "/v1/x/y/z"]
)
def test_an_unknown_address_is_404_in_json(api: ApiClient, path: str) -> None:
    """With or without a key."""
    for key in ("write", ""):
        api.key = key
        answer = api.get(path)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml, text/*", "application/json;q=0", "application/json;v=1;q=0", "image/png"]
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_caller_that_takes_no_json_is_told_406(
    api: ApiClient, world: World, customer: Customer, method: str, accept: str
) -> None:
    """In JSON, and nothing is changed."""
    path = f"/v1/customers/{customer.id}"
    answer = api.request(method, path, json={"name": "After"}, headers={"Accept": accept})
    assert (answer.status_code, answer.get_json()["code"]) == (406, "not_acceptable")
    assert world.reload(customer) == customer


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "application/*",
        "text/html, */*;q=0.1",
        "application/json; charset=utf-8",
        "text/html, application/json;v=1;q=0.5",
        "",
    ],
)
def test_a_caller_that_takes_json_among_others_gets_it(api: ApiClient, customer: Customer, accept: str) -> None:
    """Whatever else it takes."""
    answer = api.get(f"/v1/customers/{customer.id}", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json",
     "application/json; charset=latin-1", "multipart/form-data; boundary=x"],
)  # fmt: skip
def test_a_body_that_is_not_declared_as_json_is_415(
    api: ApiClient, world: World, customer: Customer, content_type: str | None
) -> None:
    """Even when it is JSON."""
    answer = put_raw(api, customer, b'{"name": "After"}', content_type)
    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported_media_type")
    assert world.reload(customer) == customer


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", 'application/json; charset="UTF-8"', "Application/JSON"],
)
def test_json_may_name_its_charset(api: ApiClient, customer: Customer, content_type: str) -> None:
    """UTF-8, in any spelling."""
    assert put_raw(api, customer, '{"name": "Ünï"}'.encode(), content_type).get_json()["name"] == "Ünï"


def test_a_body_past_the_limit_is_413(make_app: Any, world: World, customer: Customer) -> None:
    """One byte more than the setting allows; exactly as many are read."""
    small = ApiClient(make_app(max_body_bytes=2048), world)
    body = json.dumps({"name": "After"}).encode()
    too_large = put_raw(small, customer, body.ljust(2049))
    assert (too_large.status_code, too_large.get_json()["code"]) == (413, "payload_too_large")
    assert world.reload(customer) == customer
    assert put_raw(small, customer, body.ljust(2048)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b"{} {}", b'{"name": NaN}', b'{"name": "a", "name": "b"}', b'{"name": "\xff"}',
     b'{"name": "\\ud800"}', b'{"a":' + b"[" * 32 + b"]" * 32 + b"}"],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_400(api: ApiClient, world: World, customer: Customer, body: bytes) -> None:
    """At the name "body"."""
    answer = put_raw(api, customer, body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "validation_error")
    assert list(answer.get_json()["details"]) == ["body"]
    assert world.reload(customer) == customer


def test_every_wrong_field_is_named_at_once(api: ApiClient, world: World, customer: Customer) -> None:
    """Under its own JSON name."""
    body = {
        "name": "", "email": "x", "address_country": "XX", "timezone": "x", "contact": 5, "emial": "x",
        "metadata": {"": "1"}, "integration_entity_mapping": [{"provider": "x", "id": "1"}],
    }  # fmt: skip
    answer = api.put(f"/v1/customers/{customer.id}", body)
    assert answer.status_code == 400
    assert set(answer.get_json()["details"]) == set(body)
    assert world.reload(customer) == customer


@pytest.mark.parametrize("character", ["%00", "%C2%85", "%7F"], ids=["NUL", "C1", "DEL"])
@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("GET", "/v1/customers/cust_{}", "customer_id"),
        ("GET", "/v1/customers/external/a{}", "external_id"),
        ("GET", "/v1/customers/cust_1?expand={}", "expand"),
        ("PUT", "/v1/customers/cust_{}", "customer_id"),
        ("PUT", "/v1/customers?id={}", "id"),
        ("PUT", "/v1/customers?id={}&id=cust_1", "id"),
        ("PUT", "/v1/customers?external_customer_id=a{}", "external_customer_id"),
    ],
)
def test_a_control_character_in_a_name_is_400(
    world_on_each_database: World, method: str, path: str, field: str, character: str
) -> None:
    """On both databases, of which one cannot even be asked for a NUL."""
    api = ApiClient(world_on_each_database.app, world_on_each_database)
    answer = api.request(method, path.format(character), json={"name": "After"})
    assert (answer.status_code, list(answer.get_json()["details"])) == (400, [field])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *FOREIGN,
        ("GET", "/v1/customers/external/<external_id>/entitlements"),
        ("GET", "/v1/customers/external/<external_id>/subscriptions"),
        ("GET", "/v1/customers/external/<external_id>/a/subscriptions"),
    ],
)
def test_a_route_of_the_wider_product_is_501(api: ApiClient, method: str, path: str) -> None:
    """With a sentence that says so."""
    answer = api.request(method, path.replace("<customer_id>", "cust_1").replace("<external_id>", "one"))
    assert (answer.status_code, answer.get_json()["code"]) == (501, "not_implemented")
    assert "wider billing product" in answer.get_json()["message"]


def test_a_foreign_route_asks_for_a_key_like_any_other(api: ApiClient) -> None:
    """Nothing below /v1/customers answers strangers."""
    api.key = ""
    assert api.get("/v1/customers/usage").status_code == 401


@pytest.mark.parametrize("sent", ["a", "A-z_0-9", "x" * 64])
def test_a_request_id_of_the_caller_is_echoed(api: ApiClient, customer: Customer, sent: str) -> None:
    """In the header, and in the body of an error."""
    headers = {"X-Request-ID": sent}
    assert api.get(f"/v1/customers/{customer.id}", headers=headers).headers["X-Request-ID"] == sent
    assert api.get("/v1/customers/unknown", headers=headers).get_json()["request_id"] == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 65, "a b", "a.b", "<b>", "ä", "a,b"], ids=ascii)
def test_a_request_id_of_another_form_is_replaced(api: ApiClient, customer: Customer, sent: str | None) -> None:
    """By a new one, each time."""
    headers = {} if sent is None else {"X-Request-ID": sent}
    answers = [api.get(f"/v1/customers/{customer.id}", headers=headers).headers["X-Request-ID"] for _ in range(2)]
    assert all(answer.startswith("req_") and len(answer) == 30 for answer in answers)
    assert answers[0] != answers[1]


def test_a_refusal_does_not_repeat_a_long_value(api: ApiClient, customer: Customer) -> None:
    """An error is not a way to have a megabyte sent back."""
    answer = api.put(f"/v1/customers/{customer.id}", {"name": "x" * 100_000, "metadata": {"k" * 100_000: "v"}})
    assert answer.status_code == 400
    assert len(answer.data) < 2000


def test_an_unforeseen_error_says_nothing_of_itself(app: Flask, api: ApiClient, customer: Customer) -> None:
    """500, with the request ID that finds it in the log."""

    def fail() -> None:
        raise RuntimeError("the secret of the house")

    app.before_request_funcs.setdefault("customers", []).append(fail)
    with capture_logs() as logged:
        answer = api.get(f"/v1/customers/{customer.id}", headers={"X-Request-ID": "to-be-found"})
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert b"secret" not in answer.data
    failures = [(line["request_id"], str(line["exc_info"])) for line in logged if line["log_level"] == "error"]
    assert failures == [("to-be-found", "the secret of the house")]


def test_a_database_that_is_away_is_503(make_app: Any, world: World, customer: Customer) -> None:
    """With when to try again, and no word of where the database would be."""
    away = ApiClient(make_app(database_url="postgresql://desk:hidden@127.0.0.1:1/away"), world)
    answer = away.get(f"/v1/customers/{customer.id}")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert b"127.0.0.1" not in answer.data
