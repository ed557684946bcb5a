"""Throttled sign-in: per account, per address, in the database. Time passes by moving the attempts' own times."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.support.clients import DeskClient, Page
from tests.support.sign_in import fill_in
from tests.support.world import PASSWORD, World
from webapp.access.model import SignInAttempt
from webapp.access.sign_in_throttle import forgive_attempts, record_attempt
from webapp.database import reading, transaction
from webapp.errors import TooManyRequests
from webapp.identifiers import now
from webapp.settings import Settings

EMAIL = "editor@desk.example"


def settings_of(app: Flask) -> Settings:
    """The settings that an application runs with."""
    settings: Settings = app.extensions["customer_desk_settings"]
    return settings


def attempt(app: Flask, times: int, *, email: str = EMAIL, address: str = "127.0.0.1") -> None:
    """Attempts as the page counts them, without the time that argon2id takes."""
    with app.app_context():
        for _ in range(times):
            record_attempt(email, address, settings_of(app))


def attempts(app: Flask) -> int:
    """How many are counted."""
    with app.app_context(), reading() as connection:
        number: int = connection.execute(select(func.count()).select_from(SignInAttempt)).scalar_one()
        return number


def let_pass(app: Flask, minutes: float) -> None:
    """Have every attempt happen so many minutes ago."""
    with app.app_context():
        moved = update(SignInAttempt).values(at=now() - timedelta(minutes=minutes))
        transaction(lambda connection: connection.execute(moved))


def sign_in(app: Flask, email: str = EMAIL, password: str = PASSWORD, address: str = "127.0.0.1") -> Page:
    """Through the page, in a new browser, from an address."""
    desk = DeskClient(app, role=None)
    return fill_in(desk, email=email, password=password, environ_base={"REMOTE_ADDR": address})


@pytest.fixture(autouse=True)
def seeded(world: World) -> None:
    """People who sign in."""


def test_the_right_password_is_refused_after_five_wrong_ones(app: Flask) -> None:
    """From whatever address: an account is guarded as a whole."""
    for number in range(5):
        assert sign_in(app, password="wrong", address=f"192.0.2.{number}").status == 422
    assert sign_in(app, address="192.0.2.99").status == 429


def test_the_fifth_attempt_may_still_be_right(app: Flask) -> None:
    """Four slips are forgiven."""
    attempt(app, 4)
    assert sign_in(app).status == 302


def test_a_throttled_page_says_how_long_to_wait(app: Flask) -> None:
    """In words, and to programs by Retry-After."""
    attempt(app, 5)
    let_pass(app, 5)
    page = sign_in(app)
    assert page.status == 429
    assert 9 * 60 < int(page.response.headers["Retry-After"]) <= 10 * 60 + 1
    assert "Wait 10 minutes" in page.text(".problem")


def test_an_account_that_does_not_exist_is_throttled_alike(app: Flask) -> None:
    """Else throttling would tell which accounts exist."""
    attempt(app, 5, email="nobody@desk.example")
    assert sign_in(app, email="nobody@desk.example").status == 429


@pytest.mark.parametrize("written", ["EDITOR@desk.example", " editor@desk.example "], ids=["case", "spaces"])
def test_an_account_is_counted_however_its_address_is_written(app: Flask, written: str) -> None:
    """Another spelling is no way around."""
    attempt(app, 5, email=written)
    assert sign_in(app).status == 429


def test_other_accounts_are_not_throttled(app: Flask) -> None:
    """Nobody can lock everybody out by one account."""
    attempt(app, 5, address="192.0.2.1")
    assert sign_in(app, email="viewer@desk.example").status == 302


def test_an_address_is_throttled_after_twenty_attempts(app: Flask) -> None:
    """However many accounts are tried."""
    for number in range(20):
        attempt(app, 1, email=f"{number}@desk.example", address="192.0.2.1")
    assert sign_in(app, address="192.0.2.1").status == 429
    assert sign_in(app, address="192.0.2.2").status == 302


def test_a_claimed_address_counts_for_nothing_without_a_trusted_proxy(app: Flask) -> None:
    """``X-Forwarded-For`` is what anybody may write."""
    for number in range(20):
        attempt(app, 1, email=f"{number}@desk.example", address="192.0.2.1")
    client = DeskClient(app, role=None)
    values = client.get("/sign-in").form_values("form")
    answer = client.client.post(
        "/sign-in",
        data=values | {"email": EMAIL, "password": PASSWORD},
        headers={"X-Forwarded-For": "198.51.100.7"},
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    )
    assert answer.status_code == 429


def test_behind_a_trusted_proxy_the_clients_address_counts(make_app: Callable[..., Flask]) -> None:
    """Not the proxy's, which all share; and only the one that the proxy itself wrote."""
    app = make_app(trusted_proxies=1)
    for number in range(20):
        attempt(app, 1, email=f"{number}@desk.example", address="198.51.100.7")
    client = DeskClient(app, role=None)
    values = client.get("/sign-in").form_values("form") | {"email": EMAIL, "password": PASSWORD}
    for forwarded, status in (("203.0.113.5, 198.51.100.7", 429), ("198.51.100.7, 203.0.113.5", 302)):
        answer = client.client.post("/sign-in", data=values, headers={"X-Forwarded-For": forwarded})
        assert answer.status_code == status


