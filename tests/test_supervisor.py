"""Workers that die, that cannot start, that do not end: what their supervisor makes of each."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import SECRET_KEY
from tests.support.served import STOP_SECONDS, Served, free_port, workers_of
from webapp.settings import PROJECT_ROOT

#: A supervisor of two workers that say who they are, and then do what the test gives.
PROGRAM = """
import os, signal, sys, time
from webapp.log_lines import configure_logging
from webapp.settings import Settings
from webapp.supervisor import CrashLoop, Supervisor

def work():
    os.write(1, f"{os.getpid()}\\n".encode())  # in one piece, as another may be writing
    WORK

configure_logging(Settings.from_environment({"SECRET_KEY": "k" * 32}))
def before_end(workers, received, hurry):
    print(sorted(workers), received.name, flush=True)

try:
    Supervisor(work, shutdown_seconds=0.3).run(2, before_end)
except CrashLoop:
    sys.exit(7)
"""


@contextmanager
def supervisor(work: str) -> Iterator[subprocess.Popen[str]]:
    """A supervisor's process, by what its workers do."""
    command = [sys.executable, "-c", PROGRAM.replace("WORK", work)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str], lines: int) -> list[str]:
    """What it and its workers have said."""
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(lines)]


def test_a_worker_that_dies_is_replaced(served: Served) -> None:
    """And the service goes on; the log says that and how it died."""
    before = workers_of(served)
    os.kill(int(before[0]), signal.SIGKILL)
    deadline = time.monotonic() + STOP_SECONDS
    while len(after := workers_of(served)) < 2 or before[0] in after:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert before[1] in after
    assert f'"worker":{before[0]},"status":-9,"event":"worker died"' in served.log.read_text()
    assert served.process.poll() is None


def test_one_that_dies_again_at_once_ends_the_service() -> None:
    """A program that cannot run would be started forever; whoever watches the service shall see it."""
    with supervisor("sys.exit(3)") as process:
        process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 7


def test_an_error_of_a_worker_is_logged() -> None:
    """Without what it says: a text may quote a value."""
    with supervisor('raise RuntimeError("a secret")') as process:
        _, errors = process.communicate(timeout=STOP_SECONDS)
    assert "worker failed" in errors
    assert "RuntimeError" in errors
    assert "a secret" not in errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_workers(number: signal.Signals) -> None:
    """By SIGTERM, after what is to be done before."""
    with supervisor("signal.pause()") as process:
        workers = said(process, 2)
        process.send_signal(number)
        assert said(process, 1) == [f"{sorted(map(int, workers))} {number.name}"]
        process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 0


def test_workers_end_with_a_supervisor_that_is_killed() -> None:
    """Or they would go on serving, and keep the address from the next one."""
    with supervisor("signal.pause()") as process:
        said(process, 2)
        process.kill()
        process.communicate(timeout=STOP_SECONDS)  # until nobody has its output open


def test_a_worker_that_does_not_end_is_killed() -> None:
    """After its time."""
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write(1, b'deaf\\n'); time.sleep(600)"
    with supervisor(deaf) as process:
        workers = [line for line in said(process, 4) if line != "deaf"]
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 0
    assert errors.count("worker killed") == 2
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(int(worker), 0)


def test_an_address_that_is_taken_refuses_the_start() -> None:
    """In the words of any other wrong setting."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        program = (
            "from webapp.server import serve; from webapp.settings import Settings;"
            f"serve(Settings.from_environment({{'SECRET_KEY': '{SECRET_KEY}', 'PORT': '{port}'}}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        "Customer Desk cannot start:",
        f"  - HOST and PORT: cannot listen on 127.0.0.1:{port}: Address already in use",
    ]
