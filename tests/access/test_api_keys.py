"""API keys: both headers, one message for every refusal, and what is kept of a key (contract section 1)."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.clients import ApiClient, DeskClient
from tests.support.world import HOME, World
from webapp.access.api_keys import create_api_key, list_api_keys, revoke_api_key
from webapp.access.model import ApiKey
from webapp.customers.model import Customer
from webapp.database import reading, transaction
from webapp.errors import InvalidInput, NotFound
from webapp.identifiers import now

MESSAGE = "Send a valid API key, as 'Authorization: Bearer KEY' or as 'x-api-key: KEY'."


@pytest.fixture
def customer(world: World) -> Customer:
    """Something to ask for."""
    return world.create_customer()


def get_with(api: ApiClient, customer: Customer, headers: dict[str, str]) -> Any:
    """GET the customer with these headers alone."""
    return api.get(f"/v1/customers/{customer.id}", key=None, headers=headers)


def row_of(world: World, name: str) -> ApiKey:
    """The stored row of one of the world's keys."""
    with world.app.app_context():
        return next(key for key in list_api_keys() if key.name == f"{name} key")


def set_times(world: World, name: str, **times: datetime | None) -> None:
    """Change the times of a key's row, as passing time or an operator would."""
    with world.app.app_context():
        moved = update(ApiKey).where(ApiKey.name == f"{name} key").values(**times)
        transaction(lambda connection: connection.execute(moved))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_bearer_scheme_is_known_in_any_case(api: ApiClient, world: World, customer: Customer, scheme: str) -> None:
    """``Authorization: Bearer KEY``, whatever the case of the word."""
    assert get_with(api, customer, {"Authorization": f"{scheme} {world.keys['write']}"}).status_code == 200


def test_the_key_may_come_as_x_api_key(api: ApiClient, world: World, customer: Customer) -> None:
    """``x-api-key: KEY``, as official clients send it."""
    assert get_with(api, customer, {"X-API-KEY": world.keys["write"]}).status_code == 200


def test_the_same_key_in_both_headers_is_fine(api: ApiClient, world: World, customer: Customer) -> None:
    """Two headers that agree."""
    key = world.keys["write"]
    assert get_with(api, customer, {"Authorization": f"Bearer {key}", "x-api-key": key}).status_code == 200


REFUSED_HEADERS = {
    "no header": {},
    "empty x-api-key": {"x-api-key": ""},
    "empty Authorization": {"Authorization": ""},
    "scheme alone": {"Authorization": "Bearer"},
    "scheme and space": {"Authorization": "Bearer "},
    "key without scheme": {"Authorization": "WRITE"},
    "Basic": {"Authorization": "Basic " + base64.b64encode(b"user:WRITE").decode()},
    "another scheme with the key": {"Authorization": "Token WRITE"},
    "unknown key": {"x-api-key": "cdk_" + "A" * 43},
    "key with another at its end": {"x-api-key": "WRITEx"},
    "key in another case": {"x-api-key": "WRITE-UPPER"},
    "prefix of a key": {"x-api-key": "WRITE-PREFIX"},
    "not ASCII": {"x-api-key": "cdk_é"},
    "very long": {"x-api-key": "cdk_" + "A" * 5000},
    "SQL": {"x-api-key": "' OR 1=1 --"},
    "its hash": {"x-api-key": "WRITE-HASH"},
    "two different keys": {"Authorization": "Bearer WRITE", "x-api-key": "READ"},
    "a good key beside an unknown one": {"Authorization": "Bearer WRITE", "x-api-key": "cdk_unknown"},
    "a good key beside an empty one": {"Authorization": "Bearer WRITE", "x-api-key": ""},
}


@pytest.mark.parametrize("headers", REFUSED_HEADERS.values(), ids=REFUSED_HEADERS.keys())
def test_a_request_without_one_good_key_is_unauthorized(
    api: ApiClient, world: World, customer: Customer, headers: dict[str, str]
) -> None:
    """Missing, malformed, unknown or contradictory: the same status, code, message and challenge."""
    write = world.keys["write"]
    stand_ins = {
        "WRITE-UPPER": write.upper(),
        "WRITE-PREFIX": write[:12],
        "WRITE-HASH": hashlib.sha256(write.encode()).hexdigest(),
        "WRITE": write,
        "READ": world.keys["read"],
    }
    sent = dict(headers)
    for stand_in, key in stand_ins.items():
        sent = {name: value.replace(stand_in, key) for name, value in sent.items()}
    answer = get_with(api, customer, sent)
    assert (answer.status_code, answer.json["code"], answer.json["message"]) == (401, "unauthorized", MESSAGE)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("times", ["revoked_at", "expires_at"])
def test_a_dead_key_is_refused_as_an_unknown_one(api: ApiClient, world: World, customer: Customer, times: str) -> None:
    """A revoked or expired key gives no hint that it was ever good."""
    set_times(world, "write", **{times: now()})
    answer = api.get(f"/v1/customers/{customer.id}")
    assert (answer.status_code, answer.json["message"]) == (401, MESSAGE)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_that_expires_later_is_good(api: ApiClient, world: World, customer: Customer) -> None:
    """Until its time."""
    set_times(world, "write", expires_at=now() + timedelta(minutes=1))
    assert api.get(f"/v1/customers/{customer.id}").status_code == 200


