"""The access log: what is written when a record is opened, what an administrator reads, what is forgotten."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from tests.support.clients import DeskClient
from tests.support.databases import postgresql_app
from tests.support.desk_pages import save, url_of
from tests.support.viewers import caller_with, let_view
from tests.support.world import ELSEWHERE, HOME, SANDBOX, World, seed_world
from webapp.access import access_log
from webapp.access.access_log import (
    list_accesses,
    people_of,
    recently_opened,
    record_access,
    remove_old_accesses,
)
from webapp.access.model import RecordAccess
from webapp.customers.desk_model import record_viewers
from webapp.customers.model import Scope
from webapp.customers.presence import KEPT_FOR, remove_old_viewers
from webapp.database import db, reading, transaction, write_if_free
from webapp.identifiers import now


def open_records(world: World, role: str, *customer_ids: str, page: str = "record", scope: Scope = HOME) -> None:
    """Have somebody open records, one after the other, each a second after the one before."""
    with world.app.app_context():
        for customer_id in customer_ids:
            _age(timedelta(seconds=1))
            caller = caller_with(role, scope=scope)
            transaction(
                lambda connection, caller=caller, customer_id=customer_id: record_access(
                    connection, caller, customer_id, page
                )
            )


def _entry(number: int, at: datetime) -> dict[str, Any]:
    """A row of the log: an editor has opened a record in production."""
    return {
        "id": f"acc_{number:02}",
        "tenant_id": HOME.tenant_id,
        "environment_id": HOME.environment_id,
        "customer_id": "cust_1",
        "staff_id": "staff_editor",
        "staff_email": "editor@desk.example",
        "page": "record",
        "at": at,
    }


def _age(by: timedelta) -> None:
    """Make every entry older."""
    with reading() as connection:
        rows = connection.execute(select(RecordAccess.id, RecordAccess.at)).all()
    older = update(RecordAccess).where(RecordAccess.id == bindparam("which")).values(at=bindparam("older"))
    times = [{"which": row.id, "older": row.at - by} for row in rows]
    if times:
        transaction(lambda connection: connection.execute(older, times))


def logged(world: World, role: str = "admin", scope: Scope = HOME, **asked: Any) -> list[tuple[str, str, str]]:
    """(email, customer, page) of each entry, newest first."""
    with world.app.app_context(), reading() as connection:
        entries = list_accesses(connection, caller_with(role, scope=scope), **{"most": 100, **asked})
        return [(entry.staff_email, entry.customer_id, entry.page) for entry in entries]


def test_an_opening_is_written_down(world_on_each_database: World) -> None:
    """Who, which record, which page."""
    open_records(world_on_each_database, "viewer", "cust_1")
    open_records(world_on_each_database, "editor", "cust_1", page="edit")
    assert logged(world_on_each_database) == [
        ("editor@desk.example", "cust_1", "edit"),
        ("viewer@desk.example", "cust_1", "record"),
    ]


def test_the_same_opening_within_a_minute_is_written_once(world_on_each_database: World) -> None:
    """A reload says nothing new; another page, person or record does, and so does the same one later."""
    world = world_on_each_database
    open_records(world, "viewer", "cust_1", "cust_1")
    assert len(logged(world)) == 1
    open_records(world, "viewer", "cust_1", page="history")
    open_records(world, "editor", "cust_1")
    open_records(world, "viewer", "cust_2")
    assert len(logged(world)) == 4
    with world.app.app_context():
        _age(timedelta(minutes=1))
    open_records(world, "viewer", "cust_1")
    assert len(logged(world)) == 5


def test_recently_opened_names_each_record_once_the_last_one_first(world_on_each_database: World) -> None:
    """And no more than was asked for, none of somebody else, none of another environment."""
    world = world_on_each_database
    open_records(world, "editor", "cust_1", "cust_2", "cust_3")
    open_records(world, "editor", "cust_1", page="edit")
    open_records(world, "viewer", "cust_4")
    open_records(world, "editor", "cust_5", scope=SANDBOX)
    with world.app.app_context(), reading() as connection:
        assert recently_opened(connection, caller_with("editor"), 8) == ["cust_1", "cust_3", "cust_2"]
        assert recently_opened(connection, caller_with("editor"), 2) == ["cust_1", "cust_3"]
        assert recently_opened(connection, caller_with("admin"), 8) == []


def test_entries_are_confined_to_tenant_and_environment(world_on_each_database: World) -> None:
    """Neither the sandbox nor another tenant is read from production."""
    world = world_on_each_database
    for scope in (HOME, SANDBOX, ELSEWHERE):
        open_records(world, "editor", f"cust_of_{scope.environment_id}", scope=scope)
    mixed = Scope(ELSEWHERE.tenant_id, HOME.environment_id)
    for scope in (HOME, SANDBOX, ELSEWHERE):
        assert [row[1] for row in logged(world, scope=scope)] == [f"cust_of_{scope.environment_id}"]
    assert logged(world, scope=mixed) == []


def test_entries_of_one_record_or_one_person_can_be_asked_for(world_on_each_database: World) -> None:
    """And of both."""
    world = world_on_each_database
    open_records(world, "editor", "cust_1", "cust_2")
    open_records(world, "viewer", "cust_2", "cust_1")
    assert [row[0][:6] for row in logged(world, customer_id="cust_1")] == ["viewer", "editor"]
    assert [row[1] for row in logged(world, staff_id="staff_editor")] == ["cust_2", "cust_1"]
    assert len(logged(world, customer_id="cust_1", staff_id="staff_editor")) == 1


def test_pages_of_the_log_hold_each_entry_once(world_on_each_database: World) -> None:
    """Even where several have the same time."""
    world = world_on_each_database
    at = now()
    with world.app.app_context():
        rows = [_entry(number, at=at - timedelta(seconds=number // 4)) for number in range(11)]
        transaction(lambda connection: connection.execute(insert(RecordAccess), rows))
        seen: list[str] = []
        with reading() as connection:
            while page := list_accesses(connection, caller_with("admin"), most=3, before=seen[-1] if seen else ""):
                seen += [entry.id for entry in page]
            assert list_accesses(connection, caller_with("admin"), most=3, before="acc_unknown") == []
    assert sorted(seen) == [row["id"] for row in rows]
    assert seen[0] == "acc_03"


def test_old_entries_are_removed_a_few_at_a_time(world_on_each_database: World) -> None:
    """Those of the own environment that are past their time; never more at once than is quick."""
    world = world_on_each_database
    old = [_entry(number, at=now() - timedelta(days=3)) for number in range(access_log.REMOVED_AT_ONCE + 5)]
    with world.app.app_context():
        transaction(lambda connection: connection.execute(insert(RecordAccess), old))
    open_records(world, "editor", "cust_of_sandbox", scope=SANDBOX)
    with world.app.app_context():
        _age(timedelta(days=3))
    open_records(world, "editor", "cust_young")

    def remove() -> int:
        with world.app.app_context():
            transaction(lambda connection: remove_old_accesses(connection, caller_with("editor"), timedelta(days=2)))
            with reading() as connection:
                return connection.execute(select(func.count()).select_from(RecordAccess)).scalar_one()

    assert [remove(), remove(), remove()] == [7, 2, 2]
    assert [row[1] for row in logged(world)] == ["cust_young"]


def test_what_somebody_else_is_removing_is_passed_over(
    postgresql_server: Callable[[str], str], migrated_postgresql: str, make_app: Callable[..., Flask]
) -> None:
    """Two workers that tidy at once wait for each other in neither table, with openings behind them."""

    def tidy(connection: Connection) -> None:
        remove_old_accesses(connection, caller_with("editor"), timedelta(0))
        remove_old_viewers(connection)

    with postgresql_app(postgresql_server, make_app, migrated_postgresql) as app:
        world = seed_world(app)
        open_records(world, "editor", "cust_1")
        let_view(world, world.create_customer(), "editor")
        with app.app_context(), db.engine.connect() as first:
            first.execute(update(record_viewers).values(seen_at=now() - 2 * KEPT_FOR))
            first.commit()
            tidy(first)
            assert first.scalar(select(func.count()).select_from(RecordAccess)) == 0
            assert first.scalar(select(func.count()).select_from(record_viewers)) == 0
            assert write_if_free(tidy)


def test_people_are_those_of_the_tenant(world_on_each_database: World) -> None:
    """By email; those who can no longer sign in too, for they are in the log."""
    with world_on_each_database.app.app_context(), reading() as connection:
        assert list(people_of(connection, caller_with("admin")).values()) == [
            "admin@desk.example", "editor@desk.example", "viewer@desk.example",
        ]  # fmt: skip
        assert people_of(connection, caller_with("admin", scope=ELSEWHERE)) == {}


@pytest.mark.parametrize(("path", "page"), [("", "record"), ("/edit", "edit"), ("/archive", "record")])
def test_each_page_of_a_record_is_logged(desk: DeskClient, world: World, path: str, page: str) -> None:
    """As what it is."""
    customer = world.create_customer()
    assert desk.get(f"{url_of(customer)}{path}").status == 200
    assert logged(world) == [("editor@desk.example", customer.id, page)]


def test_what_was_not_shown_is_not_logged(desk: DeskClient, world: World) -> None:
    """Neither a customer of others, nor an unknown one, nor a redirect, nor the poll of an open page."""
    customer = world.create_customer()
    for other in (world.create_customer(SANDBOX), world.create_customer(ELSEWHERE)):
        assert desk.get(url_of(other)).status == 404
    assert desk.get("/customers/cust_nobody").status == 404
    assert desk.get(f"{url_of(customer)}/presence", htmx=True).status == 200
    assert desk.get(f"{url_of(customer)}/restore").status == 303
    for scope in (HOME, SANDBOX, ELSEWHERE):
        assert logged(world, scope=scope) == []


def test_a_form_that_comes_back_has_shown_the_record(desk: DeskClient, world: World) -> None:
    """Who sends a form without having opened the page is in the log as well."""
    customer = world.create_customer()
    values = desk.get(f"{url_of(customer)}/edit").form_values()
    with world.app.app_context():
        _age(timedelta(minutes=2))
    assert save(desk, customer, values, email="no address").status == 422
    assert [row[2] for row in logged(world)] == ["edit", "edit"]


def test_an_opening_is_logged_while_others_write(world_on_each_database: World) -> None:
    """It waits its turn behind a short write, and for nobody who just tells that a page is open."""
    world = world_on_each_database
    desk, customer = DeskClient(world.app), world.create_customer()
    with world.app.app_context():
        let_view(world, customer, "viewer")
        long_ago = update(record_viewers).values(seen_at=now() - 2 * KEPT_FOR)
        transaction(lambda connection: connection.execute(long_ago))
        with db.engine.execution_options(writing=True).connect() as writer:
            writer.execute(long_ago)
            done = threading.Timer(0.3, writer.commit) if writer.dialect.name == "sqlite" else None
            if done:
                done.start()
            assert desk.get(url_of(customer)).text("h1") == customer.name
            if done:
                done.join()
            else:
                writer.commit()
    assert logged(world) == [("editor@desk.example", customer.id, "record")]


@pytest.mark.sqlite_only("one writer keeps out all others there")
def test_a_record_is_read_though_the_log_cannot_be_written(
    make_app: Callable[..., Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody is kept from a record by a busy database; the opening then stands in the service's own log."""
    app = make_app(log_level="WARNING")
    world = seed_world(app)
    desk, customer = DeskClient(app), world.create_customer()
    with app.app_context(), db.engine.execution_options(writing=True).connect() as writer:
        writer.execute(text("SELECT 1"))  # holds the lock, as a long import would
        page = desk.get(url_of(customer))
        writer.rollback()
    assert page.text("h1") == customer.name
    assert logged(world) == []
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"]) == ("access not logged", "warning")
    assert (said["staff"], said["customer"], said["page"]) == ("staff_editor", customer.id, "record")
