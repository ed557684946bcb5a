"""Staff as administrators manage them: who they see, what they can do, and that one of them always stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.support.administration import send, staff_row, stranger_of
from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import folded
from tests.support.threads import at_once
from tests.support.world import HOME, PASSWORD, World
from webapp.access.fresh_sign_in import PASSWORD_AT, TO_OPEN, TO_SEND
from webapp.access.invites import accept_invite, create_invite, list_open_invites
from webapp.access.model import Staff, StaffSession
from webapp.access.staff import create_staff
from webapp.access.staff_members import (
    change_role,
    disable,
    enable,
    end_sessions,
    find_by_email,
    find_member,
    list_members,
    reset_second_factor,
)
from webapp.database import transaction
from webapp.errors import InvalidInput, InvalidOperation, NotFound
from webapp.identifiers import now

TENANT = HOME.tenant_id
LAST_ADMIN = "This is the last active administrator. Make somebody else an administrator first."
Act = Callable[[str, str], None]


def demote(tenant_id: str, staff_id: str) -> None:
    """Make somebody a viewer."""
    change_role(tenant_id, staff_id, "viewer")


ACTS = {
    "role": demote,
    "disable": disable,
    "enable": enable,
    "end sessions": end_sessions,
    "reset second factor": reset_second_factor,
}
LOCKING_OUT = pytest.mark.parametrize("act", [disable, demote], ids=["disable", "demote"])


@pytest.fixture
def admin(app: Flask, world: World) -> DeskClient:
    """An administrator, signed in."""
    return DeskClient(app, "admin")


def second_admin(app: Flask) -> str:
    """The ID of one more administrator, who is new."""
    with app.app_context():
        create_staff("second@desk.example", "admin", tenant_id=TENANT, password=PASSWORD)
        return find_by_email("second@desk.example")[1]


def row_about(page: Page, email: str) -> str:
    """The row of the list that names somebody."""
    return next(folded(row) for row in page.all(".admin-table tbody tr") if email in folded(row))


def test_the_list_shows_everybody_of_the_tenant_and_nobody_else(admin: DeskClient, world: World) -> None:
    """With role, state, second factor and open sign-ins."""
    stranger_of(world)
    DeskClient(world.app, "editor")
    with world.app.app_context():
        disable(TENANT, "staff_viewer")
    page = admin.get("/staff")
    assert "stranger@elsewhere.example" not in page.text("main")
    assert row_about(page, "admin@").startswith("admin@desk.example you admin Active Off")
    assert row_about(page, "editor@").endswith(" 1")
    assert row_about(page, "viewer@") == "viewer@desk.example viewer Disabled Off never 0"


def test_the_last_time_seen_outlives_the_sign_in(world: World) -> None:
    """To the minute; an ended sign-in leaves it."""
    DeskClient(world.app, "editor").get("/account")
    with world.app.app_context():
        end_sessions(TENANT, "staff_editor")
        member = find_member(TENANT, "staff_editor")
    assert member.open_sessions == 0
    assert member.last_seen_at is not None
    assert now() - member.last_seen_at < timedelta(minutes=1)


def test_sign_ins_that_have_run_out_do_not_count_as_open(world: World) -> None:
    """Idle for too long is over, though the row is there."""
    DeskClient(world.app, "editor")
    idle = update(StaffSession).values(last_seen_at=now() - timedelta(minutes=31))
    with world.app.app_context():
        transaction(lambda connection: connection.execute(idle))
        assert find_member(TENANT, "staff_editor").open_sessions == 0


@LOCKING_OUT
def test_the_last_active_administrator_stays(world_on_each_database: World, act: Act) -> None:
    """Neither disabled nor demoted; a disabled administrator does not count as one."""
    world = world_on_each_database
    other = second_admin(world.app)
    with world.app.app_context():
        disable(TENANT, other)
        with pytest.raises(InvalidOperation, match=LAST_ADMIN):
            act(TENANT, "staff_admin")
        member = find_member(TENANT, "staff_admin")
        assert (member.role, member.active) == ("admin", True)
        enable(TENANT, other)
        act(TENANT, "staff_admin")


@LOCKING_OUT
def test_two_administrators_cannot_remove_each_other_at_once(world_on_each_database: World, act: Act) -> None:
    """One of the two wins, in each of some rounds; one administrator is left."""
    world = world_on_each_database
    other = second_admin(world.app)
    for _round in range(3):
        both = [lambda staff_id=staff_id: act(TENANT, staff_id) for staff_id in ("staff_admin", other)]
        outcomes = at_once(world.app, both)
        assert sorted(str(outcome) for outcome in outcomes) == sorted(["None", LAST_ADMIN])
        with world.app.app_context():
            members = list_members(TENANT)
            assert len([member for member in members if member.role == "admin" and member.active]) == 1
            again = update(Staff).where(Staff.id.in_(["staff_admin", other])).values(role="admin", active=True)
            transaction(lambda connection, again=again: connection.execute(again))


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_somebody_of_another_tenant_is_unknown(world: World, act: Act) -> None:
    """As if there were nobody of that ID."""
    stranger = stranger_of(world)
    with world.app.app_context():
        for staff_id in (stranger, "staff_nobody"):
            with pytest.raises(NotFound):
                act(TENANT, staff_id)
    row = staff_row(world.app, "stranger@elsewhere.example")
    assert (row["role"], row["active"]) == ("admin", True)


def test_pages_about_another_tenants_staff_are_404(admin: DeskClient, world: World) -> None:
    """To look and to send."""
    stranger = stranger_of(world)
    token = admin.get("/account").form_values("main form[action='/account']")
    for path in (f"/staff/{stranger}", f"/staff/{stranger}/disable", f"/staff/{stranger}/reset-second-factor"):
        assert admin.get(path).status == 404
        assert admin.post(path, {"csrf_token": token["csrf_token"], "role": "viewer"}).status == 404


def test_an_unknown_act_is_404(admin: DeskClient) -> None:
    """Nothing is done by a made-up address."""
    assert admin.get("/staff/staff_editor/promote").status == 404


def test_another_role_counts_at_the_next_request(admin: DeskClient, app: Flask) -> None:
    """The page says so."""
    editor = DeskClient(app, "editor")
    page = send(admin, "/staff/staff_editor", role="admin")
    assert (page.status, page.response.headers["Location"]) == (303, "/staff/staff_editor")
    assert "The role was changed" in admin.get("/staff/staff_editor").text("#notice")
    assert editor.get("/staff").status == 200


@pytest.mark.parametrize("role", ["owner", ""])
def test_a_role_that_does_not_exist_is_refused(admin: DeskClient, app: Flask, role: str) -> None:
    """422 with the form; and by the operation."""
    page = send(admin, "/staff/staff_editor", role=role)
    assert (page.status, page.text("title")[:6]) == (422, "Error:")
    assert page.text("#error-summary a") == "Choose one of the roles."
    with app.app_context(), pytest.raises(InvalidInput):
        change_role(TENANT, "staff_editor", role)


def test_disabling_says_what_it_means_and_ends_all_sign_ins(admin: DeskClient, app: Flask, world: World) -> None:
    """At once; API keys that the person created stay."""
    editor = DeskClient(app, "editor")
    asked = admin.get("/staff/staff_editor/disable")
    assert "API keys that they created go on working" in asked.text(".consequences")
    assert "Invitations that they sent and nobody has accepted yet are withdrawn" in asked.text(".consequences")
    assert send(admin, "/staff/staff_editor/disable").status == 303
    assert editor.get("/account").status == 303
    assert app.test_client().get("/v1/customers", headers={"x-api-key": world.keys["read"]}).status_code == 200
    assert "Disabled" in admin.get("/staff/staff_editor").text("main .facts")
    send(admin, "/staff/staff_editor/enable")
    assert "Active" in admin.get("/staff/staff_editor").text("main .facts")


@LOCKING_OUT
def test_who_may_invite_no_more_has_no_open_invitations(world_on_each_database: World, act: Act) -> None:
    """Or a link of their own would let them in again, as an administrator. Those of others stay open."""
    app = world_on_each_database.app
    second = second_admin(app)
    with app.app_context():
        token = create_invite(TENANT, "back@desk.example", "admin", "second@desk.example")
        create_invite(TENANT, "new@desk.example", "viewer", "admin@desk.example")
        act(TENANT, second)
        assert [invite.email for invite in list_open_invites(TENANT)] == ["new@desk.example"]
        with pytest.raises(NotFound):
            accept_invite(token, PASSWORD)


def test_all_sign_ins_of_somebody_can_be_ended(admin: DeskClient, app: Flask) -> None:
    """And nobody else's."""
    editor, viewer = DeskClient(app, "editor"), DeskClient(app, "viewer")
    assert send(admin, "/staff/staff_editor/end-sessions").status == 303
    assert (editor.get("/account").status, viewer.get("/account").status) == (303, 200)


def test_the_last_administrator_reads_why_they_stay(admin: DeskClient) -> None:
    """400, in words."""
    page = send(admin, "/staff/staff_admin/disable")
    assert page.status == 400
    assert LAST_ADMIN in page.text(".problem")


@pytest.mark.parametrize(
    ("method", "age", "opens"),
    [("GET", TO_OPEN - 60, True), ("GET", TO_OPEN, False), ("POST", TO_SEND - 60, True), ("POST", TO_SEND, False)],
)
def test_what_is_sensitive_asks_for_the_password_after_a_while(
    admin: DeskClient, method: str, age: int, opens: bool
) -> None:
    """And leads back. A form that was opened in time may be thought about."""
    path = "/staff/staff_editor/end-sessions"
    values = admin.get(path).form_values("main form")
    with admin.client.session_transaction() as session:
        session[PASSWORD_AT] -= age
    page = admin.get(path) if method == "GET" else admin.post(path, values)
    again = f"/sign-in/again?next={path}"
    assert (page.response.headers.get("Location") == again) is not opens
    if not opens:
        confirmed = send(admin, again, to="/sign-in/again", password=PASSWORD)
        assert confirmed.response.headers["Location"] == path
        assert admin.get(path).status == 200