def test_a_revoked_key_is_dead_on_the_next_request(
    app: Flask, api: ApiClient, world: World, customer: Customer
) -> None:
    """No cache keeps it alive."""
    assert api.get(f"/v1/customers/{customer.id}").status_code == 200
    with app.app_context():
        revoke_api_key(row_of(world, "write").id)
    assert api.get(f"/v1/customers/{customer.id}").status_code == 401


def test_revoking_twice_keeps_the_first_time(app: Flask, world: World) -> None:
    """A second time changes nothing."""
    key_id = row_of(world, "write").id
    with app.app_context():
        revoke_api_key(key_id)
        first = row_of(world, "write").revoked_at
        revoke_api_key(key_id)
    assert row_of(world, "write").revoked_at == first


def test_an_unknown_key_cannot_be_revoked(world: World) -> None:
    """A slip of the operator is told."""
    with world.app.app_context(), pytest.raises(NotFound):
        revoke_api_key("key_unknown")


def test_a_read_key_may_not_write(api: ApiClient, world: World, customer: Customer) -> None:
    """403, and nothing is changed."""
    answer = api.put(f"/v1/customers/{customer.id}", {"name": "Changed"}, key="read")
    assert (answer.status_code, answer.json["code"]) == (403, "permission_denied")
    assert world.reload(customer) == customer


def test_a_read_key_may_read(api: ApiClient, customer: Customer) -> None:
    """What it is for."""
    assert api.get(f"/v1/customers/{customer.id}", key="read").status_code == 200


@pytest.mark.parametrize("key", ["sandbox", "elsewhere"])
def test_a_key_sees_only_its_own_environment(api: ApiClient, customer: Customer, key: str) -> None:
    """Another environment's or tenant's customer answers exactly as an unknown one."""
    known, unknown = (api.get(f"/v1/customers/{name}", key=key) for name in (customer.id, "cust_unknown"))
    assert known.status_code == unknown.status_code == 404
    assert known.json | {"request_id": ""} == {**unknown.json, "request_id": ""}


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_browser_session_is_never_accepted_on_v1(desk: DeskClient, customer: Customer, method: str) -> None:
    """Cookies do not count there, so no page can forge a request."""
    answer = desk.client.open(f"/v1/customers/{customer.id}", method=method, json={"name": "Forged"})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("header", ["x-api-key", "Authorization"])
def test_an_api_key_is_never_accepted_on_the_desk(app: Flask, world: World, header: str) -> None:
    """It leads to the sign-in page, as nothing does."""
    value = world.keys["write"] if header == "x-api-key" else f"Bearer {world.keys['write']}"
    answer = app.test_client().get("/customers", headers={header: value})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/customers")


def test_the_last_use_is_recorded(api: ApiClient, world: World, customer: Customer) -> None:
    """A key that was never used has none, then the time of its use."""
    assert row_of(world, "write").last_used_at is None
    before = now()
    api.get(f"/v1/customers/{customer.id}")
    used = row_of(world, "write").last_used_at
    assert used is not None
    assert before <= used <= now()


@pytest.mark.parametrize(("seconds", "is_recorded"), [(30, False), (90, True)], ids=["30 s later", "90 s later"])
def test_the_last_use_is_recorded_once_a_minute_at_most(
    api: ApiClient, world: World, customer: Customer, seconds: int, is_recorded: bool
) -> None:
    """A busy key does not write on each request."""
    earlier = now() - timedelta(seconds=seconds)
    set_times(world, "write", last_used_at=earlier)
    api.get(f"/v1/customers/{customer.id}")
    assert (row_of(world, "write").last_used_at != earlier) is is_recorded


def test_a_refused_key_leaves_no_trace_of_use(api: ApiClient, world: World, customer: Customer) -> None:
    """A revoked key's last use stays what it was."""
    set_times(world, "write", revoked_at=now())
    api.get(f"/v1/customers/{customer.id}")
    assert row_of(world, "write").last_used_at is None


def test_only_the_sha_256_of_a_key_is_stored(world_on_each_database: World) -> None:
    """No column holds the key; the hash is the key's; the prefix tells too little."""
    world = world_on_each_database
    key = world.keys["write"]
    with world.app.app_context(), reading() as connection:
        stored = connection.execute(select(ApiKey.__table__).where(ApiKey.name == "write key")).mappings().one()
    assert stored["key_hash"] == hashlib.sha256(key.encode()).hexdigest()
    assert stored["prefix"] == key[: len(stored["prefix"])]
    assert len(key) - len(stored["prefix"]) >= 35
    assert key not in [str(value) for value in stored.values()]


def test_a_key_has_256_random_bits(world: World) -> None:
    """``cdk_`` and 43 characters of base64url, another one each time."""
    with world.app.app_context():
        keys = {create_api_key(HOME.environment_id, "read", "More", "test") for _ in range(5)}
    assert len(keys) == 5
    assert {len(base64.urlsafe_b64decode(key.removeprefix("cdk_") + "=")) for key in keys} == {32}


@pytest.mark.parametrize("name", ["", "   ", "n" * 256, "a\tb"], ids=["empty", "blank", "256 characters", "tab"])
def test_a_key_needs_a_name(world: World, name: str) -> None:
    """Of 1 to 255 characters, none of them a control character."""
    with world.app.app_context(), pytest.raises(InvalidInput):
        create_api_key(HOME.environment_id, "read", name, "test")


def test_a_key_needs_an_environment_that_exists(world: World) -> None:
    """Not the database's complaint, but ours."""
    with world.app.app_context(), pytest.raises(NotFound, match="env_unknown"):
        create_api_key("env_unknown", "read", "Name", "test")
