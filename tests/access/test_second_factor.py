"""The second factor: setting it up, signing in by it, recovery codes, and that a code counts once."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import update

from tests.conftest import SECRET_KEY
from tests.support.administration import send, staff_row
from tests.support.authenticator import code_of
from tests.support.clients import DeskClient, Page
from tests.support.sign_in import csrf_token, fill_in
from tests.support.threads import at_once
from tests.support.world import HOME, World, staff_of
from webapp.access.model import Staff
from webapp.access.second_factor import propose, recovery_codes_left, switch_on, use_code, use_recovery_code
from webapp.access.second_step import PATIENCE, STEP
from webapp.access.staff_members import reset_second_factor
from webapp.access.staff_sessions import list_open_sessions
from webapp.database import transaction
from webapp.errors import InvalidOperation

EMAIL = "editor@desk.example"
FACTOR = "/account/second-factor"


@dataclass
class Person:
    """An editor with a second factor.

    Attributes:
        key: what their app keeps.
        codes: their recovery codes.
    """

    app: Flask
    key: str
    codes: list[str]

    def password_done(self, next_url: str = "") -> DeskClient:
        """A new browser in which the password was right just now."""
        desk = DeskClient(self.app, role=None)
        page = fill_in(desk, email=EMAIL, next_url=next_url)
        assert (page.status, page.response.headers["Location"]) == (303, "/sign-in/code")
        return desk

    def next_code(self) -> str:
        """The app's next code: the present one has served to set it up."""
        return code_of(self.key, steps=1)


@pytest.fixture
def person(world: World) -> Person:
    """Set up by the operations, as the page does it."""
    return with_second_factor(world.app)


def with_second_factor(app: Flask) -> Person:
    """The editor sets up a second factor."""
    with app.app_context():
        proposal = propose(EMAIL)
        codes = switch_on("staff_editor", proposal.secret, code_of(proposal.key))
    assert codes is not None
    return Person(app, proposal.key, codes)


def sessions_of_editor(app: Flask) -> int:
    """How many sign-ins are open."""
    with app.app_context():
        return len(list_open_sessions("staff_editor"))


def send_code(desk: DeskClient, code: str, path: str = "/sign-in/code") -> Page:
    """Enter a code on its page."""
    return send(desk, path, code=code)


def test_setting_it_up_takes_a_right_code(desk: DeskClient, app: Flask) -> None:
    """A wrong one changes nothing and shows the same key again; then ten recovery codes are shown, once."""
    page = desk.get(FACTOR)
    key = page.text(".setup-key")
    assert str(page.one(".qr-code")["src"]).startswith("data:image/svg+xml;base64,")
    refused = send_code(desk, "000000", FACTOR)
    assert (refused.status, refused.text(".setup-key")) == (422, key)
    assert staff_row(app, EMAIL)["tf_totp_secret"] is None
    values = desk.get(FACTOR).form_values("main form") | {"code": code_of(key)}
    done = desk.post(FACTOR, values)
    assert (done.status, len(done.all(".recovery-codes li"))) == (200, 10)
    reloaded = desk.post(FACTOR, values)
    assert (reloaded.status, reloaded.response.headers["Location"]) == (303, FACTOR)
    page = desk.get(FACTOR)
    assert (page.text("h1"), "10 are left" in page.text("main")) == ("Your second factor", True)
    assert key not in page.response.text


def test_the_next_person_at_a_browser_is_shown_another_key(desk: DeskClient) -> None:
    """Or the one whose sign-in ran out there would keep the key that the next one sets up."""
    before = desk.get(FACTOR).text(".setup-key")
    desk.sign_in("admin")
    assert desk.get(FACTOR).text(".setup-key") != before


def test_neither_secret_nor_recovery_codes_are_stored_readably(person: Person, app: Flask) -> None:
    """Who reads the table has neither."""
    row = staff_row(app, EMAIL)
    kept = row["tf_totp_secret"] + "".join(row["mf_recovery_codes"])
    assert person.key.replace("-", "") not in kept
    assert not [code for code in person.codes if code in kept or code.replace("-", "") in kept]
    assert SECRET_KEY not in kept


