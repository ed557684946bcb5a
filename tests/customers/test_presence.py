"""Who else has a record open: what the database knows of it, and what the pages say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.support.clients import DeskClient, Page
from tests.support.desk_pages import folded, opened_form, save, url_of
from tests.support.viewers import caller_with, let_view
from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.access.model import StaffSession
from webapp.customers.desk_model import record_viewers
from webapp.customers.model import Customer, Scope
from webapp.customers.presence import KEPT_FOR, SEEN_LATELY, other_viewers, remove_old_viewers
from webapp.database import reading, transaction

Seen = list[tuple[str, bool, bool]]


def seen_by(world: World, customer: Customer, role: str = "editor", session_id: str = "", scope: Scope = HOME) -> Seen:
    """(email, is editing, is oneself) of each of the others."""
    with world.app.app_context(), reading() as connection:
        viewers = other_viewers(connection, scope, customer.id, caller_with(role, session_id, scope))
        return [(viewer.email, viewer.is_editing, viewer.is_self) for viewer in viewers]


def let_pass(world: World, time: timedelta) -> None:
    """Make everything that open pages told of themselves older."""
    with world.app.app_context():
        with reading() as connection:
            rows = connection.execute(select(record_viewers)).all()
        for row in rows:
            older = {"seen_at": row.seen_at - time, "editing_at": row.editing_at and row.editing_at - time}
            statement = update(record_viewers).where(record_viewers.c.session_id == row.session_id).values(older)
            transaction(lambda connection, statement=statement: connection.execute(statement))


def people(page: Page) -> list[str]:
    """What a page says about who is here."""
    return [folded(line) for line in page.all(".presence-people")]


def test_others_are_seen_with_what_they_do(world_on_each_database: World) -> None:
    """By email, without oneself."""
    world = world_on_each_database
    customer = world.create_customer()
    let_view(world, customer, "viewer")
    let_view(world, customer, "admin", is_editing=True)
    let_view(world, customer, "editor")
    assert seen_by(world, customer) == [("admin@desk.example", True, False), ("viewer@desk.example", False, False)]


def test_who_tells_nothing_any_more_is_gone(world_on_each_database: World) -> None:
    """Within a minute, without having said goodbye; somebody who tells again stays."""
    world = world_on_each_database
    customer = world.create_customer()
    let_view(world, customer, "viewer")
    let_view(world, customer, "admin")
    let_pass(world, SEEN_LATELY)
    let_view(world, customer, "admin", is_opening=False)
    assert seen_by(world, customer) == [("admin@desk.example", False, False)]


def test_editing_in_one_tab_outlasts_reading_in_another(world_on_each_database: World) -> None:
    """The reading tab tells of itself too; only when the editing one falls silent, the person reads."""
    world = world_on_each_database
    customer = world.create_customer()
    let_view(world, customer, "admin", is_editing=True)
    let_view(world, customer, "admin", is_opening=False)
    assert seen_by(world, customer) == [("admin@desk.example", True, False)]
    let_pass(world, SEEN_LATELY)
    let_view(world, customer, "admin", is_opening=False)
    assert seen_by(world, customer) == [("admin@desk.example", False, False)]


def test_leaving_the_form_for_the_record_ends_the_editing(world_on_each_database: World) -> None:
    """At once, after a save or a cancel."""
    world = world_on_each_database
    customer = world.create_customer()
    let_view(world, customer, "admin", is_editing=True)
    let_view(world, customer, "admin")
    assert seen_by(world, customer) == [("admin@desk.example", False, False)]


def test_two_sign_ins_of_one_person_are_one_person(world_on_each_database: World) -> None:
    """Who edits if one of them does; one's own other sign-in is told only when it edits, and as one's own."""
    world = world_on_each_database
    customer = world.create_customer()
    let_view(world, customer, "admin", session_id="sess_desk")
    let_view(world, customer, "admin", session_id="sess_phone", is_editing=True)
    assert seen_by(world, customer) == [("admin@desk.example", True, False)]
    assert seen_by(world, customer, "admin", "sess_desk") == [("admin@desk.example", True, True)]
    assert seen_by(world, customer, "admin", "sess_phone") == []


def test_presence_is_confined_to_tenant_and_environment(world_on_each_database: World) -> None:
    """Another's record, even of the same ID, has other people."""
    world = world_on_each_database
    ours, theirs = world.create_customer(id="cust_same"), world.create_customer(ELSEWHERE, id="cust_same")
    sandboxed = world.create_customer(SANDBOX, id="cust_same")
    let_view(world, theirs, "viewer")
    assert seen_by(world, ours) == []
    assert seen_by(world, sandboxed, scope=SANDBOX) == []
    assert seen_by(world, theirs, scope=ELSEWHERE) == [("viewer@desk.example", False, False)]
    assert seen_by(world, theirs, scope=Scope(HOME.tenant_id, ELSEWHERE.environment_id)) == []


