"""The bytes of a request's body -> a JSON object, or InvalidInput: RFC 8259 and nothing beside it."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import InvalidInput
from webapp.json_body import read_object

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
#: Pieces that come near to JSON when put together, which mere noise seldom does.
PIECES = (
    *'{}[]":,1- a\0',
    *("\\", "\\u", "d800", "\\ud83d", "e9", "NaN", "null"),
    *("\ufeff", "é", "\N{GRINNING FACE}"),
)
ALMOST_JSON = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda parts: "".join(parts).encode())


def nested(levels: int) -> bytes:
    """An object that is nested so many levels deep, itself counted."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


@given(body=st.binary(max_size=200) | ALMOST_JSON)
def test_arbitrary_bytes_are_an_object_or_invalid_input(body: bytes) -> None:
    """Nothing but InvalidInput ever comes out, and an object only where the standard library reads one too."""
    try:
        keys = list(read_object(body))
    except InvalidInput:
        keys = None
    assert keys is None or keys == list(json.loads(body))


@given(sent=st.dictionaries(st.text(), ANY_JSON, max_size=5))
def test_every_object_is_read_as_it_was_sent(sent: dict[str, Any]) -> None:
    """What JSON can say comes through."""
    assert read_object(orjson.dumps(sent)) == sent


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{} {}",
        b"{}x",
        b"{}\0",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"1" * 5000 + b"}",
        b'{"a": 01}',
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": "\n"}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\ude00\\ud83d"}',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b"// comment\n{}",
        b"]" * 40,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    """RFC 8259 to the letter: no trailing bytes, NaN, lone surrogate, BOM or invalid UTF-8."""
    with pytest.raises(InvalidInput, match="not valid") as refusal:
        read_object(body)
    assert "is not valid JSON" in refusal.value.details["body"][0]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"1", b"true"], ids=repr)
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    """The body of an update is an object."""
    with pytest.raises(InvalidInput) as refusal:
        read_object(body)
    assert refusal.value.details == {"body": ["Send a JSON object."]}


def test_a_surrogate_pair_is_one_character() -> None:
    """Escapes of both halves are no lone surrogates."""
    assert read_object(b'{"a": "\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}


@pytest.mark.parametrize("levels", [1, 2, 32])
def test_nesting_to_32_levels_is_read(levels: int) -> None:
    """The bound itself is allowed."""
    assert read_object(nested(levels)) if levels > 1 else read_object(b'{"a":1}')


@pytest.mark.parametrize("levels", [33, 100, 200_000])
def test_nesting_past_32_levels_is_refused(levels: int) -> None:
    """However deep."""
    with pytest.raises(InvalidInput) as refusal:
        read_object(nested(levels))
    assert refusal.value.details == {"body": ["The JSON is nested past 32 levels."]}


def test_brackets_inside_of_strings_are_no_nesting() -> None:
    """Nor does an escaped quote end a string."""
    text = '[{"\\' * 40
    assert read_object(orjson.dumps({"name": text})) == {"name": text}


def test_many_objects_side_by_side_are_no_nesting() -> None:
    """Only depth counts."""
    sent = {"a": [{"b": []}] * 100}
    assert read_object(orjson.dumps(sent)) == sent


@pytest.mark.parametrize(
    "body",
    [b'{"name": "a", "name": "b"}', b'{"name": "a", "n\\u0061me": "a"}', b'{"metadata": {"name": "1", "name": "1"}}'],
    ids=["plain", "escaped", "inside"],
)
def test_a_key_that_is_there_twice_is_refused(body: bytes) -> None:
    """Two readers could take two different values."""
    with pytest.raises(InvalidInput) as refusal:
        read_object(body)
    assert refusal.value.details == {"body": ['The key "name" is there twice.']}


def test_a_key_that_is_twice_among_many_is_found_in_one_pass() -> None:
    """A huge body cannot keep a worker busy: looking for each key among all of them took half a minute."""
    pairs = ",".join(f'"key_{number}":1' for number in range(60_000))
    with pytest.raises(InvalidInput) as refused:
        read_object(f'{{{pairs},"key_59999":2}}'.encode())
    assert refused.value.details == {"body": ['The key "key_59999" is there twice.']}


def test_a_hundred_thousand_values_are_read() -> None:
    """More than any request of the contract can use: the bound itself."""
    assert read_object(b'{"a":[' + b"[]," * 49_998 + b"[]]}")


@pytest.mark.parametrize("unit", [b"[]", b"{}", b"1", b'""', b'{"a":1}'], ids=bytes.decode)
def test_more_than_a_hundred_thousand_values_are_refused(unit: bytes) -> None:
    """Before they are built: a million empty arrays keep a worker busy for a third of a second."""
    with pytest.raises(InvalidInput) as refusal:
        read_object(b'{"a":[' + b",".join([unit] * 100_000) + b"]}")
    assert refusal.value.details == {"body": ["The JSON has more than 100,000 values."]}


def test_commas_and_brackets_inside_of_strings_are_no_values() -> None:
    """Nor does an escaped quote end a string."""
    sent = {"a": ',[{\\"' * 60_000, "b": ["\\", ",,,"]}
    assert read_object(orjson.dumps(sent)) == sent


@pytest.mark.parametrize(
    "body",
    [b'{"a":[' + b"[]," * 40 + b'"' + b'\\"' * 500_000, b"[]," * 40 + b'"' * 1_000_001],
    ids=["escaped", "plain"],
)
def test_strings_that_do_not_end_are_read_in_one_pass(body: bytes) -> None:
    """Looking for the end anew from each quote would take hours."""
    with pytest.raises(InvalidInput, match="not valid"):
        read_object(body)
