"""Invitations: a link that works once, for one person, for seven days."""

import hashlib
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.administration import move_back, send, staff_row
from tests.support.clients import DeskClient, Page
from tests.support.sign_in import csrf_token, fill_in
from tests.support.threads import at_once
from tests.support.world import ELSEWHERE, HOME, World
from webapp.access.invites import accept_invite, create_invite, find_invite, list_open_invites, withdraw_invite
from webapp.access.model import StaffInvite
from webapp.access.staff import create_staff
from webapp.database import reading
from webapp.errors import InvalidInput, InvalidOperation, NotFound
from webapp.identifiers import new_id, now

EMAIL = "new@desk.example"
CHOSEN = "four plain words together"
INVITER = "admin@desk.example"


def invite(app: Flask, email: str = EMAIL, role: str = "editor", tenant_id: str = HOME.tenant_id) -> str:
    """The token of a new invitation."""
    with app.app_context():
        return create_invite(tenant_id, email, role, INVITER)


def join(desk: DeskClient, token: str, password: str = CHOSEN, repeated: str = "") -> Page:
    """Open the link, choose a password, send it."""
    path = f"/invites/{token}"
    return send(desk, path, new_password=password, repeated=repeated or password)


@pytest.fixture
def newcomer(world: World) -> DeskClient:
    """A browser in which nobody is signed in."""
    return DeskClient(world.app, role=None)


def test_an_invited_person_chooses_a_password_and_is_signed_in(newcomer: DeskClient, app: Flask) -> None:
    """In the role and the tenant of the invitation; the password is theirs from then on."""
    token = invite(app)
    page = newcomer.get(f"/invites/{token}")
    assert f"{INVITER} invites you to Customer Desk as editor" in page.text("main")
    assert page.one("#email")["value"] == EMAIL
    page = join(newcomer, token)
    assert (page.status, page.response.headers["Location"]) == (303, "/customers")
    assert EMAIL in newcomer.get("/account").text("main .facts")
    row = staff_row(app, EMAIL)
    assert (row["tenant_id"], row["role"], row["active"]) == (HOME.tenant_id, "editor", True)
    assert fill_in(DeskClient(app, role=None), email=EMAIL, password=CHOSEN).status == 302


