"""Guessing at once, at the production server with two workers: no more guesses are judged than one after the other.

On SQLite and PostgreSQL. The answer tells what was judged: 422 for a wrong guess, 429 for one that was not looked at.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Barrier
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, build_opener

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import delete

from tests.conftest import SECRET_KEY
from tests.support.authenticator import code_of
from tests.support.served import serve
from tests.support.world import PASSWORD, seed_world
from webapp.access.model import SignInAttempt
from webapp.access.second_factor import propose, switch_on
from webapp.access.staff_sessions import list_open_sessions
from webapp.database import db, transaction

ACCOUNT_LIMIT = 3
ADDRESS_LIMIT = 5
#: One that no test reaches.
NO_LIMIT = 1000
GUESSES = 12
#: Accounts that guesses from one address are spread over; some of them are nobody's.
ACCOUNTS = ("viewer@desk.example", "admin@desk.example", *(f"nobody{number}@desk.example" for number in range(4)))


class Stay(HTTPRedirectHandler):
    """A redirect is an answer."""

    def redirect_request(self, *_args: object) -> None:
        """None: it is not followed."""


@dataclass
class Browser:
    """A browser of a guesser: its cookies, and nothing that would hold it back."""

    address: str
    opener: OpenerDirector

    @classmethod
    def at(cls, address: str) -> "Browser":
        """A new one."""
        return cls(address, build_opener(HTTPCookieProcessor(CookieJar()), Stay()))

    def values(self, path: str, form: str) -> dict[str, str]:
        """What a form has in its hidden fields."""
        with self.opener.open(self.address + path, timeout=60) as page:
            fields = BeautifulSoup(page.read(), "html.parser").select(f"{form} input[name][type=hidden]")
        return {str(field["name"]): str(field.get("value", "")) for field in fields}

    def send(self, path: str, values: dict[str, str]) -> int:
        """POST. Returns the status."""
        try:
            with self.opener.open(self.address + path, urlencode(values).encode(), timeout=60) as answer:
                status: int = answer.status
                return status
        except HTTPError as error:
            with error:
                return error.code


@dataclass
class Target:
    """A served installation, and the key of the editor's authenticator app."""

    app: Flask
    address: str
    key: str
    codes: list[str]

    def forgive(self) -> None:
        """As if a quarter of an hour had passed."""
        with self.app.app_context():
            transaction(lambda connection: connection.execute(delete(SignInAttempt)))

    def guess_at_once(self, guess: Callable[[int], int]) -> Counter[int]:
        """Guess many times at the same moment. Returns how often each status was answered."""
        together = Barrier(GUESSES)

        def run(number: int) -> int:
            together.wait(60)
            return guess(number)

        with ThreadPoolExecutor(GUESSES) as threads:
            return Counter(threads.map(run, range(GUESSES)))


@pytest.fixture
def target(app_on_each_database: Flask, tmp_path: Path) -> Iterator[Target]:
    """The production server on either database, which counts by account; the editor has a second factor."""
    with serving(app_on_each_database, tmp_path, account_limit=ACCOUNT_LIMIT, address_limit=NO_LIMIT) as target:
        yield target


@pytest.fixture
def target_by_address(app_on_each_database: Flask, tmp_path: Path) -> Iterator[Target]:
    """The same, which counts by address."""
    with serving(app_on_each_database, tmp_path, account_limit=NO_LIMIT, address_limit=ADDRESS_LIMIT) as target:
        yield target


@contextmanager
def serving(app: Flask, tmp_path: Path, *, account_limit: int, address_limit: int) -> Iterator[Target]:
    """Serve the application's database with these limits until the block is left."""
    seed_world(app)
    with app.app_context():
        proposal = propose("editor@desk.example")
        codes = switch_on("staff_editor", proposal.secret, code_of(proposal.key)) or []
        url = app.extensions["customer_desk_settings"].database_url
        db.engine.dispose()
    environment = {
        "INSTANCE_PATH": str(tmp_path),
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": url,
        "WORKERS": "2",
        "SIGN_IN_ACCOUNT_LIMIT": str(account_limit),
        "SIGN_IN_ADDRESS_LIMIT": str(address_limit),
    }
    with serve(environment, tmp_path / "server.log") as running:
        yield Target(app, running.address, proposal.key, codes)


def sign_in(target: Target, email: str) -> Browser:
    """A browser in which the password was right."""
    browser = Browser.at(target.address)
    sent = browser.values("/sign-in", "main form") | {"email": email, "password": PASSWORD}
    assert browser.send("/sign-in", sent) in {302, 303}
    return browser


def test_guesses_at_once_are_no_more_than_the_limit(target: Target) -> None:
    """At the password, signed out and signed in, at the second factor's code, and at recovery codes."""
    stranger = Browser.at(target.address)
    form = stranger.values("/sign-in", "main form") | {"email": "viewer@desk.example"}
    judged = target.guess_at_once(lambda number: stranger.send("/sign-in", form | {"password": f"guess {number}"}))
    assert judged == {422: ACCOUNT_LIMIT, 429: GUESSES - ACCOUNT_LIMIT}, "password"
    assert stranger.send("/sign-in", form | {"password": PASSWORD}) == 429, "the right password, too late"

    admin = sign_in(target, "admin@desk.example")
    new = {"new_password": "a fine new passphrase", "repeated": "a fine new passphrase"}
    for path in ("/sign-in/again", "/account/password"):
        target.forgive()
        again = admin.values(path, "main form") | new
        judged = target.guess_at_once(lambda number: admin.send(path, again | {"password": f"guess {number}"}))  # noqa: B023 - run here
        assert judged == {422: ACCOUNT_LIMIT, 429: GUESSES - ACCOUNT_LIMIT}, path

    target.forgive()
    waiting = sign_in(target, "editor@desk.example")
    for path in ("/sign-in/code", "/sign-in/recovery"):
        step = waiting.values(path, "main form")
        judged = target.guess_at_once(lambda number: waiting.send(path, step | {"code": f"{number:06}"}))  # noqa: B023 - run here
        # The right password that led here has counted once; the recovery page gets no guesses of its own.
        allowed = ACCOUNT_LIMIT - 1 if path == "/sign-in/code" else 0
        assert judged == Counter({422: allowed, 429: GUESSES - allowed}), path

    target.forgive()
    others = [waiting, sign_in(target, "editor@desk.example")]
    target.forgive()
    steps = [browser.values("/sign-in/recovery", "main form") | {"code": target.codes[0]} for browser in others]
    target.guess_at_once(lambda number: others[number % 2].send("/sign-in/recovery", steps[number % 2]))
    with target.app.app_context():
        opened = list_open_sessions("staff_editor")
    assert len(opened) == 1, "one recovery code, sent many times at once, signs in once"


def test_guesses_at_once_from_one_address_are_no_more_than_its_limit(target_by_address: Target) -> None:
    """Spread over many accounts, none of which comes near a limit of its own."""
    target = target_by_address
    stranger = Browser.at(target.address)
    form = stranger.values("/sign-in", "main form")

    def guess(number: int) -> int:
        return stranger.send("/sign-in", form | {"email": ACCOUNTS[number % len(ACCOUNTS)], "password": f"{number}"})

    assert target.guess_at_once(guess) == {422: ADDRESS_LIMIT, 429: GUESSES - ADDRESS_LIMIT}
    right = form | {"email": "editor@desk.example", "password": PASSWORD}
    assert stranger.send("/sign-in", right) == 429, "an account that was not guessed at, from that address"
    target.forgive()
    assert stranger.send("/sign-in", right) in {302, 303}
