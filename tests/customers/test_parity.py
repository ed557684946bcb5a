"""One rule set, two faces: every rule's good and bad values through the form and through JSON."""

import pytest

from tests.support.faces import by_form, by_json
from tests.support.rule_cases import CASES, Case
from webapp.customers.wire import WRITABLE_FIELDS

GOOD = [case for case in CASES if case.good]
BAD = [case for case in CASES if not case.good]


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_both_faces_store_a_good_value_alike(case: Case) -> None:
    """The form and JSON accept it and would store the same."""
    assert (by_form(case.field, case.value).stored, by_json(case.field, case.value).stored) == (
        case.expected,
        case.expected,
    )


@pytest.mark.parametrize("case", BAD, ids=str)
def test_both_faces_refuse_a_bad_value_in_the_same_words(case: Case) -> None:
    """The form and JSON refuse it at the same field with the same messages."""
    assert by_form(case.field, case.value) == by_json(case.field, case.value)


@pytest.mark.parametrize("case", BAD, ids=str)
def test_a_refusal_names_the_field_and_what_is_wrong(case: Case) -> None:
    """Nothing but the wrong field is named, and the message says what to do."""
    messages = by_json(case.field, case.value).messages
    assert list(messages) == [case.field]
    assert case.expected in messages[case.field][0]


@pytest.mark.parametrize("field", WRITABLE_FIELDS)
def test_every_writable_field_has_good_and_bad_cases(field: str) -> None:
    """A field without a rule, or a rule without cases, does not slip in."""
    assert {case.good for case in CASES if case.field == field} == {True, False}


def test_the_cases_name_writable_fields_alone() -> None:
    """A case for a field that cannot be written would prove nothing."""
    assert {case.field for case in CASES} == set(WRITABLE_FIELDS)
