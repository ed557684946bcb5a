"""Idempotency-Key on every write of the API: one effect, one answer (contract section 7)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.support.clients import ApiClient
from tests.support.stored import faults_of, rows_of
from tests.support.world import SANDBOX, World
from webapp.customers.model import Customer
from webapp.database import transaction
from webapp.idempotency import idempotency_keys
from webapp.identifiers import now

KEY = {"Idempotency-Key": "a-key"}


@dataclass(frozen=True)
class Write:
    """A write of the API; ``{id}`` is the customer's, ``{gone}`` the archived one's."""

    method: str
    path: str
    body: Any
    status: int


WRITES = {
    "create": Write("POST", "/v1/customers", {"external_id": "made", "name": "Made"}, 201),
    "create, expanded": Write("POST", "/v1/customers?expand=integrations", {"external_id": "m", "name": "M"}, 201),
    "update": Write("PUT", "/v1/customers/{id}", {"external_id": "renamed", "metadata": {"a": "2"}}, 200),
    "update by query": Write("PUT", "/v1/customers?external_customer_id=own", {"name": "After"}, 200),
    "update of nothing": Write("PUT", "/v1/customers/{id}", {"name": "Before"}, 200),
    "patch": Write("PATCH", "/v1/customers/{id}", {"metadata": {"a": None, "b": "2"}}, 200),
    "archive": Write("DELETE", "/v1/customers/{id}", None, 204),
    "restore": Write("POST", "/v1/customers/{gone}/restore", None, 200),
}
EACH_WRITE = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())


@pytest.fixture
def customer(world: World) -> Customer:
    """A published customer."""
    return world.create_customer(external_id="own", name="Before", metadata={"a": "1"}, mappings={"stripe": "1"})


@pytest.fixture
def gone(world: World) -> Customer:
    """An archived one."""
    return world.archive(world.create_customer(external_id="gone"))


@pytest.fixture
def ids(customer: Customer, gone: Customer) -> dict[str, str]:
    """What a write's path is filled in with."""
    return {"id": customer.id, "gone": gone.id}


def send(api: ApiClient, write: Write, ids: dict[str, str], **kwargs: Any) -> Any:
    """Send a write, by default with KEY."""
    kwargs.setdefault("headers", KEY)
    kwargs.setdefault("json", write.body)
    return api.request(kwargs.pop("method", write.method), write.path.format(**ids), **kwargs)


def said(answer: Any) -> tuple[Any, ...]:
    """All of an answer that belongs to its effect."""
    names = ("ETag", "Location", "Content-Type", "Preference-Applied")
    return answer.status_code, answer.data, *(answer.headers.get(name) for name in names)


def stored_answers(world: World) -> int:
    """How many answers are stored."""
    return len(rows_of(world)["idempotency_keys"])


@EACH_WRITE
def test_a_repetition_is_answered_to_the_letter_and_does_nothing(
    api: ApiClient, world: World, write: Write, ids: dict[str, str]
) -> None:
    """Byte for byte, ETag and Location too; it says that it is a replay, and has a request ID of its own."""
    first = send(api, write, ids)
    after = rows_of(world)
    assert (first.status_code, "Idempotency-Replayed" in first.headers) == (write.status, False)
    for _ in range(2):
        again = send(api, write, ids)
        assert said(again) == said(first)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]
    assert rows_of(world) == after
    assert stored_answers(world) == 1
    assert faults_of(world) == []


@EACH_WRITE
def test_a_key_changes_nothing_of_a_first_answer(
    api: ApiClient, world: World, write: Write, ids: dict[str, str]
) -> None:
    """It has the effect that it has without: one entry of the history, unless there was nothing to change."""
    before = len(rows_of(world)["customer_changes"])
    answer = send(api, write, ids)
    assert len(rows_of(world)["customer_changes"]) - before == (write is not WRITES["update of nothing"])
    assert bool(answer.data) is (write.status != 204)
    assert ("Location" in answer.headers) is (write.status == 201)


@EACH_WRITE
def test_a_replay_is_the_first_answer_whatever_happened_since(
    api: ApiClient, world: World, write: Write, ids: dict[str, str], customer: Customer
) -> None:
    """Somebody else changed and archived what it speaks of."""
    first = send(api, write, ids)
    if write is not WRITES["archive"]:
        world.update_customer(customer, name="By somebody else")
        world.archive(customer)
    after = rows_of(world)
    assert said(send(api, write, ids)) == said(first)
    assert rows_of(world) == after


