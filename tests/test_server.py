"""The production server, as another process: starting, refusing to start, finishing what is in flight."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.conftest import SECRET_KEY
from tests.support.served import START_SECONDS, STOP_SECONDS, Served, serve, signals_of, workers_of
from tests.support.world import World
from webapp.database import db
from webapp.settings import PROJECT_ROOT

ANSWER_SECONDS = 30


def start(module: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start and wait for the end, which must come."""
    command = [sys.executable, "-c", "import wsgi"] if module == "wsgi" else [sys.executable, "-m", module]
    return subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def logged(served: Served, event: str) -> list[dict[str, object]]:
    """The lines of one event in the server's log."""
    lines = [json.loads(line) for line in served.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


class SlowClient:
    """A client whose request takes its time: it sends the head, and the body when it is told to."""

    def __init__(self, served: Served, path: str, key: str, body: bytes) -> None:
        address = urlsplit(served.address)
        self._body = body
        self._socket = socket.create_connection((address.hostname, address.port), timeout=ANSWER_SECONDS)
        self._socket.sendall(
            f"PUT {path} HTTP/1.1\r\nHost: {address.netloc}\r\nx-api-key: {key}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode()
        )

    def wait_until_it_is_read(self) -> None:
        """The server says that it has begun to read the body: the request is in flight."""
        assert self._socket.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"

    def finish(self) -> tuple[int, dict[str, object]]:
        """Send the body. Returns the status and the JSON of the answer."""
        self._socket.sendall(self._body)
        with self._socket, self._socket.makefile("rb") as stream:
            head, _, body = stream.read().partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)


def wait_until_it_takes_no_more(served: Served) -> None:
    """New requests are not answered any more."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{served.address}/livez", timeout=1):
                time.sleep(0.05)
        except (URLError, ConnectionError, TimeoutError):
            return
    raise AssertionError("the server went on answering after SIGTERM")


def test_the_server_answers_and_ends_on_sigterm(served: Served) -> None:
    """It answers over a real socket, and SIGTERM ends it in order."""
    with urlopen(f"{served.address}/readyz") as answer:
        assert answer.status == 200
    assert served.stop() == 0


def test_sigint_ends_it_in_order_too(served: Served) -> None:
    """Ctrl+C, as the README says."""
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(ANSWER_SECONDS) == 0


def test_ctrl_c_ends_all_processes_in_order(served: Served) -> None:
    """A terminal sends it to each of them; none hangs until it is killed for it."""
    os.killpg(served.process.pid, signal.SIGINT)
    assert served.process.wait(STOP_SECONDS) == 0
    assert "refused to gracefully stop" not in served.log.read_text()


def test_workers_leave_ctrl_c_to_their_supervisor(served: Served) -> None:
    """A worker that gets it beside the supervisor's SIGTERM can hang."""
    workers = workers_of(served)
    assert len(workers) == 2
    assert all(signal.SIGINT in signals_of(worker, "SigBlk") for worker in workers)


def test_sigterm_finishes_a_request_in_flight(served: Served, world: World) -> None:
    """Its change is written and answered, although no new request is taken by then."""
    customer = world.create_customer(name="Before")
    client = SlowClient(served, f"/v1/customers/{customer.id}", world.keys["write"], b'{"name": "After"}')
    client.wait_until_it_is_read()
    served.process.send_signal(signal.SIGTERM)
    wait_until_it_takes_no_more(served)
    status, body = client.finish()
    assert (status, body["name"]) == (200, "After")
    assert served.process.wait(ANSWER_SECONDS) == 0
    assert world.reload(customer).name == "After"


