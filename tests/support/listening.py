"""A server of one application in this process, over real sockets: the connection class of ours, and no supervisor."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self

import uvicorn
from uvicorn.server import ServerState

from webapp.http_connection import Connection
from webapp.log_lines import SERVER_LOGGERS

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
PATIENCE_SECONDS = 0.3
Application = Callable[[Any, Any, Any], Awaitable[None]]


async def little(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer without a body."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Listening:
    """A server of one application, by connections of ours. For an ``async with`` block."""

    def __init__(self, application: Application) -> None:
        self._config = uvicorn.Config(
            application,
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_config=SERVER_LOGGERS,
            timeout_keep_alive=PATIENCE_SECONDS,  # type: ignore[arg-type]
        )
        self._config.load()
        self.state = ServerState()
        self.port = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        make = lambda: Connection(self._config, self.state, {}, loop)  # noqa: E731 - a factory
        self._server = await loop.create_server(make, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for connection in list(self.state.connections):
            connection.transport.abort()
        await asyncio.sleep(0.05)

    async def connect(self, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A client that has sent so much."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        return reader, writer
