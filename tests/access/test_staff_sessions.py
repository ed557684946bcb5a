"""Staff sessions: the row on the server decides. Time passes here by moving the rows' own times."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from tests.support.clients import DeskClient
from tests.support.sign_in import fill_in, is_signed_in, sign_out
from tests.support.world import ELSEWHERE, World
from webapp.access.model import Staff, StaffSession
from webapp.access.staff_sessions import TOKEN, end_sessions_of
from webapp.database import reading, transaction
from webapp.identifiers import now

COOKIE = "customer_desk"


def execute(app: Flask, statement: Any) -> None:
    """Run a writing statement."""
    with app.app_context():
        transaction(lambda connection: connection.execute(statement))


def rows(app: Flask) -> list[Any]:
    """The rows of everybody who is signed in."""
    with app.app_context(), reading() as connection:
        return list(connection.execute(select(StaffSession.__table__)).mappings())


def move(app: Flask, *, created: float | None = None, seen: float | None = None) -> None:
    """Have the one sign-in begin, or be used for the last time, so many minutes ago."""
    ago = {"created_at": created, "last_seen_at": seen}
    times = {name: now() - timedelta(minutes=minutes) for name, minutes in ago.items() if minutes is not None}
    execute(app, update(StaffSession).values(**times))


def test_a_sign_in_is_a_row_on_the_server(world: World) -> None:
    """Of the person, in their tenant's production, with both times."""
    before = now()
    fill_in(DeskClient(world.app, role=None), email="editor@desk.example")
    (row,) = rows(world.app)
    assert (row["staff_id"], row["environment_id"]) == ("staff_editor", "env_home_production")
    assert before <= row["created_at"] == row["last_seen_at"] <= now()


def test_the_row_holds_only_the_hash_of_the_browsers_token(app: Flask, desk: DeskClient) -> None:
    """Who reads the table can sign in as nobody."""
    with desk.client.session_transaction() as session:
        token = session[TOKEN]
    assert [row["token_hash"] for row in rows(app)] == [hashlib.sha256(token.encode()).hexdigest()]


def test_each_sign_in_has_a_token_of_its_own(world: World) -> None:
    """Two browsers of one person are two rows."""
    for _ in range(2):
        fill_in(DeskClient(world.app, role=None), email="editor@desk.example")
    assert len({row["token_hash"] for row in rows(world.app)}) == 2


def test_a_sign_in_in_another_tenants_environment_is_none(app: Flask, desk: DeskClient) -> None:
    """Nothing here writes such a row; whoever mends a database by hand may."""
    assert is_signed_in(desk)
    execute(app, update(StaffSession).values(environment_id=ELSEWHERE.environment_id))
    assert not is_signed_in(desk)


def test_a_stolen_cookie_is_dead_after_signing_out(app: Flask, desk: DeskClient) -> None:
    """Signing out is not only forgetting the cookie in one browser."""
    cookie = desk.client.get_cookie(COOKIE)
    assert cookie is not None
    thief = DeskClient(app, role=None)
    thief.client.set_cookie(COOKIE, cookie.value)
    assert is_signed_in(thief)
    sign_out(desk)
    assert not is_signed_in(thief)


def test_without_its_row_a_cookie_signs_nobody_in(app: Flask, desk: DeskClient) -> None:
    """However well it is signed."""
    execute(app, delete(StaffSession))
    assert not is_signed_in(desk)


@pytest.mark.parametrize("token", ["unknown", "", None, 7, ["a"]], ids=repr)
def test_a_token_that_is_none_signs_nobody_in(desk: DeskClient, token: Any) -> None:
    """Unknown, empty, missing, or no text at all."""
    with desk.client.session_transaction() as session:
        session[TOKEN] = token
    assert not is_signed_in(desk)


def test_a_token_signs_in_its_own_person_alone(desk: DeskClient) -> None:
    """Person and row must agree."""
    with desk.client.session_transaction() as session:
        session["_user_id"] = "uniquifier-of-admin"
    assert not is_signed_in(desk)


