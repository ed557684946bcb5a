"""Phrases: texts of the product that are English by themselves and can be said in another language later.

A rule or an operation makes a phrase; the JSON face sends its English, a page says it in the reader's language. Knows
neither Flask nor any language but English.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self


class Phrase(str):
    """An English text that remembers what it was made of.

    Attributes:
        template: the text with its places, such as ``Use at most %(most)d characters.``; the key of its translation.
        plural: the template for other numbers than one; ``""`` where there is no number.
        values: what stands in the places; a value may be a phrase itself. ``number`` decides between the two templates.
    """

    __slots__ = ("plural", "template", "values")

    template: str
    plural: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, plural: str = "", **values: Any) -> Self:
        """The phrase with ``values`` in its places."""
        chosen = plural if plural and values["number"] != 1 else template
        made = super().__new__(cls, chosen % values if values else chosen)
        made.template, made.plural, made.values = template, plural, values
        return made


def phrase(template: str, **values: Any) -> Phrase:
    """A phrase that ``pybabel extract`` finds; places are ``%(name)s``, beside which a lone ``%`` is doubled."""
    return Phrase(template, **values)


def joined(separator: str, phrases: Sequence[str]) -> Phrase:
    """Several phrases in a row, such as the messages of a field, each of which is said by itself."""
    places = {f"phrase_{number}": text for number, text in enumerate(phrases)}
    return Phrase(separator.join(f"%({name})s" for name in places), **places)


def plural_phrase(singular: str, plural: str, number: int, **values: Any) -> Phrase:
    """A phrase that depends on a number, which its place ``%(number)d`` shows."""
    return Phrase(singular, plural, number=number, **values)