def test_it_cannot_be_set_up_over_one_that_is_on(person: Person, app: Flask) -> None:
    """Or a moment at an open browser would take the account over."""
    with app.app_context():
        proposal = propose(EMAIL)
        with pytest.raises(InvalidOperation):
            switch_on("staff_editor", proposal.secret, code_of(proposal.key))


def test_the_password_alone_signs_nobody_in(person: Person) -> None:
    """No session row begins before the code."""
    desk = person.password_done()
    assert desk.get("/account").status == 303
    assert sessions_of_editor(person.app) == 0


def test_the_right_code_signs_in_and_leads_on(person: Person) -> None:
    """To where one wanted to be."""
    desk = person.password_done("/account?a=b")
    page = send_code(desk, person.next_code())
    assert (page.status, page.response.headers["Location"]) == (303, "/account?a=b")
    assert desk.get("/account").status == 200
    assert sessions_of_editor(person.app) == 1


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "9" * 500], ids=repr)
def test_a_wrong_code_is_refused(person: Person, code: str) -> None:
    """422, at the field, and nobody is signed in."""
    page = send_code(person.password_done(), code)
    assert (page.status, page.one("#error-summary a")["href"]) == (422, "#code")
    assert sessions_of_editor(person.app) == 0


def test_a_code_may_be_typed_with_a_space(person: Person) -> None:
    """As apps show it."""
    code = person.next_code()
    assert send_code(person.password_done(), f" {code[:3]} {code[3:]} ").status == 303


@pytest.mark.parametrize(("steps", "status"), [(-3, 422), (3, 422)], ids=["old", "to come"])
def test_a_code_of_another_time_is_refused(person: Person, steps: int, status: int) -> None:
    """Clocks may differ by half a minute, no more."""
    with person.app.app_context():
        transaction(lambda connection: connection.execute(update(Staff).values(tf_last_counter=None)))
    assert send_code(person.password_done(), code_of(person.key, steps=steps)).status == status


def test_a_code_counts_once(person: Person) -> None:
    """Who looked over the shoulder is too late; so is the code that set it up."""
    code = person.next_code()
    assert send_code(person.password_done(), code).status == 303
    assert send_code(person.password_done(), code).status == 422
    assert send_code(person.password_done(), code_of(person.key)).status == 422


def test_a_code_that_is_sent_twice_at_once_counts_once(world_on_each_database: World) -> None:
    """On either database."""
    person = with_second_factor(world_on_each_database.app)
    with person.app.app_context():
        staff = staff_of("editor")
    code = person.next_code()
    assert sorted(at_once(person.app, [lambda: use_code(staff, code)] * 4)) == [False, False, False, True]


def test_a_recovery_code_that_is_sent_twice_at_once_counts_once(world_on_each_database: World) -> None:
    """And two different ones count both."""
    person = with_second_factor(world_on_each_database.app)
    works = [lambda code=code: use_recovery_code("staff_editor", code) for code in person.codes[:2] * 2]
    assert sorted(at_once(person.app, works)) == [False, False, True, True]
    with person.app.app_context():
        assert recovery_codes_left("staff_editor") == 8


def test_a_recovery_code_signs_in_once(person: Person) -> None:
    """However it is typed."""
    typed = person.codes[4].upper().replace("-", " ")
    desk = person.password_done("/account")
    page = send_code(desk, typed, "/sign-in/recovery")
    assert (page.status, page.response.headers["Location"]) == (303, "/account")
    assert "9 recovery codes left" in desk.get("/account").text("main")
    assert send_code(person.password_done(), typed, "/sign-in/recovery").status == 422


def test_guessing_codes_is_throttled_and_the_password_buys_no_new_guesses(person: Person) -> None:
    """Five in all, passwords included, on both pages together; then even the right code waits."""
    desk = person.password_done()
    assert send_code(desk, "000000").status == 422
    assert send_code(desk, "none", "/sign-in/recovery").status == 422
    desk = person.password_done()
    assert send_code(desk, "000000").status == 422
    assert send_code(desk, person.next_code()).status == 429
    assert fill_in(DeskClient(person.app, role=None), email=EMAIL).status == 429


