"""Languages and time zones: which one a reader gets, and that every text, time and country follows."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import update

from tests.support.catalogs import texts_of_the_code, translations_to
from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import fill_in
from tests.support.world import World
from webapp.access.model import Staff
from webapp.customers.countries import country_choices
from webapp.database import transaction
from webapp.phrases import phrase, plural_phrase
from webapp.translation import LANGUAGES, exact_time, prefer, say, short_time, speak

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
PLACE = re.compile(r"%\((\w+)\)([sd])")
MOMENT = datetime(2026, 1, 31, 23, 5, 9, tzinfo=UTC)


def _choose(app: Flask, role: str, **columns: str) -> None:
    """What a person chooses on their account's page."""
    with app.app_context():
        statement = update(Staff).where(Staff.id == f"staff_{role}").values(**columns)
        transaction(lambda connection: connection.execute(statement))


def _page(desk: DeskClient, path: str, headers: dict[str, str] | None = None) -> tuple[str, str]:
    """(language, text of the skip link) of a page."""
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = (headers or {}).get("Accept-Language", "")
    page = desk.get(path)
    return str(page.one("html")["lang"]), page.text(".skip-link")


ENGLISH_PAGE, GERMAN_PAGE = ("en", "Skip to the content"), ("de", "Zum Inhalt springen")


@pytest.mark.parametrize("path", ["/customers", "/customers/cust_nobody", "/nowhere"])
def test_a_page_is_in_the_browsers_language(desk: DeskClient, path: str) -> None:
    """That of an unknown address too; English where the desk does not speak the browser's."""
    assert _page(desk, path, GERMAN) == GERMAN_PAGE
    assert _page(desk, path, {"Accept-Language": "tlh"}) == ENGLISH_PAGE
    assert _page(desk, path) == ENGLISH_PAGE


@pytest.mark.parametrize("path", ["/customers", "/customers/cust_nobody", "/nowhere"])
def test_what_a_person_chose_wins_over_the_browser(app: Flask, desk: DeskClient, path: str) -> None:
    """On every page of theirs, that of an error included."""
    _choose(app, "editor", language="de")
    assert _page(desk, path, {"Accept-Language": "en"}) == GERMAN_PAGE
    _choose(app, "editor", language="en")
    assert _page(desk, path, GERMAN) == ENGLISH_PAGE


def test_the_sign_in_page_speaks_the_browsers_language(app: Flask, world: World) -> None:
    """Its refusals too, which Flask-Security words."""
    desk = DeskClient(app, role=None)
    assert _page(desk, "/sign-in", GERMAN) == GERMAN_PAGE
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    refused = fill_in(desk, email="nobody@desk.example", password="wrong")
    assert refused.text("#error-summary li") == "E-Mail-Adresse oder Passwort stimmt nicht."


def test_the_documentation_of_the_api_is_english(desk: DeskClient) -> None:
    """Its whole page: the document that it shows is."""
    assert _page(desk, "/docs", GERMAN) == ENGLISH_PAGE


def test_the_api_speaks_english(api: ApiClient, world: World) -> None:
    """Whatever language its caller's library asks for."""
    customer = world.create_customer()
    for path, body in ((f"/v1/customers/{customer.id}", {"email": "plain", "name": ""}), ("/v1/customers/none", {})):
        answers = [api.put(path, body, headers=headers).get_json() for headers in ({}, GERMAN)]
        for answer in answers:
            answer["request_id"] = ""
        assert answers[0] == answers[1]
    assert api.put("/v1/customers/none", {}, headers=GERMAN).get_json()["message"] == "There is no such customer."


def test_every_text_of_the_code_is_in_the_catalog() -> None:
    """And none that the code has no more: ``make translations`` brings both in line."""
    wanted = {message.id for message in texts_of_the_code() if message.id}
    kept = {message.id for message in translations_to("de") if message.id}
    assert sorted(map(str, wanted - kept)) == []
    assert sorted(map(str, kept - wanted)) == []


def test_every_text_has_its_german() -> None:
    """With the same places to fill in, and none that a person has still to look at."""
    faults = []
    for message in translations_to("de"):
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        places = {frozenset(PLACE.findall(text)) for text in originals}
        # "One customer" may leave its number out, in either language.
        allowed = places | ({frozenset.union(*places)} if len(originals) > 1 else set())
        if message.fuzzy or len(translated) != len(originals) or not all(translated):
            faults.append(message.id)
        faults += [text for text in translated if frozenset(PLACE.findall(text)) not in allowed]
    assert faults == []


