"""Languages and time zones of readers: whose is whose, phrases said in them, times written in them.

Every text of the product is English in the code, where ``pybabel extract`` finds it; the translations stand in
``webapp/translations``. Knows no page and no person's row.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, current_app, g, request
from flask_babel import Babel, force_locale, get_translations, refresh
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from webapp.current import current_globals, current_request
from webapp.phrases import Phrase, phrase
from webapp.settings import PROJECT_ROOT

TRANSLATIONS = PROJECT_ROOT / "webapp" / "translations"
#: Languages that the desk speaks, each by its own name.
LANGUAGES = {"en": "English", "de": "Deutsch"}
#: The names by which catalogs are looked for: Flask-Security keeps its German under ``de_DE`` alone, which finds ours
#: under ``de`` as well.
LOCALES = {"en": "en", "de": "de_DE"}
DEFAULT_LANGUAGE = "en"
#: The browser's time zone, which js/times.js writes down for the server: nothing else tells it.
TIMEZONE_COOKIE = "timezone"
DEFAULT_TIMEZONE = "UTC"
_SHORT_TIME = phrase("%(day)d %(month)s %(year)d, %(time)s")


@dataclass(slots=True)
class _Texts:
    """The texts of one language. What a template prints is kept as it prints it: a page asks for some hundred."""

    catalog: NullTranslations
    printed: dict[str, Markup] = field(default_factory=dict)


def init_translation(app: Flask) -> None:
    """Let templates speak the reader's language; phrases that they print are said in it."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=lambda: LOCALES[language()], default_locale=DEFAULT_LANGUAGE)
    app.extensions["texts"] = {}
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.finalize = say
    # In place of Jinja's own, which look each text up anew and copy it to fill in nothing.
    app.jinja_env.globals.update(_=_print, gettext=_print, ngettext=_print_number)
    templates: Any = app.jinja_env
    templates.translate = lambda language, text: str(_text_alone(_texts_in(language), text))
    app.jinja_env.globals.update(same_everywhere=templates.same_everywhere)
    app.jinja_env.filters.update(said=say, exact_time=exact_time, short_time=short_time)


def prefer(language: str, timezone: str) -> None:
    """Remember for this request what the reader has chosen; ``""`` leaves it to the browser."""
    kept = current_globals()
    kept.preferred_language, kept.preferred_timezone = language, timezone
    _forget_language()


def speak(language: str) -> None:
    """Answer this request in a language whoever reads it: one that a page exists in alone."""
    g.spoken_language = language
    _forget_language()


def _forget_language() -> None:
    """What was said before, such as to somebody not known yet, does not decide what is said now."""
    kept = current_globals()
    if "language" in kept or "reader_timezone" in kept:
        for name in ("texts", "language", "reader_timezone"):
            kept.pop(name, None)
        refresh()


def language() -> str:
    """The code of the language of this answer: the page's own, else what the reader chose, else the browser's."""
    kept = current_globals()
    if "language" not in kept:
        kept.language = _language(kept)
    spoken: str = kept.language
    return spoken


def _language(kept: Any) -> str:
    for chosen in (kept.get("spoken_language"), kept.get("preferred_language")):
        if chosen in LANGUAGES:
            return str(chosen)
    return _best_of(current_request().environ.get("HTTP_ACCEPT_LANGUAGE", "")) if request else DEFAULT_LANGUAGE


@lru_cache(maxsize=256)
def _best_of(accepted: str) -> str:
    """The language that a browser asks for by its header; browsers send few kinds of it."""
    found: LanguageAccept = parse_accept_header(accepted, LanguageAccept)
    return found.best_match(LANGUAGES, DEFAULT_LANGUAGE)


def say(text: Any) -> Any:
    """A phrase in the reader's language; anything else as it is."""
    if not isinstance(text, Phrase):
        return text
    catalog = _texts().catalog
    if text.plural:
        said = catalog.ngettext(text.template, text.plural, text.values["number"])
    else:
        said = catalog.gettext(text.template)
    return said % {name: say(value) for name, value in text.values.items()} if text.values else said


def _texts() -> _Texts:
    kept = current_globals()
    if "texts" not in kept:
        kept.texts = _texts_in(language())
    texts: _Texts = kept.texts
    return texts


def _texts_in(language: str) -> _Texts:
    """They are kept for all readers, so they depend on none, not even on who reads right now."""
    kept: dict[str, _Texts] = current_app.extensions["texts"]
    if language not in kept:
        with force_locale(LOCALES[language]):
            kept[language] = _Texts(get_translations())
    return kept[language]


def _print(text: str, **values: Any) -> Markup:
    """``_("Save")`` in a template. As with Jinja's own, the text is markup, and what is put into it is escaped."""
    texts = _texts()
    if not values:
        return _text_alone(texts, text)
    return Markup(texts.catalog.gettext(text)) % _said(values)  # noqa: S704 - ours


def _text_alone(texts: _Texts, text: str) -> Markup:
    printed = texts.printed.get(text)
    if printed is None:
        printed = texts.printed[text] = Markup(texts.catalog.gettext(text) % {})  # noqa: S704 - ours
    return printed


def _print_number(singular: str, plural: str, num: int, **values: Any) -> Markup:
    """``ngettext("%(num)d customer", "%(num)d customers", count)`` in a template."""
    template = _texts().catalog.ngettext(singular, plural, num)
    return Markup(template) % _said({"num": num, **values})  # noqa: S704 - ours


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {name: say(value) for name, value in values.items()}


def reader_timezone() -> ZoneInfo:
    """The reader's own choice, else the browser's, else UTC."""
    kept: ZoneInfo | None = g.get("reader_timezone")
    if kept is None:
        g.reader_timezone = kept = _reader_timezone()
    return kept


def _reader_timezone() -> ZoneInfo:
    for name in (g.get("preferred_timezone"), request.cookies.get(TIMEZONE_COOKIE)):
        if name:
            try:
                return ZoneInfo(name)
            except (ValueError, OSError, ZoneInfoNotFoundError):
                continue
    return ZoneInfo(DEFAULT_TIMEZONE)


def exact_time(moment: datetime) -> str:
    """To the second, with the zone's name and its offset then, in the reader's time zone."""
    zone = reader_timezone()
    local = moment.astimezone(zone)
    offset = "" if zone.key == "UTC" else local.strftime("%z")
    written = f" (UTC{offset[:3]}:{offset[3:5]})" if offset else ""
    return f"{local.replace(tzinfo=None).isoformat(' ', 'seconds')} {zone.key}{written}"


def short_time(moment: datetime) -> str:
    """To the minute, in the reader's time zone and language."""
    local = moment.astimezone(reader_timezone())
    parts = {
        "day": local.day,
        "month": _month_names(language())[local.month],
        "year": local.year,
        "time": local.time().isoformat("minutes"),
    }
    return str(say(_SHORT_TIME) % parts)


@lru_cache(maxsize=len(LANGUAGES))
def _month_names(language: str) -> dict[int, str]:
    names: dict[int, str] = Locale.parse(language).months["format"]["abbreviated"]
    return dict(names)
