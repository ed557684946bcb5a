"""Several metadata entries pasted at once: a JSON object, or lines of ``key=value``, ``key: value`` or tabs.

Loses nothing: what cannot be an entry is handed back as it was typed, with what is wrong. Knows no row and no limit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.customers.validators import forbidden_character, quoted
from webapp.json_body import MOST_NESTING
from webapp.phrases import Phrase, phrase

_WHITE = " \t\r\n\ufeff"


@dataclass(slots=True)
class Pasted:
    """What a text was found to hold.

    Attributes:
        entries: the entries, in their order, each key once.
        rest: the part of the text that is none, in a shape that can be mended and read again; ``""`` for none.
        faults: what is wrong with the rest.
    """

    entries: dict[str, str] = field(default_factory=dict)
    rest: str = ""
    faults: list[Phrase] = field(default_factory=list)


class _Number(str):
    """A JSON number, as it is written: 1.0 must not become 1, nor a long one lose its last digits."""

    __slots__ = ()


def read_pasted(text: str) -> Pasted:
    """The entries of a text that somebody pasted."""
    return _read_object(text) if text.strip(_WHITE).startswith("{") else _read_lines(text)


def _read_object(text: str) -> Pasted:
    members = _members_of(text)
    if isinstance(members, Phrase):
        return Pasted(rest=text, faults=[members])
    pasted, refused = Pasted(), _Pairs()
    for key, value in members:
        entry = _entry_text(value)
        fault = (
            phrase("The value of %(key)s is no text, number, true or false.", key=quoted(key))
            if entry is None
            else _add(pasted, key, entry)
        )
        if fault:
            refused.append((key, value))
            pasted.faults.append(fault)
    pasted.rest = _written(refused) if refused else ""
    return pasted


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, those that are there twice too."""


def _members_of(text: str) -> _Pairs | Phrase:
    """The members of the JSON object that a text is, or what is wrong with the text.

    They are nested no deeper than a body of the API may be, so that they can be walked through by recursion.
    """
    too_deep = phrase("The JSON is nested past %(most)d levels.", most=MOST_NESTING)
    try:
        members = json.loads(
            text.strip(_WHITE),
            object_pairs_hook=_Pairs,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        return phrase(
            "This is not a JSON object: see line %(line)d, character %(column)d.", line=error.lineno, column=error.colno
        )
    except RecursionError:
        return too_deep
    except ValueError:
        members = None
    if not isinstance(members, _Pairs):
        return phrase("This is not a JSON object.")
    return too_deep if _is_deeper(members, MOST_NESTING) else members


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether a value is nested past so many levels, itself counted."""
    if not isinstance(value, list):
        return False
    inner = [member for _, member in value] if isinstance(value, _Pairs) else value
    return not levels or any(_is_deeper(member, levels - 1) for member in inner)


def with_entries(rest: str, entries: Mapping[str, str]) -> str:
    """The rest of a text with entries behind it again, as a text that :func:`read_pasted` reads alike."""
    members = _members_of(rest or "{}")
    if isinstance(members, Phrase) or not rest:
        plain = "\n".join(f"{key}={value}" for key, value in entries.items())
        in_quotes = "\n".join(f'"{key}"="{value}"' for key, value in entries.items())
        readable = [lines for lines in (plain, in_quotes) if read_pasted(lines).entries == entries]
        if isinstance(members, Phrase) or readable:
            lines = (readable or [in_quotes])[0]
            # What begins a JSON object takes all lines behind it with it.
            ends_in_object = any(line.strip(_WHITE).startswith("{") for line in rest.splitlines())
            return "\n".join(filter(None, [lines, rest] if ends_in_object else [rest, lines]))
    members.extend(entries.items())
    return _written(members)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _entry_text(value: Any) -> str | None:
    """The text of an entry's value: that of a number or a boolean is its JSON; of anything else there is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else None


def _written(value: Any) -> str:
    """A value as JSON once more, an object with a member a line."""
    if isinstance(value, _Pairs):
        members = ",\n".join(f"{json.dumps(key, ensure_ascii=False)}: {_written(member)}" for key, member in value)
        return f"{{\n{members}\n}}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


def _read_lines(text: str) -> Pasted:
    pasted = Pasted()
    rest = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip(_WHITE).startswith("{"):  # its own lines would look like entries
            rest += lines[number - 1 :]
            pasted.faults.append(phrase("Line %(line)d begins a JSON object: paste that alone.", line=number))
            break
        if not line.strip(_WHITE) or line.strip(_WHITE).startswith("#"):
            continue
        pair = _pair_of(line.strip(_WHITE))
        if pair is None:
            fault: Phrase | None = phrase("Line %(line)d is no entry: write key=value, one a line.", line=number)
        else:
            fault = _add(pasted, *pair)
        if fault:
            rest.append(line)
            pasted.faults.append(fault)
    pasted.rest = "\n".join(rest)
    return pasted


def _pair_of(line: str) -> tuple[str, str] | None:
    """Key and value of a line, or None where it has no sign between them.

    The sign is the first tab, ``=`` or ``:`` with white space behind it, so that keys may hold colons and values
    anything; in a line without any of them, the first ``:``.
    """
    start = 0
    if line[0] in "\"'":  # what is in quotes is the key, signs and all
        closing = line.find(line[0], 1)
        while closing > 0 and not line[closing + 1 :].lstrip(" ").startswith(("=", ":", "\t")):
            closing = line.find(line[0], closing + 1)
        start = max(closing + 1, 0)
    places = [line.find("\t", start), line.find("=", start), _colon(line, start)]
    place = min((place for place in places if place >= 0), default=line.find(":", start))
    if place < 0:
        return None
    return _unquoted(line[:place]), _unquoted(line[place + 1 :])


def _colon(line: str, start: int) -> int:
    """The first colon with white space, or nothing, behind it; -1 for none."""
    place = line.find(":", start)
    while place >= 0 and line[place + 1 : place + 2] not in {"", " ", "\t"}:
        place = line.find(":", place + 1)
    return place


def _unquoted(text: str) -> str:
    text = text.strip(_WHITE)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _add(pasted: Pasted, key: str, value: str) -> Phrase | None:
    """Add an entry, or tell why it cannot be one."""
    key, value = key.strip(_WHITE), value.strip(_WHITE)
    if not key:
        return phrase("The value %(value)s has no key.", value=quoted(value))
    if found := forbidden_character(key + value):
        return phrase("%(key)s holds the control character %(found)s.", key=quoted(key), found=found)
    if pasted.entries.setdefault(key, value) != value:
        return phrase("%(key)s is there twice, with different values.", key=quoted(key))
    return None
