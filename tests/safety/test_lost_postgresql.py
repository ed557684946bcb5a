"""PostgreSQL that goes away under writing load: callers are told to come back, and find everything when they do."""

import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.safety.accounting import assert_nothing_is_lost
from tests.safety.installation import Installation
from tests.safety.postgresql import OwnPostgresql, terminate_connections
from tests.safety.sizes import SIZES
from tests.safety.writing_load import writing_load
from tests.support.load import COME_BACK, LONGEST_WAIT_SECONDS, Run
from tests.support.served import Served, workers_of


def refusals(run: Run) -> list[int]:
    """For each thread how often it has been told to come back because the database was away."""
    return [codes["service_unavailable"] for codes in run.codes]


def status_of(served: Served, path: str) -> int:
    """What a GET is answered."""
    connection = HTTPConnection(urlsplit(served.address).netloc, timeout=LONGEST_WAIT_SECONDS)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_connections_that_break_lose_nothing(installation_on_postgresql: Installation) -> None:
    """Some writers are told to come back, do, and every write is there once."""
    installation = installation_on_postgresql
    works = writing_load(installation.world, SIZES.writes_of_a_thread)
    with installation.served() as served, installation.clients.run(served.address, works, COME_BACK) as run:
        for _ in range(SIZES.kills):
            run.wait_for_more(SIZES.writes_before_a_kill)
            before = sum(refusals(run))
            give_up_at = time.monotonic() + LONGEST_WAIT_SECONDS
            while sum(refusals(run)) == before:  # those that were idle are mended without a word
                assert time.monotonic() < give_up_at, "no writer noticed"
                terminate_connections(installation.environment["DATABASE_URL"])
                time.sleep(0.02)
        run.wait_for_more(SIZES.writes_before_a_kill)
        run.stop()
    assert run.unanswered == []
    assert_nothing_is_lost(installation, works, [run])


def test_a_server_that_crashes_loses_nothing(
    own_server: OwnPostgresql, installation_on_own_server: Installation
) -> None:
    """While it is away every writer is told to come back; then the service goes on by itself."""
    installation = installation_on_own_server
    works = writing_load(installation.world, SIZES.writes_of_a_thread)
    with installation.served() as served:
        workers = workers_of(served)
        with installation.clients.run(served.address, works, COME_BACK) as run:
            for _ in range(SIZES.kills):
                run.wait_for_more(SIZES.writes_before_a_kill)
                before = refusals(run)
                own_server.crash()
                run.wait_until(lambda run, before=before: all(map(int.__gt__, refusals(run), before)))
                assert (status_of(served, "/livez"), status_of(served, "/readyz")) == (200, 503)
                own_server.start()
            run.wait_for_more(SIZES.writes_before_a_kill)
            run.stop()
        assert workers_of(served) == workers
        assert status_of(served, "/readyz") == 200
    assert run.unanswered == []
    assert_nothing_is_lost(installation, works, [run])
