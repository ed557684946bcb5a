"""The parameters and the page of a history, without a database (contract sections 9 and 11)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from webapp.customers.history import NO_VERSION_REACHES, Change
from webapp.customers.history_wire import HistoryPage, read_history_parameters, write_history
from webapp.errors import InvalidInput

CHANGE = Change(
    id="chg_1",
    customer_id="cust_1",
    version=1,
    operation="create",
    at=datetime(2025, 1, 2, 3, 4, 5, 6, UTC),
    actor_type="api_key",
    actor_id="key_1",
    actor_name="A key",
    source="api",
    request_id="req_1",
    reason="",
    fields=[],
)


def read(**sent: str) -> HistoryPage:
    """What parameters ask for."""
    return read_history_parameters(MultiDict(sent))


def cut(total: int, page: HistoryPage) -> list[Change]:
    """The page of a history with so many changes, as the database cuts it."""
    found = [replace(CHANGE, version=version) for version in range(total, 0, -1) if version < page.before(total)]
    return found[: page.limit]


def test_nothing_asks_for_the_newest_fifty() -> None:
    """The defaults."""
    assert read() == HistoryPage(50, 0, None)


@pytest.mark.parametrize(("name", "least", "most"), [("limit", 1, 1000), ("cursor", 1, NO_VERSION_REACHES)])
def test_a_number_is_taken_up_to_its_bounds_and_not_past_them(name: str, least: int, most: int) -> None:
    """Both ends belong to it."""
    for number in (least, most):
        assert getattr(read(**{name: str(number)}), name) == number
    for number in (least - 1, most + 1):
        with pytest.raises(InvalidInput) as refused:
            read(**{name: str(number)})
        assert list(refused.value.details) == [name]


@given(text=st.text(max_size=12))
def test_any_text_is_a_number_or_invalid_input(text: str) -> None:
    """Only ASCII digits are a number; nothing but InvalidInput ever comes out."""
    for name in ("limit", "offset", "cursor"):
        try:
            page = read(**{name: text})
        except InvalidInput as refused:
            assert list(refused.details) == [name]  # noqa: PT017 - most texts are refused, some are not
        else:
            assert getattr(page, name) == int(text)
            assert text.isascii()


@given(total=st.integers(1, 60), limit=st.integers(1, 25), offset=st.integers(0, 70))
def test_pages_by_offset_are_slices(total: int, limit: int, offset: int) -> None:
    """Of the whole history, newest first."""
    page = HistoryPage(limit, offset, None)
    wanted = list(range(total, 0, -1))[offset : offset + limit]
    assert [change.version for change in cut(total, page)] == wanted


@given(total=st.integers(1, 60), limit=st.integers(1, 25))
def test_pages_by_cursor_are_the_whole_history_once(total: int, limit: int) -> None:
    """The last one has no cursor, and none is empty."""
    seen: list[int] = []
    cursor = None
    while True:
        page = read(limit=str(limit), **({"cursor": cursor} if cursor else {}))
        written = write_history(cut(total, page), page, total)
        assert written["items"]
        seen += [item["version"] for item in written["items"]]
        cursor = written["pagination"]["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(total, 0, -1))


def test_a_page_says_what_was_asked_for() -> None:
    """And how many changes there are in all; times are RFC 3339 with microseconds."""
    written = write_history([CHANGE], HistoryPage(3, 4, None), 5)
    assert written["pagination"] == {"total": 5, "limit": 3, "offset": 4, "next_cursor": None}
    assert written["items"][0]["at"] == "2025-01-02T03:04:05.000006Z"


def test_an_empty_page_has_no_cursor() -> None:
    """There is nothing behind it."""
    written = write_history([], HistoryPage(50, 9, None), 5)
    assert (written["items"], written["pagination"]["next_cursor"]) == ([], None)
