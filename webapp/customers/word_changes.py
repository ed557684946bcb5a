"""Which words of a text became others: the two texts cut into parts that are the same and parts that differ.

Knows no field and no page.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from webapp.phrases import Phrase

#: Comparing takes as long as there are pairs of one word here and the same word there. Of more of them than this, which
#: no prose has, only the beginning and the end are compared: anybody's page must not wait for what somebody stored.
MOST_PAIRS = 3000
#: A text longer than this is shown shortened around what changed in it.
LONGEST_SHOWN = 160
#: So many characters of what stayed the same are left beside a change, in a text that is shortened.
KEPT_BESIDE = 40
_ASCII_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_JOINER = "\N{ZERO WIDTH JOINER}"
_SKIN_TONES = range(0x1F3FB, 0x1F400)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text; ``is_cut`` where some of what stayed the same was left out in its place."""

    text: str
    is_changed: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class WordChanges:
    """Both texts in parts. Where nothing of one is left in the other, each is one unmarked part: all of it changed.

    An empty text has no part. ``is_shortened`` where parts were left out.
    """

    old: list[Part]
    new: list[Part]
    is_shortened: bool = False


def show_words(old: str | None, new: str | None) -> WordChanges:
    """Two texts as a page shows them: in parts, shortened around what changed where they are long."""
    marked = mark_words(old or "", new or "")
    shown = WordChanges(shorten(marked.old), shorten(marked.new), is_shortened=True)
    return shown if (shown.old, shown.new) != (marked.old, marked.new) else marked


def mark_words(old: str, new: str) -> WordChanges:
    """Cut two texts into parts: words that both have in the same order, and those that differ."""
    whole = WordChanges([Part(old)] if old else [], [Part(new)] if new else [])
    # The product's own words are said in the reader's language.
    if not old or not new or isinstance(old, Phrase) or isinstance(new, Phrase):
        return whole
    before, after = _words(old), _words(new)
    same = [
        (start, other, size)
        for start, other, size in _same_words(before, after)
        if not all(word.isspace() for word in before[start : start + size])
    ]
    if not same:
        return whole
    return WordChanges(
        _parts(before, [(start, size) for start, _, size in same]),
        _parts(after, [(start, size) for _, start, size in same]),
    )


def _same_words(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int]]:
    """(place in ``before``, place in ``after``, how many) of each run of words that both have, in the same order."""
    shorter = min(len(before), len(after))
    first = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    last = next((at for at in range(shorter - first) if before[-1 - at] != after[-1 - at]), shorter - first)
    old, new = before[first : len(before) - last], after[first : len(after) - last]
    there = Counter(word for word in new if not word.isspace())
    runs = [(0, 0, first)]
    if sum(count * there[word] for word, count in Counter(old).items()) <= MOST_PAIRS:
        blocks = SequenceMatcher(str.isspace, old, new, autojunk=False).get_matching_blocks()
        runs += [(first + start, first + other, size) for start, other, size in blocks]
    runs.append((len(before) - last, len(after) - last, last))
    return [run for run in runs if run[2]]


def shorten(parts: Sequence[Part]) -> list[Part]:
    """Long parts that stayed the same, cut to what stands beside a change; a long text without marks, to its start."""
    if sum(len(part.text) for part in parts) <= LONGEST_SHOWN:
        return list(parts)
    if not any(part.is_changed for part in parts):
        return [Part(_beginning("".join(part.text for part in parts), LONGEST_SHOWN)), Part("", is_cut=True)]
    return [
        shortened
        for number, part in enumerate(parts)
        for shortened in _shorten(part, is_first=number == 0, is_last=number == len(parts) - 1)
    ]


def _shorten(part: Part, *, is_first: bool, is_last: bool) -> list[Part]:
    if part.is_changed:
        if len(part.text) <= LONGEST_SHOWN:
            return [part]
        return [Part(_beginning(part.text, LONGEST_SHOWN), is_changed=True), Part("", is_cut=True)]
    before = "" if is_first else _beginning(part.text, KEPT_BESIDE)
    behind = "" if is_last else _ending(part.text, KEPT_BESIDE)
    if len(before) + len(behind) >= len(part.text):
        return [part]
    return [kept for kept in (Part(before), Part("", is_cut=True), Part(behind)) if kept.text or kept.is_cut]


def _beginning(text: str, most: int) -> str:
    """At most ``most`` characters and what belongs to the last of them."""
    return "".join(_whole(text[: most + 1])[:-1]) if len(text) > most else text


def _ending(text: str, most: int) -> str:
    return "".join(_whole(text[-most - 1 :])[1:]) if len(text) > most else text


def _parts(words: Sequence[str], same: Sequence[tuple[int, int]]) -> list[Part]:
    parts: list[Part] = []
    at = 0
    for start, size in same:
        parts += [Part("".join(words[at:start]), is_changed=True), Part("".join(words[start : start + size]))]
        at = start + size
    parts.append(Part("".join(words[at:]), is_changed=True))
    return [part for part in parts if part.text]


def _words(text: str) -> list[str]:
    """``text`` in words, white space and single other signs; joined again they are the text."""
    if text.isascii():  # the same, at once
        return _ASCII_WORDS.findall(text)
    words: list[str] = []
    kind = ""
    for sign in _whole(text):
        this_kind = _kind(sign)
        if words and this_kind == kind and kind != "sign":
            words[-1] += sign
        else:
            words.append(sign)
        kind = this_kind
    return words


def _kind(sign: str) -> str:
    if sign.isspace():
        return "space"
    # Scripts of wide signs set no space between words: each sign counts for itself.
    is_wide = unicodedata.east_asian_width(sign[0]) in {"W", "F"}
    return "word" if (sign[0].isalnum() or sign[0] == "_") and not is_wide else "sign"


def _whole(text: str) -> list[str]:
    """``text`` in what a reader takes for one sign: a letter with its accents, an emoji of several, a flag."""
    if text.isascii():
        return list(text)
    signs: list[str] = []
    for character in text:
        if signs and (_belongs_to_the_last(character) or signs[-1].endswith(_JOINER) or _ends_flag(signs, character)):
            signs[-1] += character
        else:
            signs.append(character)
    return signs


def _belongs_to_the_last(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Mn", "Mc", "Me"} or character == _JOINER or ord(character) in _SKIN_TONES
    )


def _ends_flag(signs: Sequence[str], character: str) -> bool:
    return _is_flag_letter(character) and len(signs[-1]) == 1 and _is_flag_letter(signs[-1])


def _is_flag_letter(character: str) -> bool:
    return "\N{REGIONAL INDICATOR SYMBOL LETTER A}" <= character <= "\N{REGIONAL INDICATOR SYMBOL LETTER Z}"
