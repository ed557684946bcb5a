"""The rules, where the parity test does not already say all: limits that are settings, words, what is quoted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.customers.changeset import MappingItem
from webapp.customers.judging import judge, judge_mappings, judge_metadata
from webapp.customers.limits import FIELD_LENGTHS, Limits
from webapp.customers.validators import COUNTRY_NAMES, TIMEZONES, forbidden_character

LIMITS = Limits()
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", ""),
        ("plain é 用 \u200d", ""),
        ("a\0", "U+0000"),
        ("\x80", "U+0080"),
        ("\udc00", "U+DC00"),
        ("\n\0", "U+000A"),
    ],
    ids=repr,
)
def test_the_first_forbidden_character_is_named_by_its_code_point(text: str, named: str) -> None:
    """Controls and lone surrogates are named; every other character is nobody's business."""
    assert forbidden_character(text) == named


@pytest.mark.parametrize("field", FIELD_LENGTHS)
@given(text=ANY_TEXT)
def test_no_text_that_passes_holds_a_forbidden_character_or_is_too_long(field: str, text: str) -> None:
    """Whatever is typed: what a rule lets through can be stored."""
    stored, messages = judge(field, text, LIMITS)
    assert messages or (not forbidden_character(stored) and len(stored) <= FIELD_LENGTHS[field])


@given(entries=st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=4))
def test_no_metadata_that_passes_holds_a_forbidden_character(entries: dict[str, str]) -> None:
    """The same for keys and values; and an entry is never lost without a word."""
    stored, messages = judge_metadata(entries, LIMITS)
    assert messages or (len(stored) == len(entries) and not any(map(forbidden_character, [*stored, *stored.values()])))


@given(text=st.text(max_size=50))
def test_judging_what_was_stored_again_changes_nothing(text: str) -> None:
    """A GET, an edit and a PUT of the whole object must not alter a field that nobody touched."""
    stored, messages = judge("name", text, LIMITS)
    assert messages or judge("name", stored, LIMITS) == (stored, [])


def test_every_assigned_country_is_known() -> None:
    """ISO 3166-1 assigns 249 codes."""
    assert len(COUNTRY_NAMES) == 249


@pytest.mark.parametrize("code", COUNTRY_NAMES)
def test_every_country_is_accepted_in_lower_case(code: str) -> None:
    """And stored in capitals."""
    assert judge("address_country", code.lower(), LIMITS) == (code, [])


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Chatham", "Africa/Abidjan"])
def test_the_time_zones_are_those_of_the_pinned_package(name: str) -> None:
    """They are the same on every machine."""
    assert name in TIMEZONES


@pytest.mark.parametrize(
    ("limits", "entries", "message"),
    [
        (Limits(metadata_entries=1), {"a": "1", "b": "2"}, "Keep at most 1 metadata entries; there are 2."),
        (Limits(metadata_key_length=3), {"four": ""}, "The key “four” is longer than 3 characters."),
        (
            Limits(metadata_value_length=3),
            {"key": "four"},
            "The value of “key” has 4 characters; at most 3 are possible.",
        ),
    ],
    ids=["entries", "keys", "values"],
)
def test_the_limits_of_metadata_are_settings(limits: Limits, entries: dict[str, str], message: str) -> None:
    """An installation's own limit is the one that counts, and the one that the message names."""
    assert judge_metadata(entries, limits)[1] == [message]


def test_a_setting_adds_a_provider() -> None:
    """A provider of the installation's own is accepted beside the known ones."""
    limits = Limits(providers=(*LIMITS.providers, "acme_pay"))
    item = MappingItem("acme_pay", "1")
    assert judge_mappings([item], limits) == ((item,), [])
    assert judge_mappings([item], LIMITS)[1]


def test_an_unknown_provider_is_told_which_are_known() -> None:
    """The message is one that a person can act on."""
    message = judge_mappings([MappingItem("strype", "1")], LIMITS)[1][0]
    assert all(provider in message for provider in LIMITS.providers)


def test_every_fault_of_metadata_is_told_at_once() -> None:
    """Three wrong entries, three messages."""
    entries = {"": "1", "k" * 101: "2", "long": "v" * 1001}
    assert len(judge_metadata(entries, LIMITS)[1]) == 3


def test_a_long_key_is_quoted_short() -> None:
    """A message stays readable, however long the key."""
    message = judge_metadata({"k" * 500: "1"}, LIMITS)[1][0]
    assert "“" + "k" * 39 + "…”" in message


def test_a_quoted_key_shows_no_control_character() -> None:
    """A log line or a page that repeats the message cannot be broken by it."""
    messages = judge_metadata({"a\x1b[2J": "1"}, LIMITS)[1]
    assert messages == ["Remove the control character U+001B from the key “a\N{REPLACEMENT CHARACTER}[2J”."]
