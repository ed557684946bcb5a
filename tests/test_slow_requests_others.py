"""Slow searches and hoarded memory in a served instance with one worker: the others are answered meanwhile."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.slow_clients import ANSWER_SECONDS, Instance, answer_of, has_been_answered, start
from tests.support.world import World

#: A search that is given up only then, so that it lasts as long on any machine.
SEARCH_SECONDS = 4
#: Looking for so many letters and another one, in a longer text of that letter alone, begins anew at each of them.
LETTERS, TEXT_LETTERS = 500, 2000
SLOW_CUSTOMERS = 300
SLOW_FILTERS = 50
MEBIBYTE = 1 << 20


@pytest.fixture
def instance(world_on_each_database: World, tmp_path: Path) -> Iterator[Instance]:
    """On SQLite, and then on PostgreSQL; with customers that are slow to be searched."""
    for _ in range(SLOW_CUSTOMERS):
        world_on_each_database.create_customer(metadata={"note": "a" * TEXT_LETTERS})
    yield from start(world_on_each_database, tmp_path, SEARCH_TIMEOUT_SECONDS=str(SEARCH_SECONDS))


@pytest.fixture
def plain(world: World, tmp_path: Path) -> Iterator[Instance]:
    """On SQLite."""
    yield from start(world, tmp_path)


def slow_search(instance: Instance) -> bytes:
    """A request that is still being worked on when its time is up."""
    slow = {"field": "metadata.note", "operator": "not_contains", "value": {"string": "a" * LETTERS + "b"}}
    body = json.dumps({"filters": [slow] * SLOW_FILTERS}).encode()
    length = f"Content-Length: {len(body)}"
    return instance.head("POST", length, "Connection: close", path="/v1/customers/search") + body


def test_ordinary_requests_are_answered_while_slow_searches_run(instance: Instance) -> None:
    """Reads, writes and the probe; many more searches than there are threads."""
    began = time.monotonic()
    slow = [instance.connect(slow_search(instance)) for _ in range(8)]
    time.sleep(0.3)  # until all of them have been taken in
    with closing(HTTPConnection(instance.netloc, timeout=ANSWER_SECONDS)) as connection:
        key = {"x-api-key": instance.world.keys["write"]}
        statuses = []
        for number in range(5):
            name = {"name": f"After {number}"}
            json_headers = {**key, "Content-Type": "application/json"}
            for request in (
                ("GET", "/livez", None, {}),
                ("GET", instance.path, None, key),
                ("PUT", instance.path, json.dumps(name), json_headers),
            ):
                connection.request(*request)
                answer = connection.getresponse()
                answer.read()
                statuses.append(answer.status)
    assert not any(has_been_answered(search) for search in slow)
    assert time.monotonic() - began < SEARCH_SECONDS
    assert statuses == [200] * 15
    assert instance.world.reload(instance.customer).name == "After 4"
    told = [(status, json.loads(body)["message"]) for status, _, body in map(answer_of, slow)]
    assert {status for status, _ in told} == {503}
    assert any("The search took longer than" in message for _, message in told)


def test_strangers_who_hold_back_their_forms_keep_nobody_out_of_the_api(plain: Instance) -> None:
    """As many as it takes to fill the memory that forms may have; elsewhere a stranger is refused at once."""
    form = b"a" * (4 * MEBIBYTE - 1)
    heads = {
        path: f"POST {path} HTTP/1.1\r\nHost: {plain.netloc}\r\nContent-Length: {4 * MEBIBYTE}\r\n\r\n".encode()
        for path in ("/customers/x/edit", "/sign-in")
    }
    assert answer_of(plain.connect(heads["/sign-in"] + form))[0] == 413
    strangers = [plain.connect(heads["/customers/x/edit"]) for _ in range(34)]
    for stranger in strangers:
        stranger.sendall(form)
    body = b'{"name": "After"' + b" " * 200_000 + b"}"
    head = plain.head("PUT", f"Content-Length: {len(body)}", "Connection: close")
    assert answer_of(plain.connect(head + body))[0] == 200
    assert plain.world.reload(plain.customer).name == "After"
