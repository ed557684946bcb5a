"""The example alerts: each can fire, because the metrics and label values that it names are there."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from flask import Flask

from tests.support.exposition import samples
from webapp.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "deploy" / "prometheus" / "alerts.yml"
RULES: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"][0]["rules"]
#: Of Prometheus itself, of the blackbox exporter, and of the backup job.
OF_OTHERS = {"up", "probe_ssl_earliest_cert_expiry", "customer_desk_backup_timestamp_seconds"}
#: Words of PromQL that are no metrics.
WORDS = {
    "sum",
    "by",
    "rate",
    "increase",
    "histogram_quantile",
    "avg_over_time",
    "predict_linear",
    "count",
    "time",
    "or",
}
SELECTOR = re.compile(r"([a-z_][a-z0-9_]*)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')


def selectors(expression: str) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Each metric of an expression, and what it asks of the metric's labels."""
    plain = re.sub(r"\bby \([^)]*\)|\[[^]]*\]", "", expression)
    for name, matchers in SELECTOR.findall(plain):
        if name not in WORDS and not name.isdigit() and not re.search(rf"\d{name}\b", plain):
            yield name, MATCHER.findall(matchers)


@pytest.fixture
def shown(app: Flask) -> dict[str, list[dict[str, str]]]:
    """The labels of each metric that a fresh application shows."""
    client = app.test_client()
    client.get("/livez")
    found: dict[str, list[dict[str, str]]] = {}
    for name, labels in samples(client.get("/metrics").text):
        found.setdefault(name, []).append(dict(labels))
    return found


def _case(rule: dict[str, Any]) -> Any:
    marks = [pytest.mark.sqlite_only("the size of its files")] if "customer_desk_sqlite_" in rule["expr"] else []
    return pytest.param(rule, id=rule["alert"], marks=marks)


@pytest.mark.parametrize("rule", [_case(rule) for rule in RULES])
def test_an_alert_names_what_is_there(rule: dict[str, Any], shown: dict[str, list[dict[str, str]]]) -> None:
    """Misspelt metrics and values never fire, and nobody notices."""
    asked = list(selectors(rule["expr"]))
    assert asked
    for name, matchers in asked:
        if name in OF_OTHERS:
            continue
        assert name in shown, name
        for label, operator, wanted in matchers:
            values = {labels[label] for labels in shown[name]}
            if label not in {"status", "route"} and operator in {"=", "=~"}:
                assert set(wanted.split("|")) <= values, (name, label)


def test_alerts_say_what_they_mean() -> None:
    """Each has a name of its own, a severity, a summary, and a sentence above it."""
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
    lines = FILE.read_text(encoding="utf-8").splitlines()
    above = [lines[number - 1] for number, line in enumerate(lines) if "- alert:" in line]
    assert all(re.fullmatch(r" +# [A-Z].*\.", line) for line in above)


def test_a_misspelt_metric_would_be_seen(shown: dict[str, list[dict[str, str]]]) -> None:
    """The check itself: an expression is taken apart as it should be."""
    expression = 'sum by (instance) (rate(http_requests_total{status=~"5.."}[5m])) / wrong_total{a="b"} > 1e9'
    assert list(selectors(expression)) == [
        ("http_requests_total", [("status", "=~", "5..")]),
        ("wrong_total", [("a", "=", "b")]),
    ]
    assert "wrong_total" not in shown
