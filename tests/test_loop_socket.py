"""A socket that an event loop watches for whoever waits for a database's answer."""

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from contextvars import ContextVar
from typing import Any
from weakref import ref

import pytest
from psycopg.waiting import Ready, Wait

from tests.support import event_loop
from webapp.loop_socket import LoopSocket, TooLong

MORE_THAN_FITS = b"x" * 10_000_000


class Request:
    """Something that a request's context variables hold."""


class Watching:
    """The running event loop, which keeps what it watches.

    Attributes:
        readers: the sockets that it looks at whether there is something to read.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.readers: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def add_reader(self, descriptor: int, told: Callable[[], object]) -> None:
        """Look at one."""
        self.readers.add(descriptor)
        self._loop.add_reader(descriptor, told)

    def remove_reader(self, descriptor: int) -> None:
        """Look at it no more."""
        self.readers.discard(descriptor)
        self._loop.remove_reader(descriptor)


def with_pair(look: Callable[[LoopSocket, socket.socket, socket.socket], Awaitable[None]]) -> None:
    """Run ``look`` with a watched socket, the socket itself, and the other end of it."""

    async def run() -> None:
        watched, other = socket.socketpair()
        with closing(watched), closing(other):
            watched.setblocking(False)
            loop: Any = Watching()
            loop_socket = LoopSocket(loop, watched.fileno())
            try:
                await look(loop_socket, watched, other)
            finally:
                loop_socket.leave()

    event_loop.run(run())


def readers_of(waiting: LoopSocket) -> set[int]:
    """What its loop looks at."""
    loop: Any = waiting.loop
    readers: set[int] = loop.readers
    return readers


def test_it_is_ready_as_soon_as_something_comes() -> None:
    """One time after the other, while it stays with the loop."""

    async def look(waiting: LoopSocket, watched: socket.socket, other: socket.socket) -> None:
        for _ in range(3):
            ready = waiting.ready(Wait.R)
            await asyncio.sleep(0.01)
            assert not ready.done()
            other.send(b"x")
            assert await ready == Ready.R
            assert watched.recv(10) == b"x"
        assert readers_of(waiting) == {watched.fileno()}

    with_pair(look)


def test_it_is_ready_as_soon_as_there_is_room() -> None:
    """To write on, where not all could be written at once."""

    async def look(waiting: LoopSocket, watched: socket.socket, other: socket.socket) -> None:
        watched.send(MORE_THAN_FITS)
        ready = waiting.ready(Wait.RW)
        await asyncio.sleep(0.01)
        assert not ready.done()
        while not ready.done():
            other.recv(100_000)
            await asyncio.sleep(0)
        assert ready.result() == Ready.W
        other.send(b"x")
        assert await waiting.ready(Wait.RW) in {Ready.R, Ready.W}

    with_pair(look)


def test_what_comes_unasked_is_left_to_who_asks_next() -> None:
    """The loop does not go round and round because of it."""

    async def look(waiting: LoopSocket, watched: socket.socket, other: socket.socket) -> None:
        other.send(b"x")
        await waiting.ready(Wait.R)
        watched.recv(10)
        other.send(b"the server ends")
        await asyncio.sleep(0.01)
        assert readers_of(waiting) == set()
        assert await waiting.ready(Wait.R) == Ready.R

    with_pair(look)


def test_nothing_is_waited_for_too_long() -> None:
    """From where it began; and the next wait has its own time."""

    async def look(waiting: LoopSocket, watched: socket.socket, other: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        waiting.begin(0.2)
        loop.call_later(0.15, other.send, b"x")
        await waiting.ready(Wait.R)
        watched.recv(10)
        began = loop.time()
        waiting.begin(0.2)
        with pytest.raises(TooLong):
            await waiting.ready(Wait.R)
        assert loop.time() - began >= 0.19
        waiting.begin(None)
        loop.call_later(0.3, other.send, b"x")
        assert await waiting.ready(Wait.R) == Ready.R

    with_pair(look)


def test_a_limit_holds_until_all_is_here() -> None:
    """Also where its time ends between two waits for parts of one answer."""

    async def look(waiting: LoopSocket, watched: socket.socket, other: socket.socket) -> None:
        waiting.begin(0.05)
        other.send(b"x")
        await waiting.ready(Wait.R)
        watched.recv(10)
        await asyncio.sleep(0.1)
        with pytest.raises(TooLong):
            await waiting.ready(Wait.R)

    with_pair(look)


def test_what_waits_for_nothing_keeps_nothing_of_who_has_waited() -> None:
    """The loop keeps a callback's context variables, which are a request's."""
    named: ContextVar[Request] = ContextVar("named")

    async def look(waiting: LoopSocket, watched: socket.socket, other: socket.socket) -> None:
        async def wait() -> "ref[Request]":
            request = Request()
            named.set(request)
            waiting.begin(5)
            watched.send(MORE_THAN_FITS)
            other.send(b"x")
            await waiting.ready(Wait.RW)
            watched.recv(10)
            return ref(request)

        waited = await asyncio.create_task(wait())
        await asyncio.sleep(0.01)  # in which the loop lets go of its last turn
        gc.collect()
        assert waited() is None
        assert readers_of(waiting) == {watched.fileno()}

    with_pair(look)


def test_a_limit_that_was_lifted_ends_no_wait() -> None:
    """Though its timer is still under way."""

    async def look(waiting: LoopSocket, watched: socket.socket, other: socket.socket) -> None:
        waiting.begin(0.05)
        waiting.begin(None)
        asyncio.get_running_loop().call_later(0.15, other.send, b"x")
        assert await waiting.ready(Wait.R) == Ready.R

    with_pair(look)


def test_it_can_be_left_from_any_thread() -> None:
    """Before it is closed there."""

    async def look(waiting: LoopSocket, watched: socket.socket, other: socket.socket) -> None:
        for leave in (waiting.leave, lambda: asyncio.to_thread(waiting.leave)):
            other.send(b"x")
            await waiting.ready(Wait.R)
            watched.recv(10)
            left = leave()
            if left is not None:
                await left
            await asyncio.sleep(0.01)
            assert readers_of(waiting) == set()

    with_pair(look)