def test_a_phrase_is_said_with_what_it_holds(app: Flask) -> None:
    """Phrases within it as well, and the plural of the reader's language."""
    with app.test_request_context(headers=GERMAN):
        assert say(phrase("Enter an email address such as name@example.com. %(fault)s", fault=phrase("Not found"))) == (
            "Eine E-Mail-Adresse wie name@example.com eingeben. Nicht gefunden"
        )
        assert say(plural_phrase("%(number)d field", "%(number)d fields", 2)) == "2 fields"
        assert say("Not found") == "Not found"


def test_the_language_follows_whoever_turns_out_to_be_here(app: Flask) -> None:
    """What was said before that does not decide it."""
    with app.test_request_context(headers=GERMAN):
        assert say(phrase("Not found")) == "Nicht gefunden"
        prefer("en", "")
        assert say(phrase("Not found")) == "Not found"
        speak("de")
        assert say(phrase("Not found")) == "Nicht gefunden"


def test_a_template_keeps_the_language_it_was_compiled_for(app: Flask) -> None:
    """Whoever reads when it is compiled: who is here may be found out only while a page is made."""
    with app.test_request_context():
        english = app.jinja_env.get_template("_shortcuts.html").environment
    with app.test_request_context(headers=GERMAN):
        german = app.jinja_env.get_template("_shortcuts.html").environment
        assert english.from_string('{{ _("Close") }}').render() == "Close"
    with app.test_request_context():
        assert german.from_string('{{ _("Close") }}').render() == "Schließen"


def test_what_is_rendered_once_follows_where_the_application_is_mounted(app: Flask) -> None:
    """The addresses of the style sheets begin with that."""
    for root in ("", "/desk", ""):
        with app.test_request_context(base_url=f"http://localhost{root}"):
            rendered = app.jinja_env.from_string('{{ same_everywhere("_stylesheets.html") }}').render()
            assert f'href="{root}/static/desk.css?' in rendered


@pytest.mark.parametrize(
    ("chosen", "cookie", "short", "exact"),
    [
        ("", "", "31 Jan 2026, 23:05", "2026-01-31 23:05:09 UTC"),
        ("", "Europe/Berlin", "1 Feb 2026, 00:05", "2026-02-01 00:05:09 Europe/Berlin (UTC+01:00)"),
        ("America/Caracas", "Europe/Berlin", "31 Jan 2026, 19:05", "2026-01-31 19:05:09 America/Caracas (UTC-04:00)"),
        ("", "Asia/Kathmandu", "1 Feb 2026, 04:50", "2026-02-01 04:50:09 Asia/Kathmandu (UTC+05:45)"),
        ("", "../../etc/passwd", "31 Jan 2026, 23:05", "2026-01-31 23:05:09 UTC"),
        ("", "Mars/Olympus", "31 Jan 2026, 23:05", "2026-01-31 23:05:09 UTC"),
    ],
)
def test_times_are_in_the_readers_zone(app: Flask, chosen: str, cookie: str, short: str, exact: str) -> None:
    """What they chose, else what the browser's script wrote down, else UTC; nonsense counts as nothing."""
    with app.test_request_context(headers={"Cookie": f"timezone={cookie}"}):
        prefer("", chosen)
        assert (short_time(MOMENT), exact_time(MOMENT)) == (short, exact)


def test_times_are_written_as_the_language_does(app: Flask) -> None:
    """The month's name and the point behind the day."""
    with app.test_request_context(headers=GERMAN):
        assert short_time(MOMENT) == "31. Jan. 2026, 23:05"


def test_countries_have_their_names_and_order_in_each_language(app: Flask) -> None:
    """A letter with a mark stands with the letter, as both languages do."""
    names = {}
    for spoken in LANGUAGES:
        with app.test_request_context(headers={"Accept-Language": spoken}):
            names[spoken] = dict(country_choices())
    assert names["de"].keys() == names["en"].keys()
    assert len(names["de"]) == 249
    assert (names["en"]["DE"], names["de"]["DE"]) == ("Germany", "Deutschland")
    german = list(names["de"].values())
    assert german.index("Norwegen") < german.index("Österreich") < german.index("Pakistan")


def test_the_desk_works_where_no_catalog_was_compiled(make_app: Callable[..., Flask], tmp_path: object) -> None:
    """In English."""
    app = make_app()
    app.extensions["babel"].translation_directories[:] = [str(tmp_path)]
    app.jinja_env.bytecode_cache = None  # German templates of other tests are kept there
    desk = DeskClient(app, role=None)
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    assert desk.get("/sign-in").text("h1") == "Sign in"