def test_the_administrator_gets_the_link_once(app: Flask, world: World) -> None:
    """On the answer alone; it is never stored, and sending the form again makes no second one."""
    admin = DeskClient(app, "admin")
    values = admin.get("/staff/invite").form_values("main form") | {"email": EMAIL, "role": "viewer"}
    page = admin.post("/staff/invite", values)
    link = str(page.one("#secret")["value"])
    assert (page.status, page.response.headers["Cache-Control"]) == (200, "no-store")
    assert "sends no mail" in page.text("main")
    with app.app_context(), reading() as connection:
        (row,) = connection.execute(select(StaffInvite.__table__)).mappings()
    token = link.rpartition("/")[2]
    assert row["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert timedelta(days=6) < row["expires_at"] - now() < timedelta(days=7)
    again = admin.post("/staff/invite", values)
    assert (again.status, again.text(".problem p:nth-of-type(1)")) == (
        400,
        "This form was sent before: the person is invited already.",
    )
    assert EMAIL in admin.get("/staff").text("section")
    assert DeskClient(app, role=None).get(link.partition("localhost")[2]).status == 200


@pytest.mark.parametrize("form_id", ["", "inv_1", "key_01ARZ3NDEKTSV4RRFFQ69G5FAV", "inv_01arz3ndektsv4rrffq69g5fav"])
def test_a_made_up_form_is_refused(app: Flask, world: World, form_id: str) -> None:
    """It names no ID that this service could have made."""
    admin = DeskClient(app, "admin")
    assert send(admin, "/staff/invite", email=EMAIL, form_id=form_id).status == 400


@pytest.mark.parametrize(
    ("email", "role", "field", "message"),
    [
        ("nobody", "viewer", "email", "Enter a valid email address."),
        ("", "viewer", "email", "Enter a valid email address."),
        ("Editor@desk.example", "viewer", "email", "Somebody with this address signs in here already."),
        (EMAIL, "owner", "role", "Choose one of the roles."),
    ],
)
def test_who_cannot_be_invited_is_said_at_the_field(
    app: Flask, world: World, email: str, role: str, field: str, message: str
) -> None:
    """422, with what was typed."""
    page = send(DeskClient(app, "admin"), "/staff/invite", email=email, role=role)
    assert (page.status, page.text("#error-summary a"), page.one("#error-summary a")["href"]) == (
        422,
        message,
        f"#{field}",
    )
    assert page.one("main #email")["value"] == email


def test_a_newer_invitation_of_the_same_address_withdraws_the_older(app: Flask, world: World) -> None:
    """In the same tenant; another tenant's stands for itself."""
    first, elsewhere, second = invite(app), invite(app, tenant_id=ELSEWHERE.tenant_id), invite(app)
    with app.app_context():
        with pytest.raises(NotFound):
            find_invite(first)
        assert find_invite(second).tenant_id == HOME.tenant_id
        assert find_invite(elsewhere).tenant_id == ELSEWHERE.tenant_id
        assert [open_one.email for open_one in list_open_invites(HOME.tenant_id)] == [EMAIL]


def test_a_link_works_once(newcomer: DeskClient, app: Flask) -> None:
    """The second time it is as unknown as a made-up one."""
    token = invite(app)
    join(newcomer, token)
    page = DeskClient(app, role=None).get(f"/invites/{token}")
    assert (page.status, "not valid (any more)" in page.text(".problem")) == (404, True)


def test_two_who_use_a_link_at_once_are_one_person(world_on_each_database: World) -> None:
    """One joins, the other reads that it was used."""
    app = world_on_each_database.app
    token = invite(app)
    outcomes = at_once(app, [lambda: accept_invite(token, CHOSEN), lambda: accept_invite(token, f"{CHOSEN} too")])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotFound", "str"]
    assert staff_row(app, EMAIL)["role"] == "editor"


@pytest.mark.parametrize(("days", "status"), [(6.9, 200), (7.1, 404)], ids=["in time", "too late"])
def test_a_link_is_good_for_seven_days(newcomer: DeskClient, app: Flask, days: float, status: int) -> None:
    """Not a minute longer; an expired one leaves the list of open ones."""
    token = invite(app)
    move_back(app, StaffInvite, "expires_at", days - 7)
    assert newcomer.get(f"/invites/{token}").status == status
    with app.app_context():
        assert len(list_open_invites(HOME.tenant_id)) == (status == 200)


def test_a_withdrawn_link_is_worthless(newcomer: DeskClient, app: Flask) -> None:
    """Also for a page that is open already."""
    token = invite(app)
    values = newcomer.get(f"/invites/{token}").form_values("main form") | {"new_password": CHOSEN, "repeated": CHOSEN}
    admin = DeskClient(app, "admin")
    (button,) = admin.get("/staff").all('form[action$="/withdraw"]')
    page = admin.post(str(button["action"]), {"csrf_token": csrf_token(admin, "/account")})
    assert page.status == 303
    assert newcomer.post(f"/invites/{token}", values).status == 404


def test_another_tenants_invitation_cannot_be_withdrawn(app: Flask, world: World) -> None:
    """It is as unknown as one that does not exist."""
    invite(app, tenant_id=ELSEWHERE.tenant_id)
    with app.app_context():
        (open_one,) = list_open_invites(ELSEWHERE.tenant_id)
        for invite_id in (open_one.id, new_id("inv")):
            with pytest.raises(NotFound):
                withdraw_invite(HOME.tenant_id, invite_id)
        assert len(list_open_invites(ELSEWHERE.tenant_id)) == 1


@pytest.mark.parametrize(
    ("password", "repeated", "message"),
    [
        ("too brief", "", "Use at least 12 characters."),
        (CHOSEN, "something else", "The two passwords differ."),
        ("password1234", "", "That is one of the first"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_invitation_open(
    newcomer: DeskClient, app: Flask, password: str, repeated: str, message: str
) -> None:
    """422, and the next try may be right."""
    token = invite(app)
    page = join(newcomer, token, password, repeated)
    assert (page.status, page.text("#error-summary a").startswith(message)) == (422, True)
    assert password not in page.response.text
    assert join(newcomer, token).status == 303


def test_somebody_who_is_signed_in_is_asked_to_sign_out_first(app: Flask, world: World) -> None:
    """Two people in one browser would be one too many; nothing is accepted."""
    token, admin = invite(app), DeskClient(app, "admin")
    page = admin.get(f"/invites/{token}")
    assert "You are signed in as admin@desk.example" in page.text(".panel-warn")
    values = {"csrf_token": csrf_token(admin, "/account"), "new_password": CHOSEN, "repeated": CHOSEN}
    assert admin.post(f"/invites/{token}", values).status == 409
    with app.app_context():
        assert find_invite(token).email == EMAIL


def test_an_address_that_signs_in_meanwhile_cannot_accept(app: Flask, world: World) -> None:
    """There is one person of an address; the invitation is not used up by it."""
    token = invite(app)
    with app.app_context():
        create_staff(EMAIL, "viewer", tenant_id=HOME.tenant_id, password=CHOSEN)
        with pytest.raises(InvalidOperation):
            accept_invite(token, CHOSEN)
        assert find_invite(token).email == EMAIL
        with pytest.raises(InvalidInput):
            create_invite(HOME.tenant_id, EMAIL, "viewer", INVITER)


def test_guessing_links_is_throttled_as_signing_in_is(newcomer: DeskClient, app: Flask) -> None:
    """By address; a good link is opened as often as one likes."""
    token = invite(app)
    for number in range(20):
        assert newcomer.get(f"/invites/guess-{number}").status == 404
    assert newcomer.get("/invites/one-more").status == 429
    assert newcomer.get(f"/invites/{token}").status == 200


@pytest.mark.parametrize("token", ["%00", "a%0Ab", "é" * 300])
def test_no_token_breaks_the_page(newcomer: DeskClient, token: str) -> None:
    """Control characters and long ones are unknown, as others are."""
    assert newcomer.get(f"/invites/{token}").status == 404