def test_a_success_forgives_the_account(app: Flask) -> None:
    """The attempts of who has proved to be its owner are struck out."""
    attempt(app, 4)
    sign_in(app)
    assert attempts(app) == 0


def test_a_success_does_not_forgive_other_accounts(app: Flask) -> None:
    """Or an own account would pay for guessing others'."""
    attempt(app, 3, email="viewer@desk.example")
    sign_in(app)
    assert attempts(app) == 3


@pytest.mark.parametrize(("minutes", "status"), [(14.5, 429), (15.5, 302)], ids=["before", "after"])
def test_the_wait_is_over_after_fifteen_minutes(app: Flask, minutes: float, status: int) -> None:
    """And not before."""
    attempt(app, 5)
    let_pass(app, minutes)
    assert sign_in(app).status == status


def test_old_attempts_are_swept_away(app: Flask) -> None:
    """The table does not grow for ever."""
    attempt(app, 5)
    let_pass(app, 16)
    attempt(app, 1)
    assert attempts(app) == 1


def test_a_throttled_attempt_does_not_lengthen_the_wait(app: Flask) -> None:
    """It is refused before it is counted, so trying on locks nobody out for ever."""
    attempt(app, 5)
    sign_in(app)
    assert attempts(app) == 5


@pytest.mark.parametrize("setting", ["sign_in_account_limit", "sign_in_address_limit"])
def test_both_limits_are_settings(make_app: Callable[..., Flask], setting: str) -> None:
    """An installation may choose them."""
    app = make_app(**{setting: 1})
    attempt(app, 1)
    assert sign_in(app).status == 429


def test_confirming_the_password_is_throttled_alike(app: Flask) -> None:
    """A stolen session is no place to guess the password at."""
    desk = DeskClient(app)
    attempt(app, 5)
    values = desk.get("/sign-in/again").form_values('form[action="/sign-in/again"]')
    assert desk.post("/sign-in/again", values | {"password": PASSWORD}).status == 429


def test_parallel_guesses_do_not_get_past_the_limit(app_on_each_database: Flask) -> None:
    """Twenty at the same moment: five are looked at, on either database."""
    app = app_on_each_database
    together = Barrier(20)

    def guess(_number: int) -> bool:
        together.wait()
        with app.app_context():
            try:
                record_attempt(EMAIL, "127.0.0.1", settings_of(app))
            except TooManyRequests:
                return False
            return True

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(guess, range(20))) == 5
    assert attempts(app) == 5


def test_forgiving_is_per_account(app: Flask) -> None:
    """Whatever the case of its address."""
    attempt(app, 2)
    attempt(app, 1, email="viewer@desk.example")
    with app.app_context():
        forgive_attempts(EMAIL.upper())
    assert attempts(app) == 1


@pytest.mark.parametrize("spelling", ["EDITOR@desk.example", " editor@desk.example ", "editor@desk.\uff45xample"])
def test_another_spelling_of_an_address_is_the_same_account(app: Flask, world: World, spelling: str) -> None:
    """Whatever signs the same person in counts for the same account."""
    attempt(app, 5)
    with app.app_context(), pytest.raises(TooManyRequests):
        record_attempt(spelling, "192.0.2.1", settings_of(app))
