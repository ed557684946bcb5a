"""The three-way merge: properties that hold for any three versions of the same values, and the cases people meet."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from webapp.customers.merge import Conflict, merge

TEXTS = st.sampled_from(["", "a", "b", "c"])
ENTRIES = st.dictionaries(st.sampled_from("xyz"), TEXTS)
VALUES = st.fixed_dictionaries({"name": TEXTS, "email": TEXTS, "metadata": ENTRIES})

Values = dict[str, Any]


def flat(values: Values) -> dict[tuple[str, str | None], str]:
    """Each text under its place: (field, None), or (field, key)."""
    places: dict[tuple[str, str | None], str] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            places.update({(name, key): text for key, text in value.items()})
        else:
            places[name, None] = value
    return places


@given(original=VALUES, theirs=VALUES, yours=VALUES)
def test_every_place_follows_who_changed_it(original: Values, theirs: Values, yours: Values) -> None:
    """Untouched by you: theirs. Else: yours. A conflict where, and only where, both changed it to different values."""
    merged, conflicts = merge(original, theirs, yours)
    before, by_them, by_you, after = flat(original), flat(theirs), flat(yours), flat(merged)
    places = {*before, *by_them, *by_you}
    clashes = {place for place in places if len({before.get(place), by_them.get(place), by_you.get(place)}) == 3}
    assert {(conflict.field, conflict.key) for conflict in conflicts} == clashes
    for place in places:
        wanted = by_them if by_you.get(place) == before.get(place) else by_you
        assert after.get(place) == wanted.get(place)


@given(original=VALUES, theirs=VALUES, yours=VALUES)
def test_a_conflict_shows_all_three_sides(original: Values, theirs: Values, yours: Values) -> None:
    """As they are; None where there is none."""
    for conflict in merge(original, theirs, yours)[1]:
        place = conflict.field, conflict.key
        sides = (conflict.original, conflict.theirs, conflict.yours)
        assert sides == (flat(original).get(place), flat(theirs).get(place), flat(yours).get(place))


@given(original=VALUES, theirs=VALUES, yours=VALUES)
def test_no_place_is_in_conflict_twice(original: Values, theirs: Values, yours: Values) -> None:
    """Each is shown once."""
    places = [(conflict.field, conflict.key) for conflict in merge(original, theirs, yours)[1]]
    assert len(places) == len(set(places))


@given(original=VALUES, theirs=VALUES)
def test_who_typed_nothing_gets_theirs(original: Values, theirs: Values) -> None:
    """Without a conflict."""
    assert merge(original, theirs, original) == (theirs, [])


@given(original=VALUES, yours=VALUES)
def test_where_nobody_else_changed_anything_yours_stand(original: Values, yours: Values) -> None:
    """Without a conflict."""
    assert merge(original, original, yours) == (yours, [])


@given(original=VALUES, same=VALUES)
def test_who_made_the_same_change_agrees(original: Values, same: Values) -> None:
    """Twice the same is no conflict."""
    assert merge(original, same, same) == (same, [])


@given(original=VALUES, theirs=VALUES, yours=VALUES)
def test_merging_again_from_their_version_keeps_what_was_merged(
    original: Values, theirs: Values, yours: Values
) -> None:
    """The form goes on from the new version: sent unchanged, it loses nothing."""
    merged, _ = merge(original, theirs, yours)
    assert merge(theirs, theirs, merged) == (merged, [])


@given(original=VALUES, theirs=VALUES, yours=VALUES)
def test_the_sides_are_left_as_they_are(original: Values, theirs: Values, yours: Values) -> None:
    """Merging changes none of its arguments."""
    before = repr((original, theirs, yours))
    merge(original, theirs, yours)
    assert repr((original, theirs, yours)) == before


def test_different_fields_merge_by_themselves() -> None:
    """The commonest case."""
    original = {"name": "A", "email": "a@example.com"}
    theirs, yours = {**original, "name": "B"}, {**original, "email": "b@example.com"}
    assert merge(original, theirs, yours) == ({"name": "B", "email": "b@example.com"}, [])


def test_different_metadata_keys_merge_by_themselves() -> None:
    """One adds, one drops."""
    original = {"metadata": {"kept": "1", "dropped": "2"}}
    theirs, yours = {"metadata": {"kept": "1"}}, {"metadata": {"kept": "1", "dropped": "2", "added": "3"}}
    assert merge(original, theirs, yours) == ({"metadata": {"kept": "1", "added": "3"}}, [])


def test_a_key_that_one_drops_and_the_other_changes_is_a_conflict() -> None:
    """What was typed stands."""
    merged, conflicts = merge({"metadata": {"k": "1"}}, {"metadata": {}}, {"metadata": {"k": "2"}})
    assert merged == {"metadata": {"k": "2"}}
    assert conflicts == [Conflict("metadata", "k", "1", None, "2")]


def test_fields_that_the_page_does_not_have_are_left_out() -> None:
    """Only what was typed is merged."""
    assert merge({"name": "A", "status": "x"}, {"name": "B", "status": "y"}, {"name": "A"}) == ({"name": "B"}, [])
