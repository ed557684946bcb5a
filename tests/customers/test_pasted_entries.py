"""Several metadata entries pasted at once: what is read as which entry, and that nothing is ever lost."""

import json
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.customers.pasted_entries import read_pasted, with_entries

#: Texts that a row can hold: no control characters, no white space around them.
PLAIN = st.text(st.characters(exclude_categories=("Cc", "Cs", "Z"), exclude_characters="\ufeff"), max_size=12)
KEYS = st.text(f"{ascii_letters}{digits}_.:-äß語", min_size=1, max_size=8)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | PLAIN,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(PLAIN, values, max_size=3),
    max_leaves=5,
)
WHITE = " \t\r\n\ufeff"


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("plan=gold", ("plan", "gold")),
        ("  plan = gold  ", ("plan", "gold")),
        ("plan: gold", ("plan", "gold")),
        ("plan:gold", ("plan", "gold")),
        ("plan\tgold tier", ("plan", "gold tier")),
        ("plan=", ("plan", "")),
        ("plan:", ("plan", "")),
        ("url: https://a.example/?b=c", ("url", "https://a.example/?b=c")),
        ("url=https://a.example/?b=c", ("url", "https://a.example/?b=c")),
        ("crm:plan=gold", ("crm:plan", "gold")),
        ("opens: 09:30", ("opens", "09:30")),
        ('"plan tier" = "very large"', ("plan tier", "very large")),
        ("'a=b': 'c'", ("a=b", "c")),
        ('size="5" wide', ("size", '"5" wide')),
        ('size="', ("size", '"')),
        ('"unfinished=x', ('"unfinished', "x")),
        ("note=it's # no comment", ("note", "it's # no comment")),
    ],
)
def test_a_line_is_read_as_key_and_value(line: str, entry: tuple[str, str]) -> None:
    """The first sign between them counts; quotes go where there are two of them."""
    pasted = read_pasted(line)
    assert (list(pasted.entries.items()), pasted.rest, pasted.faults) == ([entry], "", [])


def test_blank_lines_and_comments_are_passed_over() -> None:
    """As in the files that such lines are copied from."""
    pasted = read_pasted("\r\n# exported today\r\nplan=gold\r\n\r\n  # seats\r\nseats=12\r\n")
    assert (pasted.entries, pasted.rest) == ({"plan": "gold", "seats": "12"}, "")


def test_a_line_that_is_no_entry_stays_with_its_number() -> None:
    """The others are read all the same."""
    pasted = read_pasted("plan=gold\nno sign here\n=no key\nseats=12\nbell=a\x07b")
    assert pasted.entries == {"plan": "gold", "seats": "12"}
    assert pasted.rest == "no sign here\n=no key\nbell=a\x07b"
    assert pasted.faults == [
        "Line 2 is no entry: write key=value, one a line.",
        "The value “no key” has no key.",
        "“bell” holds the control character U+0007.",
    ]


@pytest.mark.parametrize("an_object", ['{"x": 1, "y": "z"}', '{\n"x": 1,\n"y": "z"\n}', '{"x": broken'])
def test_an_object_behind_other_lines_is_not_read_as_lines(an_object: str) -> None:
    """It was pasted behind what was left of an earlier paste; its lines would make entries that nobody meant."""
    pasted = read_pasted(f"no sign here\nplan=gold\n{an_object}")
    assert pasted.entries == {"plan": "gold"}
    assert pasted.rest == f"no sign here\n{an_object}"
    assert pasted.faults[1:] == ["Line 3 begins a JSON object: paste that alone."]
    longer = with_entries(pasted.rest, {"plan": "gold"})
    assert read_pasted(longer).entries == {"plan": "gold"}
    assert read_pasted(longer).rest == pasted.rest


def test_a_key_that_is_there_twice_is_not_overwritten() -> None:
    """Which of the two is meant, only the person knows; the same twice is no question."""
    pasted = read_pasted("plan=gold\nplan=gold\nplan=silver")
    assert (pasted.entries, pasted.rest) == ({"plan": "gold"}, "plan=silver")
    assert pasted.faults == ["“plan” is there twice, with different values."]


def test_numbers_and_booleans_become_their_json_text() -> None:
    """To the last digit, as they were written."""
    pasted = read_pasted('{"a": 1.0, "b": 12345678901234567890123, "c": 1E400, "d": true, "e": false, "f": "x"}')
    assert pasted.entries == {
        "a": "1.0", "b": "12345678901234567890123", "c": "1E400", "d": "true", "e": "false", "f": "x"
    }  # fmt: skip
    assert pasted.rest == ""


