"""The asynchronous front while requests take long: searches have threads of their own, a held loop blames nobody."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.support import event_loop
from tests.support.asgi import Application, Client, StartResponse, front_of, scope
from webapp import request_intake, search_turns
from webapp.front import AtOnce, Front
from webapp.loop_time import LoopTime
from webapp.request_body import FAULT
from webapp.request_intake import LARGE_FORM
from webapp.search_requests import SEARCHES
from webapp.search_turns import SearchTurns, Turn

LONGEST_WAIT_SECONDS = 20
#: More than the front's time limit, and time enough for what the test does meanwhile.
HELD_SECONDS = 0.4


class SlowSearches:
    """A WSGI application whose searches last until they are let go; it keeps who ran where."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.threads: list[tuple[str, str]] = []
        self.faults: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        """Answer a request."""
        fault = environ.get(FAULT, "")
        self.faults.append(fault)
        self.threads.append((environ["PATH_INFO"], threading.current_thread().name))
        if environ["PATH_INFO"] == "/customers" and not fault:
            self.let_go.wait(LONGEST_WAIT_SECONDS)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]


@pytest.mark.parametrize("at_once", [AtOnce(1, 2), AtOnce(4, 2, 2, by_turns=True)], ids=["sqlite", "postgresql"])
def test_slow_searches_hold_up_nothing_but_searches(at_once: AtOnce) -> None:
    """As many of them as there are; never more than two at once."""
    application = SlowSearches()
    front = front_of(application, at_once=at_once)
    searches, others = [Client() for _ in range(8)], [Client() for _ in range(8)]

    async def run() -> list[bytes]:
        running = [asyncio.create_task(front(scope("GET", b"/customers"), one.receive, one.send)) for one in searches]
        await asyncio.sleep(0.05)
        for other in others:
            await front(scope("GET", b"/livez"), other.receive, other.send)
        answered_early = [search.body for search in searches]
        begun = [path for path, _ in application.threads].count("/customers")
        assert begun == 2
        application.let_go.set()
        await asyncio.gather(*running)
        return answered_early

    assert event_loop.run(run()) == [b""] * 8
    assert [client.body for client in others + searches] == [b"ok"] * 16
    assert {name.startswith("search") for path, name in application.threads if path == "/customers"} == {True}
    assert {name.startswith("search") for path, name in application.threads if path == "/livez"} == {False}


def test_a_short_list_of_everybody_runs_as_other_requests_do() -> None:
    """In the loop's own thread on SQLite, also while searches are slow."""
    application, slow, short = SlowSearches(), Client(), Client()
    front = front_of(application)

    async def run() -> str:
        searching = asyncio.create_task(front(scope("GET", b"/customers"), slow.receive, slow.send))
        head = scope("GET", b"/v1/customers") | {"query_string": b"limit=25"}
        await front(head, short.receive, short.send)
        application.let_go.set()
        await searching
        return threading.current_thread().name

    loop_thread = event_loop.run(run())
    assert dict(application.threads)["/v1/customers"] == loop_thread
    assert short.body == b"ok"


def test_a_search_that_finds_no_thread_in_time_is_told_to_the_application() -> None:
    """It would wait for ever behind slow ones. The thread it waited for is not lost."""
    application = SlowSearches()
    front = front_of(application, search_wait_seconds=0.1)
    clients = [Client() for _ in range(3)]

    async def run() -> None:
        first, second, third = (front(scope("GET", b"/customers"), one.receive, one.send) for one in clients)
        running = asyncio.create_task(first)
        await asyncio.sleep(0)
        await second
        application.let_go.set()
        await running
        await third

    event_loop.run(run())
    assert application.faults == ["", "too many searches", ""]
    assert [client.body for client in clients] == [b"ok"] * 3
    assert (b"connection", b"close") not in clients[1].sent[0]["headers"]


def test_only_so_many_searches_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one is told at once."""
    monkeypatch.setattr(search_turns, "MOST_WAITING", 2)
    application = SlowSearches()
    front, clients = front_of(application), [Client() for _ in range(5)]

    async def run() -> list[bytes]:
        tasks = [asyncio.create_task(front(scope("GET", b"/customers"), one.receive, one.send)) for one in clients]
        await asyncio.sleep(0.1)
        answered = [client.body for client in clients]
        application.let_go.set()
        await asyncio.gather(*tasks)
        return answered

    assert event_loop.run(run()) == [b""] * 3 + [b"ok"] * 2
    assert sorted(application.faults) == [""] * 3 + ["too many searches"] * 2


def test_a_client_that_reads_slowly_keeps_no_thread_from_other_searches() -> None:
    """The thread is free as soon as the answer is made."""
    application = Application([b"x" * 200_000], [("Content-Length", "200000")])
    front, slow, other = front_of(application, timeout_seconds=0.7), Client(takes_answers=False), Client()

    async def run() -> bool:
        first = asyncio.create_task(front(scope("GET", b"/customers"), slow.receive, slow.send))
        await asyncio.sleep(0.05)
        await front(scope("GET", b"/customers"), other.receive, other.send)
        still_open = not first.done()
        await first
        return still_open

    assert event_loop.run(run())
    assert len(other.body) == 200_000


@pytest.mark.parametrize("path", [b"/v1/customers", b"/customers"])
def test_a_refused_search_is_answered_in_the_words_of_its_face(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, path: bytes
) -> None:
    """503, and when to ask again."""
    monkeypatch.setattr(search_turns, "MOST_WAITING", 0)
    app = make_app()
    front, client = Front.of(app, app.extensions["customer_desk_settings"]), Client()
    event_loop.run(front(scope("GET", path), client.receive, client.send))
    headers = dict(client.sent[0]["headers"])
    assert client.sent[0]["status"] == 503
    assert int(headers[b"retry-after"]) > 0
    if path.startswith(b"/v1"):
        told = json.loads(client.body)
        assert (told["code"], told["message"]) == (
            "service_unavailable",
            "Too many searches at once. Try again in a few seconds.",
        )
    else:
        assert b"Too many searches at once." in client.body


def test_what_the_front_knows_of_routes_is_what_there_is(app: Flask) -> None:
    """Every list of customers can be a search; every form of one, or of undoing, may be large."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("customers.")]
    lists = {"customers.list", "customers.api_list", "customers.api_search"}
    searches = {(method, rule.rule) for rule in rules for method in rule.methods or () if rule.endpoint in lists}
    assert {(method, path) for method, path in searches if method != "OPTIONS"} == SEARCHES
    pages = {rule.rule for rule in rules if "POST" in (rule.methods or ()) and not rule.rule.startswith("/v1")}
    of_the_form = {page for page in pages if {"edit", "new", "revert"} & set(page.split("/"))}
    assert len(of_the_form) == 9
    named = {page: page.replace("<customer_id>", "cust_1").replace("<int:version>", "12") for page in pages}
    assert {page for page in pages if LARGE_FORM.fullmatch(named[page])} == of_the_form