@EACH_WRITE
@pytest.mark.parametrize("other", ["body", "query", "route", "method"])
def test_the_key_of_another_request_is_refused(
    api: ApiClient, world: World, write: Write, ids: dict[str, str], customer: Customer, other: str
) -> None:
    """422, and nothing is done; the first answer is still there."""
    first = send(api, write, ids)
    neighbour = world.create_customer(external_id="neighbour")
    after = rows_of(world)
    method, path, body = write.method, write.path.format(**ids), write.body
    if other == "body":
        # DELETE reads no body, a restore takes no fields; one that is sent makes another request all the same.
        body = {} if body is None else {**body, "email": "x@acme.com"}
    elif other == "query":
        path += ("&" if "?" in path else "?") + "expand=parent_customer"
    elif other == "route":
        method, path, body = "PUT", f"/v1/customers/{neighbour.id}", {"name": "After"}
    else:
        method, path, body = {
            "POST": ("PUT", f"/v1/customers/{customer.id}", {"name": "After"}),
            "PUT": ("PATCH", f"/v1/customers/{customer.id}", body),
            "PATCH": ("PUT", path, {"metadata": {"b": "2"}}),
            "DELETE": ("PUT", path, {"name": "After"}),
        }[method]
    answer = api.request(method, path, json=body, headers=KEY)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_mismatch")
    assert "ETag" not in answer.headers
    assert rows_of(world) == after
    assert said(send(api, write, ids)) == said(first)


def test_another_environment_s_equal_key_is_another_key(api: ApiClient, world: World, ids: dict[str, str]) -> None:
    """It runs there, and each is replayed its own."""
    first = send(api, WRITES["create"], ids)
    other = send(api, WRITES["create"], ids, key="sandbox")
    assert (other.status_code, "Idempotency-Replayed" in other.headers) == (201, False)
    assert other.json["environment_id"] == SANDBOX.environment_id
    assert said(send(api, WRITES["create"], ids, key="sandbox")) == said(other) != said(first)
    assert said(send(api, WRITES["create"], ids)) == said(first)


def test_a_caller_is_judged_before_an_answer_is_replayed(api: ApiClient, ids: dict[str, str]) -> None:
    """A read key is refused, and so is no key."""
    send(api, WRITES["create"], ids)
    assert send(api, WRITES["create"], ids, key="read").status_code == 403
    assert send(api, WRITES["create"], ids, key=None).status_code == 401


