"""The production server, started for a test as an operator starts it: another process, a real socket on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from webapp.settings import PROJECT_ROOT

START_SECONDS = 60
STOP_SECONDS = 60


@dataclass
class Served:
    """A running server.

    Attributes:
        address: such as ``http://127.0.0.1:41233``.
        process: the supervising process.
        log: the file that its output goes to.
    """

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> int:
        """SIGTERM, and wait. Returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def free_port() -> int:
    """A port of loopback that nobody listens on right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serve(environment: Mapping[str, str], log: Path, *program: str) -> Iterator[Served]:
    """Serve until the block is left. ``environment`` has the settings; PORT is chosen here unless it is there.

    ``program`` is a module and its arguments; by default the production server.
    """
    port = int(environment.get("PORT", "0")) or free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *(program or ("webapp.server",))],
            cwd=PROJECT_ROOT,
            env={**os.environ, **environment, "HOST": "127.0.0.1", "PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, so that a test can press Ctrl+C on it
        )
    served = Served(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_until_alive(served)
        _wait_until_all_listen(served, int(environment.get("WORKERS", "0")) or os.cpu_count() or 1)
        yield served
    finally:
        if process.poll() is None:
            try:
                served.stop()
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_alive(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{served.address}/livez", timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            if served.process.poll() is not None:
                break
            time.sleep(0.1)
    raise AssertionError(f"the server did not start:\n{served.log.read_text()}")


def workers_of(served: Served) -> list[str]:
    """The process IDs of its workers."""
    supervisor = served.process.pid
    return Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()


def signals_of(process: str, kind: str) -> set[int]:
    """The signals that a process has blocked (``SigBlk``) or catches (``SigCgt``)."""
    status = Path(f"/proc/{process}/status").read_text()
    mask = int(status.partition(f"{kind}:\t")[2].split()[0], 16)
    return {number for number in range(1, 65) if mask & (1 << (number - 1))}


def _wait_until_all_listen(served: Served, expected: int) -> None:
    """Until each worker listens, for requests and for signals, not only the one that answered."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        listening = [
            worker for worker in workers_of(served) if signals_of(worker, "SigCgt") >= {signal.SIGTERM, signal.SIGUSR1}
        ]
        if len(listening) == expected:
            return
        time.sleep(0.05)
    raise AssertionError(f"not all {expected} workers started:\n{served.log.read_text()}")
