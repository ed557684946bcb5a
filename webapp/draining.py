"""Taking a server out of service without a client noticing: no new connections, and those there are end one by one.

Runs in each worker, on a signal of its supervisor. Knows neither requests nor the server.
"""

import ctypes
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

#: What the supervisor sends to a worker.
BEGIN_SIGNAL = signal.SIGUSR1
#: From here on no new connection begins, and so long the server has to take those that were made before.
TAKING_SECONDS = 0.25
LOOK_SECONDS = 0.1
#: Linux: asm-generic/socket.h; a number that Python's module does not name.
SO_ATTACH_FILTER = 26
#: "An attempt to connect (SYN without ACK) is dropped, all else passes", in the language of packet filters: load the
#: byte of the TCP flags; keep those two bits; if SYN alone is set: drop, else pass.
DROP_NEW_CONNECTIONS = (
    (0x30, 0, 0, 13),
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFFFFFF),
)
#: "Established" in /proc/net/tcp.
ESTABLISHED = "01"

_begun = threading.Event()


class Hurry(Protocol):
    """What ends a draining before its time."""

    def wait(self, seconds: float) -> bool:
        """Wait so long for it at most. Returns whether it has happened."""


def is_draining() -> bool:
    """Whether this worker is being taken out of service: each answer shall end its connection."""
    return _begun.is_set()


def drain_on_signal(listeners: Iterable[socket.socket], stop_listening: Callable[[], object]) -> None:
    """Have this process drain when its supervisor says so.

    Args:
        listeners: what it takes connections from.
        stop_listening: closes them; it is called in another thread.
    """
    signal.signal(BEGIN_SIGNAL, lambda _signal, _frame: _begin(listeners, stop_listening))


def drain(workers: Iterable[int], port: int, seconds: float, hurry: Hurry) -> int:
    """In the supervisor: have the workers drain, and wait until nobody is connected to ``port`` any more.

    Args:
        workers: their process IDs.
        port: that they listen on.
        seconds: so long at most.
        hurry: ends the waiting.

    Returns:
        How many connections are left.
    """
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker, BEGIN_SIGNAL)
    give_up_at = time.monotonic() + seconds
    hurry.wait(2 * TAKING_SECONDS)
    while (left := connections_of(port)) and time.monotonic() < give_up_at and not hurry.wait(LOOK_SECONDS):
        pass
    return left


def _begin(listeners: Iterable[socket.socket], stop_listening: Callable[[], object]) -> None:
    """Have each answer end its connection from now on, and stop listening.

    In two steps, because closing a listening socket breaks the connections that the kernel has made and the server has
    not taken yet: at first no more are made, then, when all are taken, it is closed. A client that tried in between
    tries again a second later by itself, and is refused: no request of it has gone out, so it may go elsewhere.
    """
    if _begun.is_set():
        return
    _begun.set()
    for listener in listeners:
        with suppress(OSError):  # without packet filters: at once
            _drop_new_connections(listener)
    threading.Timer(TAKING_SECONDS, stop_listening).start()


def _drop_new_connections(listener: socket.socket) -> None:
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in DROP_NEW_CONNECTIONS))
    program = struct.pack("HP", len(DROP_NEW_CONNECTIONS), ctypes.addressof(code))
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def connections_of(port: int) -> int:
    """How many open connections there are to a port of this machine."""
    count = 0
    for table in ("tcp", "tcp6"):
        with suppress(FileNotFoundError):
            for line in Path(f"/proc/self/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                count += state == ESTABLISHED and int(local.rpartition(":")[2], 16) == port
    return count
