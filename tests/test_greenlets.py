"""Calls that share an event loop's own thread by turns."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import Any

import pytest

from tests.support import event_loop
from webapp.greenlets import RequestGreenlet, beside, current_greenlet, pause, run_in_greenlet

NAMED: ContextVar[str] = ContextVar("named", default="nobody")
LONGEST_SECONDS = 10


def step(work: Callable[..., Any], *values: Any) -> Any:
    """A stretch without a wait."""
    return work(*values)


async def by_turns(work: Callable[..., Any], *values: Any) -> Any:
    """What ``work`` returns, which runs in a greenlet."""
    return await run_in_greenlet(step, copy_context(), work, *values)


def here() -> RequestGreenlet:
    """The greenlet that this runs in."""
    greenlet = current_greenlet()
    assert greenlet is not None
    return greenlet


def test_what_waits_nowhere_returns_or_raises() -> None:
    """As a call does."""
    assert event_loop.run(by_turns(divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        event_loop.run(by_turns(divmod, 7, 0))


def test_while_one_waits_others_run() -> None:
    """In one thread, and each goes on where it was."""
    told: list[str] = []

    def tell(name: str) -> str:
        for number in range(3):
            told.append(f"{name}{number} {threading.current_thread().name}")
            pause(0.001)
        return name

    async def both() -> Any:
        thread = threading.current_thread().name
        return thread, await asyncio.gather(by_turns(tell, "a"), by_turns(tell, "b"))

    thread, names = event_loop.run(both())
    assert names == ["a", "b"]
    assert sorted(told) == [f"{name} {thread}" for name in ("a0", "a1", "a2", "b0", "b1", "b2")]
    assert told.index(f"b0 {thread}") < told.index(f"a1 {thread}")


def test_what_is_awaited_is_raised_where_it_is_waited_for() -> None:
    """So that a driver's error is seen by whoever asked."""

    async def fail() -> None:
        await asyncio.sleep(0)
        raise LookupError

    def ask() -> str:
        with pytest.raises(LookupError):
            here().wait_for(fail())
        return "went on"

    assert event_loop.run(by_turns(ask)) == "went on"


def test_a_request_that_is_ended_lets_go_of_what_it_has() -> None:
    """At the end of a worker, say."""
    told: list[str] = []

    def hold() -> None:
        try:
            pause(LONGEST_SECONDS)
        finally:
            told.append("let go")

    async def end() -> None:
        running = asyncio.create_task(by_turns(hold))
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    event_loop.run(end())
    assert told == ["let go"]


def test_each_has_its_own_context_variables() -> None:
    """Also behind a wait; the calls of one request see what those before have set, and nobody else does."""

    def name(value: str) -> str:
        NAMED.set(value)
        pause(0.001)
        return NAMED.get()

    async def run() -> tuple[list[str], str, str]:
        context = copy_context()
        names = await asyncio.gather(run_in_greenlet(step, context, name, "first"), by_turns(name, "second"))
        return names, await run_in_greenlet(step, context, NAMED.get), NAMED.get()

    assert event_loop.run(run()) == (["first", "second"], "first", "nobody")


def test_what_takes_long_holds_nobody_up() -> None:
    """It runs in a thread, with the context variables of who asked; where there is a thread already, in that."""

    def long() -> tuple[str, str]:
        return threading.current_thread().name, NAMED.get()

    def ask() -> tuple[str, str]:
        NAMED.set("somebody")
        return beside(long)

    async def run() -> Any:
        return threading.current_thread().name, await by_turns(ask)

    loop_thread, (thread, named) = event_loop.run(run())
    assert thread != loop_thread
    assert named == "somebody"
    assert beside(long) == (threading.current_thread().name, "nobody")


def test_without_a_greenlet_a_pause_is_one() -> None:
    """As in a command."""
    began = time.monotonic()
    pause(0.02)
    assert time.monotonic() - began >= 0.02


def test_each_stretch_is_a_step() -> None:
    """By which the front knows how long it holds the loop."""
    stretches: list[float] = []

    def timed(work: Callable[..., Any], *values: Any) -> Any:
        began = time.monotonic()
        try:
            return work(*values)
        finally:
            stretches.append(time.monotonic() - began)

    def work() -> None:
        pause(0.05)
        pause(0.05)

    event_loop.run(run_in_greenlet(timed, copy_context(), work))
    assert len(stretches) == 3
    assert max(stretches) < 0.05