def hold(_environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    """A WSGI application that takes its time."""
    time.sleep(HELD_SECONDS)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


class HeldLoop:
    """A front whose loop one request holds while another's client does its part in time, which is seen only later.

    As with the server another thread hands over each part, once it is asked for; all are there after 0.05 seconds.
    """

    def __init__(self, *parts: bytes) -> None:
        self.application = Application([b"y" * 100_000], [("Content-Length", "100000")])
        self.front = front_of(self._answer)
        self.parts = list(parts)
        self.sent: list[Any] = []
        self.began = time.monotonic()

    def _answer(self, environ: dict[str, Any], start_response: StartResponse) -> Any:
        return (hold if environ["PATH_INFO"] == "/hold" else self.application)(environ, start_response)

    def _wait_for_the_client(self) -> None:
        time.sleep(max(0.0, self.began + 0.05 - time.monotonic()))

    async def receive(self) -> dict[str, Any]:
        """The next part of the body; behind the last one nothing comes any more."""
        if not self.parts:
            await asyncio.Event().wait()
        await asyncio.to_thread(self._wait_for_the_client)
        part = self.parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(part)}

    async def send(self, message: Any) -> None:
        """Ends when the client has taken it."""
        if message["type"] == "http.response.body":
            await asyncio.to_thread(self._wait_for_the_client)
        self.sent.append(message)

    async def _both(self, head: dict[str, Any]) -> None:
        task = asyncio.create_task(self.front(head, self.receive, self.send))
        await asyncio.sleep(0.02)
        holder = Client()
        await self.front(scope("GET", b"/hold"), holder.receive, holder.send)
        await task

    def run(self, head: dict[str, Any]) -> float:
        """Send the request, and hold the loop while it waits for its client. Returns the seconds that it took."""
        self.began = time.monotonic()
        event_loop.run(self._both(head))
        return time.monotonic() - self.began


def test_a_body_that_came_in_time_while_another_request_held_the_loop_is_not_late() -> None:
    """It has to be read, part by part, before it is judged."""
    held = HeldLoop(b"ab", b"cd", b"ef", b"gh", b"")
    held.run(scope(content_length="8"))
    assert [environ[FAULT] for environ in held.application.environs] == [""]
    assert held.application.bodies == [b"abcdefgh"]


def test_a_body_that_never_comes_is_late_however_long_the_loop_was_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client has the rest of its time afterwards, and no more."""
    monkeypatch.setattr(request_intake, "LINGER_SECONDS", 0.0)
    held = HeldLoop(b"ab")
    assert HELD_SECONDS < held.run(scope(content_length="6")) < HELD_SECONDS + 5
    assert [environ[FAULT] for environ in held.application.environs] == ["late"]


def test_an_answer_that_was_taken_in_time_while_another_request_held_the_loop_goes_on() -> None:
    """All of it."""
    held = HeldLoop()
    held.run(scope("GET"))
    assert b"".join(message.get("body", b"") for message in held.sent) == b"y" * 100_000


@pytest.mark.parametrize(("most_quick", "begun"), [(1, [1, 2, 2]), (2, [2, 2, 2]), (3, [3, 3, 3])])
def test_a_search_begins_beside_others_that_are_slow(
    monkeypatch: pytest.MonkeyPatch, most_quick: int, begun: list[int]
) -> None:
    """And beside so many that are quick. Never more at once than there are threads; each that ends makes room."""
    monkeypatch.setattr(search_turns, "SLOW_SECONDS", 0.1)

    async def run() -> list[int]:
        most = max(2, most_quick)
        turns = SearchTurns(most, most_quick, wait_seconds=LONGEST_WAIT_SECONDS, loop_time=LoopTime())
        running: list[Turn] = []

        async def search() -> None:
            turn = await turns.take()
            assert turn is not None
            running.append(turn)

        tasks = [asyncio.create_task(search()) for _ in range(9)]
        seen = []
        for seconds in (0.02, 0.15, 0.15):
            await asyncio.sleep(seconds)
            seen.append(len(running))
        while not all(task.done() for task in tasks):
            before = len(running)
            running[0].end()
            running.pop(0)
            await asyncio.sleep(0)
            await asyncio.sleep(0.11)
            assert len(running) == before or all(task.done() for task in tasks)
        assert turns.waiting == 0
        return seen

    assert event_loop.run(run()) == begun
