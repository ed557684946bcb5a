"""SIGTERM under writing load: whoever was let in gets an answer, what was answered is there, and nothing else is.

And what the probes say of it, to whoever can still ask.
"""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.safety.accounting import assert_nothing_is_lost
from tests.safety.installation import Installation, on_sqlite
from tests.safety.writing_load import writing_load
from tests.support.load import COME_BACK, Run
from tests.support.served import STOP_SECONDS

WRITES_OF_A_THREAD = 100
WRITES_BEFORE = 40
DRAIN_SECONDS = "20"
ALIVE, READY = (200, {"status": "alive"}), (200, {"status": "ready"})
STOPPING = (503, {"status": "unready", "reason": "this instance is being stopped"})

Told = tuple[int, dict[str, str]]


def told(connection: HTTPConnection, path: str) -> Iterator[Told]:
    """What is answered over a kept connection, again and again, until an answer or the server ends it."""
    is_kept = True
    while is_kept:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException):
            return
        is_kept = answer.headers.get("Connection") != "close"
        yield answer.status, json.loads(body)


def stop_under_load(installation: Installation) -> tuple[Run, list[Told], list[Told]]:
    """Each thread writes on one connection until it has no answer. Everything must be accounted for.

    Returns the run, and what ``/readyz`` and ``/livez`` have said from SIGTERM on over connections of before.
    """
    works = writing_load(installation.world, WRITES_OF_A_THREAD)
    with installation.served() as served, ExitStack() as stack:
        address = urlsplit(served.address).netloc
        with installation.clients.run(served.address, works, COME_BACK) as run:
            run.wait_for_more(WRITES_BEFORE)
            kept = [stack.enter_context(closing(HTTPConnection(address, timeout=STOP_SECONDS))) for _ in range(2)]
            probes = [told(connection, path) for connection, path in zip(kept, ("/readyz", "/livez"), strict=True)]
            assert [next(probe) for probe in probes] == [READY, ALIVE]
            served.process.send_signal(signal.SIGTERM)
            of_readyz, of_livez = map(list, probes)
            assert served.process.wait(STOP_SECONDS) == 0
        assert "refused to gracefully stop" not in served.log.read_text()
    assert_nothing_is_lost(installation, works, [run])
    return run, of_readyz, of_livez


def test_a_stopped_server_answers_what_it_has_taken_and_runs_nothing_else(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """So whoever got no answer may send it again, to another instance, without a thought.

    It does not drain, so ``/readyz`` has no time to say that it is being stopped: it is ready, and then it is gone.
    """
    with on_sqlite(request, tmp_path) as installation:
        run, of_readyz, of_livez = stop_under_load(installation)
        stored = installation.stored()
        assert run.unanswered
        assert [request.effect for request in run.unanswered if request.effect in stored.effects] == []
        assert [answer for answer in of_readyz if answer != READY] == []
        assert [answer for answer in of_livez if answer != ALIVE] == []


def test_a_server_that_drains_breaks_no_connection(installation_on_postgresql: Installation) -> None:
    """It ends each with an answer; whoever comes then is refused before a request has gone out.

    So each connection of before has one answer of ``/readyz`` that says so, which is its last.
    """
    installation_on_postgresql.environment["DRAIN_SECONDS"] = DRAIN_SECONDS
    run, of_readyz, of_livez = stop_under_load(installation_on_postgresql)
    assert run.broken
    assert [fault for fault in run.broken if "ConnectionRefusedError" not in fault] == []
    *before, last = of_readyz
    assert last == STOPPING
    assert [answer for answer in before if answer != READY] == []
    assert of_livez
    assert [answer for answer in of_livez if answer != ALIVE] == []
