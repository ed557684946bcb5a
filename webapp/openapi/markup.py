"""The little CommonMark of the document's descriptions, read into parts that a template writes out. Knows no HTML."""

import json
import re
from dataclasses import dataclass
from typing import Any

#: (whether it is code, text)
Inline = list[tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list of items; each is a line."""

    is_list: bool
    lines: list[Inline]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below a heading; the heading is empty for what stands above the first."""

    title: str
    blocks: list[Block]

    @property
    def anchor(self) -> str:
        """Its address on the page."""
        return re.sub(r"\W+", "-", self.title.lower()).strip("-")


def read_inline(text: str) -> Inline:
    """A line: plain text and what stands between backquotes."""
    return [(bool(number % 2), part) for number, part in enumerate(text.split("`")) if part]


def read_blocks(text: str) -> list[Block]:
    """Paragraphs and lists, which an empty line separates."""
    blocks = []
    for part in re.split(r"\n{2,}", text.strip()):
        lines = part.splitlines()
        if lines[0].startswith("- "):
            blocks.append(Block(is_list=True, lines=[read_inline(line.removeprefix("- ")) for line in lines]))
        else:
            blocks.append(Block(is_list=False, lines=[read_inline(" ".join(lines))]))
    return blocks


def read_sections(text: str) -> list[Section]:
    """A text with headings of the second level."""
    head, *rest = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    titled = zip(rest[::2], rest[1::2], strict=True)
    return [Section("", read_blocks(head)), *(Section(title, read_blocks(body)) for title, body in titled)]


def pretty_json(value: Any) -> str:
    """JSON as a person reads it."""
    return json.dumps(value, indent=2, ensure_ascii=False)