def test_old_rows_are_removed_when_a_record_is_opened(world_on_each_database: World) -> None:
    """The table stays as small as the number of people; other environments' rows go as well."""
    world = world_on_each_database
    for _ in range(3):
        let_view(world, world.create_customer(), "viewer")
    let_pass(world, KEPT_FOR + timedelta(seconds=1))

    def rows() -> int:
        with world.app.app_context(), reading() as connection:
            return connection.execute(select(func.count()).select_from(record_viewers)).scalar_one()

    let_view(world, world.create_customer(), "admin")
    assert rows() == 4
    with world.app.app_context():
        transaction(remove_old_viewers)
    assert rows() == 1


def test_opening_a_page_removes_old_rows_now_and_then(desk: DeskClient, world: World) -> None:
    """Once a minute in each process, not with each page."""
    for is_due, left in ((True, 1), (False, 2)):
        let_view(world, world.create_customer(), "viewer")
        let_pass(world, KEPT_FOR + timedelta(seconds=1))
        if is_due:
            world.app.extensions.pop("now_and_then", None)
        desk.get(url_of(world.create_customer()))
        with world.app.app_context(), reading() as connection:
            assert connection.execute(select(func.count()).select_from(record_viewers)).scalar_one() == left + (
                not is_due
            )


@pytest.mark.parametrize("path", ["", "/edit", "/archive"])
def test_a_page_says_who_else_is_here(desk: DeskClient, world: World, path: str) -> None:
    """As of when it was opened, which needs no script."""
    customer = world.create_customer()
    assert people(desk.get(f"{url_of(customer)}{path}")) == []
    let_view(world, customer, "viewer")
    let_view(world, customer, "admin", is_editing=True)
    assert people(desk.get(f"{url_of(customer)}{path}")) == [
        "Also here: admin@desk.example (editing), viewer@desk.example"
    ]


def test_a_form_that_comes_back_says_it_too(desk: DeskClient, world: World) -> None:
    """Refused or in conflict."""
    customer = world.create_customer()
    values = opened_form(desk, customer)
    let_view(world, customer, "admin", is_editing=True)
    assert people(save(desk, customer, values, email="no address")) == ["Also here: admin@desk.example (editing)"]


def test_opening_a_page_tells_others(app: Flask, world: World) -> None:
    """The record, the form, and the record again."""
    customer = world.create_customer()
    editor, admin = DeskClient(app, "editor"), DeskClient(app, "admin")
    admin.get(url_of(customer))
    assert people(editor.get(url_of(customer))) == ["Also here: admin@desk.example"]
    admin.get(f"{url_of(customer)}/edit")
    assert people(editor.get(url_of(customer))) == ["Also here: admin@desk.example (editing)"]
    admin.get(url_of(customer))
    assert people(editor.get(url_of(customer))) == ["Also here: admin@desk.example"]


