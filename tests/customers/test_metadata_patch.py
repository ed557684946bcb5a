"""A merge patch of metadata against the algorithm of RFC 7396, section 2, for any entries and any patch."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.customers.changeset import CustomerChanges, MetadataPatch
from webapp.customers.limits import Limits
from webapp.customers.wire import read_changes, read_patch
from webapp.errors import InvalidInput

LIMITS = Limits(metadata_entries=5)
#: Few, so that patches and entries meet; one of each is no different once folded or composed, none once trimmed.
KEYS = st.sampled_from(["a", "A", "b", "c d", "é", "e\u0301", "用户", "__proto__"])
VALUES = st.sampled_from(["", "1", "2", "null"])
ENTRIES = st.dictionaries(KEYS, VALUES, max_size=5)
PATCHES = st.dictionaries(KEYS, VALUES | st.none())


def merge_patch(target: Any, patch: Any) -> Any:
    """MergePatch(Target, Patch), word for word as the RFC has it."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    result = dict(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


@given(entries=ENTRIES, patch=PATCHES)
def test_a_patch_leads_to_what_the_rfc_says_or_past_the_limit(entries: dict[str, str], patch: dict[str, Any]) -> None:
    """The limit is judged on the result; what was stored keeps its order, and is not touched itself."""
    stored = dict(entries)
    expected = merge_patch(entries, patch)
    changes = read_patch({"metadata": patch}, LIMITS)
    if len(expected) > LIMITS.metadata_entries:
        with pytest.raises(InvalidInput) as refused:
            changes.metadata_after(entries)
        assert list(refused.value.details) == ["metadata"]
    else:
        after = changes.metadata_after(entries)
        assert after is not None
        assert list(after.items()) == list(expected.items())
    assert list(entries.items()) == list(stored.items())


@given(entries=ENTRIES, patch=PATCHES)
def test_a_patch_applied_twice_changes_nothing_more(entries: dict[str, str], patch: dict[str, Any]) -> None:
    """So a caller may send it again."""
    changes = CustomerChanges(metadata=MetadataPatch(patch, lambda _entries: None))
    once = changes.metadata_after(entries)
    assert once is not None
    assert changes.metadata_after(once) == once


@given(entries=ENTRIES, sent=ENTRIES)
def test_a_put_replaces_what_a_patch_would_merge(entries: dict[str, str], sent: dict[str, str]) -> None:
    """The same body means different things to the two."""
    assert read_changes({"metadata": sent}, LIMITS).metadata_after(entries) == sent


@pytest.mark.parametrize("body", [{}, {"metadata": None}], ids=["absent", "null"])
def test_without_metadata_the_entries_are_kept(body: dict[str, Any]) -> None:
    """None says so."""
    assert read_patch(body, LIMITS).metadata_after({"a": "1"}) is None


def test_a_removal_is_trimmed_as_a_key_is() -> None:
    """What was stored by " a " is removed by it."""
    assert read_patch({"metadata": {" a\n": None}}, LIMITS).metadata_after({"a": "1", "b": "2"}) == {"b": "2"}
