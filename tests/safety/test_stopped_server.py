"""SIGTERM under writing load: whoever was let in gets an answer, what was answered is there, and nothing else is."""

from pathlib import Path

import pytest

from tests.safety.accounting import assert_nothing_is_lost
from tests.safety.installation import Installation, on_sqlite
from tests.safety.writing_load import writing_load
from tests.support.load import COME_BACK, Run

WRITES_OF_A_THREAD = 100
WRITES_BEFORE = 40
DRAIN_SECONDS = "20"


def stop_under_load(installation: Installation) -> Run:
    """Each thread writes on one connection until it has no answer. Everything must be accounted for."""
    works = writing_load(installation.world, WRITES_OF_A_THREAD)
    with installation.served() as served:
        with installation.clients.run(served.address, works, COME_BACK) as run:
            run.wait_for_more(WRITES_BEFORE)
            assert served.stop() == 0
        assert "refused to gracefully stop" not in served.log.read_text()
    assert_nothing_is_lost(installation, works, [run])
    return run


def test_a_stopped_server_answers_what_it_has_taken_and_runs_nothing_else(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """So whoever got no answer may send it again, to another instance, without a thought."""
    with on_sqlite(request, tmp_path) as installation:
        run = stop_under_load(installation)
        stored = installation.stored()
        assert run.unanswered
        assert [request.effect for request in run.unanswered if request.effect in stored.effects] == []


def test_a_server_that_drains_breaks_no_connection(installation_on_postgresql: Installation) -> None:
    """It ends each with an answer; whoever comes then is refused before a request has gone out."""
    installation_on_postgresql.environment["DRAIN_SECONDS"] = DRAIN_SECONDS
    run = stop_under_load(installation_on_postgresql)
    assert run.broken
    assert [fault for fault in run.broken if "ConnectionRefusedError" not in fault] == []
