"""What requests leave to be done that run one right after the other is done at once, before they are answered.

Knows not what that is: the front hands it on from the requests to the application.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

#: The name in a request's environment of the list in which it may leave things. Without one it does them itself.
LEFT = "customer_desk.left"
#: Where an application keeps the function that does what several requests have left.
DO_TOGETHER = "do_together"
#: So many are not waited for any longer: the first of them has waited for the others to run.
MOST_TOGETHER = 32


class _Batch(NamedTuple):
    left: list[Any]
    is_done: asyncio.Event


class Together:
    """What is left in some turns of a worker's event loop that follow each other; or while others' is being done."""

    def __init__(self, do: Callable[[Sequence[Any]], Awaitable[object]]) -> None:
        """Nothing yet. ``do`` does it, for one batch at a time."""
        self._do = do
        self._batch: _Batch | None = None
        self._running: asyncio.Task[None] | None = None

    async def done(self, left: list[Any]) -> None:
        """Wait until it is done, with what the others leave that run now."""
        if self._batch is None:
            self._batch = _Batch([], asyncio.Event())
            self._look_again(self._batch)
        batch = self._batch
        batch.left.extend(left)
        await batch.is_done.wait()

    def _look_again(self, batch: _Batch) -> None:
        """After the requests that have come meanwhile: while some run, the kernel takes in what others send."""
        asyncio.get_running_loop().call_soon(self._do_unless_more_comes, batch, len(batch.left))

    def _do_unless_more_comes(self, batch: _Batch, before: int) -> None:
        if batch is not self._batch or self._running is not None:
            return
        if before < len(batch.left) < MOST_TOGETHER:
            self._look_again(batch)
            return
        self._batch = None
        self._running = asyncio.create_task(self._finish(batch))

    async def _finish(self, batch: _Batch) -> None:
        try:
            await self._do(batch.left)
        except Exception as error:  # noqa: BLE001 - nobody waits for it, so the loop tells of it
            told = {"message": "what requests have left was not done", "exception": error}
            asyncio.get_running_loop().call_exception_handler(told)
        finally:
            batch.is_done.set()
            self._running = None
            if self._batch is not None:
                self._look_again(self._batch)
