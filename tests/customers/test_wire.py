"""The JSON object of an update -> typed changes: what presence means, which fields and types are known."""

from typing import Any

import pytest

from webapp.customers.changeset import CustomerChanges, ParentReference
from webapp.customers.limits import Limits
from webapp.customers.wire import (
    EXPANSIONS,
    FOREIGN_FIELDS,
    KNOWN_FIELDS,
    READ_ONLY_FIELDS,
    WRITABLE_FIELDS,
    read_changes,
    read_expansions,
)
from webapp.errors import InvalidInput

LIMITS = Limits()


def details_of(body: dict[str, Any], **kwargs: Any) -> dict[str, list[str]]:
    """The messages with which a body is refused."""
    with pytest.raises(InvalidInput) as refusal:
        read_changes(body, LIMITS, **kwargs)
    return {name: list(messages) for name, messages in refusal.value.details.items()}


def test_an_absent_field_is_left_alone() -> None:
    """Nothing sent, nothing to change."""
    assert read_changes({}, LIMITS) == CustomerChanges()


@pytest.mark.parametrize("field", WRITABLE_FIELDS)
def test_null_counts_as_absent(field: str) -> None:
    """Typed clients send null for what they did not set."""
    assert read_changes({field: None}, LIMITS) == CustomerChanges()


def test_an_empty_text_clears() -> None:
    """It is a value like any other, not an absence."""
    assert read_changes({"email": ""}, LIMITS).texts == {"email": ""}


def test_empty_metadata_clears_all_entries() -> None:
    """{} is not null."""
    assert read_changes({"metadata": {}}, LIMITS).metadata == {}


@pytest.mark.parametrize(
    ("field", "by_external_id"), [("parent_customer_id", False), ("parent_customer_external_id", True)]
)
@pytest.mark.parametrize("value", ["some_id", ""], ids=["set", "detached"])
def test_a_parent_is_named_by_id_or_by_external_id(field: str, by_external_id: bool, value: str) -> None:
    """And an empty one detaches."""
    assert read_changes({field: value}, LIMITS).parent == ParentReference(value, by_external_id)


@pytest.mark.parametrize("second", ["b", ""], ids=["named", "empty"])
def test_only_one_of_the_two_parents_can_be_sent(second: str) -> None:
    """Both fields are named, even where one is empty."""
    details = details_of({"parent_customer_id": "a", "parent_customer_external_id": second})
    assert set(details) == {"parent_customer_id", "parent_customer_external_id"}


def test_a_parent_that_is_null_is_not_sent() -> None:
    """So the other one may be."""
    body = {"parent_customer_id": None, "parent_customer_external_id": "a"}
    assert read_changes(body, LIMITS).parent == ParentReference("a", by_external_id=True)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("emial", "unknown field 'emial'; did you mean 'email'?"),
        ("adress_city", "unknown field 'adress_city'; did you mean 'address_city'?"),
        ("externalId", "unknown field 'externalId'; did you mean 'external_id'?"),
        ("billing_curency", "unknown field 'billing_curency'; did you mean 'billing_currency'?"),
        ("zzz", "unknown field 'zzz'"),
        ("", "unknown field ''"),
        ("x" * 500, f"unknown field '{'x' * 100}'"),
    ],
    ids=["swapped", "one letter missing", "camel case", "foreign", "nothing near", "empty", "long"],
)
def test_an_unknown_field_is_refused_with_the_nearest_known_one(sent: str, message: str) -> None:
    """A misspelt field that answers 200 is a lost edit."""
    assert details_of({sent: "x"}) == {sent: [message]}


def test_a_field_of_the_answer_is_not_proposed() -> None:
    """Sending a read-only field would do nothing."""
    assert "status" not in details_of({"statu": "x"})["statu"][0]


def test_of_thousands_of_unknown_fields_the_first_fifty_are_named() -> None:
    """A huge body of them is refused without looking for the nearest known one of each."""
    with pytest.raises(InvalidInput) as refused:
        read_changes({f"unknown_{number}": 1 for number in range(60_000)}, LIMITS)
    assert len(refused.value.details) == 50


def test_an_unknown_field_is_refused_even_when_it_is_null() -> None:
    """It is misspelt all the same."""
    assert list(details_of({"emial": None})) == ["emial"]


def test_lenient_ignores_an_unknown_field() -> None:
    """Prefer: handling=lenient (RFC 7240)."""
    assert read_changes({"emial": "x", "name": "A"}, LIMITS, lenient=True) == CustomerChanges({"name": "A"})


def test_lenient_still_refuses_a_bad_value() -> None:
    """Only unknown fields are forgiven."""
    assert list(details_of({"emial": "x", "email": "wrong"}, lenient=True)) == ["email"]


@pytest.mark.parametrize("field", [*READ_ONLY_FIELDS, *FOREIGN_FIELDS])
@pytest.mark.parametrize("value", ["x", 1, None, [], {"a": "b"}], ids=repr)
def test_read_only_and_foreign_fields_are_ignored(field: str, value: Any) -> None:
    """Whatever is in them."""
    assert read_changes({field: value}, LIMITS) == CustomerChanges()


def test_no_field_is_both_writable_and_ignored() -> None:
    """Three separate lists make up what is known."""
    assert len(KNOWN_FIELDS) == len(WRITABLE_FIELDS) + len(READ_ONLY_FIELDS) + len(FOREIGN_FIELDS)


@pytest.mark.parametrize("value", [1, True, 1.5, [], {}, ["a"]], ids=repr)
@pytest.mark.parametrize(
    "field", [field for field in WRITABLE_FIELDS if field not in {"metadata", "integration_entity_mapping"}]
)
def test_a_text_field_takes_strings_alone(field: str, value: Any) -> None:
    """A number is not guessed into a text."""
    assert details_of({field: value}) == {field: ["Send a string."]}


@pytest.mark.parametrize("value", ["x", 1, True, [], [["a", "b"]]], ids=repr)
def test_metadata_must_be_an_object(value: Any) -> None:
    """Of strings."""
    assert details_of({"metadata": value}) == {"metadata": ["Send an object of strings."]}


@pytest.mark.parametrize("value", [1, None, True, [], {}], ids=repr)
def test_a_metadata_value_must_be_a_string(value: Any) -> None:
    """Each wrong one is named; null removes nothing on PUT."""
    assert details_of({"metadata": {"good": "1", "bad": value}}) == {
        "metadata": ['The value of "bad" must be a string.']
    }


def test_every_wrong_field_is_named_at_once() -> None:
    """One round trip shows all of them."""
    body = {"name": "", "email": "x", "address_country": "XX", "metadata": {"": "1"}, "emial": 1, "timezone": 5}
    assert set(details_of(body)) == set(body)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ([], set()),
        ([""], set()),
        (["parent_customer"], {"parent_customer"}),
        (["parent_customer,integrations"], set(EXPANSIONS)),
        ([" integrations , parent_customer "], set(EXPANSIONS)),
        (["integrations", "parent_customer"], set(EXPANSIONS)),
    ],
    ids=["none", "empty", "one", "both", "spaces", "repeated"],
)
def test_expansions_are_read_from_a_list_with_commas(sent: list[str], read: set[str]) -> None:
    """Or from a parameter that is there several times."""
    assert read_expansions(sent) == read


def test_an_unknown_expansion_is_refused() -> None:
    """By its name, with those that are known."""
    with pytest.raises(InvalidInput) as refusal:
        read_expansions(["parent_customer,wallets"])
    assert "unknown expansion 'wallets'" in refusal.value.details["expand"][0]
