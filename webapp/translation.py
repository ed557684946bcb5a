"""Languages and time zones of readers: whose is whose, phrases said in them, times written in them.

Every text of the product is English in the code, where ``pybabel extract`` finds it; the translations stand in
``webapp/translations``. Knows no page and no person's row.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime
from flask import Flask, g, request
from flask_babel import Babel, get_locale, gettext, ngettext

from webapp.phrases import Phrase
from webapp.settings import PROJECT_ROOT

TRANSLATIONS = PROJECT_ROOT / "webapp" / "translations"
#: Languages that the desk speaks, each by its own name.
LANGUAGES = {"en": "English", "de": "Deutsch"}
DEFAULT_LANGUAGE = "en"
#: The browser's time zone, which a script writes down for the server: nothing else tells it.
TIMEZONE_COOKIE = "timezone"
DEFAULT_TIMEZONE = "UTC"


def init_translation(app: Flask) -> None:
    """Let templates speak the reader's language; phrases that they print are said in it."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=_language, default_locale=DEFAULT_LANGUAGE)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.finalize = say
    app.jinja_env.filters.update(said=say, exact_time=exact_time, short_time=short_time)


def prefer(language: str, timezone: str) -> None:
    """Remember for this request what the reader has chosen; ``""`` leaves it to the browser."""
    g.preferred_language, g.preferred_timezone = language, timezone


def say(text: Any) -> Any:
    """A phrase in the reader's language; anything else as it is."""
    if not isinstance(text, Phrase):
        return text
    values = {name: say(value) for name, value in text.values.items()}
    if text.plural:
        number = values.pop("number")
        return ngettext(text.template, text.plural, number, number=number, **values)
    return gettext(text.template, **values)


def _language() -> str:
    chosen = g.get("preferred_language")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, DEFAULT_LANGUAGE)


def reader_timezone() -> ZoneInfo:
    """The reader's own choice, else the browser's, else UTC."""
    for name in (g.get("preferred_timezone"), request.cookies.get(TIMEZONE_COOKIE)):
        if name:
            try:
                return ZoneInfo(name)
            except (ValueError, OSError, ZoneInfoNotFoundError):
                continue
    return ZoneInfo(DEFAULT_TIMEZONE)


def exact_time(moment: datetime) -> str:
    """To the second, with the zone's name and offset, in the reader's time zone."""
    local = moment.astimezone(reader_timezone())
    offset = local.strftime("%z")
    zone = "" if local.tzname() == "UTC" else f" (UTC{offset[:3]}:{offset[3:]})"
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}{zone}"


def short_time(moment: datetime) -> str:
    """To the minute, in the reader's time zone and language."""
    return format_datetime(moment, "d MMM y, HH:mm", tzinfo=reader_timezone(), locale=get_locale())