@pytest.mark.sqlite_only("its file")
def test_a_stopped_service_leaves_one_whole_file(served: Served, world: World, tmp_path: Path) -> None:
    """Somebody may copy it then; nothing of what was answered stands beside it."""
    customer = world.create_customer(name="Before")
    with world.app.app_context():
        db.engine.dispose()
    client = SlowClient(served, f"/v1/customers/{customer.id}", world.keys["write"], b'{"name": "After"}')
    client.wait_until_it_is_read()
    assert client.finish()[0] == 200
    database = tmp_path / "customer_desk.sqlite3"
    assert database.with_name(f"{database.name}-wal").stat().st_size > 0
    assert served.stop() == 0
    assert sorted(path.name for path in tmp_path.glob(f"{database.name}*")) == [database.name]
    assert world.reload(customer).name == "After"


@pytest.mark.sqlite_only("how many threads a worker has depends on the database")
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("workers", "expected"), [("1", 1), ("3", 3), ("0", os.cpu_count())])
def test_workers_is_a_setting(tmp_path: Path, workers: str, expected: int) -> None:
    """So many processes; 0: one for each processor."""
    environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "WORKERS": workers}
    with serve(environment, tmp_path / "server.log") as served:
        (line,) = logged(served, "serving")
        assert line["workers"] == expected
        assert (line["requests_at_once"], line["searches_at_once"]) == (1, 2)
        assert len(worker_processes(served)) == expected


def worker_processes(served: Served) -> list[str]:
    """The server's children that serve, told from Python's own helpers by their command lines."""
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    commands = [Path(f"/proc/{child}/cmdline").read_text() for child in children]
    return [command for command in commands if "resource_tracker" not in command]


#: Each has the whole of the service imported once: what else can be wrong is for tests/test_settings.py.
BAD_STARTS = {
    "several": ({"SECRET_KEY": "short", "PORT": "eighty", "WORKERS": "many"}, ["PORT", "WORKERS", "SECRET_KEY"]),
    "no secret key": ({"SECRET_KEY": ""}, ["SECRET_KEY"]),
    "another database": ({"SECRET_KEY": "k" * 32, "DATABASE_URL": "mysql://host/name"}, ["DATABASE_URL"]),
}


@pytest.mark.parametrize("module", ["webapp.server", "wsgi"])
@pytest.mark.parametrize(("environment", "named"), BAD_STARTS.values(), ids=BAD_STARTS.keys())
def test_a_bad_setting_refuses_the_start(
    tmp_path: Path, module: str, environment: dict[str, str], named: list[str]
) -> None:
    """One clear message that names each, no traceback, and an exit code that a supervisor sees."""
    done = start(module, INSTANCE_PATH=str(tmp_path), **environment)
    assert (done.returncode, done.stdout) == (1, "")
    first, *faults = done.stderr.splitlines()
    assert first == "Customer Desk cannot start:"
    assert [re.split("[= ]", fault.removeprefix("  - "))[0] for fault in faults] == named


def test_what_is_served_is_logged_first_and_each_request_by_the_worker_that_answered_it(served: Served) -> None:
    """Address, scheme, processes, threads: what an operator looks for; requests on the same standard error."""
    (line,) = logged(served, "serving")
    assert line["address"] == urlsplit(served.address).netloc
    assert line["scheme"] == "http"
    with urlopen(f"{served.address}/sign-in") as answer:
        request_id = answer.headers["X-Request-ID"]
    served.stop()
    assert request_id in {line["request_id"] for line in logged(served, "request")}


def test_a_chunked_body_past_the_limit_is_refused_whole(served: Served, world: World) -> None:
    """It names no length beforehand; what stands behind the limit, garbage or too much, must not be cut off unseen."""
    customer = world.create_customer(contact="1")
    start = b'{"contact": "3"}'
    for tail in (b"GARBAGE", b" " * (2 << 20)):
        body = start + b" " * ((1 << 20) - len(start)) + tail
        connection = HTTPConnection(urlsplit(served.address).netloc)
        headers = {"x-api-key": world.keys["write"], "Content-Type": "application/json"}
        with closing(connection):
            connection.request("PUT", f"/v1/customers/{customer.id}", iter([body]), headers, encode_chunked=True)
            assert connection.getresponse().status == 413, tail[:10]
        assert world.reload(customer).contact == "1", tail[:10]
