"""What requests leave that run one after the other is done at once; and so are openings of records, on SQLite."""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from tests.support import event_loop
from tests.support.asgi import Client, front_of, scope
from tests.support.clients import DeskClient
from tests.support.databases import postgresql_app
from tests.support.world import World, seed_world
from webapp import together, written_together
from webapp.access.model import RecordAccess
from webapp.customers.model import Customer
from webapp.database import db, reading, write_if_free
from webapp.front import Front
from webapp.together import DO_TOGETHER, LEFT, Together
from webapp.written_together import Write


def leaving(environ: dict[str, Any], start_response: Callable[..., object]) -> Sequence[bytes]:
    """A WSGI application that leaves its request's path."""
    environ[LEFT].append(environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def test_what_is_left_in_one_turn_is_done_at_once_and_before_the_answers() -> None:
    """And what is left later is done later; all of it in the loop's own thread."""
    done: list[tuple[list[str], list[bytes], int]] = []
    clients = [Client() for _ in range(3)]

    def do(left: Sequence[str]) -> None:
        done.append((list(left), [client.body for client in clients], threading.get_ident()))

    front = front_of(leaving, do_together=do)

    async def run() -> int:
        at_once = [front(scope("GET", b"/%d" % n), one.receive, one.send) for n, one in enumerate(clients[:2])]
        await asyncio.gather(*at_once)
        await front(scope("GET", b"/later"), clients[2].receive, clients[2].send)
        return threading.get_ident()

    loop_thread = event_loop.run(run())
    assert done == [(["/0", "/1"], [b"", b"", b""], loop_thread), (["/later"], [b"ok", b"ok", b""], loop_thread)]
    assert clients[2].body == b"ok"


@pytest.mark.parametrize(("most", "expected"), [(32, [6]), (4, [4, 2])])
def test_what_comes_while_others_run_is_done_with_theirs(
    monkeypatch: pytest.MonkeyPatch, most: int, expected: list[int]
) -> None:
    """As long as each turn of the loop brings more, and up to a number."""
    monkeypatch.setattr(together, "MOST_TOGETHER", most)
    done: list[int] = []

    async def run() -> None:
        async def do(left: Sequence[Any]) -> None:
            done.append(len(left))

        waiting = Together(do)

        async def leave(turn: int) -> None:
            for _ in range(turn):
                await asyncio.sleep(0)
            await waiting.done([turn])

        await asyncio.gather(*(leave(turn) for turn in range(6)))

    event_loop.run(run())
    assert done == expected


def test_what_comes_while_others_is_being_done_is_done_at_once_behind_it() -> None:
    """One batch at a time: where doing it is to wait, the next one grows meanwhile."""
    done: list[list[int]] = []

    async def do(left: Sequence[int]) -> None:
        done.append([*left])
        await asyncio.sleep(0.05)

    async def run() -> None:
        waiting = Together(do)

        async def leave(number: int) -> None:
            await asyncio.sleep(0.005 * number)
            await waiting.done([number])
            assert number in done[-1]

        await asyncio.gather(*(leave(number) for number in range(4)))
        await waiting.done([4])

    event_loop.run(run())
    assert done == [[0], [1, 2, 3], [4]]


def test_a_fault_of_it_keeps_nobody_waiting() -> None:
    """It is the event loop's to tell."""
    told: list[dict[str, Any]] = []

    async def do(_left: object) -> None:
        raise ValueError

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
        waiting = Together(do)
        await asyncio.gather(waiting.done([1]), waiting.done([2]))

    event_loop.run(run())
    assert [type(context["exception"]) for context in told] == [ValueError]


def open_at_once(desk: DeskClient, customers: Sequence[Customer]) -> list[int]:
    """Have somebody open the edit form of each, in one turn of a loop. Returns the statuses."""
    front = Front.of(desk.app, desk.app.extensions["customer_desk_settings"])
    cookie, clients = "=".join(desk.session_cookie()), [Client() for _ in customers]

    async def run() -> None:
        paths = [f"/customers/{customer.id}/edit".encode() for customer in customers]
        heads = [scope("GET", path, cookie=cookie, host="localhost") | {"query_string": b""} for path in paths]
        await asyncio.gather(*(front(head, one.receive, one.send) for head, one in zip(heads, clients, strict=True)))

    event_loop.run(run())
    return [client.sent[0]["status"] for client in clients]


def opened(app: Flask) -> list[str]:
    """The records that the access log has."""
    with app.app_context(), reading() as connection:
        return list(connection.execute(select(RecordAccess.customer_id)).scalars())


@pytest.mark.sqlite_only("on PostgreSQL they are ready one by one: the first is written alone")
def test_records_that_are_opened_at_once_are_one_transaction(app: Flask, world: World, desk: DeskClient) -> None:
    """With an entry each."""
    customers, commits = [world.create_customer() for _ in range(3)], []
    with app.app_context():
        event.listen(db.engine, "commit", commits.append)
    assert open_at_once(desk, customers) == [200] * 3
    assert len(commits) == 1
    assert opened(app) == [customer.id for customer in customers]


def test_on_postgresql_too_they_are_written_before_their_pages_go_out(
    postgresql_server: Callable[[str], str], migrated_postgresql: str, make_app: Callable[..., Flask]
) -> None:
    """Each with its entry."""
    with postgresql_app(postgresql_server, make_app, migrated_postgresql) as app:
        world = seed_world(app)
        customers = [world.create_customer() for _ in range(8)]
        assert open_at_once(DeskClient(app), customers) == [200] * 8
        assert sorted(opened(app)) == sorted(customer.id for customer in customers)


def write(key: str, made: list[str], told: list[str]) -> Write:
    """A write that says what is done; ``wrong`` cannot be made."""

    def work(_connection: object) -> None:
        if key == "wrong":
            raise OperationalError("statement", {}, Exception("locked"))
        made.append(key)

    return Write((key,), work, lambda: told.append(key), lambda _: made.append(f"behind {key}"))


def test_writes_of_one_transaction_have_an_order(app: Flask) -> None:
    """Or two instances could wait for each other's rows. What is old is removed behind all of them."""
    made: list[str] = []
    app.extensions[DO_TOGETHER]([write(key, made, []) for key in ("b", "c", "a")])
    assert made[:3] == ["a", "b", "c"]
    assert sorted(made[3:]) == ["behind a", "behind b", "behind c"]


def test_one_that_cannot_be_written_takes_no_other_with_it(app_on_each_database: Flask) -> None:
    """On SQLite it does: what keeps one out keeps out all, and each would hold the loop up to find that out."""
    made: list[str] = []
    told: list[str] = []
    app_on_each_database.extensions[DO_TOGETHER]([write(key, made, told) for key in ("a", "wrong", "z")])
    with app_on_each_database.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    assert told == (["a", "wrong", "z"] if is_sqlite else ["wrong"])
    assert made[1:] == ([] if is_sqlite else ["a", "behind a", "z", "behind z"])


def test_who_waits_for_a_page_does_not_wait_for_many_that_cannot_be_written(
    postgresql_server: Callable[[str], str], make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some seconds no further one is tried."""
    monkeypatch.setattr(written_together, "MOST_SECONDS", -1.0)
    made: list[str] = []
    told: list[str] = []
    with postgresql_app(postgresql_server, make_app) as app:
        app.extensions[DO_TOGETHER]([write(key, made, told) for key in ("a", "wrong")])
    assert (made, told) == (["a"], ["a", "wrong"])


@pytest.mark.sqlite_only("one writer keeps out all others there")
def test_records_are_read_though_their_openings_cannot_be_written(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each opening is then a line of the service's log; they have waited together."""
    app = make_app(log_level="WARNING")
    world = seed_world(app)
    desk, customers = DeskClient(app), [world.create_customer() for _ in range(3)]
    tried = Mock(wraps=write_if_free)
    monkeypatch.setattr(written_together, "write_if_free", tried)
    with app.app_context(), db.engine.execution_options(writing=True).begin():  # as a long import would
        assert open_at_once(desk, customers) == [200] * 3
    assert tried.call_count == 1
    assert opened(app) == []
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["customer"]) for line in told] == [
        ("access not logged", customer.id) for customer in customers
    ]
