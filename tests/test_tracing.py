"""OpenTelemetry: spans of requests and of what takes time in them, where it is wanted; and nothing of it elsewhere."""

import gzip
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.conftest import SECRET_KEY
from tests.support.clients import ApiClient, DeskClient
from tests.support.secrets_sent import SecretSender
from tests.support.served import serve
from tests.support.world import World, seed_world
from webapp.front import AT_END
from webapp.settings import PROJECT_ROOT, SettingsError

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ERROR = 2
PATIENCE_SECONDS = 30


class Collector(HTTPServer):
    """What an installation's collector is to the service: it takes spans by OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.raw: list[bytes] = []
        self.spans: list[Span] = []
        self.services: set[str] = set()

    @property
    def address(self) -> str:
        """For OTEL_EXPORTER_OTLP_ENDPOINT."""
        return f"http://127.0.0.1:{self.server_port}"

    def take(self, body: bytes) -> None:
        """A request of the exporter."""
        self.raw.append(body)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            told = {pair.key: pair.value.string_value for pair in group.resource.attributes}
            self.services.add(told["service.name"])
            for scope in group.scope_spans:
                self.spans += scope.spans


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        """Take it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.take(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector on loopback."""
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def make_traced(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> Iterator[Callable[..., Flask]]:
    """Applications that are traced; each span is sent soon."""
    made: list[Flask] = []
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")

    def make(**changed: str) -> Flask:
        made.append(make_app(opentelemetry="1", log_level="INFO", **changed))
        return made[-1]

    yield make
    for app in made:
        for end in app.extensions[AT_END]:
            end()


@pytest.fixture
def traced(make_traced: Callable[..., Flask]) -> World:
    """The world in one of them."""
    return seed_world(make_traced())


def wait_for(collector: Collector, requests: int) -> list[Span]:
    """All spans, once those of so many requests are here."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sum(span.kind == Span.SPAN_KIND_SERVER for span in collector.spans) < requests:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return collector.spans


def attributes(span: Span) -> dict[str, str | int]:
    """Of a span."""
    return {pair.key: pair.value.string_value or pair.value.int_value for pair in span.attributes}


def test_a_request_is_a_span_of_its_callers_trace(
    traced: World, collector: Collector, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its parts are within it; the log names the trace."""
    customer = traced.create_customer()
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "odd=1"}
    capsys.readouterr()
    answer = ApiClient(traced.app, traced).put(f"/v1/customers/{customer.id}", {"name": "New"}, headers=headers)
    assert answer.status_code == 200
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert line["trace_id"] == TRACE
    spans = wait_for(collector, 1)
    (request,) = [span for span in spans if span.kind == Span.SPAN_KIND_SERVER]
    assert (request.name, request.trace_id.hex(), request.parent_span_id.hex(), request.trace_state) == (
        "PUT /v1/customers/<customer_id>", TRACE, PARENT, ""
    )  # fmt: skip
    assert attributes(request) == {
        "http.request.method": "PUT",
        "http.route": "/v1/customers/<customer_id>",
        "http.response.status_code": 200,
        "customer_desk.request_id": answer.headers["X-Request-ID"],
    }
    (transaction,) = [span for span in spans if span.name == "transaction"]
    assert (transaction.parent_span_id, transaction.trace_id) == (request.span_id, request.trace_id)
    assert attributes(transaction) == {"customer_desk.outcome": "committed"}
    assert request.start_time_unix_nano <= transaction.start_time_unix_nano
    assert transaction.start_time_unix_nano < transaction.end_time_unix_nano <= request.end_time_unix_nano
    assert collector.services == {"customer-desk"}


def test_a_search_is_a_span_and_a_stranger_begins_a_trace(traced: World, collector: Collector) -> None:
    """What is no traceparent is as good as none; an unknown path is told as such."""
    client = ApiClient(traced.app, traced)
    client.get("/v1/customers?email=a@example.com", headers={"traceparent": "nonsense"})
    client.get("/v1/nothing")
    spans = wait_for(collector, 2)
    searched, lost = (span for span in spans if span.kind == Span.SPAN_KIND_SERVER)
    assert {span.parent_span_id for span in spans if span.name == "search"} == {searched.span_id}
    assert searched.parent_span_id == b""
    assert searched.trace_id != lost.trace_id
    assert (lost.name, attributes(lost)["http.response.status_code"]) == ("GET none", 404)


def test_a_fault_of_the_service_is_an_error(
    make_traced: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    """A caller's own is none."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "another name")
    client = make_traced(database_url="postgresql://nobody:hush-hush@127.0.0.1:1/none").test_client()
    assert client.get("/v1/customers", headers={"x-api-key": "cdk_unknown"}).status_code == 503
    assert client.get("/nothing").status_code == 404
    faulty, fine = (span for span in wait_for(collector, 2) if span.kind == Span.SPAN_KIND_SERVER)
    assert (faulty.status.code, fine.status.code) == (ERROR, 0)
    (wait,) = [span for span in collector.spans if span.name == "wait for a connection"]
    assert (wait.status.code, attributes(wait)) == (ERROR, {"customer_desk.outcome": "failed"})
    assert collector.services == {"another name"}


def test_no_span_has_what_was_sent(traced: World, collector: Collector) -> None:
    """Neither in a name, nor in an attribute, nor in an event."""
    client = traced.app.test_client(use_cookies=False)

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, str]:
        answer = client.open(path, method=method, headers=headers, data=body)
        return answer.status_code, answer.headers["X-Request-ID"], answer.get_data(as_text=True)

    desk = DeskClient(traced.app)
    sent = SecretSender(send, traced, desk.session_cookie())
    sent.use_the_desk(sent.use_the_api())
    wait_for(collector, len(sent.answers))
    assert not [body for body in collector.raw if sent.mark.encode() in body.lower()]


def test_the_servers_workers_send_what_is_left_when_they_end(app: Flask, tmp_path: Path, collector: Collector) -> None:
    """Each has its own exporter; none of them waits for its turn at the end."""
    seed_world(app)
    environment = {
        "INSTANCE_PATH": str(tmp_path),
        "DATABASE_URL": app.extensions["customer_desk_settings"].database_url,
        "SECRET_KEY": SECRET_KEY,
        "WORKERS": "2",
        "OPENTELEMETRY": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
        "OTEL_BSP_SCHEDULE_DELAY": "3600000",
    }
    with serve(environment, tmp_path / "server.log") as served:
        for _ in range(5):
            request = Request(f"{served.address}/sign-in", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
            with urlopen(request, timeout=30) as answer:
                assert answer.status == 200
        assert served.stop() == 0
    ours = [span for span in collector.spans if span.trace_id.hex() == TRACE]
    assert [span.name for span in ours] == ["GET /sign-in"] * 5


def test_without_it_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    """Off by default, and then it costs nothing."""
    code = (
        "import sys; from webapp import Settings, create_app\n"
        f"create_app(Settings.from_environment({{'SECRET_KEY': '{SECRET_KEY}', 'INSTANCE_PATH': sys.argv[1]}}))\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'google.protobuf'))])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    result = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_where_its_packages_are_missing_the_start_says_so(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to install."""
    # As Python has what cannot be imported.
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    monkeypatch.delitem(sys.modules, "webapp.tracing", raising=False)
    with pytest.raises(SettingsError, match=r"needs requirements-otel\.txt installed"):
        make_app(opentelemetry="1")