def test_an_open_page_asks_and_tells(app: Flask, world: World) -> None:
    """At the address in its own markup: the fragment that it includes, which also keeps it among those who are here."""
    customer = world.create_customer()
    editor, admin = DeskClient(app, "editor"), DeskClient(app, "admin")
    form = admin.get(f"{url_of(customer)}/edit").one("#presence")["data-presence-url"]
    let_pass(world, SEEN_LATELY)
    assert people(editor.get(url_of(customer))) == []
    fragment = admin.get(str(form), htmx=True)
    assert [tag["id"] for tag in fragment.soup.find_all(recursive=False)] == ["presence"]
    assert people(fragment) == ["Also here: editor@desk.example"]
    assert fragment.one("#presence")["data-presence-url"] == form
    assert people(editor.get(url_of(customer))) == ["Also here: admin@desk.example (editing)"]


@pytest.mark.parametrize(
    ("path", "said", "links"),
    [
        ("", "Test changed this customer, {when}. Show the customer as it is now", 1),
        ("/edit", "Test changed this customer, {when}. Your edits stay; saving merges them with that.", 0),
    ],
)
def test_an_open_page_learns_of_a_newer_version(
    desk: DeskClient, world: World, path: str, said: str, links: int
) -> None:
    """Who changed it, and on the record the way to see it; the form is left as it is."""
    customer = world.create_customer()
    address = str(desk.get(f"{url_of(customer)}{path}").one("#presence")["data-presence-url"])
    assert desk.get(address, htmx=True).all(".presence-newer") == []
    world.update_customer(customer, name="Later")
    newer = desk.get(address, htmx=True).one(".presence-newer")
    assert folded(newer).replace(" ,", ",").replace(" .", ".") == said.format(when=folded(newer.select("time")[0]))
    assert [link["href"] for link in newer.select("a")] == [url_of(customer)] * links


@pytest.mark.parametrize("asked", ["", "?version=", "?version=x", "?version=-1", "?version=9999999999999&editing=9"])
def test_an_odd_question_does_no_harm(desk: DeskClient, world: World, asked: str) -> None:
    """It is answered, with the fragment."""
    page = desk.get(f"{url_of(world.create_customer())}/presence{asked}", htmx=True)
    assert (page.status, len(page.all("#presence"))) == (200, 1)


def test_who_comes_by_the_address_is_led_to_the_record(desk: DeskClient, world: World) -> None:
    """A fragment alone is no page."""
    customer = world.create_customer()
    page = desk.get(f"{url_of(customer)}/presence")
    assert (page.status, page.response.headers["Location"]) == (303, url_of(customer))


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["other environment", "other tenant"])
def test_nobody_learns_who_reads_a_record_of_others(desk: DeskClient, world: World, scope: Scope) -> None:
    """404, and nothing is written."""
    customer = world.create_customer(scope)
    assert desk.get(f"{url_of(customer)}/presence", htmx=True).status == 404
    with world.app.app_context(), reading() as connection:
        assert connection.execute(select(func.count()).select_from(record_viewers)).scalar_one() == 0


@pytest.mark.parametrize(("path", "is_kept"), [("", True), ("/presence", False)], ids=["a page", "its question"])
def test_an_open_page_does_not_keep_a_sign_in_alive(
    app: Flask, desk: DeskClient, world: World, path: str, is_kept: bool
) -> None:
    """It asks whether or not anybody sits there, so a sign-in idles out as without it."""
    customer = world.create_customer()
    sessions = StaffSession.__table__.c

    def last_seen(at: Callable[..., None] | None = None) -> object:
        with app.app_context(), reading() as connection:
            return connection.execute(select(sessions.last_seen_at)).scalar_one()

    with app.app_context():
        earlier = update(StaffSession).values(last_seen_at=last_seen() - timedelta(minutes=20))  # type: ignore[operator]
        transaction(lambda connection: connection.execute(earlier))
    before = last_seen()
    assert desk.get(f"{url_of(customer)}{path}", htmx=True).status == 200
    assert (last_seen() != before) == is_kept
