"""The schemas of requests and the rules: the same verdict on the same values, to the character."""

import json
import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.openapi.conftest import Verdict
from tests.support.rule_cases import CASES, Case
from tests.support.uncounted import uncounted
from webapp.customers.judging import judge
from webapp.customers.limits import FIELD_LENGTHS, Limits
from webapp.customers.query_wire import read_search_body
from webapp.customers.rows import trim
from webapp.customers.validators import forbidden_character
from webapp.customers.wire import REQUIRED_FIELDS
from webapp.errors import InvalidInput
from webapp.openapi.texts import PLAIN, WHITE, trimmed_text

#: JSON Schema has no word for "unique once trimmed", nor for "unique by one part".
BEYOND_A_SCHEMA = {"a key twice once trimmed", "a provider twice"}
#: A format judges a text as it stands: the schema of an email refuses white space around it, which the rule takes off.
STRICTER = "email: good: trimmed"
#: No valid JSON holds a lone surrogate, and no pattern can name one.
JUDGED = [
    case
    for case in CASES
    if case.about not in BEYOND_A_SCHEMA and "surrogate" not in case.about and str(case) != STRICTER
]
TEXT_FIELDS = sorted(set(FIELD_LENGTHS) - {"email", "address_country", "timezone"})
TEXTS = st.text(st.sampled_from(" \t\n\r\u00a0\u2003\u3000ab\u0301\U0001f600\x00\x1f\x7f\x85"), max_size=30)


def shapes(case: Case) -> list[Any]:
    """The value of a case as JSON: a mapping in both of its shapes."""
    if case.field != "integration_entity_mapping":
        return [case.value]
    return [
        [{"provider": provider, "id": identifier} for provider, identifier in case.value],
        [{"provider_type": provider, "provider_entity_id": identifier} for provider, identifier in case.value],
    ]


@pytest.mark.parametrize("schema", ["UpdateCustomer", "PatchCustomer", "CreateCustomer"])
@pytest.mark.parametrize("case", JUDGED, ids=str)
def test_a_schema_judges_as_the_rule_does(faults: Verdict, case: Case, schema: str) -> None:
    """Every good and every bad value of every field, as sent in a POST, a PUT, a PATCH."""
    required = {"external_id": "user_1", "name": "Acme"} if schema == "CreateCustomer" else {}
    for value in shapes(case):
        assert (not faults(schema, {**required, case.field: value})) is case.good


@pytest.mark.parametrize("schema", ["UpdateCustomer", "PatchCustomer"])
@pytest.mark.parametrize("field", sorted({case.field for case in CASES}))
def test_null_counts_as_absent(faults: Verdict, field: str, schema: str) -> None:
    """For each field."""
    assert faults(schema, {field: None}) == []
    assert faults(schema, {field: 1}) != []


@pytest.mark.parametrize("field", REQUIRED_FIELDS)
def test_a_new_customer_needs_its_required_fields(faults: Verdict, field: str) -> None:
    """Absent and null are refused alike."""
    good = {"external_id": "user_1", "name": "Acme"}
    assert faults("CreateCustomer", good) == []
    assert faults("CreateCustomer", {**good, field: None}) != []
    assert faults("CreateCustomer", {name: text for name, text in good.items() if name != field}) != []


def test_a_patch_takes_null_for_a_metadata_key_and_a_put_does_not(faults: Verdict) -> None:
    """It removes the key."""
    assert faults("PatchCustomer", {"metadata": {"plan": None}}) == []
    assert faults("UpdateCustomer", {"metadata": {"plan": None}}) != []


def test_at_most_one_of_the_two_names_of_a_parent(faults: Verdict) -> None:
    """Unless one is null, which is absent."""
    assert faults("UpdateCustomer", {"parent_customer_id": "a", "parent_customer_external_id": "b"}) != []
    assert faults("UpdateCustomer", {"parent_customer_id": "a", "parent_customer_external_id": None}) == []


