"""What one connection, and all of them, may take of a worker: in this process, with applications of the tests."""

import asyncio
import socket
import struct
from typing import Any

import pytest

from tests.support import event_loop
from tests.support.listening import ASK, PATIENCE_SECONDS, Listening, little
from webapp import gathering_transport, http_connection
from webapp.http_connection import Connection


async def much(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer with more than the buffers of a kernel hold."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(200):
        await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def test_connections_past_the_most_are_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their clients can go elsewhere; one that ends makes room."""
    monkeypatch.setattr(http_connection, "MOST_CONNECTIONS", 2)

    async def run() -> list[bytes]:
        answers, writers = [], []
        async with Listening(little) as listening:
            for number in range(4):
                reader, writer = await listening.connect(ASK)
                writers.append(writer)
                try:
                    answers.append(await reader.read(12))
                except ConnectionResetError:
                    answers.append(b"")
                if number == 2:
                    writers[0].close()
                    await asyncio.sleep(0.05)
            for writer in writers:
                writer.close()
        return answers

    assert event_loop.run(run()) == [b"HTTP/1.1 204", b"HTTP/1.1 204", b"", b"HTTP/1.1 204"]


def test_only_so_many_requests_of_a_connection_wait() -> None:
    """Thousands come with one read, and each takes memory. Those that wait are answered, then the connection ends."""

    async def run() -> int:
        async with Listening(little) as listening:
            reader, writer = await listening.connect(ASK * 5000)
            answers = await reader.read()
            writer.close()
        return answers.count(b"HTTP/1.1 204")

    assert event_loop.run(run()) == 1 + http_connection.MOST_WAITING


@pytest.mark.parametrize("sent", [ASK, ASK * 3, ASK.replace(b"1.1", b"1.0")], ids=["one", "several", "HTTP/1.0"])
def test_who_does_not_take_an_answer_is_let_go(sent: bytes) -> None:
    """In time, and whatever is left of it: a transport that is closed would wait for as long as the client likes."""

    async def run() -> tuple[int, int]:
        async with Listening(much) as listening:
            client = socket.create_connection(("127.0.0.1", listening.port))
            client.sendall(sent)
            await asyncio.sleep(PATIENCE_SECONDS / 3)
            before = len(listening.state.connections)
            await asyncio.sleep(2 * PATIENCE_SECONDS)
            after = len(listening.state.connections), len(listening.state.tasks)
            client.close()
        assert after[1] == 0
        return before, after[0]

    assert event_loop.run(run()) == (1, 0)


def test_who_leaves_the_end_of_an_answer_is_let_go() -> None:
    """Of what is written behind the last wait for the client, too."""

    async def rest(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b"x" * 20_000_000})

    async def run() -> list[int]:
        seen = []
        async with Listening(rest) as listening:
            client = socket.create_connection(("127.0.0.1", listening.port))
            client.sendall(ASK)
            for _ in range(2):
                await asyncio.sleep(PATIENCE_SECONDS / 2 + len(seen) * PATIENCE_SECONDS)
                seen.append(len(listening.state.connections))
            client.close()
        return seen

    assert event_loop.run(run()) == [1, 0]


def test_who_takes_an_answer_slowly_has_it_whole() -> None:
    """As long as something of it is taken in time."""

    async def run() -> int:
        async with Listening(much) as listening:
            reader, writer = await listening.connect(ASK.replace(b"1.1", b"1.0"))
            taken = 0
            while piece := await reader.read(2_000_000):
                taken += len(piece)
                await asyncio.sleep(PATIENCE_SECONDS / 60)
            writer.close()
        return taken

    assert event_loop.run(run()) > 20_000_000


def test_small_pieces_do_not_gather_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that makes an answer without giving up the loop is written as it comes."""
    most = 0
    send_now = gathering_transport.GatheringTransport._send  # noqa: SLF001 - what it sends is to be seen

    def noting(self: Any) -> None:
        nonlocal most
        most = max(most, sum(map(len, self._pieces)))
        send_now(self)

    monkeypatch.setattr(gathering_transport.GatheringTransport, "_send", noting)

    async def pieces(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(100):
            await send({"type": "http.response.body", "body": b"x" * 5000, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> None:
        async with Listening(pieces) as listening:
            reader, writer = await listening.connect(ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            await reader.read()
            writer.close()

    event_loop.run(run())
    assert 5000 < most < gathering_transport.GATHERED_BYTES + 6000


def test_one_that_hangs_up_amid_requests_leaves_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Neither a request that waits, nor a timer, nor a line in the log."""
    begun = 0

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        nonlocal begun
        begun += 1
        await asyncio.sleep(0.1)
        await little(scope, receive, send)

    async def run() -> tuple[int, int]:
        async with Listening(slow) as listening:
            client = socket.create_connection(("127.0.0.1", listening.port))
            client.sendall(ASK * 5)
            await asyncio.sleep(0.05)
            [connection] = listening.state.connections
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()  # by a reset, not by an end that may be of one side alone
            await asyncio.sleep(0.2)
            assert isinstance(connection, Connection)
            assert connection.timeout_keep_alive_task is None
            return len(connection.pipeline), len(listening.state.tasks)

    assert event_loop.run(run()) == (0, 0)
    assert begun <= 2  # nothing is read while requests wait, so the reset is seen when the first answer is written
    assert caplog.records == []
