"""The two shapes of a mapping in JSON (contract section 6), accepted item by item."""

from typing import Any

import pytest

from webapp.customers.changeset import MappingItem
from webapp.customers.limits import Limits
from webapp.customers.wire import read_changes
from webapp.errors import InvalidInput

LIMITS = Limits()
LONG = {"entity_id": "cust_1", "entity_type": "customer", "provider_type": "paddle", "provider_entity_id": "2"}


def read(items: Any) -> tuple[MappingItem, ...]:
    """The mappings of a body."""
    return read_changes({"integration_entity_mapping": items}, LIMITS).mappings


def refused(items: Any) -> list[str]:
    """The messages with which they are refused."""
    with pytest.raises(InvalidInput) as refusal:
        read(items)
    assert list(refusal.value.details) == ["integration_entity_mapping"]
    return list(refusal.value.details["integration_entity_mapping"])


def test_the_short_shape_is_read() -> None:
    """Provider and ID."""
    assert read([{"provider": "stripe", "id": " cus_1 "}]) == (MappingItem("stripe", "cus_1"),)


def test_the_long_shape_is_read() -> None:
    """As official clients send it."""
    assert read([LONG]) == (MappingItem("paddle", "2"),)


def test_the_shapes_can_be_mixed() -> None:
    """Item by item."""
    assert read([{"provider": "stripe", "id": "1"}, LONG]) == (MappingItem("stripe", "1"), MappingItem("paddle", "2"))


@pytest.mark.parametrize("metadata", [{}, {"a": "b"}, {"a": {"b": [1, None]}}], ids=repr)
def test_the_metadata_of_a_mapping_is_any_object(metadata: dict[str, Any]) -> None:
    """It belongs to the provider's side, so nothing in it is judged but its characters."""
    assert read([{**LONG, "metadata": metadata}]) == (MappingItem("paddle", "2", metadata),)


@pytest.mark.parametrize("extra", [{"metadata": None}, {}], ids=["null", "absent"])
def test_metadata_that_is_not_sent_is_left_alone(extra: dict[str, Any]) -> None:
    """Null and absent are one."""
    assert read([{**LONG, **extra}])[0].metadata is None


@pytest.mark.parametrize("without", ["entity_id", "entity_type"], ids=["without entity_id", "without entity_type"])
def test_the_long_shape_needs_not_name_the_customer(without: str) -> None:
    """The request does."""
    assert read([{name: value for name, value in LONG.items() if name != without}]) == (MappingItem("paddle", "2"),)


def test_an_empty_id_is_read_as_a_removal() -> None:
    """In both shapes."""
    items = [{"provider": "stripe", "id": ""}, {**LONG, "provider_entity_id": ""}]
    assert read(items) == (MappingItem("stripe", ""), MappingItem("paddle", ""))


@pytest.mark.parametrize("items", ["x", 1, True, {}, {"provider": "stripe", "id": "1"}], ids=repr)
def test_what_is_no_array_is_refused(items: Any) -> None:
    """Even one mapping must stand in an array."""
    assert refused(items) == ["Send an array of mappings."]


@pytest.mark.parametrize("item", ["x", 1, None, []], ids=repr)
def test_an_item_that_is_no_object_is_refused(item: Any) -> None:
    """By its place in the array."""
    assert refused([LONG, item]) == ["Item 1 must be an object."]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({}, "Item 0: 'provider' must be a string."),
        ({"provider": "stripe"}, "Item 0: 'id' must be a string."),
        ({"provider": "stripe", "id": None}, "Item 0: 'id' must be a string."),
        ({"provider": "stripe", "id": 1}, "Item 0: 'id' must be a string."),
        ({"provider": ["stripe"], "id": "1"}, "Item 0: 'provider' must be a string."),
        ({"provider_type": "stripe"}, "Item 0: 'provider_entity_id' must be a string."),
        ({"provider_entity_id": "1"}, "Item 0: 'provider_type' must be a string."),
        ({"provider": "stripe", "id": "1", "idd": "2"}, "Item 0 has an unknown field 'idd'."),
        ({"provider": "stripe", "id": "1", "metadata": {}}, "Item 0 has an unknown field 'metadata'."),
        ({**LONG, "provider": "stripe"}, "Item 0 has an unknown field 'provider'."),
        ({**LONG, "metadata": "x"}, "Item 0: 'metadata' must be an object."),
        ({**LONG, "metadata": []}, "Item 0: 'metadata' must be an object."),
        ({**LONG, "entity_type": "plan"}, "Item 0: 'entity_type' must be 'customer'."),
        ({**LONG, "entity_type": ["customer"]}, "Item 0: 'entity_type' must be 'customer'."),
        ({**LONG, "entity_type": {}}, "Item 0: 'entity_type' must be 'customer'."),
        ({**LONG, "metadata": {"a": ["\0"]}}, "Item 0: remove the control character U+0000 from 'metadata'."),
        ({**LONG, "metadata": {"\x9f": 1}}, "Item 0: remove the control character U+009F from 'metadata'."),
        ({**LONG, "metadata": {"a": {"b": "\ud800"}}}, "Item 0: remove the control character U+D800 from 'metadata'."),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_item_of_the_wrong_shape_is_refused(item: dict[str, Any], message: str) -> None:
    """By its place, with what is wrong."""
    assert message in refused([item])


def test_every_wrong_item_is_named_at_once() -> None:
    """One round trip shows all of them."""
    assert refused([1, {"provider": "stripe", "id": 1}, None]) == [
        "Item 0 must be an object.",
        "Item 1: 'id' must be a string.",
        "Item 2 must be an object.",
    ]


def test_a_provider_twice_is_refused_across_the_shapes() -> None:
    """One mapping for each provider and customer."""
    assert refused([{"provider": "paddle", "id": "1"}, LONG]) == [
        "The provider “paddle” is there twice. Keep one of them."
    ]


def test_more_items_than_there_are_providers_are_refused() -> None:
    """One of them must be there twice."""
    items = [{"provider": "stripe", "id": "1"}] * (len(LIMITS.providers) + 1)
    assert refused(items) == [f"Send at most {len(LIMITS.providers)} mappings, one for each provider."]


def test_as_many_items_as_there_are_providers_are_read() -> None:
    """Each one once."""
    assert len(read([{"provider": provider, "id": "1"} for provider in LIMITS.providers])) == len(LIMITS.providers)
