"""GET /metrics: what is counted, under which labels, in which format; in one process."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import values
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics

from tests.support.clients import ApiClient, DeskClient
from tests.support.exposition import requests_of, samples
from tests.support.world import World
from webapp.database import db
from webapp.metrics import BUCKETS, FOLDER_VARIABLE, shared_between_processes
from webapp.observability import METHODS

SECRET = "zebra-crossing-at-midnight"
#: What a Prometheus of today sends.
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;"
    "q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


def scrape(client: FlaskClient) -> str:
    """The metrics as plain text."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return answer.text


@pytest.fixture(params=["alone", "shared"])
def counting_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The world in a process that counts alone, and then in one that shares a folder as the server's workers do."""
    with ExitStack() as stack:
        if request.param == "shared":
            stack.enter_context(shared_between_processes())
        world = request.getfixturevalue("world")
        yield world
        with world.app.app_context():
            db.engine.dispose()  # closing a connection is counted, too


def test_requests_of_both_faces_are_counted(counting_world: World) -> None:
    """By method, route and status: the route is the rule, whichever customer was meant."""
    app = counting_world.app
    api, desk = ApiClient(app, counting_world), DeskClient(app)
    customers = [counting_world.create_customer() for _ in range(3)]
    before = requests_of(scrape(app.test_client()))
    for customer in customers:
        assert api.get(f"/v1/customers/{customer.id}").status_code == 200
        assert desk.get(f"/customers/{customer.id}").status == 200
    assert api.put(f"/v1/customers/{customers[0].id}", {"name": ""}).status_code == 400
    after = requests_of(scrape(app.test_client()))
    assert {key: count - before.get(key, 0) for key, count in after.items() if count != before.get(key, 0)} == {
        ("GET", "/v1/customers/<customer_id>", "200"): 3,
        ("GET", "/customers/<customer_id>", "200"): 3,
        ("PUT", "/v1/customers/<customer_id>", "400"): 1,
        ("GET", "/metrics", "200"): 1,  # the look before
    }


def test_durations_fall_into_their_buckets(counting_world: World) -> None:
    """As many as there were requests, of any status; each counted in every bucket that is long enough."""
    client = counting_world.app.test_client()
    for _ in range(5):
        client.get("/livez")
    found = samples(scrape(client))
    labels = (("method", "GET"), ("route", "/livez"))
    counts = [
        found["http_request_duration_seconds_bucket", (("le", bound), *labels)]
        for bound in [*map(str, BUCKETS), "+Inf"]
    ]
    assert counts == sorted(counts)
    assert counts[-1] == found["http_request_duration_seconds_count", labels] == 5
    assert 0 < found["http_request_duration_seconds_sum", labels] < 5 * 10
    assert counts[-2] == 5


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/{SECRET}", 404),
        ("GET", "/v1/nothing", 404),
        ("POST", "/livez", 405),
        ("GET", "/customers/a/b/c", 404),
    ],
)
def test_what_no_route_takes_is_one_route(app: Flask, method: str, path: str, status: int) -> None:
    """However many such paths are asked for: otherwise strangers could fill the memory."""
    client = app.test_client()
    assert client.open(path, method=method).status_code == status
    assert requests_of(scrape(client)) == {(method, "none", str(status)): 1}


@pytest.mark.parametrize("method", ["BREW", SECRET.upper(), "get"])
def test_methods_that_somebody_made_up_are_one_method(app: Flask, method: str) -> None:
    """For the same reason."""
    client = app.test_client()
    for number in range(3):
        client.open("/livez", method=f"{method}{number}")
    ((labels, count),) = requests_of(scrape(client)).items()
    assert (labels[:2], count) == (("other", "none"), 3)


def test_every_method_of_a_route_has_its_name(app: Flask) -> None:
    """None of them is 'other'."""
    assert {method for rule in app.url_map.iter_rules() for method in rule.methods or ()} <= METHODS


