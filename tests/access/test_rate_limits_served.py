"""Rate limits over a real socket: several processes of the production server count together."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import SECRET_KEY
from tests.support.served import Served, serve
from tests.support.world import World

ServeLimited = Callable[..., AbstractContextManager[Served]]

CLIENTS = 8
#: Each client opens a connection for each of its requests, so that both workers get their share.
REQUESTS = 10


@pytest.fixture
def serve_limited(world_on_each_database: World, tmp_path: Path) -> ServeLimited:
    """Two workers with limits that are given by name, on SQLite and then on PostgreSQL."""
    settings = world_on_each_database.app.extensions["customer_desk_settings"]

    @contextmanager
    def start(**limits: str) -> Iterator[Served]:
        environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "WORKERS": "2", **limits}
        environment["DATABASE_URL"] = settings.database_url
        with serve(environment, tmp_path / "server.log") as served:
            yield served

    return start


def send_all(served: Served, keys: Sequence[str]) -> dict[str, Counter[int]]:
    """Send REQUESTS requests from each of CLIENTS clients at once, the keys in turn. Returns the statuses by key."""
    statuses: dict[str, Counter[int]] = {key: Counter() for key in keys}

    def client(number: int) -> tuple[str, list[int]]:
        key = keys[number % len(keys)]
        return key, [send(served, key) for _ in range(REQUESTS)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        for key, told in pool.map(client, range(CLIENTS)):
            statuses[key].update(told)
    return statuses


def send(served: Served, key: str) -> int:
    """One request on a connection of its own. Returns its status."""
    with closing(HTTPConnection(urlsplit(served.address).netloc, timeout=30)) as connection:
        connection.request("GET", "/v1/customers/cust_nobody", headers={"x-api-key": key})
        answer = connection.getresponse()
        answer.read()
        return answer.status


def test_two_processes_let_exactly_the_allowed_number_pass(
    world_on_each_database: World, serve_limited: ServeLimited
) -> None:
    """However the requests fall on them; another key is not affected."""
    keys = world_on_each_database.keys
    with serve_limited(RATE_LIMIT_PER_KEY="25/hour") as served:
        assert send_all(served, [keys["write"]]) == {keys["write"]: {404: 25, 429: 55}}
        assert send(served, keys["read"]) == 404


def test_two_processes_count_a_tenants_keys_together(
    world_on_each_database: World, serve_limited: ServeLimited
) -> None:
    """Two keys share the limit; another tenant is not affected, and each key keeps to its own limit as well."""
    keys = world_on_each_database.keys
    limits = {"RATE_LIMIT_PER_TENANT": "30/hour", "RATE_LIMIT_PER_KEY": "20/hour"}
    with serve_limited(**limits) as served:
        told = send_all(served, [keys["write"], keys["read"]])
        assert sum(counted[404] for counted in told.values()) == 30
        assert all(counted[404] <= 20 for counted in told.values())
        assert sum(told.values(), Counter()) == {404: 30, 429: 50}
        assert send(served, keys["elsewhere"]) == 404
