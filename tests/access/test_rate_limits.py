"""Rate limits: who is counted with whom, what is answered, and what happens when the counters are away."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from structlog.testing import capture_logs

from tests.support.clients import ApiClient
from tests.support.databases import postgresql_app
from tests.support.threads import at_once
from tests.support.world import World, seed_world
from webapp.access.rate_limit_counters import Counters, Window, counters_engine, rate_limit_counters
from webapp.database import db

PATH = "/v1/customers/cust_nobody"
MakeApp = Callable[..., Flask]


def counters_of(app: Flask) -> Counters:
    """Those that another process would have."""
    with app.app_context():
        return Counters(counters_engine(app.extensions["customer_desk_settings"], db.engine))


def sent(api: ApiClient, requests: int, **kwargs: Any) -> list[int]:
    """The statuses of so many requests."""
    return [api.get(PATH, **kwargs).status_code for _ in range(requests)]


@pytest.fixture(params=["sqlite", "postgresql"])
def make_limited(request: pytest.FixtureRequest, make_app: MakeApp) -> Iterator[Callable[..., ApiClient]]:
    """Clients of an installation with limits, given by name, on SQLite and then on PostgreSQL."""

    def make(on: MakeApp, **limits: str) -> ApiClient:
        app = on(**limits)
        return ApiClient(app, seed_world(app))

    if request.param == "sqlite":
        yield lambda **limits: make(make_app, **limits)
        return
    template = request.getfixturevalue("migrated_postgresql")
    with postgresql_app(request.getfixturevalue("postgresql_server"), make_app, template) as app:
        url = app.extensions["customer_desk_settings"].database_url
        yield lambda **limits: make(lambda **chosen: make_app(database_url=url, **chosen), **limits)


def test_a_key_may_send_what_its_limit_allows(make_limited: Callable[..., ApiClient]) -> None:
    """And no more, while another key is not affected."""
    api = make_limited(rate_limit_per_key="3/hour")
    assert sent(api, 5) == [404, 404, 404, 429, 429]
    assert sent(api, 1, key="read") == [404]


def test_a_tenants_keys_share_its_limit(make_limited: Callable[..., ApiClient]) -> None:
    """In all of its environments, while another tenant is not affected."""
    api = make_limited(rate_limit_per_tenant="3/hour")
    assert [sent(api, 1, key=key) for key in ("write", "read", "sandbox")] == [[404]] * 3
    assert [sent(api, 1, key=key) for key in ("write", "read", "sandbox")] == [[429]] * 3
    assert sent(api, 3, key="elsewhere") == [404] * 3


def test_what_is_refused_counts_against_no_limit(make_limited: Callable[..., ApiClient]) -> None:
    """A key in a loop leaves its tenant's other keys their share."""
    api = make_limited(rate_limit_per_key="2/hour", rate_limit_per_tenant="4/hour")
    assert sent(api, 9) == [404, 404, *[429] * 7]
    assert sent(api, 2, key="read") == [404, 404]
    refused = api.get(PATH, key="sandbox")
    assert refused.status_code == 429
    assert "your tenant may send 4 in 3600 seconds" in refused.get_json()["message"]


def test_every_answer_says_what_is_left(make_limited: Callable[..., ApiClient]) -> None:
    """Of the limit that is nearest to its end."""
    api = make_limited(rate_limit_per_key="3/hour;100/day")
    for left in (2, 1, 0, 0):
        headers = api.get(PATH).headers
        assert (headers["RateLimit-Limit"], headers["RateLimit-Remaining"]) == ("3", str(left))
        assert 3590 <= int(headers["RateLimit-Reset"]) <= 3600


def test_answers_without_a_body_say_it_too(make_app: MakeApp, world: World) -> None:
    """304 Not Modified."""
    customer = world.create_customer()
    api = ApiClient(make_app(rate_limit_per_key="3/hour"), world)
    answer = api.get(f"/v1/customers/{customer.id}", headers={"If-None-Match": '"1"'})
    assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (304, "2")


def test_a_refusal_of_the_view_counts_and_says_it_too(make_app: MakeApp, world: World) -> None:
    """403: a read key that writes in a loop is a load like any other."""
    api = ApiClient(make_app(rate_limit_per_key="3/hour"), world)
    answer = api.put(PATH, {}, key="read")
    assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (403, "2")


def test_after_the_time_that_is_told_a_request_passes(make_limited: Callable[..., ApiClient]) -> None:
    """Retry-After is a promise."""
    api = make_limited(rate_limit_per_key="2/2 second;100/hour", rate_limit_per_tenant="3/second")
    while (answer := api.get(PATH)).status_code != 429:
        pass
    assert answer.get_json()["code"] == "too_many_requests"
    wait = int(answer.headers["Retry-After"])
    assert 1 <= wait <= 2
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert answer.headers["RateLimit-Reset"] == answer.headers["Retry-After"]
    time.sleep(wait)
    assert api.get(PATH).status_code == 404


def test_the_longest_of_several_waits_is_told(make_app: MakeApp, world: World) -> None:
    """A request that waits for the shorter one alone would be refused again."""
    api = ApiClient(make_app(rate_limit_per_key="2/second;2/hour"), world)
    answer = [api.get(PATH) for _ in range(3)][-1]
    assert int(answer.headers["Retry-After"]) > 3500
    assert "2 in 3600 seconds" in answer.get_json()["message"]


