"""POST /v1/customers refused: every rule as on a PUT, all faults at once, and nobody created (contract section 3)."""

from typing import Any

import pytest

from tests.customers.test_api_create import FEW, NEW, create, post
from tests.support.clients import ApiClient
from tests.support.faces import as_json, by_json
from tests.support.rule_cases import Case
from tests.support.stored import rows_of
from tests.support.world import SANDBOX, World


@pytest.mark.parametrize("missing", ["absent", "null", "empty", "blank"])
def test_required_fields_are_named_together_with_every_other_fault(api: ApiClient, world: World, missing: str) -> None:
    """Null counts as absent; "" is no value for them."""
    values = {"null": None, "empty": "", "blank": " \u3000"}
    required = {} if missing == "absent" else dict.fromkeys(("external_id", "name"), values[missing])
    before = rows_of(world)
    answer = post(api, {**required, "email": "x", "emial": "y", "metadata": {"a": 1}, "address_country": 7})
    assert (answer.status_code, answer.json["code"]) == (400, "validation_error")
    assert set(answer.json["details"]) == {"external_id", "name", "email", "emial", "metadata", "address_country"}
    assert rows_of(world) == before


@pytest.mark.parametrize("field", ["external_id", "name"])
def test_one_required_field_alone_is_not_enough(api: ApiClient, field: str) -> None:
    """The other one is named, and only that."""
    answer = post(api, {field: NEW[field]})
    assert (answer.status_code, list(answer.json["details"])) == (400, [({*NEW} - {field}).pop()])


@pytest.mark.parametrize("case", [case for case in FEW if not case.good], ids=str)
def test_a_bad_value_is_refused_in_the_words_of_put(api: ApiClient, world: World, case: Case) -> None:
    """The same messages at the same field, and nobody is created."""
    before = rows_of(world)
    sent = {**NEW, case.field: as_json(case.field, case.value)}
    answer = post(api, sent)
    assert (answer.status_code, answer.json["code"]) == (400, "validation_error")
    assert answer.json["details"] == by_json(case.field, case.value).messages
    assert case.expected in answer.json["details"][case.field][0]
    assert rows_of(world) == before


def test_two_names_of_a_parent_are_refused(api: ApiClient) -> None:
    """At most one of the two fields."""
    answer = post(api, {**NEW, "parent_customer_id": "a", "parent_customer_external_id": "b"})
    assert answer.status_code == 400
    assert set(answer.json["details"]) == {"parent_customer_id", "parent_customer_external_id"}


@pytest.mark.parametrize("parent", ["unknown", "archived", "sandboxed", "new"])
def test_a_parent_that_is_not_there_is_not_found(api: ApiClient, world: World, parent: str) -> None:
    """Nor is the customer itself, which does not exist yet; nobody is created."""
    world.archive(world.create_customer(external_id="archived"))
    world.create_customer(SANDBOX, external_id="sandboxed")
    before = rows_of(world)
    answer = post(api, {**NEW, "parent_customer_external_id": parent})
    assert (answer.status_code, list(answer.json["details"])) == (404, ["parent_customer_external_id"])
    assert rows_of(world) == before


def test_a_sixth_level_is_refused(api: ApiClient) -> None:
    """At most five levels (section 5)."""
    for level in range(1, 6):
        parent = {"parent_customer_external_id": f"level {level - 1}"} if level > 1 else {}
        create(api, {"external_id": f"level {level}", "name": "L", **parent})
    answer = post(api, {**NEW, "parent_customer_external_id": "level 5"})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_operation")
    assert list(answer.json["details"]) == ["parent_customer_external_id"]


@pytest.mark.parametrize("external_id", ["taken", "  taken\n\u00a0"], ids=["as it is", "once trimmed"])
def test_a_taken_external_id_is_a_conflict(api: ApiClient, world: World, external_id: str) -> None:
    """409, and nothing is created."""
    world.create_customer(external_id="taken")
    before = rows_of(world)
    answer = post(
        api, {**NEW, "external_id": external_id, "integration_entity_mapping": [{"provider": "stripe", "id": "1"}]}
    )
    assert (answer.status_code, answer.json["code"]) == (409, "already_exists")
    assert list(answer.json["details"]) == ["external_id"]
    assert "ETag" not in answer.headers
    assert rows_of(world) == before


@pytest.mark.parametrize("expand", ["wallets", "parent_customer,wallets", "Integrations"])
def test_an_unknown_expansion_is_refused_before_anything_is_done(api: ApiClient, world: World, expand: str) -> None:
    """By its name."""
    answer = post(api, NEW, f"?expand={expand}")
    assert (answer.status_code, list(answer.json["details"])) == (400, ["expand"])
    assert rows_of(world)["customers"] == []


@pytest.mark.parametrize(
    ("kwargs", "status"),
    [
        ({"data": b'{"external_id": "a", "name": "A"}'}, 415),
        ({"data": b"external_id=a&name=A", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"data": b'{"external_id": "a", "name": "A"}', "content_type": "application/merge-patch+json"}, 415),
        ({"data": b"[]", "content_type": "application/json"}, 400),
        ({"data": b"", "content_type": "application/json"}, 400),
        ({"data": b'{"external_id": "a", "name": "A", "name": "B"}', "content_type": "application/json"}, 400),
        ({"json": NEW, "headers": {"Accept": "text/html"}}, 406),
    ],
    ids=["no type", "a form", "a merge patch", "an array", "nothing", "a key twice", "no JSON accepted"],
)
def test_only_a_json_object_for_a_caller_of_json_will_do(
    api: ApiClient, world: World, kwargs: dict[str, Any], status: int
) -> None:
    """Nothing is created."""
    assert api.request("POST", "/v1/customers", **kwargs).status_code == status
    assert rows_of(world)["customers"] == []
