"""The front while the database makes requests wait: what needs no database, and what only reads, goes on."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import event_loop
from tests.support.asgi import Client, StartResponse, front_of, scope
from webapp import loop_time
from webapp.front import AtOnce, Front
from webapp.greenlets import beside

LONGEST_SECONDS = 10


class Held:
    """An application in which every PUT waits until it is let go; it keeps which thread ran what."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.threads: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        """Answer a request."""
        self.threads[environ["PATH_INFO"]] = threading.current_thread().name
        if environ["REQUEST_METHOD"] == "PUT":
            assert beside(self.let_go.wait, LONGEST_SECONDS)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]


async def get(front: Front, path: bytes) -> bytes:
    """What a GET is answered."""
    client = Client()
    await front(scope("GET", path), client.receive, client.send)
    return client.body


def beside_held_writes(application: Held, front: Front, writes: int, look: Callable[[], Any]) -> None:
    """Run ``look`` while so many writes wait."""

    async def run() -> None:
        clients = [Client() for _ in range(writes)]
        held = [asyncio.create_task(front(scope("PUT"), client.receive, client.send)) for client in clients]
        await asyncio.sleep(0.05)
        try:
            await asyncio.wait_for(look(), LONGEST_SECONDS)
        finally:
            application.let_go.set()
        await asyncio.gather(*held)
        assert [client.body for client in clients] == [b"ok"] * writes

    event_loop.run(run())


def test_probes_are_answered_while_all_that_may_run_wait() -> None:
    """``/livez`` and ``/metrics`` by the loop itself, ``/readyz`` by a thread of its own."""
    application = Held()
    front = front_of(application, at_once=AtOnce(2, 1, by_turns=True))

    async def look() -> None:
        for path in (b"/livez", b"/metrics", b"/readyz"):
            assert await get(front, path) == b"ok"
        here = threading.current_thread().name
        assert (application.threads["/livez"], application.threads["/metrics"]) == (here, here)

    beside_held_writes(application, front, 5, look)
    assert application.threads["/readyz"].startswith("probe")


def test_once_a_request_has_waited_reads_do_not_wait_for_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite: the next requests do without the loop's own, for a while."""
    monkeypatch.setattr(loop_time, "WAITING_SECONDS", 0.01)
    application = Held()

    def slow_at_first(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            time.sleep(2 * loop_time.LONG_WORK_SECONDS)
        return application(environ, start_response)

    front = front_of(slow_at_first)

    async def look() -> None:
        assert await get(front, b"/customers/x") == b"ok"
        assert await get(front, b"/livez") == b"ok"

    event_loop.run(get(front, b"/slow"))
    beside_held_writes(application, front, 3, look)
    assert not application.threads["/slow"].startswith("careful")
    assert application.threads["/customers/x"].startswith("careful")


def test_caution_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that requests are quick again once nobody waits."""
    monkeypatch.setattr(loop_time, "WAITING_SECONDS", 0.01)
    monkeypatch.setattr(loop_time, "CAUTION_SECONDS", 0.05)
    clock = loop_time.LoopTime()
    assert not clock.is_careful
    clock.watch(time.sleep, 0.02)
    assert clock.is_careful
    time.sleep(0.06)
    assert not clock.is_careful
