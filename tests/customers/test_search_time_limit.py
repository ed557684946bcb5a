"""The time limit of searches, through requests: a search that is really slow, on both databases."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from tests.support.clients import ApiClient
from tests.support.databases import postgresql_app
from tests.support.many_customers import insert_customers
from tests.support.world import seed_world
from webapp.customers.search_time_limit import briefly
from webapp.database import reading

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


def test_a_connection_that_is_lost_in_a_brief_search_is_told_as_such(
    postgresql_server: Callable[[str], str], make_app: Callable[..., Flask]
) -> None:
    """What is cleared up behind the search does not hide it: the answer is 503, and the next one finds all well."""

    def end(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        with psycopg.connect(postgresql_server("postgres"), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [driver.info.backend_pid])

    def search(connection: Connection) -> None:
        with briefly(connection, 9):
            end(connection)
            connection.execute(select(1))

    with postgresql_app(postgresql_server, make_app) as app, app.app_context():
        with reading() as connection, pytest.raises(OperationalError, match="terminating connection"):
            search(connection)
        with reading() as connection:
            assert connection.execute(select(1)).scalar_one() == 1