def test_a_right_code_forgives_the_slips(person: Person) -> None:
    """As a right password does without a second factor."""
    desk = person.password_done()
    for _ in range(3):
        send_code(desk, "000000")
    assert send_code(desk, person.next_code()).status == 303
    person.password_done()


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-in/recovery"])
def test_without_the_password_there_is_no_page_for_codes(world: World, path: str) -> None:
    """It leads to the sign-in page; to look and to send."""
    desk = DeskClient(world.app, role=None)
    assert desk.get(path).response.headers["Location"] == "/sign-in"
    page = desk.post(path, {"csrf_token": csrf_token(desk), "code": "000000"})
    assert page.response.headers["Location"] == "/sign-in"


def test_the_code_must_follow_the_password_soon(person: Person) -> None:
    """Else the password is asked for again."""
    desk = person.password_done()
    with desk.client.session_transaction() as session:
        session[STEP] = session[STEP] | {"at": session[STEP]["at"] - PATIENCE - 1}
    assert desk.get("/sign-in/code").response.headers["Location"] == "/sign-in"


@pytest.mark.parametrize("change", [{"active": False}, {"fs_uniquifier": "another"}], ids=["disabled", "new password"])
def test_who_may_not_sign_in_any_more_is_not_asked_for_a_code(person: Person, change: dict[str, object]) -> None:
    """Disabled, or the password was changed, between the two steps."""
    desk = person.password_done()
    with person.app.app_context():
        changed = update(Staff).where(Staff.id == "staff_editor").values(**change)
        transaction(lambda connection: connection.execute(changed))
    assert desk.get("/sign-in/code").response.headers["Location"] == "/sign-in"


def test_renewed_recovery_codes_replace_the_others(person: Person) -> None:
    """All of them, shown once."""
    desk = DeskClient(person.app)
    page = send(desk, f"{FACTOR}/recovery-codes")
    fresh = [item.get_text(strip=True) for item in page.all(".recovery-codes li")]
    assert len(set(fresh) - set(person.codes)) == 10
    assert send_code(person.password_done(), person.codes[0], "/sign-in/recovery").status == 422
    assert send_code(person.password_done(), fresh[0], "/sign-in/recovery").status == 303


def test_switched_off_the_password_is_enough(person: Person) -> None:
    """And the secret is gone."""
    desk = DeskClient(person.app)
    assert send(desk, f"{FACTOR}/off").response.headers["Location"] == "/account"
    row = staff_row(person.app, EMAIL)
    assert [row[name] for name in ("tf_primary_method", "tf_totp_secret", "tf_last_counter", "mf_recovery_codes")] == [
        None
    ] * 4
    assert fill_in(DeskClient(person.app, role=None), email=EMAIL).status == 302
    assert send(desk, f"{FACTOR}/recovery-codes").status == 400


def test_an_administrator_resets_it_and_ends_the_sign_ins(person: Person) -> None:
    """For who has lost app and codes."""
    desk = DeskClient(person.app)
    with person.app.app_context():
        reset_second_factor(HOME.tenant_id, "staff_editor")
    assert desk.get("/account").status == 303
    assert fill_in(DeskClient(person.app, role=None), email=EMAIL).status == 302


def test_nobody_elses_second_factor_is_asked_for(person: Person, app: Flask) -> None:
    """Others sign in as before."""
    assert fill_in(DeskClient(app, role=None), email="viewer@desk.example").status == 302


def test_with_another_secret_key_no_code_is_right_and_nothing_breaks(
    person: Person, make_app: Callable[..., Flask]
) -> None:
    """As docs/operations.md says; a reset helps."""
    app = make_app(secret_key="another secret key, also for tests alone")
    desk = DeskClient(app, role=None)
    fill_in(desk, email=EMAIL)
    assert send_code(desk, person.next_code()).status == 422
    assert send_code(desk, person.codes[0], "/sign-in/recovery").status == 422
