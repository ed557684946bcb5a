"""Whether markup is valid HTML, by a strict parser, which takes longer than all else about the test of a page."""

import re

import html5lib

#: Characters, and references to some, that change nothing about validity within quotes or between tags; but some
#: elements may hold no text, only white space. Whatever else there is, rare as it is, has the page parsed.
_HARMLESS = r"(?:[\t\n !#-%(-;=?-~\xa0-\ud7ff]|&(?:amp|lt|gt|#34|#39);)"
_VALUES = re.compile(f'="{_HARMLESS}*"')
_TEXTS = re.compile(f">(?=[^<]*\\S){_HARMLESS}+<")
_OPTION = f'<option value="{_HARMLESS}*+">{_HARMLESS}*+</option>'
#: Options in a row without anything that could be wrong: each is as valid as the first.
_OPTIONS = re.compile(rf"({_OPTION})(?:\s*+{_OPTION})++")
_valid: set[tuple[bool, str]] = set()


def assert_valid_html(markup: str, *, whole: bool) -> None:
    """Parse a page, or a fragment of one, unless another one with the same tags was found to be valid.

    Raises:
        html5lib.html5parser.ParseError: it is not valid.
    """
    markup = _OPTIONS.sub(r"\1", markup)
    shape = (whole, _TEXTS.sub(">x<", _VALUES.sub('=""', markup)))
    if shape not in _valid:
        parser = html5lib.HTMLParser(strict=True)
        (parser.parse if whole else parser.parseFragment)(markup)
        _valid.add(shape)
