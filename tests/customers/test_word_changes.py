"""Which words of a text became others, and how a long text is shortened around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.customers.word_changes import LONGEST_SHOWN, Part, WordChanges, mark_words, shorten, show_words

TEXTS = st.text(st.sampled_from("ab 東京🇩🇪é\u0301-"), max_size=30)


def marked(parts: list[Part]) -> list[str]:
    """The texts that are marked."""
    return [part.text for part in parts if part.is_changed]


@pytest.mark.parametrize(
    ("old", "new", "old_marks", "new_marks"),
    [
        ("Acme Corp", "Acme GmbH", ["Corp"], ["GmbH"]),
        ("a b c", "a c", ["b "], []),
        ("a c", "a b c", [], ["b "]),
        ("gold", "silver", [], []),
        ("", "new", [], []),
        ("one two", "three four", [], []),
        ("東京都千代田区", "東京都港区", ["千代田"], ["港"]),
        ("flag 🇩🇪", "flag 🇩🇰", ["🇩🇪"], ["🇩🇰"]),
        ("cafe\u0301 noir", "cafe noir", ["cafe\u0301"], ["cafe"]),
        ("a@x.example", "b@x.example", ["a"], ["b"]),
    ],
)
def test_the_words_that_differ_are_marked(old: str, new: str, old_marks: list[str], new_marks: list[str]) -> None:
    """Whole words; where nothing is left of the old text, none."""
    changes = mark_words(old, new)
    assert (marked(changes.old), marked(changes.new)) == (old_marks, new_marks)


@given(old=TEXTS, new=TEXTS)
def test_the_parts_are_the_texts(old: str, new: str) -> None:
    """Nothing is lost, and what is not marked is the same in both."""
    changes = mark_words(old, new)
    assert "".join(part.text for part in changes.old) == old
    assert "".join(part.text for part in changes.new) == new
    if marked(changes.old) or marked(changes.new):
        same = ["".join(part.text for part in parts if not part.is_changed) for parts in (changes.old, changes.new)]
        assert same[0] == same[1]


def test_a_long_text_is_cut_where_it_stayed_the_same() -> None:
    """What changed is whole, and some of what stands beside it."""
    changes = show_words("a " * 200 + "old" + " b" * 200, "a " * 200 + "new" + " b" * 200)
    assert changes.is_shortened
    assert [part.is_cut for part in changes.old] == [True, False, False, False, True]
    assert marked(changes.old) == ["old"]
    assert len("".join(part.text for part in changes.old)) < LONGEST_SHOWN


def test_a_long_text_of_which_nothing_is_left_shows_its_beginning() -> None:
    """And that more follows."""
    changes = show_words("x" * 1000, "short")
    assert changes.old == [Part("x" * LONGEST_SHOWN), Part("", is_cut=True)]
    assert changes.new == [Part("short")]


def test_a_long_change_is_cut_too() -> None:
    """Its beginning says enough."""
    changes = show_words("same " + "x" * 1000, "same y")
    assert marked(changes.old) == ["x" * LONGEST_SHOWN]


def test_a_short_text_is_shown_whole() -> None:
    """There is nothing to open."""
    assert not show_words("Acme Corp", "Acme GmbH").is_shortened
    assert shorten([Part("a"), Part("b", is_changed=True)]) == [Part("a"), Part("b", is_changed=True)]


def test_texts_of_too_many_pairs_of_words_are_compared_at_their_ends_alone() -> None:
    """All of it would take seconds for a single value: who stores such values would hold up every reader."""
    old, new = "a b " * 250, "b b a " * 160
    assert mark_words(f"{old}x", f"{new}y") == WordChanges([Part(f"{old}x")], [Part(f"{new}y")])
    changes = mark_words(f"It was {old}then", f"It was {new}then")
    assert marked(changes.old) == [old.strip()]
    assert marked(changes.new) == [new.strip()]


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_plain_text_is_cut_as_any_text_is(text: str) -> None:
    """There is a short way for it; a letter that is not plain, behind it, keeps a text from that way."""
    changes = mark_words(f"{text}\n-é", f"{text}\n-è")
    assert marked(changes.old) == ["é"]
    assert mark_words(f"{text}\n-e", f"{text}\n-f").new[:-1] == changes.new[:-1]


def test_long_prose_is_compared_word_by_word() -> None:
    """What is bounded is the effort, not the length."""
    words = [f"word{number % 90}" for number in range(600)]
    changes = mark_words(" ".join(words), " ".join([*words[:200], "added", *words[200:599], "other"]))
    assert [part.strip() for part in marked(changes.new)] == ["added", "other"]
