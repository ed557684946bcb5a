"""One's own account: language and time zone, the password, the sign-ins that are open."""

import pytest
from flask import Flask

from tests.support.administration import send, staff_row
from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import folded
from tests.support.sign_in import csrf_token, fill_in
from tests.support.threads import at_once
from tests.support.world import PASSWORD, World, staff_of
from webapp.access.accounts import change_password, reset_password
from webapp.access.staff_sessions import list_open_sessions
from webapp.access.user_agents import browser_in_words

EMAIL = "editor@desk.example"
NEW = "four other plain words"


def change(desk: DeskClient, present: str = PASSWORD, new: str = NEW, repeated: str = "") -> Page:
    """Fill in the page that changes the password."""
    return send(desk, "/account/password", password=present, new_password=new, repeated=repeated or new)


def test_the_account_shows_who_one_is(desk: DeskClient) -> None:
    """Address, role, second factor."""
    assert desk.get("/account").text("main .facts") == f"Email {EMAIL} Role editor Second factor Off"


def test_language_and_time_zone_are_kept_for_every_sign_in(desk: DeskClient, app: Flask) -> None:
    """Pages speak it from the next one on, in any browser; empty leaves it to the browser again."""
    page = send(desk, "/account", 'main form[action="/account"]', language="de", timezone="Asia/Tokyo")
    assert (page.status, page.response.headers["Location"]) == (303, "/account")
    row = staff_row(app, EMAIL)
    assert (row["language"], row["timezone"]) == ("de", "Asia/Tokyo")
    for browser in (desk, DeskClient(app)):
        page = browser.get("/account")
        assert page.one("html")["lang"] == "de"
        assert "Asia/Tokyo" in str(page.all("time")[0]["title"])
    send(desk, "/account", 'main form[action="/account"]', language="", timezone="")
    assert desk.get("/account").one("html")["lang"] == "en"


@pytest.mark.parametrize(
    ("field", "value"), [("language", "xx"), ("timezone", "Mars/Base"), ("timezone", "../etc/passwd")]
)
def test_a_language_or_zone_that_does_not_exist_is_refused(desk: DeskClient, field: str, value: str) -> None:
    """422, at the field."""
    page = send(desk, "/account", 'main form[action="/account"]', **{field: value})
    assert (page.status, page.one("#error-summary a")["href"]) == (422, f"#{field}")


def test_another_password_ends_all_other_sign_ins(desk: DeskClient, app: Flask) -> None:
    """This one goes on; the old password is none any more."""
    other, somebody = DeskClient(app), DeskClient(app, "viewer")
    page = change(desk)
    assert (page.status, page.response.headers["Location"]) == (303, "/account")
    assert "all of your other sign-ins have ended" in desk.get("/account").text("#notice")
    assert (other.get("/account").status, somebody.get("/account").status) == (303, 200)
    assert fill_in(DeskClient(app, role=None), email=EMAIL).status == 422
    assert fill_in(DeskClient(app, role=None), email=EMAIL, password=NEW).status == 302


@pytest.mark.parametrize(
    ("present", "new", "repeated", "field"),
    [
        ("not the password", NEW, "", "password"),
        ("", NEW, "", "password"),
        (PASSWORD, "too brief", "", "new_password"),
        (PASSWORD, NEW, "something else", "repeated"),
        (PASSWORD, f"{EMAIL}!!", "", "new_password"),
    ],
)
def test_a_password_is_changed_only_when_all_is_right(
    desk: DeskClient, app: Flask, present: str, new: str, repeated: str, field: str
) -> None:
    """Else 422 at the field, and nothing is changed or sent back."""
    before = staff_row(app, EMAIL)["password"]
    page = change(desk, present, new, repeated)
    assert (page.status, page.one("#error-summary a")["href"]) == (422, f"#{field}")
    assert staff_row(app, EMAIL)["password"] == before
    assert not [box for box in page.all("input[type=password]") if box.get("value")]


