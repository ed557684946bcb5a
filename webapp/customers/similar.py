"""Customers that a new one may be already: with the same email, or a very similar name. Archived ones too.

Knows what similar means; not how customers are come by, and nothing of pages.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import Connection

from webapp.customers.folding import fold
from webapp.customers.model import ARCHIVED, PUBLISHED, Customer, Scope
from webapp.customers.query import IS, Condition, CustomerQuery
from webapp.customers.search import search_customers_page
from webapp.customers.search_box import BoxList, BoxQuery
from webapp.errors import ServiceUnavailable

#: So many are shown: somebody who has seen them knows.
MOST_SIMILAR = 5
#: So many are compared for each word that is looked for, the newest first.
MOST_CANDIDATES = 50
#: How alike two names must be, of 1: a letter of ten may differ.
_LEAST_RATIO = 0.88
#: Words that say what kind of company it is, not which.
_KINDS = frozenset(
    (
        *("ab", "ag", "and", "aps", "as", "asa", "bv", "co", "company", "corp", "corporation", "cv", "gmbh", "group"),
        *("inc", "incorporated", "kg", "kk", "limited", "llc", "llp", "ltd", "ltda", "mbh", "nv", "ohg", "oy", "oyj"),
        *("pc", "plc", "pte", "pty", "sa", "sarl", "sas", "se", "sl", "spa", "srl", "the", "und"),
    )
)
_ANY_STATUS = Condition("status", "in", (PUBLISHED, ARCHIVED))
#: A shorter part of a name is in too many others.
_LEAST_PART = 3


@dataclass(frozen=True, slots=True)
class Similar:
    """A customer that looks like another, and by what."""

    customer: Customer
    has_same_email: bool
    has_similar_name: bool


def find_similar(connection: Connection, scope: Scope, name: str, email: str) -> list[Similar]:
    """The customers, archived ones among them, with the same email in any case or a very similar name.

    Those with the same email come first, then those whose names are the most alike; at most ``MOST_SIMILAR``. Where
    looking takes too long, what was found until then must do: nobody shall wait for advice.
    """
    wanted, address = _words(name), fold(email)
    found: dict[str, tuple[float, Similar]] = {}
    for customer in _candidates(connection, scope, name, email):
        has_same_email = bool(address) and fold(customer.email) == address
        likeness = _likeness(wanted, _words(customer.name))
        if has_same_email or likeness >= _LEAST_RATIO:
            similar = Similar(customer, has_same_email, likeness >= _LEAST_RATIO)
            found[customer.id] = (has_same_email + likeness, similar)
    best = sorted(found.values(), key=lambda item: item[0], reverse=True)
    return [similar for _, similar in best[:MOST_SIMILAR]]


def _candidates(connection: Connection, scope: Scope, name: str, email: str) -> Iterator[Customer]:
    """Customers that have something in common with the name or the email, those that have most of it first."""
    try:
        for field, value in (("email", email), ("name", name)):
            if value:
                same = BoxQuery(conditions=(Condition(field, IS, value),), statuses=(PUBLISHED, ARCHIVED))
                yield from BoxList(connection, scope, same).customers(MOST_CANDIDATES)
        for parts in _parts_in_common(name):
            holding = (Condition("name", "contains", part) for part in parts)
            query = CustomerQuery(conditions=(_ANY_STATUS, *holding), limit=MOST_CANDIDATES)
            yield from search_customers_page(connection, scope, query).customers
    except ServiceUnavailable:
        return


def _parts_in_common(name: str) -> Iterator[tuple[str, ...]]:
    """What names that are alike hold: all of the words, or one of the longest, or half of that where a slip is."""
    parts = sorted(set(_parts(name)), key=len, reverse=True)
    if len(parts) > 1:
        yield tuple(parts)
    for part in parts[:2]:
        yield (part,)
        if len(part) >= 2 * _LEAST_PART:
            yield (part[: len(part) // 2],)
            yield (part[len(part) // 2 :],)


def _parts(name: str) -> Iterable[str]:
    """The words of a name as the index has them, accents and all, without those that many have."""
    return (word for word in _split(fold(name)) if len(word) >= _LEAST_PART and word not in _KINDS)


def _split(text: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in text).split()


def _words(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared: in any order, without accents, punctuation and kinds of company."""
    decomposed = unicodedata.normalize("NFKD", fold(name).replace(".", ""))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    words = _split(plain)
    return tuple(sorted(word for word in words if word not in _KINDS) or sorted(words))


def _likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How alike two names are, of 1. With different numbers in them they are two: Store 41 is not Store 42."""
    if not one or not other or _numbers(one) != _numbers(other):
        return 0.0
    return SequenceMatcher(None, " ".join(one), " ".join(other), autojunk=False).ratio()


def _numbers(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if any(character.isdigit() for character in word)]