def test_white_space_and_control_characters_are_those_of_the_rules() -> None:
    """Each character there is, but lone surrogates."""
    is_white, is_plain = re.compile(WHITE).fullmatch, re.compile(PLAIN).fullmatch
    with uncounted():  # the tests below run the same lines
        for character in map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))):
            assert bool(is_white(character)) is (trim(character) == "")
            assert bool(is_plain(character)) is (forbidden_character(character) == "")


@given(text=TEXTS)
def test_any_text_is_judged_alike(text: str) -> None:
    """Short limits, so that what is generated goes past them."""
    for field in TEXT_FIELDS:
        pattern = re.compile(trimmed_text(FIELD_LENGTHS[field], required=field in REQUIRED_FIELDS)["pattern"])
        assert bool(pattern.search(text)) is (judge(field, text, Limits())[1] == [])


@given(text=TEXTS, most=st.integers(1, 20), required=st.booleans())
def test_a_length_counts_what_trimming_leaves(text: str, most: int, required: bool) -> None:
    """No more and no less."""
    pattern = re.compile(trimmed_text(most, required=required)["pattern"])
    core = trim(text)
    good = (not required or core != "") and len(core) <= most and not forbidden_character(core)
    assert bool(pattern.search(text)) is good


A_FILTER = {"field": "name", "operator": "eq", "value": {"string": "a"}}
SEARCHES: list[dict[str, Any]] = [{"limit": limit} for limit in (1, 1000, 5.0, None, 0, 1001, 5.5, "5", True)] + [
    {"offset": 0},
    {"offset": -1},
    {"status": "archived"},
    {"status": "unknown"},
    {"sort": [{"field": "name"}, {"field": "created_at", "direction": "desc"}]},
    {"sort": []},
    {"sort": "name"},
    {"sort": [{"field": "metadata.a"}]},
    {"sort": [{"field": "name", "direction": "up"}]},
    {"sort": [{"field": "name", "other": 1}]},
    {"sort": [{"field": "name"}] * 11},
    {"order": "asc"},
    {"order": "up"},
    {"external_id": "x" * 1000, "email": ""},
    {"external_id": "x" * 1001},
    {"email": "a\nb"},
    {"expand": "parent_customer, integrations"},
    {"expand": ["parent_customer"]},
    {"expand": 1},
    {"customer_ids": ["a"]},
    {"customer_ids": [1]},
    {"external_ids": ["x"] * 1001},
    {"metadata": {"plan": "gold"}},
    {"metadata": {"": "gold"}},
    {"metadata": {"plan": None}},
    {"start_time": "2026-01-31T09:30:00Z", "end_time": "2026-01-31"},
    {"start_time": "2026-01-31T09:30:00.123456+02:00"},
    {"start_time": "yesterday"},
    {"end_time": 1},
    {"filters": [A_FILTER] * 50},
    {"filters": [A_FILTER] * 51},
    {"filters": [{**A_FILTER, "value": {"string": "a", "number": None}, "data_type": None}]},
    {"filters": [{**A_FILTER, "value": {"string": "a", "number": 1}}]},
    {"filters": [{**A_FILTER, "value": {}}]},
    {"filters": [{**A_FILTER, "value": {"text": "a"}}]},
    {"filters": [{**A_FILTER, "field": "metadata."}]},
    {"filters": [{**A_FILTER, "field": "integration_entity_mapping.nobody"}]},
    {"filters": [{**A_FILTER, "other": 1}]},
    {"filters": [{"field": "name", "operator": "in", "value": {"array": ["a", "b"]}}]},
    {"filters": [{"field": "name", "operator": "in", "value": {"array": []}}]},
    {"filters": [{"field": "status", "operator": "eq", "value": {"string": "unknown"}}]},
    {"filter": []},
]


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: json.dumps(search)[:60])
def test_a_search_is_judged_alike(faults: Verdict, search: dict[str, Any]) -> None:
    """By the schema and by the reader of queries."""
    try:
        read_search_body(search)
    except InvalidInput:
        assert faults("SearchCustomers", search) != []
    else:
        assert faults("SearchCustomers", search) == []