def test_strangers_are_not_counted(make_app: MakeApp, world: World) -> None:
    """There is no key that they could be counted under."""
    api = ApiClient(make_app(rate_limit_per_key="1/hour", rate_limit_per_tenant="1/hour"), world)
    answers = [api.get(PATH, key=key) for key in ("unknown", "unknown", None, None)]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert all("RateLimit-Limit" not in answer.headers for answer in answers)


def test_without_limits_there_is_nothing_of_them(app: Flask, api: ApiClient, tmp_path: Path) -> None:
    """No header, no file, no hook."""
    assert "RateLimit-Limit" not in api.get(PATH).headers
    assert list(tmp_path.glob("*rate_limits*")) == []
    assert "rate_limits" not in app.extensions


@pytest.mark.sqlite_only("the counters have a file of their own there")
def test_the_database_of_customers_is_not_written_for_a_count(make_app: MakeApp, world: World) -> None:
    """Not while another writer holds SQLite's one lock, either."""
    app = make_app(rate_limit_per_key="2/hour")
    api = ApiClient(app, world)
    with app.app_context(), db.engine.execution_options(writing=True).begin() as connection:
        assert sent(api, 3) == [404, 404, 429]
        rows = connection.execute(select(func.count()).select_from(rate_limit_counters)).scalar_one()
    assert rows == 0


@pytest.mark.sqlite_only("the counters have a file of their own there")
def test_the_counters_stand_beside_a_database_of_a_relative_name(make_app: MakeApp, tmp_path: Path) -> None:
    """Which is in the instance folder, wherever the service was started: or others would not count along."""
    app = make_app(rate_limit_per_key="2/hour", database_url="sqlite:///customer_desk.sqlite3")
    assert sent(ApiClient(app, seed_world(app)), 3) == [404, 404, 429]
    assert (tmp_path / "customer_desk.rate_limits.sqlite3").is_file()


@pytest.mark.sqlite_only("the counters have a file of their own there")
def test_counters_that_are_away_let_requests_pass(make_app: MakeApp, world: World, tmp_path: Path) -> None:
    """With a warning: a limit must not be what takes the service down."""
    (tmp_path / "customer_desk.rate_limits.sqlite3").write_bytes(b"no database" * 1000)
    api = ApiClient(make_app(rate_limit_per_key="1/hour", log_level="WARNING"), world)
    with capture_logs() as logged:
        answers = [api.get(PATH) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert all("RateLimit-Limit" not in answer.headers for answer in answers)
    assert len([line for line in logged if line["log_level"] == "warning"]) == 3


@pytest.mark.sqlite_only("one writer keeps out all others there")
def test_counters_that_are_locked_let_requests_pass(make_app: MakeApp, world: World) -> None:
    """After half a second, and count again when they are free."""
    app = make_app(rate_limit_per_key="2/hour")
    api, counters = ApiClient(app, world), counters_of(app)
    with counters._engine.begin():  # noqa: SLF001 - takes the file's one lock
        assert "RateLimit-Limit" not in api.get(PATH).headers
    assert sent(api, 3) == [404, 404, 429]


def test_simultaneous_requests_are_counted_exactly(app_on_each_database: Flask) -> None:
    """Also where several rows must be counted together: a deadlock or a lost count would show."""
    counters = counters_of(app_on_each_database)
    tenant = Window("tenant:t", 25, 3600)

    def send(key: str) -> Callable[[], int]:
        mine = [Window(f"key:{key}", 20, 60), Window(f"key:{key}", 1000, 3600), tenant]
        return lambda: sum(counters.take(mine, time.time())[0] for _ in range(10))

    passed = at_once(app_on_each_database, [send(key) for key in ("a", "b", "a", "b")])
    assert sum(passed) == 25
    assert passed[0] + passed[2] <= 20
    assert passed[1] + passed[3] <= 20


def test_a_window_begins_with_its_first_request(app_on_each_database: Flask) -> None:
    """And a new one with the first request after its end."""
    counters, limit = counters_of(app_on_each_database), [Window("key:a", 2, 60)]
    told = [counters.take(limit, now) for now in (1000.0, 1059.0, 1059.9, 1060.0, 1061.0, 1062.0, 1119.9, 1120.0)]
    assert [passed for passed, _ in told] == [True, True, False, True, True, False, False, True]
    assert [(window.used, window.ends_at) for _, (window,) in told] == [
        *[(1, 1060.0), (2, 1060.0), (2, 1060.0)],
        *[(1, 1120.0), (2, 1120.0), (2, 1120.0), (2, 1120.0)],
        (1, 1180.0),
    ]


def test_counters_of_ended_windows_are_removed(app_on_each_database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every now and then, by a request; those that still count stay."""
    monkeypatch.setattr("webapp.access.rate_limit_counters.REMOVE_SECONDS", 0.0)
    counters = counters_of(app_on_each_database)
    for subject, now in (("key:old", 1000.0), ("key:young", 1030.0), ("key:new", 1061.0)):
        counters.take([Window(subject, 2, 60)], now)
    with counters._engine.connect() as connection:  # noqa: SLF001 - nothing else shows the rows
        kept = connection.execute(select(rate_limit_counters.c.subject)).scalars()
        assert sorted(kept) == ["key:new", "key:young"]


def test_two_spellings_of_one_limit_are_one(make_limited: Callable[..., ApiClient]) -> None:
    """One row cannot be counted twice by one statement."""
    api = make_limited(rate_limit_per_key="2/minute;2/60 second")
    assert sent(api, 3) == [404, 404, 429]
