"""The time limit of searches, through requests: a search that is really slow, on both databases."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.support.clients import ApiClient
from tests.support.databases import postgresql_app
from tests.support.many_customers import insert_customers
from tests.support.world import seed_world

CUSTOMERS = 1500
#: Each comparison begins at each of its characters anew, and fails at the end of the text that is looked for.
VALUE = "a" * 1000
NEEDLES = ["a" * 500 + chr(ord("b") + number % 24) + str(number) for number in range(50)]


@pytest.fixture(params=["sqlite", "postgresql"])
def api(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[ApiClient]:
    """A program that talks to an application whose searches may take a second."""

    def make(**settings: Any) -> Flask:
        return make_app(search_timeout_seconds=1, **settings)

    if request.param == "sqlite":
        yield prepared(make())
        return
    template = request.getfixturevalue("migrated_postgresql")
    with postgresql_app(request.getfixturevalue("postgresql_server"), make, template) as app:
        yield prepared(app)


def prepared(app: Flask) -> ApiClient:
    """With customers that are dear to look through."""
    world = seed_world(app)
    insert_customers(app, CUSTOMERS, metadata={"note": VALUE})
    return ApiClient(app, world)


def test_a_request_for_a_slow_search_is_given_up(api: ApiClient) -> None:
    """503 that says what to do, soon after the limit; the next request is served as ever."""
    filters = [{"field": "metadata.note", "operator": "not_contains", "value": {"string": text}} for text in NEEDLES]
    began = time.monotonic()
    answer = api.request("POST", "/v1/customers/search", json={"filters": filters})
    took = time.monotonic() - began
    assert (answer.status_code, answer.get_json().get("code")) == (503, "service_unavailable"), took
    assert "The search took longer than 1 seconds. Narrow it" in answer.get_json()["message"]
    assert 1 <= took < 10
    found = api.request("POST", "/v1/customers/search", json={"limit": 1})
    assert (found.status_code, len(found.get_json()["items"])) == (200, 1)
