"""Choices that look random and are the same in every run, on every machine and Python version.

It refuses to know what is being chosen, and it never touches the random module or the clock.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices that depends on its seed alone, so that a new customer never changes an old one's."""

    def __init__(self, seed: str) -> None:
        """Start the stream of this seed."""
        self._seed = seed
        self._throws = 0

    def number(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        self._throws += 1
        digest = blake2b(f"{self._seed}/{self._throws}".encode(), digest_size=16).digest()
        return low + int.from_bytes(digest, "big") % (high - low + 1)

    def one_of(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.number(0, len(choices) - 1)]

    def some_of(self, choices: Sequence[T], count: int) -> list[T]:
        """Return that many different choices (all of them when there are fewer), in their own order."""
        left = list(range(len(choices)))
        while len(left) > count:
            left.pop(self.number(0, len(left) - 1))
        return [choices[index] for index in left]

    def happens(self, percent: int) -> bool:
        """Return True in about so many cases of a hundred."""
        return self.number(1, 100) <= percent

    def text(self, alphabet: str, length: int) -> str:
        """Return a word of that length over the alphabet."""
        return "".join(self.one_of(alphabet) for _ in range(length))

    def fill(self, shape: str) -> str:
        """Return the shape with a digit in the place of every '#'."""
        return "".join(self.text("0123456789", 1) if character == "#" else character for character in shape)
