"""What was read can be sent back, null is absent everywhere, and what a caller writes as the ID is what finds it."""

from typing import Any

import pytest

from tests.support.clients import ApiClient
from tests.support.world import World
from webapp.customers.limits import MAPPING_METADATA_BYTES, MOST_FAULTS
from webapp.errors import LONGEST_TOLD

MOST_ANSWERED_BYTES = 64 * 1024


def shown(api: ApiClient, external_id: str) -> dict[str, Any]:
    """A customer with all that can be shown."""
    body: dict[str, Any] = api.get(f"/v1/customers/external/{external_id}?expand=integrations,parent_customer").json
    return body


def test_mappings_that_were_read_can_be_sent_back(api: ApiClient, world: World) -> None:
    """As they are, which changes nothing; and with one of them edited."""
    customer = world.create_customer(external_id="user_1", mappings={"stripe": "cus_1", "paddle": "2"})
    integrations = shown(api, "user_1")["integrations"]
    answer = api.put(f"/v1/customers/{customer.id}", {"integration_entity_mapping": integrations})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    integrations[0]["provider_entity_id"] = "3"
    assert api.put(f"/v1/customers/{customer.id}", {"integration_entity_mapping": integrations}).status_code == 200
    assert [mapping["provider_entity_id"] for mapping in shown(api, "user_1")["integrations"]] == ["3", "cus_1"]


@pytest.mark.parametrize(
    "item",
    [
        {"provider": "stripe", "id": "cus_1", "entity_id": None, "entity_type": None, "metadata": None},
        {"provider": "stripe", "id": "cus_1", "provider_type": None, "provider_entity_id": None},
        {"provider_type": "stripe", "provider_entity_id": "cus_1", "provider": None, "id": None, "metadata": None},
    ],
    ids=["short", "short beside the other's names", "long"],
)
def test_null_in_a_mapping_is_absent(api: ApiClient, world: World, item: dict[str, Any]) -> None:
    """Typed clients send it for what they did not set (contract section 4)."""
    customer = world.create_customer(external_id="user_1")
    assert api.put(f"/v1/customers/{customer.id}", {"integration_entity_mapping": [item]}).status_code == 200
    assert [mapping["provider_entity_id"] for mapping in shown(api, "user_1")["integrations"]] == ["cus_1"]


def test_an_unknown_field_of_a_mapping_is_refused_null_or_not(api: ApiClient, world: World) -> None:
    """A misspelt name must not pass for an absent one."""
    customer = world.create_customer()
    item = {"provider": "stripe", "id": "cus_1", "metdata": None}
    answer = api.put(f"/v1/customers/{customer.id}", {"integration_entity_mapping": [item]})
    assert answer.json["details"] == {"integration_entity_mapping": ["Item 0 has an unknown field 'metdata'."]}


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 400)])
def test_a_mappings_metadata_has_a_limit(api: ApiClient, world: World, more: int, status: int) -> None:
    """Every history entry of the mapping keeps it twice."""
    text = "x" * (MAPPING_METADATA_BYTES - len('{"note":""}') + more)
    item = {"provider_type": "stripe", "provider_entity_id": "1", "metadata": {"note": text}}
    customer = world.create_customer()
    answer = api.put(f"/v1/customers/{customer.id}", {"integration_entity_mapping": [item]})
    assert answer.status_code == status


def test_an_external_id_is_trimmed_where_it_is_looked_up_too(api: ApiClient, world: World) -> None:
    """It was when it was stored."""
    created = api.request("POST", "/v1/customers", json={"external_id": "  user 1\u2028", "name": "Acme"})
    assert created.json["external_id"] == "user 1"
    assert api.get("/v1/customers/external/%20%20user%201%E2%80%A8").json["id"] == created.json["id"]
    answer = api.put("/v1/customers?external_customer_id=%20user%201%20", {"contact": "1"})
    assert (answer.status_code, answer.json["contact"]) == (200, "1")


def test_the_message_names_the_wrong_fields(api: ApiClient) -> None:
    """It is all that the official clients show of an error."""
    answer = api.request("POST", "/v1/customers", json={"external_id": "u", "name": "", "email": "bad"})
    assert answer.json["message"].startswith("name: Enter a name. email: Enter an email address")


def test_many_faults_make_neither_a_long_message_nor_a_long_answer(api: ApiClient) -> None:
    """Whatever is wrong how often."""
    bodies: list[dict[str, Any]] = [
        {"metadata": {f"key {number}": number for number in range(15_000)}},
        {"metadata": {"\x00" * (number + 1): "" for number in range(500)}},
        {"integration_entity_mapping": [{f"key {number}": 1 for number in range(4_000)}] * 9},
        {f"key {number}": 1 for number in range(15_000)},
    ]
    for body in bodies:
        answer = api.request("POST", "/v1/customers", json={"external_id": "u", "name": "n", **body})
        assert answer.status_code == 400
        assert len(answer.json["message"]) <= LONGEST_TOLD + 1
        assert sum(map(len, answer.json["details"].values())) <= MOST_FAULTS
        assert len(answer.data) < MOST_ANSWERED_BYTES


def test_an_encoded_body_is_415(api: ApiClient, world: World) -> None:
    """It would be taken for broken text."""
    customer = world.create_customer()
    headers = {"Content-Encoding": "gzip"}
    answer = api.put(f"/v1/customers/{customer.id}", {"name": "After"}, headers=headers)
    assert (answer.status_code, answer.json["message"]) == (415, "Send the body as it is, without Content-Encoding.")


@pytest.mark.parametrize(
    ("preference", "status"),
    [
        ("handling=lenient", 200),
        ('handling = "lenient"; note=1, respond-async', 200),
        ("respond-async, HANDLING=lenient", 200),
        ("handling=strict, handling=lenient", 400),
        ("lenient", 400),
        ("handling", 400),
    ],
)
def test_a_preference_is_read_as_rfc_7240_has_it(api: ApiClient, world: World, preference: str, status: int) -> None:
    """White space and parameters are allowed, and of two the first counts."""
    customer = world.create_customer()
    answer = api.put(f"/v1/customers/{customer.id}", {"nmae": "x"}, headers={"Prefer": preference})
    assert answer.status_code == status
    assert ("Preference-Applied" in answer.headers) is (status == 200)
