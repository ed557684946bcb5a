"""A person's browser: Debian's Chromium by Playwright, at the production server. One of each for the whole folder.

The browser is Chromium without the pages of its own window, which would be drawn for every page and seen by nobody.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.browser.desk import signed_in_already
from tests.browser.journeys import JOURNEYS
from tests.conftest import SECRET_KEY, DatabaseMaker
from tests.support.programs import needed_program
from tests.support.served import serve
from tests.support.world import World, seed_world
from webapp import Settings, create_app
from webapp.access.fresh_sign_in import TO_OPEN
from webapp.database import db

CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
#: How long something may take to appear: long enough for a machine whose processors are all taken.
PATIENCE_MILLISECONDS = 20_000
#: Each number of the shared world has as many digits, so that no external ID or name is a part of another one.
FIRST_NUMBER = 10_000
#: A sign-in of that age is asked for no password again, not even at the end of a test.
SURELY_FRESH_SECONDS = TO_OPEN / 2
#: The lines that Chromium and htmx log for an answer of 4xx, which these tests cause on purpose, and for a question
#: that a newer one replaced while it was under way.
REFUSAL_LOGGED = (
    "Failed to load resource: the server responded with a status of 4",
    "Response Status Error Code 4",
    "htmx:sendAbort",
    "htmx:afterRequest",
)

OpenPage = Callable[..., Page]


@dataclass(frozen=True)
class Desk:
    """The running service of this folder, and its seeded world; each test makes customers of its own in it."""

    address: str
    world: World


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    program = needed_program("chromium-headless-shell")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def desk(new_database: DatabaseMaker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The production server with a seeded world."""
    folder = tmp_path_factory.mktemp("browser")
    environment = {"INSTANCE_PATH": str(folder), "SECRET_KEY": SECRET_KEY, "WORKERS": "1"}
    environment["DATABASE_URL"] = new_database(folder)
    app = create_app(Settings.from_environment({**environment, "LOG_LEVEL": "ERROR"}))
    world = seed_world(app)
    world.made = FIRST_NUMBER
    with serve(environment, folder / "server.log") as running:
        yield Desk(running.address, world)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def signed_in(desk: Desk) -> Callable[[str], Any]:
    """A function from a role to the cookies of a sign-in; one for each role, until it is no longer a fresh one."""
    kept: dict[str, Any] = {}
    renewed_at: dict[str, float] = {}

    def cookies(role: str) -> Any:
        if role not in kept or time.monotonic() > renewed_at[role] + SURELY_FRESH_SECONDS:
            kept[role] = signed_in_already(desk.world, f"staff_{role}", desk.address)
            renewed_at[role] = time.monotonic()
        return kept[role]

    return cookies


@pytest.fixture
def open_page(
    chromium: Browser, desk: Desk, signed_in: Callable[[str], Any], request: pytest.FixtureRequest
) -> Iterator[OpenPage]:
    """Pages, each in a browser of its own, signed in by ``role`` (None: not at all); nothing may go wrong in any.

    A test that ``JOURNEYS`` names must really send what it is named for, when it runs without a script.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    sent: set[str] = set()
    routes = desk.world.app.url_map.bind("")

    def note_form(sending: Request) -> None:
        if sending.method == "POST":
            sent.add(routes.match(unquote(urlsplit(sending.url).path), method="POST")[0])

    def watch_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REFUSAL_LOGGED):
            faults.append(message.text)

    def make(role: str | None = "editor", **options: Any) -> Page:
        context = chromium.new_context(
            base_url=desk.address,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        if role:
            context.add_cookies(signed_in(role))
        contexts.append(context)
        if not options.get("java_script_enabled", True):
            context.on("request", note_form)
        page = context.new_page()
        page.on("console", watch_console)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == [], "the browser's console"
    of_test = request.node.name.partition("[")
    if of_test[2] == "no script]":
        named = {endpoint for endpoint, test in JOURNEYS.items() if test == of_test[0]}
        assert named <= sent, "what journeys.py names this test for was not sent without a script"
