"""Texts as they are compared when looking for them. Knows no table and no query."""

import unicodedata


def fold(text: str) -> str:
    """A text as it is compared when looking for it: any case, any Unicode composition alike."""
    if text.isascii():
        return text.lower()  # the same, and most texts are
    return unicodedata.normalize("NFKC", text).casefold()
