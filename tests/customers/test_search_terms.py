"""The grammar of the search box: what of a text is about metadata, and what is looked for as it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.customers.search_terms import MetadataTerm, Terms, quoted, read_terms


@pytest.mark.parametrize(
    ("typed", "text", "metadata"),
    [
        ("", "", []),
        ("acme corp", "acme corp", []),
        ("acme  corp", "acme  corp", []),
        ("plan:enterprise", "", [MetadataTerm("plan", "enterprise")]),
        ("plan:*", "", [MetadataTerm("plan", None)]),
        ("-plan:*", "", [MetadataTerm("plan", None, is_wanted=False)]),
        ("-plan:free", "", [MetadataTerm("plan", "free", is_wanted=False)]),
        ('"plan tier":"very large"', "", [MetadataTerm("plan tier", "very large")]),
        ('-"plan tier":*', "", [MetadataTerm("plan tier", None, is_wanted=False)]),
        ('plan:"*"', "", [MetadataTerm("plan", "*")]),
        ('plan:""', "", [MetadataTerm("plan", "")]),
        ("url:https://a.example", "", [MetadataTerm("url", "https://a.example")]),
        ("acme plan:pro corp", "acme corp", [MetadataTerm("plan", "pro")]),
        ("a:1 b:2 a:1", "", [MetadataTerm("a", "1"), MetadataTerm("b", "2")]),
        ('"plan:pro"', "plan:pro", []),
        ('"say ""hi"": now"', 'say "hi": now', []),
        ('"say ""k""":v', "", [MetadataTerm('say "k"', "v")]),
    ],
)
def test_a_text_is_read_as_terms(typed: str, text: str, metadata: list[MetadataTerm]) -> None:
    """Terms stand anywhere; what is in quotes alone is text."""
    assert read_terms(typed) == Terms(text, tuple(metadata))


@pytest.mark.parametrize(
    "typed", ['"plan:pro', 'plan:"pro', "plan:", ":pro", "-", "-acme", '-"a b"', 'a"b:c', '"":x', 'plan:"a"b', "::"]
)
def test_what_is_no_term_is_text(typed: str) -> None:
    """An open quote or a colon too many is nobody's fault."""
    assert read_terms(typed) == Terms(typed)


@given(st.text(max_size=60))
def test_any_text_can_be_looked_for_as_it_is(text: str) -> None:
    """In quotes nothing is a term."""
    assert read_terms(quoted(text)) == Terms(text)


@given(st.text(min_size=1, max_size=20), st.none() | st.text(max_size=20), st.booleans())
def test_a_term_is_read_as_it_is_written(key: str, value: str | None, is_wanted: bool) -> None:
    """Whatever stands in key and value."""
    term = MetadataTerm(key, value, is_wanted)
    assert read_terms(str(term)) == Terms("", (term,))
