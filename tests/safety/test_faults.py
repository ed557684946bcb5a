"""A database that takes no writes, under writing load: writers are told to come back, reads go on, nothing is half."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.safety.accounting import assert_nothing_is_lost
from tests.safety.faults import ON_POSTGRESQL, ON_SQLITE, Fault
from tests.safety.installation import Installation, on_sqlite
from tests.safety.writing_load import writing_load
from tests.support.load import COME_BACK, Run
from tests.support.served import Served, workers_of
from tests.support.visitor import Visitor
from webapp.customers.model import Customer

#: Short, as each writer waits so long for a lock.
TIMEOUT_SECONDS = "1"
#: Far more than one thread gets done while all of them together do what is waited for.
WRITES_OF_A_THREAD = 2_000
#: Acknowledged writes from one fault to the next.
WRITES_BETWEEN = 20
#: Few: on SQLite each waits behind the others for the lock, one timeout after the other. These four rename, create,
#: create with a row in every table, archive and restore.
WRITERS = 4


def times_refused(run: Run) -> int:
    """How often writers were told to come back because the database took nothing."""
    return sum(codes["service_unavailable"] for codes in run.codes)


class Watcher:
    """Looks at the service from both faces, and from the operator's side, while it cannot write."""

    def __init__(self, installation: Installation, served: Served, customer: Customer) -> None:
        """Signed in, with an edit form open, before anything happens."""
        self._address, self._customer = served.address, customer
        self._key = installation.world.keys["write"]
        self._visitor = Visitor()
        assert self._visitor.sign_in(served.address).status == 302
        self._form = self._visitor.get(self._page("/edit")).form_values()

    def _page(self, part: str = "") -> str:
        return f"{self._address}/customers/{self._customer.id}{part}"

    def _ask(self, path: str) -> int:
        return self._visitor.get(f"{self._address}{path}", **{"x-api-key": self._key}).status

    def sees_reads_go_on(self) -> None:
        """Records, lists, histories, probes."""
        one = f"/v1/customers/{self._customer.id}"
        asked = (one, f"{one}/history", "/v1/customers?limit=5", f"/v1/customers/external/{self._customer.external_id}")
        assert [self._ask(path) for path in (*asked, "/livez", "/readyz", "/metrics")] == [200] * 7
        pages = (self._page(), self._page("/edit"), self._page("/history"), f"{self._address}/customers?q=a&list=1")
        assert [self._visitor.get(page).status for page in pages] == [200] * 4

    def sees_writes_refused(self) -> None:
        """By the desk too: as a page that keeps what was typed, and as a fragment, for a page that has it."""
        typed = self._form | {"name": "Typed in vain"}
        page = self._visitor.post(self._page("/edit"), typed)
        fragment = self._visitor.post(self._page("/edit"), typed, **{"HX-Request": "true"})
        for answer in (page, fragment):
            assert answer.status == 503
            assert int(answer.response.headers["Retry-After"]) > 0
            assert answer.one(".problem")
        assert page.form_values(".problem form")["name"] == "Typed in vain"
        assert fragment.all("html, form") == []

    def sees_writes_again(self) -> None:
        """What was typed is saved by sending it once more."""
        page = self._visitor.post(self._page("/edit"), self._form | {"name": "Typed once more"})
        assert page.status == 303
        self._form = self._visitor.get(self._page("/edit")).form_values()


def go_through(installation: Installation, faults: Mapping[str, Fault]) -> None:
    """One fault after the other befalls the same server, which goes on by itself after each."""
    installation.environment["DATABASE_TIMEOUT_SECONDS"] = TIMEOUT_SECONDS
    works = writing_load(installation.world, WRITES_OF_A_THREAD)[-WRITERS:]
    watched = installation.world.create_customer(external_id="watched")
    with installation.served() as served:
        workers = workers_of(served)
        watcher = Watcher(installation, served, watched)
        with installation.clients.run(served.address, works, COME_BACK) as run:
            for fault in faults.values():
                run.wait_for_more(WRITES_BETWEEN)
                with fault(installation, served):
                    before = times_refused(run)
                    run.wait_until(lambda run, before=before: times_refused(run) > before + 1)
                    watcher.sees_reads_go_on()
                    watcher.sees_writes_refused()
                run.wait_for_more(WRITES_BETWEEN)
                watcher.sees_writes_again()
            run.stop()
        assert workers_of(served) == workers
    assert run.unanswered == []
    assert_nothing_is_lost(installation, works, [run])


def test_a_sqlite_that_takes_no_writes_is_read_from_and_loses_nothing(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The disk is full, or another process has the lock."""
    with on_sqlite(request, tmp_path) as installation:
        go_through(installation, ON_SQLITE)


def test_a_postgresql_that_takes_no_writes_is_read_from_and_loses_nothing(
    installation_on_postgresql: Installation,
) -> None:
    """Its disk is full, it is read-only, or somebody has locked the table."""
    go_through(installation_on_postgresql, ON_POSTGRESQL)