def test_another_key_or_none_is_another_request(api: ApiClient, world: World, ids: dict[str, str]) -> None:
    """Which then runs: here into the customer that the first one made."""
    send(api, WRITES["create"], ids)
    for headers in ({"Idempotency-Key": "A-key"}, {}):
        answer = send(api, WRITES["create"], ids, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (409, "already_exists")
    assert stored_answers(world) == 1


def test_after_24_hours_a_request_runs_anew(api: ApiClient, world: World, ids: dict[str, str]) -> None:
    """Not a minute before."""
    first = send(api, WRITES["patch"], ids)
    for hours, is_replayed in ((23.9, True), (24.1, False)):
        with world.app.app_context():
            aged = update(idempotency_keys).values(created_at=now() - timedelta(hours=hours))
            transaction(lambda connection, aged=aged: connection.execute(aged))
        answer = send(api, WRITES["patch"], ids)
        assert ("Idempotency-Replayed" in answer.headers) is is_replayed
    assert answer.headers["ETag"] == first.headers["ETag"]  # it was done already, so there was nothing to change
    assert stored_answers(world) == 1


@pytest.mark.parametrize(
    ("method", "path", "kwargs", "status"),
    [
        ("POST", "/v1/customers", {"json": {"name": ""}}, 400),
        ("POST", "/v1/customers", {"data": b"{", "content_type": "application/json"}, 400),
        ("POST", "/v1/customers", {"data": b"{}"}, 415),
        ("POST", "/v1/customers?expand=x", {"json": {"external_id": "made", "name": "Made"}}, 400),
        ("POST", "/v1/customers", {"json": {"external_id": "own", "name": "Taken"}}, 409),
        ("POST", "/v1/customers", {"json": {"external_id": "m", "name": "M", "parent_customer_id": "cust_x"}}, 404),
        ("PUT", "/v1/customers/cust_unknown", {"json": {"name": "After"}}, 404),
        ("PUT", "/v1/customers/{gone}", {"json": {"name": "After"}}, 400),
        ("PUT", "/v1/customers/{id}", {"json": {"parent_customer_id": "cust_x"}}, 404),
        ("PATCH", "/v1/customers/{id}", {"json": {"metadata": {f"key {n}": "1" for n in range(100)}}}, 400),
        ("PATCH", "/v1/customers/{id}", {"json": {"name": "After"}, "headers": {**KEY, "If-Match": '"7"'}}, 412),
        ("DELETE", "/v1/customers/{gone}", {}, 404),
        ("DELETE", "/v1/customers/{id}", {"headers": {**KEY, "If-Match": '"7"'}}, 412),
        ("POST", "/v1/customers/{id}/restore", {}, 400),
        ("POST", "/v1/customers/{gone}/restore", {"json": {"name": "After"}}, 400),
    ],
)
def test_nothing_is_stored_for_a_request_that_failed(
    api: ApiClient, world: World, ids: dict[str, str], method: str, path: str, kwargs: dict[str, Any], status: int
) -> None:
    """The key is as good as new: another request may have it."""
    before = rows_of(world)
    for _ in range(2):
        answer = api.request(method, path.format(**ids), **{"headers": KEY, **kwargs})
        assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (status, False)
    assert rows_of(world) == before
    assert send(api, WRITES["create"], ids).status_code == 201


@pytest.mark.parametrize("key", ["k", "k" * 255, 'with spaces, commas; and "quotes"', "0", "ä~!"])
@EACH_WRITE
def test_a_key_has_1_to_255_characters(api: ApiClient, write: Write, ids: dict[str, str], key: str) -> None:
    """Of any printable kind."""
    for is_replayed in (False, True):
        answer = send(api, write, ids, headers={"Idempotency-Key": key})
        assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (write.status, is_replayed)


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb", "a\x7fb", "a\x01b"], ids=["empty", "256", "tab", "DEL", "SOH"])
@EACH_WRITE
def test_a_key_that_will_not_do_is_refused(
    api: ApiClient, world: World, write: Write, ids: dict[str, str], key: str
) -> None:
    """400, named, and nothing is done: the caller counts on being protected."""
    before = rows_of(world)
    answer = send(api, write, ids, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["code"]) == (400, "validation_error")
    assert list(answer.json["details"]) == ["Idempotency-Key"]
    assert rows_of(world) == before


@pytest.mark.parametrize("write", ["create", "update", "archive", "restore"])
def test_a_body_that_is_too_large_is_refused_first(
    api: ApiClient, world: World, ids: dict[str, str], write: str
) -> None:
    """The key stands for the whole body, so all of it must be read; even where a body means nothing."""
    before = rows_of(world)
    headers = {**KEY, "Content-Type": "application/json"}
    answer = send(api, WRITES[write], ids, json=None, data=b" " * (2**20 + 1), headers=headers)
    assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")
    assert rows_of(world) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/customers/{id}", None),
        ("GET", "/v1/customers", None),
        ("GET", "/v1/customers/{id}/history", None),
        ("POST", "/v1/customers/search", {}),
    ],
)
def test_reading_needs_no_key_and_keeps_none(
    api: ApiClient, world: World, ids: dict[str, str], method: str, path: str, body: Any
) -> None:
    """It has no effect that could happen twice, and a stored answer would be out of date."""
    for _ in range(2):
        answer = api.request(method, path.format(**ids), json=body, headers=KEY)
        assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (200, False)
    assert stored_answers(world) == 0


@pytest.mark.parametrize("write", ["update", "patch", "archive"])
def test_a_repetition_with_if_match_is_no_conflict_with_itself(api: ApiClient, ids: dict[str, str], write: str) -> None:
    """The version that it expects is gone by its own effect; without the key it is a conflict."""
    headers = {**KEY, "If-Match": '"1"'}
    first, again = (send(api, WRITES[write], ids, headers=headers) for _ in range(2))
    assert said(again) == said(first)
    assert first.headers["ETag"] == '"2"'
    assert send(api, WRITES[write], ids, headers={"If-Match": '"1"'}).status_code in {412, 404}


def test_a_lenient_answer_says_so_when_it_is_replayed(api: ApiClient, ids: dict[str, str]) -> None:
    """Preference-Applied belongs to the first answer."""
    write = Write("POST", "/v1/customers", {"external_id": "made", "name": "Made", "emial": "x"}, 201)
    headers = {**KEY, "Prefer": "handling=lenient"}
    answers = [send(api, write, ids, headers=headers) for _ in range(2)]
    assert [answer.headers["Preference-Applied"] for answer in answers] == ["handling=lenient"] * 2
