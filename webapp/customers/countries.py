"""Countries by name, in the reader's language and alphabet. Knows no customer, and no rule about a country's code."""

import unicodedata
from functools import lru_cache

from babel import Locale
from flask_babel import gettext
from markupsafe import Markup, escape

from webapp.customers.validators import COUNTRY_NAMES
from webapp.translation import language


def country_name(code: str) -> str:
    """The name of the country of an ISO 3166-1 code; the code itself where there is none."""
    return _names(language()).get(code, code)


def country_choices() -> tuple[tuple[str, str], ...]:
    """(code, name) of every country, in the order of the alphabet."""
    return tuple(_names(language()).items())


def country_options(chosen: str, none: str = "") -> Markup:
    """The options of a select, "no country" or ``none`` first, with ``chosen`` selected.

    The countries are written once a language.
    """
    first = Markup('<option value="">{}</option>').format(none or gettext("No country"))
    options = _options(language())
    if chosen in COUNTRY_NAMES:
        options = options.replace(f'value="{chosen}"', f'value="{chosen}" selected', 1)
    return first + Markup(options)  # noqa: S704 - built of escaped names


@lru_cache
def _names(spoken: str) -> dict[str, str]:
    territories = Locale.parse(spoken).territories
    names = {code: str(territories.get(code, name)) for code, name in COUNTRY_NAMES.items()}
    return dict(sorted(names.items(), key=lambda item: _by_alphabet(item[1])))


@lru_cache
def _options(spoken: str) -> str:
    return "".join(f'<option value="{code}">{escape(name)}</option>' for code, name in _names(spoken).items())


def _by_alphabet(name: str) -> str:
    """A letter with a mark stands with the letter: Österreich with O (DIN 5007-1), Åland with A."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", name.casefold()) if letter.isalnum())
