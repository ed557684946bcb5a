"""The asynchronous front: takes a request in whole, within a size and a time, before it is run.

It speaks ASGI to the server and WSGI to the application. It knows no answer, and of routes only who need no database:
why a request must not be run it tells the application, which answers as it answers everything.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from typing import Any, NamedTuple

from flask import Flask

from webapp.draining import is_draining
from webapp.greenlets import run_in_greenlet
from webapp.loop_time import LoopTime
from webapp.request_body import FAULT, TOO_MANY_SEARCHES
from webapp.request_connection import SPARE
from webapp.request_intake import Intake, Message, Receive, linger
from webapp.search_requests import is_search
from webapp.search_turns import SearchTurns
from webapp.settings import Settings
from webapp.together import DO_TOGETHER, LEFT, Together
from webapp.wsgi_calls import call, close, joined
from webapp.wsgi_environ import environ_of

#: Requests of one worker that run at once, each on a connection. A SQLite writer holds the whole file, so more of them
#: would only wait.
SQLITE_REQUESTS = 1
POSTGRESQL_REQUESTS = 12
#: A slow search holds up other searches and nothing else: both databases and their drivers let other threads run.
SEARCH_THREADS = 2
#: What operators ask while the database hangs. The first have no need of it and are answered by the loop itself, though
#: all threads wait; the other one has a thread of its own.
WITHOUT_DATABASE = frozenset({"/livez", "/metrics"})
READINESS = "/readyz"
#: An answer goes out in pieces of this size: so a client that reads slowly holds one of them, and is seen to be slow.
#: Most pages are one.
PIECE_BYTES = 128 * 1024

#: Where an application keeps what is to be done when a worker ends: a list of functions.
AT_END = "at_end"

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Lingering = Callable[[], Awaitable[None]]
#: Runs the function that it is given, with the arguments behind it.
Runner = Callable[..., Awaitable[Any]]


class AtOnce(NamedTuple):
    """How many requests of one worker run at once: ordinary ones, and searches beside them, in threads.

    Attributes:
        quick_searches: of those, how many that are not slow. On SQLite one: threads take turns at the interpreter's
            lock with each row that it steps to, which costs more than a quick search does.
        by_turns: whether ordinary requests let each other run while they wait for the database (``webapp.greenlets``).
            PostgreSQL's driver can do that, SQLite's cannot.
    """

    requests: int
    searches: int
    quick_searches: int = 1
    by_turns: bool = False


class Gone(Exception):
    """The client does not take its answer."""


class Front:
    """An ASGI application around a WSGI one.

    Requests other than searches run in the event loop's own thread: handing them over would cost more than a short
    request, and while one runs, the kernel goes on taking in what others send. On PostgreSQL they run by turns, each
    until it waits for the database. On SQLite one runs after the other; once one has waited, for the lock or the disk,
    those that come within the next minute have threads, one for reads and one for writes: so reads and probes go on
    while writes wait for a migration.
    """

    def __init__(
        self,
        application: Any,
        *,
        at_once: AtOnce,
        api_body_bytes: int,
        form_bytes: int,
        timeout_seconds: float,
        search_wait_seconds: float,
        do_together: Callable[[Sequence[Any]], object] = list,
    ) -> None:
        """Without a server; it is given each request.

        Args:
            application: the WSGI application.
            at_once: how many requests run at once.
            api_body_bytes: the largest body below ``/v1``.
            form_bytes: the largest body of a form.
            timeout_seconds: within which a body must be here, and each piece of an answer must be taken.
            search_wait_seconds: how long a search waits for a thread before it is refused.
            do_together: does what requests have left to be done together (:mod:`webapp.together`).
        """
        self._application = application
        self._places = asyncio.Semaphore(at_once.requests) if at_once.by_turns else None
        self._careful_pools = {is_read: ThreadPoolExecutor(1, "careful") for is_read in (True, False)}
        self._probe_pool = ThreadPoolExecutor(1, "probe")
        self._search_pool = ThreadPoolExecutor(at_once.searches, "search")
        self._timeout_seconds = timeout_seconds
        self._loop_time = LoopTime()
        self.search_turns = SearchTurns(
            at_once.searches, at_once.quick_searches, wait_seconds=search_wait_seconds, loop_time=self._loop_time
        )
        self.intake = Intake(
            api_body_bytes=api_body_bytes,
            form_bytes=form_bytes,
            timeout_seconds=timeout_seconds,
            loop_time=self._loop_time,
        )
        self.at_first_request: Callable[[], None] | None = None
        self.at_end: list[Callable[[], object]] = []
        self._together = Together(partial(self._runner(), do_together))

    @classmethod
    def of(cls, app: Flask, settings: Settings) -> "Front":
        """The front of an installation."""
        front = cls(
            app,
            at_once=at_once_of(settings),
            api_body_bytes=settings.max_body_bytes,
            form_bytes=app.config["MAX_CONTENT_LENGTH"],
            timeout_seconds=settings.request_timeout_seconds,
            search_wait_seconds=settings.search_timeout_seconds,
            do_together=app.extensions[DO_TOGETHER],
        )
        front.at_end = app.extensions.get(AT_END, [])
        return front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. One that does not come whole is told to the application, which does not run it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self.at_first_request is not None:
            begin, self.at_first_request = self.at_first_request, None
            begin()
        with suppress(Gone):
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Begin and end with the worker (ASGI's lifespan protocol)."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for end in self.at_end:
            end()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        environ = environ_of(scope)
        body, pot = bytearray(), self.intake.pot_of(environ)
        fault = scope.get(FAULT, "")
        try:
            if fault:
                environ[FAULT] = fault
            elif environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ:
                fault = await self.intake.take_in(body, pot, environ, scope, receive)
                environ["CONTENT_LENGTH"] = str(len(body))
                environ[FAULT] = fault
            environ["wsgi.input"] = io.BytesIO(body)
            await self._run(environ, send, partial(linger, scope, receive) if fault else None)
        finally:
            pot.taken -= len(body)

    async def _run(self, environ: dict[str, Any], send: Send, refused: Lingering | None) -> None:
        """Run the application and send its answer: at once where its length is known, else as it comes.

        ``refused``: waits for the rest of a body that is not wanted.
        """
        needs_turn = refused is None and is_search(environ)
        turn = await self.search_turns.take() if needs_turn else None
        if needs_turn and turn is None:
            environ[FAULT] = TOO_MANY_SEARCHES
        run = self._in_thread(self._search_pool) if turn else self._runner_of(environ)
        try:
            status, headers, whole, chunks = await run(call, self._application, environ)
            if environ.get(LEFT):
                await self._together.done(environ[LEFT])
        finally:
            if turn:
                turn.end()  # before a client that reads slowly has its answer
        if refused or is_draining():
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if whole is None and environ["SERVER_PROTOCOL"] == "HTTP/1.0":  # which knows no chunks (RFC 9112, section 6.1)
            whole = await run(joined, chunks)
            headers.append((b"content-length", str(len(whole)).encode()))
        if whole is None:
            await self._stream(send, chunks, run, refused)
        elif refused:
            await self._send_piece(send, whole, more=True)
            await self._end(send, refused)
        elif len(whole) <= PIECE_BYTES:
            await send({"type": "http.response.body", "body": whole})
        else:
            for start in range(0, len(whole), PIECE_BYTES):
                await self._send_piece(send, whole[start : start + PIECE_BYTES], more=True)
            await self._end(send, None)

    def _runner_of(self, environ: dict[str, Any]) -> Runner:
        """Where a request that is no search runs, and whatever its answer still comes from.

        In the loop's own thread it may leave something to be done together with what others leave.
        """
        path = environ["PATH_INFO"]
        if path in WITHOUT_DATABASE:
            return self._in_loop
        if path == READINESS:
            return self._in_thread(self._probe_pool)
        if self._places is None and self._loop_time.is_careful:
            return self._in_thread(self._careful_pools[environ["REQUEST_METHOD"] in {"GET", "HEAD"}])
        environ[LEFT] = []
        return self._runner()

    def _runner(self) -> Runner:
        """What runs work in the loop's own thread."""
        return self._in_loop if self._places is None else partial(self._by_turns, self._places, copy_context())

    async def _stream(self, send: Send, chunks: Iterable[bytes], run: Runner, refused: Lingering | None) -> None:
        try:
            iterator = iter(chunks)
            while (chunk := await run(next, iterator, None)) is not None:
                await self._send_piece(send, chunk, more=True)
                await asyncio.sleep(0)  # one that runs in the loop's own thread lets the others have a turn
            await self._end(send, refused)
        finally:
            await run(close, chunks)

    async def _end(self, send: Send, refused: Lingering | None) -> None:
        """Say that an answer is at its end: where a body was refused, after the client has sent the rest of it."""
        if refused:
            await refused()
        await self._send_piece(send, b"", more=False)

    async def _send_piece(self, send: Send, piece: bytes, *, more: bool) -> None:
        """Send a part of an answer; the server takes it as soon as the client has taken those before it.

        Raises:
            Gone: that does not happen in time.
        """
        try:
            async with self._loop_time.limit(self._timeout_seconds):
                await send({"type": "http.response.body", "body": piece, "more_body": more})
        except TimeoutError:
            raise Gone from None

    async def _in_loop(self, work: Callable[..., Any], *values: Any) -> Any:
        return self._loop_time.hold(work, *values)  # in the context of this request's task

    async def _by_turns(
        self, places: asyncio.Semaphore, context: Context, work: Callable[..., Any], *values: Any
    ) -> Any:
        async with places:
            return await run_in_greenlet(self._loop_time.hold, context, work, *values)

    def _in_thread(self, pool: ThreadPoolExecutor) -> Runner:
        watch, in_context = self._loop_time.watch, copy_context().run

        async def run(work: Callable[..., Any], *values: Any) -> Any:
            return await asyncio.get_running_loop().run_in_executor(pool, watch, in_context, work, *values)

        return run


def at_once_of(settings: Settings) -> AtOnce:
    """How many requests one worker runs at once; on PostgreSQL there is a connection for each of them."""
    if settings.sqlalchemy_url.startswith("sqlite"):
        return AtOnce(SQLITE_REQUESTS, SEARCH_THREADS)
    searches = min(SEARCH_THREADS, settings.database_pool_size // 2)
    left = settings.database_pool_size - searches - SPARE
    requests = min(POSTGRESQL_REQUESTS, max(left, settings.database_pool_size // 2))
    return AtOnce(requests, searches, searches, by_turns=True)
