"""A PostgreSQL that is away when the service starts, comes, hangs, and goes on: the service says so, and comes back."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.safety.installation import Installation
from tests.safety.postgresql import OwnPostgresql
from tests.support.clients import DeskClient, Page
from tests.support.served import workers_of
from tests.support.visitor import Visitor

TIMEOUT_SECONDS = "2"
LONGEST_SECONDS = 60
#: A new connection and an answer on it may take two seconds each.
PROBE_SECONDS = 10
#: More than one worker runs at once.
REQUESTS_AT_ONCE = 24


def within(seconds: float, ask: Callable[[], Page]) -> Page:
    """What is answered, in time: a probe that hangs is of no use."""
    began = time.monotonic()
    page = ask()
    assert time.monotonic() - began < seconds
    return page


class Client:
    """A program, a person who is signed in, and an operator who probes: all that asks one server something."""

    def __init__(self, address: str, key: str, cookie: str) -> None:
        self._address, self._visitor = address, Visitor()
        self._credentials = {"x-api-key": key, "Cookie": f"customer_desk={cookie}"}

    def get(self, path: str, **headers: str) -> Page:
        """GET."""
        return self._visitor.get(f"{self._address}{path}", **self._credentials, **headers)

    def sees_it_away(self) -> None:
        """503 and when to come back, as JSON, page and fragment; the process lives, is not ready, and soon says so."""
        asked: list[tuple[str, dict[str, str]]] = [
            ("/v1/customers/x", {}),
            ("/v1/customers", {}),
            ("/customers/x", {}),
            ("/customers/x", {"HX-Request": "true"}),
        ]
        asked *= REQUESTS_AT_ONCE // len(asked)
        with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
            answers = [pool.submit(self.get, path, **headers) for path, headers in asked]
            for path in ("/livez", "/metrics"):
                assert within(PROBE_SECONDS, lambda path=path: self.get(path)).status == 200
            unready = within(PROBE_SECONDS, lambda: self.get("/readyz")).response
            assert (unready.status_code, unready.json["reason"]) == (503, "the database cannot be reached")
        for (path, headers), answer in zip(asked, answers, strict=True):
            page = answer.result()
            assert (path, page.status) == (path, 503)
            assert int(page.response.headers["Retry-After"]) > 0
            assert page.response.mimetype == ("application/json" if path.startswith("/v1") else "text/html")
            assert bool(page.all("html")) == (path == "/customers/x" and not headers)

    def sees_it_back(self) -> None:
        """By itself, without a new process."""
        give_up_at = time.monotonic() + LONGEST_SECONDS
        while self.get("/readyz").status != 200 or self.get("/v1/customers").status != 200:
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
        assert [self.get(path).status for path in ("/customers", "/livez")] == [200, 200]


def test_a_postgresql_that_is_away_or_hangs_is_told_and_waited_for(
    own_server: OwnPostgresql, installation_on_own_server: Installation
) -> None:
    """At the start and later; one that hangs keeps no thread for ever, and neither /livez nor /readyz waits for it."""
    installation = installation_on_own_server
    installation.environment["DATABASE_TIMEOUT_SECONDS"] = TIMEOUT_SECONDS
    cookie = DeskClient(installation.world.app).client.get_cookie("customer_desk")
    assert cookie is not None
    own_server.crash()
    with installation.served() as served:
        client = Client(served.address, installation.world.keys["write"], cookie.value)
        workers = workers_of(served)
        client.sees_it_away()
        own_server.start()
        client.sees_it_back()
        with own_server.hanging():
            client.sees_it_away()
        client.sees_it_back()
        assert workers_of(served) == workers