def test_nothing_that_a_request_brings_is_shown(counting_world: World) -> None:
    """No field, no ID, no key, no search: only names that the code has."""
    app = counting_world.app
    api = ApiClient(app, counting_world)
    customer = counting_world.create_customer(external_id=SECRET)
    api.get(f"/v1/customers/external/{SECRET}", headers={"X-Request-ID": SECRET})
    api.put(f"/v1/customers/{customer.id}", {"name": SECRET, "metadata": {SECRET: SECRET}})
    api.get(f"/v1/{SECRET}?{SECRET}={SECRET}")
    DeskClient(app).get(f"/customers?q={SECRET}")
    text = scrape(app.test_client())
    assert "/v1/customers/external/<anything:external_id>" in text
    told = {value for _, labels in samples(text) for name, value in labels if name == "route"}
    assert told <= {rule.rule for rule in app.url_map.iter_rules()} | {"none"}
    assert not [secret for secret in (SECRET, customer.id, *counting_world.keys.values()) if secret in text]


def test_each_application_counts_its_own(make_app: Callable[..., Flask]) -> None:
    """Two in one process do not meet."""
    one, other = make_app().test_client(), make_app().test_client()
    one.get("/livez")
    assert requests_of(scrape(other)) == {}
    assert requests_of(scrape(one)) == {("GET", "/livez", "200"): 1}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/html", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain, application/openmetrics-text;q=0.5", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;q=0", "text/plain; version=0.0.4; charset=utf-8"),
        (PROMETHEUS, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ("application/openmetrics-text; version=x", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
    ],
)
def test_the_format_is_the_one_that_is_asked_for(app: Flask, accept: str | None, expected: str) -> None:
    """OpenMetrics where it is wanted no less than plain text."""
    answer = app.test_client().get("/metrics", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, expected)


def test_openmetrics_has_the_same_counts(counting_world: World) -> None:
    """And is valid: its parser is strict."""
    client = counting_world.app.test_client()
    client.get("/livez")
    text = client.get("/metrics", headers={"Accept": PROMETHEUS}).text
    found = {
        sample.labels["route"]: sample.value
        for family in read_openmetrics(text)
        for sample in family.samples
        if sample.name == "http_requests_total"
    }
    assert found["/livez"] == 1


def test_the_folder_is_there_for_the_time_of_the_server_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """For its user alone; afterwards everything is as before."""
    monkeypatch.setenv(FOLDER_VARIABLE, "elsewhere")
    way = values.ValueClass
    with shared_between_processes() as folder:
        assert os.environ[FOLDER_VARIABLE] == str(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    assert (os.environ[FOLDER_VARIABLE], values.ValueClass) == ("elsewhere", way)


def test_what_a_killed_server_left_is_removed_by_the_next() -> None:
    """Not the folder of one that still runs, however old, and not that of one that may just start."""
    with shared_between_processes() as running:
        killed, starting = running.with_name(f"{running.name}-killed"), running.with_name(f"{running.name}-starting")
        for folder in (killed, starting):
            folder.mkdir()
            (folder / "counter_1.db").touch()
        hour_ago = time.time() - 3600
        for folder in (killed, running):
            os.utime(folder, (hour_ago, hour_ago))
        with shared_between_processes():
            assert [folder.exists() for folder in (running, killed, starting)] == [True, False, True]
        shutil.rmtree(starting)


def test_a_folder_that_was_tidied_away_stops_nobody(make_app: Callable[..., Flask]) -> None:
    """A new worker makes it anew."""
    with shared_between_processes() as folder:
        folder.rmdir()
        client = make_app().test_client()
        client.get("/livez")
        assert requests_of(scrape(client)) == {("GET", "/livez", "200"): 1}


def test_a_dead_process_loses_its_gauges_and_keeps_its_counts(make_app: Callable[..., Flask]) -> None:
    """One of another process group is a stranger who has the dead one's ID."""
    with shared_between_processes() as folder:
        client = make_app().test_client()
        client.get("/livez")
        _ = scrape(client)
        dead, stranger = 2**22 + 1, 1  # no process has the first; the second is no child of ours
        for process in (dead, stranger):
            for kind in ("counter", "gauge_livesum"):
                (folder / f"{kind}_{process}.db").write_bytes((folder / f"{kind}_{os.getpid()}.db").read_bytes())
        text = scrape(client)
        assert requests_of(text)["GET", "/livez", "200"] == 3
        assert samples(text)["customer_desk_workers", ()] == 1
        assert sorted(file.name for file in folder.glob("gauge*")) == [f"gauge_livesum_{os.getpid()}.db"]
