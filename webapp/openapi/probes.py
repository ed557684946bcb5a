"""The routes for operators' probes, which need no key. Knows none of the others."""

from typing import Any

from webapp.openapi.answers import JSON, headers_of
from webapp.openapi.texts import Schema, object_of

ALIVE = {"status": "alive"}
READY = {"status": "ready"}
UNREADY = {"status": "unready", "reason": "the database cannot be reached"}
#: Media types of /metrics. The second is sent to those who ask for it.
METRICS = ("text/plain", "application/openmetrics-text")
COUNTED = 'http_requests_total{method="GET",route="/v1/customers/<customer_id>",status="200"} 41.0\n'


def probe_paths() -> dict[str, dict[str, Any]]:
    """Their paths."""
    return {
        "/livez": _probe("checkLiveness", "Does the process live?", {"200": _answer("It does.", ALIVE)}),
        "/readyz": _probe(
            "checkReadiness",
            "Can it answer requests?",
            {
                "200": _answer("It reaches a migrated database.", READY),
                "503": _answer("It does not; `reason` says why.", UNREADY),
            },
        ),
        "/metrics": _probe(
            "readMetrics",
            "How many requests were answered, and how fast?",
            {"200": _metrics("Counts by method, route and status, and durations, in Prometheus' text format.")},
        ),
    }


def _probe(operation_id: str, summary: str, answers: dict[str, Schema]) -> dict[str, Any]:
    operation = {
        "operationId": operation_id,
        "summary": summary,
        "description": "For operators and balancers. It needs no key.",
        "tags": ["operators"],
        "security": [],
        "responses": answers,
    }
    return {"get": operation}


def _answer(about: str, example: dict[str, str]) -> Schema:
    properties: dict[str, Schema] = {"status": {"const": example["status"]}}
    if "reason" in example:
        properties["reason"] = {"type": "string"}
    schema = object_of(properties, list(properties))
    return {
        "description": about,
        "headers": headers_of("X-Request-ID"),
        "content": {JSON: {"schema": schema, "examples": {"usual": {"value": example}}}},
    }


def _metrics(about: str) -> Schema:
    content = {"schema": {"type": "string"}, "examples": {"usual": {"value": COUNTED}}}
    return {"description": about, "headers": headers_of("X-Request-ID"), "content": dict.fromkeys(METRICS, content)}
