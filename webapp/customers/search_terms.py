"""The grammar of the desk's search box: metadata terms such as ``plan:enterprise``, and plain text around them.

Knows neither customers nor how anything is found. Nothing is a fault here: what is no term is text.
"""

import re
from dataclasses import dataclass

#: In quotes any text may stand; a quote itself is written twice.
_QUOTED = r'"(?:[^"]|"")*"'
_TERM = re.compile(
    rf"(?P<not>-?)(?P<key>{_QUOTED}|[^\s\":-][^\s\":]*):(?P<value>{_QUOTED}|[^\s\"]\S*)(?!\S)"
    rf"|(?P<text>{_QUOTED})(?!\S)"
    r"|(?P<other>\S+)"
)
#: The value that stands for any value.
ANY = "*"


@dataclass(frozen=True, slots=True)
class MetadataTerm:
    """A condition on a metadata entry. ``value`` None: any, so it is about having the key at all."""

    key: str
    value: str | None
    is_wanted: bool = True

    def __str__(self) -> str:
        """As it is typed."""
        value = ANY if self.value is None else _typed(self.value)
        return f"{'' if self.is_wanted else '-'}{_typed(self.key)}:{value}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text asks for: a part of external ID, name or email (``""`` for none), and metadata."""

    text: str
    metadata: tuple[MetadataTerm, ...] = ()


def read_terms(typed: str) -> Terms:
    """The terms of a text: ``key:value``, ``key:*``, either with ``-`` before it; the rest is one text.

    Keys and values with white space stand in quotes; a text in quotes is a text, even with a colon in it.
    """
    texts: list[str] = []
    found: list[MetadataTerm] = []
    end, is_behind_term = 0, False
    for match in _TERM.finditer(typed):
        key = _unquoted(match["key"] or "")
        if key:
            value = None if match["value"] == ANY else _unquoted(match["value"])
            found.append(MetadataTerm(key, value, not match["not"]))
        else:
            if texts:  # white space within a text counts; where a term stood between two, they are one space apart
                texts.append(" " if is_behind_term else typed[end : match.start()])
            texts.append(_unquoted(match["text"]) if match["text"] else match[0])
        end, is_behind_term = match.end(), bool(key)
    return Terms("".join(texts), tuple(dict.fromkeys(found)))


def quoted(text: str) -> str:
    """``text`` so that the box takes it as it is."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _typed(text: str) -> str:
    """A key or value, in quotes where it needs them."""
    is_plain = re.fullmatch(r'[^\s":*-][^\s":*]*', text) is not None
    return text if is_plain else quoted(text)


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1].replace('""', '"') if is_quoted else text
