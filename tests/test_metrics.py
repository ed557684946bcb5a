"""GET /metrics: what is counted under which labels, and that the processes of one server are one sum."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import values
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_plain

from tests.support.clients import ApiClient, DeskClient
from tests.support.served import START_SECONDS, Served, workers_of
from tests.support.world import World
from webapp.metrics import BUCKETS, FOLDER_VARIABLE, METHODS, shared_between_processes

SECRET = "zebra-crossing-at-midnight"
#: What a Prometheus of today sends.
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;"
    "q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
CONNECTIONS = 200

Labels = tuple[tuple[str, str], ...]


def samples(text: str) -> dict[tuple[str, Labels], float]:
    """Every value of an exposition, by name and sorted labels. One that is there twice is a fault of it."""
    found = [
        ((sample.name, tuple(sorted(sample.labels.items()))), sample.value)
        for family in read_plain(text)
        for sample in family.samples
    ]
    assert len(found) == len(dict(found))
    return dict(found)


def requests_of(text: str) -> dict[tuple[str, str, str], float]:
    """Requests answered by method, route and status."""
    return {
        (dict(labels)["method"], dict(labels)["route"], dict(labels)["status"]): value
        for (name, labels), value in samples(text).items()
        if name == "http_requests_total"
    }


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
        yield request.getfixturevalue("world")


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
        ("GET", "/v1/nothing", 401),
        ("POST", "/livez", 405),
        ("GET", "/customers/a/b/c", 404),
    ],
)
def test_what_no_route_takes_is_one_route(app: Flask, method: str, path: str, status: int) -> None:
    """However many such paths are asked for: otherwise strangers could fill the memory."""
    client = app.test_client()
    answered = client.open(path, method=method).status_code
    assert requests_of(scrape(client)) == {(method, "none", str(answered)): 1}


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


def get(connection: HTTPConnection, path: str) -> tuple[str, str]:
    """Content type and text of an answer over a connection that stays open."""
    connection.request("GET", path)
    with connection.getresponse() as answer:
        assert answer.status == 200
        return answer.headers["Content-Type"], answer.read().decode()


def opened_by(process: str) -> Iterator[str]:
    """What a process has open: paths of files, ``socket:[NUMBER]``."""
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            yield str(descriptor.readlink())


def workers_that_hold(served: Served) -> set[str]:
    """The workers that have an open connection with a client."""
    port = f"{urlsplit(served.address).port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    connected = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port}") and row[3] == "01"}

    def holds(worker: str) -> bool:
        return any(opened in connected for opened in opened_by(worker))

    return {worker for worker in workers_of(served) if holds(worker)}


def connect_to_all(served: Served, stack: ExitStack) -> list[HTTPConnection]:
    """So many open connections, each of which has asked /sign-in once, that every worker has one of them."""
    connections: list[HTTPConnection] = []
    while len(workers_that_hold(served)) < 2:
        assert len(connections) < CONNECTIONS
        connections.append(stack.enter_context(closing(HTTPConnection(urlsplit(served.address).netloc, timeout=30))))
        get(connections[-1], "/sign-in")
    return connections


def test_whichever_worker_is_asked_tells_the_sum(served: Served) -> None:
    """Over all of them, exactly."""
    with ExitStack() as stack:
        connections = connect_to_all(served, stack)
        for connection in connections * 3:
            get(connection, "/sign-in")
        for number, connection in enumerate(connections):
            kind, text = get(connection, "/metrics")
            assert kind == "text/plain; version=0.0.4; charset=utf-8"
            counts = requests_of(text)
            assert counts["GET", "/sign-in", "200"] == 4 * len(connections)
            assert counts.get(("GET", "/metrics", "200"), 0) == number
            assert samples(text)["customer_desk_workers", ()] == 2


def test_a_worker_that_dies_leaves_its_counts(served: Served) -> None:
    """The sum never falls; the number of workers does, until there is a new one."""
    with ExitStack() as stack:
        asked = len(connect_to_all(served, stack))
    first, second = workers_of(served)
    os.kill(int(first), signal.SIGKILL)
    deadline = time.monotonic() + START_SECONDS
    counted = [0.0]
    while {1, 2} - set(counted) or counted[-1] != 2:
        assert time.monotonic() < deadline, counted
        with (
            suppress(ConnectionError),  # it was with the one that died
            closing(HTTPConnection(urlsplit(served.address).netloc, timeout=30)) as connection,
        ):
            text = get(connection, "/metrics")[1]
            assert requests_of(text)["GET", "/sign-in", "200"] == asked
            counted.append(samples(text)["customer_desk_workers", ()])
        time.sleep(0.02)
    assert max(counted) == 2
    assert first not in workers_of(served)
    assert second in workers_of(served)


def test_the_server_leaves_nothing_behind(served: Served) -> None:
    """Its folder goes with it."""
    files = [Path(opened) for opened in opened_by(workers_of(served)[0]) if "customer-desk-metrics-" in opened]
    (folder,) = {file.parent for file in files if file.suffix == ".db"}
    assert folder.is_dir()
    assert served.stop() == 0
    assert not folder.exists()
