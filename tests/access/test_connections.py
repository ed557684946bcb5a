"""How signing in, and being signed in, use the database: one connection at a time, nothing left open."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import fill_in
from tests.support.world import World
from webapp.access.model import ApiKey, StaffSession
from webapp.access.staff_sessions import LAST_SEEN_RESOLUTION
from webapp.database import db, reading, transaction
from webapp.identifiers import now


class Connections:
    """How many connections were out of the pool at the same time."""

    def __init__(self) -> None:
        self.out = self.most = 0


@contextmanager
def counted(app: Flask) -> Iterator[Connections]:
    """Count the connections that are taken from the pool and given back meanwhile."""
    seen = Connections()

    def taken(*_: object) -> None:
        seen.out += 1
        seen.most = max(seen.most, seen.out)

    def given_back(*_: object) -> None:
        seen.out -= 1

    with app.app_context():
        pool = db.engine.pool
        event.listen(pool, "checkout", taken)
        event.listen(pool, "checkin", given_back)
        try:
            yield seen
        finally:
            event.remove(pool, "checkout", taken)
            event.remove(pool, "checkin", given_back)


def test_a_page_takes_one_connection_at_a_time(app: Flask, world: World, desk: DeskClient) -> None:
    """A second one, held to the end, would let a small pool run dry."""
    customer = world.create_customer()
    with counted(app) as seen:
        assert desk.get(f"/customers/{customer.id}").status == 200
    assert seen.most == 1


def test_a_sign_in_takes_one_connection_at_a_time(app: Flask, world: World) -> None:
    """Nor is one kept while argon2id takes its time."""
    visitor = DeskClient(app, role=None)
    with counted(app) as seen:
        page = fill_in(visitor, email=world.email_of("editor"))
    assert page.status == 302
    assert seen.most == 1


@pytest.mark.sqlite_only("one writer keeps out all others there")
def test_reads_do_not_wait_for_another_writer(app: Flask, world: World, api: ApiClient, desk: DeskClient) -> None:
    """The key's last use and the session's last sight are written only if nothing is in the way."""
    customer = world.create_customer()
    seen = update(StaffSession).values(last_seen_at=now() - 2 * LAST_SEEN_RESOLUTION)
    with app.app_context():
        transaction(lambda connection: connection.execute(seen))
        with db.engine.execution_options(writing=True).begin():  # takes SQLite's one lock for writing
            assert api.get(f"/v1/customers/{customer.id}").status_code == 200
            assert desk.get(f"/customers/{customer.id}").status == 200
        with reading() as connection:
            unused = select(func.count()).where(ApiKey.last_used_at.is_(None))
            assert connection.execute(unused).scalar_one() == len(world.keys)
