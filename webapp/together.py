"""What requests of one turn of the event loop leave to be done is done at once, before they are answered.

Knows not what that is: the front hands it on from the requests to the application.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

#: The name in a request's environment of the list in which it may leave things. Without one it does them itself.
LEFT = "customer_desk.left"
#: Where an application keeps the function that does what several requests have left.
DO_TOGETHER = "do_together"
MOST_AT_ONCE = 32


class _Batch(NamedTuple):
    left: list[Any]
    is_done: asyncio.Event


class Together:
    """What is left in the current turn of a worker's event loop."""

    def __init__(self, do: Callable[[Sequence[Any]], object]) -> None:
        """Nothing yet. ``do`` is called in the loop's own thread."""
        self._do = do
        self._batch: _Batch | None = None

    async def done(self, left: list[Any]) -> None:
        """Wait until it is done, with what the others leave that run in this turn of the loop."""
        if self._batch is None:
            self._batch = _Batch([], asyncio.Event())
            self._do_soon(self._batch)
        batch = self._batch
        batch.left.extend(left)
        await batch.is_done.wait()

    def _do_soon(self, batch: _Batch) -> None:
        asyncio.get_running_loop().call_soon(self._look, batch, len(batch.left))

    def _look(self, batch: _Batch, before: int) -> None:
        if before < len(batch.left) < MOST_AT_ONCE:
            self._do_soon(batch)
        else:
            self._do_all(batch)

    def _do_all(self, batch: _Batch) -> None:
        self._batch = None
        try:
            self._do(batch.left)
        finally:
            batch.is_done.set()
