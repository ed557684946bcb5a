"""Sign-ins as they were promised: each sentence beside the tests that show it, and here those that were missing."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_security import hash_password

from tests.support.administration import send
from tests.support.clients import DeskClient
from tests.support.sign_in import FORM, fill_in, is_signed_in, sign_out
from tests.support.world import PASSWORD, World
from webapp.access.staff_sessions import TOKEN
from webapp.app import create_app
from webapp.settings import PROJECT_ROOT, Settings

COOKIE = "customer_desk"
#: What is promised of staff and keys -> the tests that show it.
PROMISES = {
    "Passwords are hashed by argon2id.": (
        "test_passwords_are_hashed_by_argon2id",
        "test_a_hash_costs_what_owasp_asks_for_at_least",
    ),
    "An authenticator app is the second factor, with recovery codes.": (
        "test_the_password_alone_signs_nobody_in",
        "test_the_right_code_signs_in_and_leads_on",
        "test_a_code_that_is_sent_twice_at_once_counts_once",
        "test_a_recovery_code_signs_in_once",
    ),
    "What is sensitive asks for a fresh sign-in.": (
        "test_what_is_sensitive_asks_for_the_password_after_a_while",
        "test_each_sensitive_act_asks_for_the_password_that_was_given_long_ago",
    ),
    "Roles are viewer, editor and admin.": (
        "test_a_page_answers_403_exactly_to_the_roles_that_may_not",
        "test_pages_of_accounts_and_administration_are_for_the_roles_that_may",
    ),
    "Every route declares its permission, and a test over the URL map proves it.": (
        "test_every_view_declares_its_permission",
        "test_the_map_has_exactly_these_rules",
        "test_a_view_that_says_nothing_of_who_may_call_it_stops_the_start",
        "test_a_guarded_page_needs_a_sign_in",
        "test_a_route_of_the_api_needs_a_key",
        "test_what_is_not_ones_own_is_unknown_at_every_address",
    ),
    "A session is a row on the server.": (
        "test_a_sign_in_is_a_row_on_the_server",
        "test_the_row_holds_only_the_hash_of_the_browsers_token",
        "test_without_its_row_a_cookie_signs_nobody_in",
        "test_a_cookie_from_before_is_not_signed_in_with",
    ),
    "Signing out kills it at the next request.": ("test_a_stolen_cookie_is_dead_after_signing_out",),
    "Disabling a person kills it at the next request.": ("test_a_disabled_person_is_out_at_the_next_request",),
    "Changing a password kills it at the next request.": (
        "test_another_password_ends_all_other_sign_ins",
        "test_a_stolen_cookie_is_dead_after_the_password_was_changed",
    ),
    "It lasts 30 minutes idle.": (
        "test_a_sign_in_ends_after_thirty_idle_minutes",
        "test_a_request_keeps_the_sign_in_awake",
    ),
    "It lasts 12 hours in all.": ("test_a_sign_in_ends_after_twelve_hours_in_all", "test_nothing_remembers_a_sign_in"),
    "Sign-in is throttled per account.": (
        "test_the_right_password_is_refused_after_five_wrong_ones",
        "test_parallel_guesses_do_not_get_past_the_limit",
        "test_guesses_at_once_are_no_more_than_the_limit",
    ),
    "Sign-in is throttled per address.": (
        "test_made_up_addresses_buy_no_guesses",
        "test_a_new_ipv6_address_of_the_same_network_buys_no_guesses",
    ),
    "Cookies are __Host-, Secure, HttpOnly, SameSite=Lax.": (
        "test_where_https_is_demanded_the_cookie_is_bound_to_it",
        "test_behind_a_proxy_on_this_machine_the_desk_demands_https",
    ),
    "A setting allows plain HTTP on localhost; production refuses it.": (
        "test_on_loopback_the_cookie_works_over_plain_http",
        "test_on_a_public_host_plain_http_is_refused_on_the_desk",
        "test_plain_http_is_refused_under_a_name_of_others",
        "test_plain_http_can_be_allowed_for_localhost_on_any_host",
        "test_every_start_that_allows_plain_http_says_so",
    ),
}


def test_each_promise_has_its_tests() -> None:
    """They exist under these names."""
    written = "".join(path.read_text(encoding="utf-8") for path in Path(PROJECT_ROOT, "tests").rglob("test_*.py"))
    existing = set(re.findall(r"^def (test_\w+)", written, re.MULTILINE))
    assert {name for names in PROMISES.values() for name in names} <= existing


def cookie_of(desk: DeskClient) -> str:
    """The session cookie as it was sent."""
    cookie = desk.client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def holder_of(app: Flask, cookie: str) -> DeskClient:
    """Another browser with that cookie."""
    holder = DeskClient(app, role=None)
    holder.client.set_cookie(COOKIE, cookie)
    return holder


def test_a_cookie_from_before_is_not_signed_in_with(world: World) -> None:
    """Who plants a cookie in a browser, or reads it there, has nothing when somebody signs in with it (fixation)."""
    desk = DeskClient(world.app, role=None)
    desk.get("/sign-in")
    planted = cookie_of(desk)
    fill_in(desk, email="editor@desk.example")
    assert is_signed_in(desk)
    assert not is_signed_in(holder_of(world.app, planted))


def test_each_sign_in_in_a_browser_has_a_new_token(world: World) -> None:
    """Also of the same person, in the same browser, with the cookie of before."""
    desk = DeskClient(world.app, role=None)
    tokens = []
    for _ in range(2):
        fill_in(desk, email="editor@desk.example")
        with desk.client.session_transaction() as session:
            tokens.append(session[TOKEN])
        sign_out(desk)
        with desk.client.session_transaction() as session:
            assert not {TOKEN, "_user_id", "fs_paa"} & session.keys()
    assert tokens[0] != tokens[1]


def test_a_stolen_cookie_is_dead_after_the_password_was_changed(world: World) -> None:
    """Even a copy of the one that goes on being signed in."""
    desk = DeskClient(world.app)
    stolen = cookie_of(desk)
    new = "a fine new passphrase"
    assert send(desk, "/account/password", password=PASSWORD, new_password=new, repeated=new).status == 303
    assert is_signed_in(desk)
    assert not is_signed_in(holder_of(world.app, stolen))


def test_nothing_remembers_a_sign_in(world: World) -> None:
    """No remember-me: not in the form, not when it is asked for by hand, and the cookie ends with the browser."""
    desk = DeskClient(world.app, role=None)
    assert not desk.get("/sign-in").all('[name="remember"]')
    values = desk.get("/sign-in").form_values(FORM) | {"email": "editor@desk.example", "password": PASSWORD}
    answer = desk.client.post("/sign-in", data=values | {"remember": "y"})
    cookies = answer.headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == [COOKIE]
    assert not re.search("(?i)expires|max-age", cookies[0])


def test_a_hash_costs_what_owasp_asks_for_at_least(make_settings: Callable[..., Settings]) -> None:
    """argon2id: 19 MiB of memory with two passes, or more; a salt of its own for each password."""
    with create_app(make_settings()).app_context():
        hashed = hash_password(PASSWORD)
        assert hashed != hash_password(PASSWORD)
    cost = extract_parameters(hashed)
    assert cost.type is Type.ID
    assert cost.memory_cost >= 19 * 1024
    assert cost.time_cost >= 2
    assert cost.salt_len >= 16
    assert cost.hash_len >= 32


@pytest.mark.parametrize("how", ["another key", "no signature", "changed", "empty", "long"])
def test_a_forged_cookie_signs_nobody_in(app: Flask, desk: DeskClient, how: str) -> None:
    """Only what this installation has signed counts, and a strange one is no fault."""
    real = cookie_of(desk)
    with desk.client.session_transaction() as session:
        content = dict(session)
    stranger = Flask("stranger")
    stranger.secret_key = "k" * 32
    signer = SecureCookieSessionInterface().get_signing_serializer(stranger)
    assert signer is not None
    middle = len(real) // 2
    forged = {
        "another key": signer.dumps(content),
        "no signature": real.rpartition(".")[0],
        "changed": real[:middle] + ("A" if real[middle] != "A" else "B") + real[middle + 1 :],
        "empty": "",
        "long": "a" * 4000,
    }
    thief = holder_of(app, forged[how])
    assert thief.get("/customers").status == 303
