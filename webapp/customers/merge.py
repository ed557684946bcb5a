"""The three-way merge of values: opened with, saved meanwhile by others, typed. Knows no form and no database.

Values are a dict of texts, some of them dicts of texts (metadata, mappings), which merge key by key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field, or one key of it, that both sides changed to different values; None is absent."""

    field: str
    key: str | None
    original: str | None
    theirs: str | None
    yours: str | None


def merge(
    original: Mapping[str, Any], theirs: Mapping[str, Any], yours: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Conflict]]:
    """Merge what two people made of the same values.

    Args:
        original: the values that you opened.
        theirs: the values as they are now.
        yours: the values as you typed them; its fields are the ones that are merged.

    Returns:
        The merged values, in which yours stand where both changed the same, and each such conflict.
    """
    merged: dict[str, Any] = {}
    conflicts: list[Conflict] = []
    for name, typed in yours.items():
        if isinstance(typed, Mapping):
            merged[name] = _merge_keys(name, original[name], theirs[name], typed, conflicts)
        else:
            merged[name] = _merge_value(name, None, original[name], theirs[name], typed, conflicts)
    return merged, conflicts


def _merge_keys(
    name: str,
    original: Mapping[str, str],
    theirs: Mapping[str, str],
    yours: Mapping[str, str],
    conflicts: list[Conflict],
) -> dict[str, str]:
    merged = {}
    for key in dict.fromkeys((*yours, *theirs)):
        value = _merge_value(name, key, original.get(key), theirs.get(key), yours.get(key), conflicts)
        if value is not None:
            merged[key] = value
    return merged


def _merge_value(name: str, key: str | None, original: Any, theirs: Any, yours: Any, conflicts: list[Conflict]) -> Any:
    if yours in (original, theirs):
        return theirs
    if theirs != original:
        conflicts.append(Conflict(name, key, original, theirs, yours))
    return yours