def test_members_that_are_no_texts_stay_as_an_object() -> None:
    """Refused by name, and what stays is JSON that says the same."""
    pasted = read_pasted('{"plan": "gold", "none": null, "more": {"a": [1.50, "é"]}, "list": [], "plan": "silver"}')
    assert pasted.entries == {"plan": "gold"}
    assert json.loads(pasted.rest) == {"none": None, "more": {"a": [1.50, "é"]}, "list": [], "plan": "silver"}
    assert "1.50" in pasted.rest
    assert pasted.faults == [
        "The value of “none” is no text, number, true or false.",
        "The value of “more” is no text, number, true or false.",
        "The value of “list” is no text, number, true or false.",
        "“plan” is there twice, with different values.",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"plan": "gold"', "This is not a JSON object: see line 1, character 16."),
        ('{\n"plan": gold}', "This is not a JSON object: see line 2, character 9."),
        ('{"plan": NaN}', "This is not a JSON object."),
        ("{" * 100_000, "This is not a JSON object: see line 1, character 2."),
        ('{"a":' * 100_000, "The JSON is nested past 32 levels."),
        ('{"plan": "gold", "deep": ' + "[" * 32 + "]" * 32 + "}", "The JSON is nested past 32 levels."),
        ('{"a":' * 600 + "1" + "}" * 600, "The JSON is nested past 32 levels."),
    ],
    ids=["cut off", "bare word", "NaN", "braces", "deep", "a level too deep", "read, but not written"],
)
def test_what_only_looks_like_json_stays_whole(text: str, fault: str) -> None:
    """With the place to look at, where there is one."""
    pasted = read_pasted(text)
    assert (pasted.entries, pasted.rest, pasted.faults) == ({}, text, [fault])


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a": ', "}")], ids=["arrays", "objects"])
def test_a_member_as_deep_as_is_allowed_stays_by_itself(opening: str, closing: str) -> None:
    """32 levels, the object itself counted: the others are read."""
    value = opening * 31 + "1" + closing * 31
    pasted = read_pasted(f'{{"plan": "gold", "deep": {value}}}')
    assert pasted.entries == {"plan": "gold"}
    assert json.loads(pasted.rest) == {"deep": json.loads(value)}
    assert pasted.faults == ["The value of “deep” is no text, number, true or false."]


@pytest.mark.parametrize(
    "an_object",
    ["{broken", '{"a": 1', '{"a": NaN}', '{"a": 1} 2', '{"a": ' + "[" * 600 + "]" * 600 + "}"],
    ids=["bare word", "cut off", "NaN", "more behind", "deep"],
)
def test_entries_go_before_an_object_that_cannot_be_read(an_object: str) -> None:
    """It was behind lines that were read and have no room; it stays as it was typed, and so do they."""
    pasted = read_pasted(f"plan=gold\n{an_object}")
    assert (pasted.entries, pasted.rest) == ({"plan": "gold"}, an_object)
    assert with_entries(pasted.rest, pasted.entries) == f"plan=gold\n{an_object}"


@given(st.dictionaries(PLAIN.filter(bool), PLAIN, max_size=8))
def test_an_object_of_texts_comes_back_as_it_was(entries: dict[str, str]) -> None:
    """Round trip."""
    pasted = read_pasted(json.dumps(entries))
    assert (pasted.entries, pasted.rest, pasted.faults) == (entries, "", [])
    assert list(pasted.entries) == list(entries)


@given(st.dictionaries(KEYS, PLAIN.filter(lambda text: text[:1] not in {'"', "'"}), max_size=8))
def test_lines_of_texts_come_back_as_they_were(entries: dict[str, str]) -> None:
    """Round trip, by the sign that cannot be part of a key."""
    pasted = read_pasted("\n".join(f"{key}={value}" for key, value in entries.items()))
    assert (pasted.entries, pasted.rest, pasted.faults) == (entries, "", [])


@given(st.dictionaries(PLAIN, JSON_VALUES, max_size=6))
def test_no_member_of_an_object_is_lost(members: dict[str, object]) -> None:
    """Each is an entry, or stays; and for each that stays there is a word."""
    pasted = read_pasted(json.dumps(members))
    rest = json.loads(pasted.rest) if pasted.rest else {}
    assert {*pasted.entries, *rest} == set(members)
    assert {key: members[key] for key in rest} == rest
    assert len(pasted.faults) == len(rest)


@given(st.text(max_size=60).filter(lambda text: not text.strip(WHITE).startswith("{")))
def test_no_line_is_lost(text: str) -> None:
    """Whatever is pasted: each line is blank, a comment, an entry, or stays as it is."""
    pasted = read_pasted(text)
    kept = pasted.rest.split("\n") if pasted.faults else []
    lines = text.splitlines()
    object_from = next((at for at, line in enumerate(lines) if line.strip(WHITE).startswith("{")), len(lines))
    behind = lines[object_from:]
    assert kept[len(kept) - len(behind) :] == behind
    assert len(kept) - len(behind) == len(pasted.faults) - bool(behind)
    for line in (line for line in lines[:object_from] if line.strip(WHITE) and line.strip(WHITE)[0] != "#"):
        assert line in kept or any(key in line and value in line for key, value in pasted.entries.items())
