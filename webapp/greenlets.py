"""Requests that share the event loop's own thread: each is a greenlet, which lets others run while it waits.

A greenlet is a call that can be left and gone back to with all that it called, so views, rules and SQLAlchemy in
between need not know of it; SQLAlchemy's asyncio extension is built the same way. Only what waits does: the database's
driver (:mod:`webapp.loop_socket`), and what calls :func:`beside` or :func:`pause`. Knows no request.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

Result = TypeVar("Result")

#: Threads for what takes long otherwise: at least one for each request that runs by turns.
_threads = ThreadPoolExecutor(16, "beside")


class RequestGreenlet(greenlet):
    """A call that runs in an event loop's own thread.

    Attributes:
        loop: the event loop.
    """

    def __init__(self, work: Callable[..., Any], context: Context) -> None:
        """It begins with the first switch to it. ``context``: its context variables."""
        super().__init__(work)
        self._home = getcurrent()
        self.loop = asyncio.get_running_loop()
        self.gr_context = context

    def wait_for(self, awaited: Awaitable[Result]) -> Result:
        """What ``awaited`` gives. Until then the loop runs others in this thread.

        It is the greenlet itself that calls this. Raises what ``awaited`` raises.
        """
        came: Result = self._home.switch(awaited)
        return came


def current_greenlet() -> RequestGreenlet | None:
    """The greenlet that this code runs in; None where it has a thread, and may hold that up."""
    current = getcurrent()
    return current if isinstance(current, RequestGreenlet) else None


async def run_in_greenlet(
    step: Callable[..., Any], context: Context, work: Callable[..., Result], *values: Any
) -> Result:
    """Run ``work`` in the loop's own thread, by turns with whatever else waits there.

    Args:
        step: calls what it is given with the arguments behind it; each stretch without a wait is one such call.
        context: its context variables; the calls of one request, one after the other, can share them.
        work: what to run.
        *values: its arguments.

    Raises what ``work`` raises.
    """
    request = RequestGreenlet(work, context)
    awaited = step(request.switch, *values)
    while not request.dead:
        try:
            came = await awaited
        except BaseException as error:  # noqa: BLE001 - it is the greenlet's, which must let go of what it has
            awaited = step(request.throw, error)
        else:
            awaited = step(request.switch, came)
    result: Result = awaited
    return result


def beside(work: Callable[..., Result], *values: Any) -> Result:
    """Run what takes long without a word to the loop, such as a password's hash: in a thread where it would hold it."""
    request = current_greenlet()
    if request is None:
        return work(*values)
    return request.wait_for(request.loop.run_in_executor(_threads, copy_context().run, work, *values))


def pause(seconds: float) -> None:
    """Do nothing for so long."""
    request = current_greenlet()
    if request is None:
        time.sleep(seconds)
    else:
        request.wait_for(asyncio.sleep(seconds))