def test_guessing_the_present_password_is_throttled(desk: DeskClient) -> None:
    """An open browser is no place to guess it at; the right one waits too."""
    for _ in range(5):
        assert change(desk, "not the password").status == 422
    assert change(desk).status == 429


def test_two_who_change_a_password_at_once_leave_one(world_on_each_database: World) -> None:
    """The other reads that it was changed."""
    app = world_on_each_database.app
    with app.app_context():
        staff = staff_of("editor")
    works = [lambda number=number: change_password(staff, f"{NEW} {number}", "") for number in range(2)]
    outcomes = at_once(app, works)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvalidOperation", "str"]
    (uniquifier,) = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert staff_row(app, EMAIL)["fs_uniquifier"] == uniquifier


def test_letters_composed_in_another_way_are_the_same_password(desk: DeskClient, app: Flask) -> None:
    """An é of one keyboard is the é of another."""
    change(desk, new="caf\u00e9 au lait, s'il vous pla\u00eet")
    typed = "cafe\u0301 au lait, s'il vous plai\u0302t"
    assert fill_in(DeskClient(app, role=None), email=EMAIL, password=typed).status == 302


def test_an_operator_resets_a_password(desk: DeskClient, app: Flask) -> None:
    """All sign-ins end; the new one works."""
    with app.app_context():
        password = reset_password("staff_editor")
    assert desk.get("/account").status == 303
    assert fill_in(DeskClient(app, role=None), email=EMAIL, password=password).status == 302


def test_the_own_sign_ins_are_listed_and_this_one_is_marked(desk: DeskClient, app: Flask) -> None:
    """By browser and address as they were; nobody else's."""
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
    other = DeskClient(app, role=None)
    other.client.environ_base["HTTP_USER_AGENT"] = agent
    fill_in(other, email=EMAIL, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    DeskClient(app, "viewer")
    rows = [folded(row) for row in desk.get("/account").all(".admin-table tbody tr")]
    assert len(rows) == 2
    assert [row for row in rows if row.startswith("Firefox on Windows 192.0.2.7 Production")]
    assert len([row for row in rows if row.startswith("Unknown browser this one")]) == 1


def ids_to_end(desk: DeskClient) -> set[str]:
    """The sign-ins that a person's account offers to end."""
    return {str(form["action"]).split("/")[3] for form in desk.get("/account").all('form[action$="/end"]')}


def test_one_of_the_own_sign_ins_is_ended(desk: DeskClient, app: Flask) -> None:
    """The one whose button it is."""
    other = DeskClient(app)
    (session_id,) = ids_to_end(desk)
    third = DeskClient(app)
    page = desk.post(f"/account/sessions/{session_id}/end", {"csrf_token": csrf_token(desk, "/account")})
    assert page.status == 303
    assert [browser.get("/account").status for browser in (desk, other, third)] == [200, 303, 200]


def test_all_others_are_ended(desk: DeskClient, app: Flask) -> None:
    """In one go; this one and other people's stay."""
    other, third, viewer = DeskClient(app), DeskClient(app), DeskClient(app, "viewer")
    desk.post("/account/sessions/end-others", {"csrf_token": csrf_token(desk, "/account")})
    assert [browser.get("/account").status for browser in (desk, other, third, viewer)] == [200, 303, 303, 200]


def test_nobody_elses_sign_in_can_be_ended(desk: DeskClient, app: Flask) -> None:
    """404, as for one that does not exist."""
    viewer = DeskClient(app, "viewer")
    with app.app_context():
        (theirs,) = list_open_sessions("staff_viewer")
    for session_id in (theirs.id, "sess_none"):
        page = desk.post(f"/account/sessions/{session_id}/end", {"csrf_token": csrf_token(desk, "/account")})
        assert page.status == 404
    assert viewer.get("/account").status == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/130.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605 Version/17.5 Safari/605", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0", "Firefox on Android"),
        ("Firefox/1", "Firefox"),
        ("curl/8.5", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_told_in_words(user_agent: str, words: str) -> None:
    """As far as they say what they are."""
    assert browser_in_words(user_agent) == words
