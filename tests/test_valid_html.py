"""The check of every page's markup, which parses pages of a known shape no more: what is wrong is seen all the same."""

import pytest
from html5lib.html5parser import ParseError

from tests.support.valid_html import assert_valid_html

VALID = '<!DOCTYPE html><html lang="en"><head><title>T</title></head><body><p id="a">hi</p></body></html>'


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"a"', '"a"b"'),
        ('"a"', '"a" id="b"'),
        ('"a"', '"a&nope;"'),
        ('"a"', '"\ufdd0"'),
        ("hi", "hi<"),
        ("hi", "&foo"),
        ("hi", "</div>"),
        ("hi", "a\x01"),
        ("hi", "\ufffe"),
        ("hi", "\U0001ffff"),
        ("<!DOCTYPE html>", ""),
    ],
)
def test_what_is_wrong_is_seen_behind_a_valid_page_like_it(right: str, wrong: str) -> None:
    """Whatever was found to be valid before."""
    assert_valid_html(VALID, whole=True)
    with pytest.raises(ParseError):
        assert_valid_html(VALID.replace(right, wrong, 1), whole=True)


def test_other_texts_and_values_are_no_other_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or nothing would be gained."""
    assert_valid_html(VALID, whole=True)
    monkeypatch.setattr("tests.support.valid_html.html5lib.HTMLParser", lambda **_: pytest.fail("parsed anew"))
    assert_valid_html(VALID.replace('"a"', '"Zo\u00eb&amp;b"').replace("hi", "\u6771\u4eac"), whole=True)
