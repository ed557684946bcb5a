"""Traces for OpenTelemetry: a span for each request, and within it for each transaction, search, and wait for one.

Imported only where OPENTELEMETRY=1: its packages are optional (requirements-otel.txt). A span knows the route, never
a path, a query, a statement, or what a client sent, but for the ID of the trace that the client's request is in.
"""

import os
import time

from flask import Flask, Response, g, request
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from webapp.front import AT_END
from webapp.happenings import CONNECTION_WAIT, SEARCH, TRANSACTION, TRANSACTION_WAIT, listen
from webapp.observability import METHODS, NO_ROUTE, OTHER_METHOD, request_id

SERVICE = "customer-desk"
#: Happenings that take time, and what their spans are called.
SPANS = {
    TRANSACTION: "transaction",
    TRANSACTION_WAIT: "wait to write",
    CONNECTION_WAIT: "wait for a connection",
    SEARCH: "search",
}
FAULTS = frozenset({"timed_out", "failed"})


def init_tracing(app: Flask, exporter: SpanExporter | None = None) -> None:
    """Have the requests of ``app`` traced. Comes behind ``init_observability``.

    Spans are sent by a thread of this process, so this runs in the worker, not in what it is forked from; those that
    are left are sent when the process ends.

    Args:
        app: the application.
        exporter: where spans go to; by default to where the variables ``OTEL_EXPORTER_OTLP_…`` say.
    """
    named = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    resource = Resource.create({} if named else {"service.name": SERVICE})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    app.extensions.setdefault(AT_END, []).append(provider.shutdown)  # a worker runs no atexit
    tracer = provider.get_tracer(SERVICE)
    propagator = TraceContextTextMapPropagator()

    @app.before_request
    def begin() -> None:
        sent = {"traceparent": request.headers.get("traceparent", "")}
        method = request.method if request.method in METHODS else OTHER_METHOD
        route = request.url_rule.rule if request.url_rule else NO_ROUTE
        named = {"http.request.method": method, "http.route": route, "customer_desk.request_id": request_id()}
        span = tracer.start_span(f"{method} {route}", propagator.extract(sent), SpanKind.SERVER, named)
        g.span, g.trace_id = span, format_trace_id(span.get_span_context().trace_id)

    @app.after_request
    def tell_status(response: Response) -> Response:
        span: Span | None = g.get("span")
        if span is not None:
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                span.set_status(Status(StatusCode.ERROR))
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        span: Span | None = g.pop("span", None)
        if span is not None:
            span.end()

    def hear(name: str, kind: str, seconds: float) -> None:
        span: Span | None = g.get("span") if name in SPANS else None
        if span is None:
            return
        ended = time.time_ns()
        began = ended - int(seconds * 1e9)
        part = tracer.start_span(
            SPANS[name], set_span_in_context(span), attributes={"customer_desk.outcome": kind}, start_time=began
        )
        if kind in FAULTS:
            part.set_status(Status(StatusCode.ERROR))
        part.end(ended)

    listen(app, hear)
