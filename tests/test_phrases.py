"""Phrases: English by themselves, and what a catalog needs to say them otherwise."""

import pytest

from webapp.customers.email_faults import email_fault
from webapp.customers.judging import judge
from webapp.customers.limits import Limits
from webapp.json_response import json_response
from webapp.phrases import Phrase, joined, phrase, plural_phrase
from webapp.settings import Settings


def test_a_phrase_is_its_english_text() -> None:
    """With what stands in its places."""
    made = phrase("Use at most %(most)d characters.", most=9)
    assert made == "Use at most 9 characters."
    assert (made.template, made.values) == ("Use at most %(most)d characters.", {"most": 9})


@pytest.mark.parametrize(("number", "text"), [(0, "0 fields"), (1, "1 field"), (2, "2 fields")])
def test_a_plural_phrase_follows_its_number(number: int, text: str) -> None:
    """As English does."""
    assert plural_phrase("%(number)d field", "%(number)d fields", number) == text


def test_joined_phrases_are_phrases_still() -> None:
    """Each can be said by itself."""
    line = joined(" ", [phrase("Enter a name."), "100 % plain"])
    assert line == "Enter a name. 100 % plain"
    assert [type(part) for part in line.values.values()] == [Phrase, str]


def test_json_sends_a_phrase_as_its_english() -> None:
    """As a string like any other."""
    assert json_response({"message": phrase("Enter a name.")}).data == b'{"message":"Enter a name."}'


@pytest.mark.parametrize(
    "address",
    [
        "plain",
        "@example.com",
        "name@",
        ".name@example.com",
        "name.@example.com",
        "na..me@example.com",
        "na me@example.com",
        "name@example",
        "name@example.c0",
        "name@example..com",
        "name@.example.com",
        "name@example.com.",
        "name@-example.com",
        "name@example.com-",
        "name@exam-.ple.com",
        "name@exa$mple.com",
        "name@localhost",
        "name@[127.0.0.1]",
        '"na me"@example.com',
        "Name <name@example.com>",
        "name\uff20example.com",
        f"name@{'a' * 64}.com",
    ],
)
def test_what_is_wrong_with_an_address_can_be_translated(address: str) -> None:
    """Though email-validator says it in English."""
    _, [message] = judge("email", address, Limits.of(Settings.from_environment({"SECRET_KEY": "x" * 40})))
    assert isinstance(message, Phrase)
    assert isinstance(message.values["fault"], Phrase), message


def test_a_rare_fault_is_told_in_the_words_of_the_package() -> None:
    """Rather than not at all."""
    assert email_fault("Something new.") == "Something new."