@pytest.mark.parametrize(("minutes", "holds"), [(29, True), (31, False)], ids=["29 minutes", "31 minutes"])
def test_a_sign_in_ends_after_thirty_idle_minutes(app: Flask, desk: DeskClient, minutes: int, holds: bool) -> None:
    """Counted from its last request."""
    move(app, created=60, seen=minutes)
    assert is_signed_in(desk) is holds


@pytest.mark.parametrize(
    ("minutes", "holds"), [(12 * 60 - 1, True), (12 * 60 + 1, False)], ids=["just before", "just after"]
)
def test_a_sign_in_ends_after_twelve_hours_in_all(app: Flask, desk: DeskClient, minutes: int, holds: bool) -> None:
    """However busy."""
    move(app, created=minutes, seen=0)
    assert is_signed_in(desk) is holds


@pytest.mark.parametrize(
    ("setting", "moved"),
    [("session_idle_minutes", {"seen": 3}), ("session_total_minutes", {"created": 3})],
    ids=["idle", "in all"],
)
@pytest.mark.parametrize(("minutes", "holds"), [(4, True), (2, False)])
@pytest.mark.usefixtures("world")
def test_both_limits_are_settings(
    make_app: Callable[..., Flask], setting: str, moved: dict[str, float], minutes: int, holds: bool
) -> None:
    """An installation may be stricter or more lenient."""
    app = make_app(**{setting: minutes})
    desk = DeskClient(app)
    move(app, **moved)
    assert is_signed_in(desk) is holds


def test_a_request_keeps_the_sign_in_awake(app: Flask, desk: DeskClient) -> None:
    """The idle minutes begin anew."""
    move(app, created=60, seen=20)
    desk.get("/customers")
    assert now() - rows(app)[0]["last_seen_at"] < timedelta(minutes=10)


def test_the_last_request_is_recorded_once_a_minute_at_most(app: Flask, desk: DeskClient) -> None:
    """Reading pages does not write on each request."""
    move(app, created=60, seen=0.5)
    before = rows(app)
    desk.get("/customers")
    assert rows(app) == before


def test_a_disabled_person_is_out_at_the_next_request(app: Flask, desk: DeskClient) -> None:
    """With the page still open."""
    execute(app, update(Staff).where(Staff.id == "staff_editor").values(active=False))
    assert not is_signed_in(desk)


def test_a_changed_uniquifier_ends_every_sign_in(app: Flask, desk: DeskClient) -> None:
    """As a changed password does it."""
    execute(app, update(Staff).where(Staff.id == "staff_editor").values(fs_uniquifier="another"))
    assert not is_signed_in(desk)


def test_a_changed_role_counts_at_the_next_request(app: Flask, desk: DeskClient, world: World) -> None:
    """It is read with the row, not kept in the cookie."""
    customer = world.create_customer()
    execute(app, update(Staff).where(Staff.id == "staff_editor").values(role="viewer"))
    assert desk.get(f"/customers/{customer.id}/edit").status == 403


def test_every_sign_in_of_a_person_can_be_ended(app: Flask, desk: DeskClient) -> None:
    """In all browsers, and nobody else's."""
    other_browser, other_person = DeskClient(app), DeskClient(app, "viewer")
    with app.app_context():
        end_sessions_of("staff_editor")
    assert [is_signed_in(browser) for browser in (desk, other_browser, other_person)] == [False, False, True]


def test_an_ended_sign_in_is_told_to_who_saves(app: Flask, desk: DeskClient, world: World) -> None:
    """401 and a page that says that nothing typed is lost; the record stays."""
    customer = world.create_customer(name="Before")
    values = desk.get(f"/customers/{customer.id}/edit").form_values() | {"name": "After"}
    move(app, seen=31)
    page = desk.post(f"/customers/{customer.id}/edit", values)
    assert page.status == 401
    assert page.text("h1") == "You are not signed in"
    assert world.reload(customer) == customer
    DeskClient.sign_in(desk, "editor")
    assert desk.post(f"/customers/{customer.id}/edit", values).status == 303
