"""The rules that ``make scan`` must reach are the application's own, and a new one is scanned or left out by name."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "scan_targets.py"
#: How a rule is written there, by the converter's argument.
WRITTEN = {"version": "N", "external_id": "TEXT", "token": "TEXT", "filename": "TEXT", "act": "ACT"}
ACTS = ("disable", "end-sessions")


@pytest.fixture(scope="module")
def targets() -> ModuleType:
    """The script's lists; it lies in no package."""
    spec = importlib.util.spec_from_file_location("scan_targets", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rules_of(app: Flask) -> set[str]:
    """Each method and rule, as the script writes them."""
    written = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: WRITTEN.get(found[1], "ID"), rule.rule)
        paths = [path.replace("ACT", act) for act in ACTS] if "ACT" in path else [path]
        written |= {f"{method} {one}" for method in rule.methods - {"HEAD", "OPTIONS"} for one in paths}
    return written


def test_every_rule_is_scanned_or_left_out_by_name(app: Flask, targets: ModuleType) -> None:
    """A new page must be put into one of the lists, and a gone one taken out."""
    scanned = {
        *targets.DESK_RULES,
        *targets.FORM_RULES,
        *targets.LIST_RULES,
        *targets.API_RULES,
        *targets.ENVIRONMENT_RULES,
    }
    left_out = set(targets.LEFT_OUT)
    assert scanned & left_out == set()
    assert scanned | left_out == rules_of(app)


def test_a_rule_that_was_not_stored_is_named(targets: ModuleType) -> None:
    """Neither a refusal counts nor an address that only begins so."""
    stored = [
        ("GET", "/customers/cust_abc123xyz789/edit", 200),
        ("POST", "/customers/cust_abc123xyz789/edit", 404),
        ("GET", "/customers/new", 200),
    ]
    rules = ("GET /customers/ID/edit", "POST /customers/ID/edit", "GET /customers/ID", "GET /customers/new")
    assert targets.not_reached(rules, stored) == ["POST /customers/ID/edit", "GET /customers/ID"]


def test_a_path_parameter_left_as_it_is_written_reaches_nothing(targets: ModuleType) -> None:
    """That is how the API's scan once asked for no customer at all."""
    stored = [("GET", "/v1/customers/{customer_id}", 200), ("GET", "/v1/customers/external/{external_id}", 200)]
    rules = ("GET /v1/customers/ID", "GET /v1/customers/external/TEXT")
    assert targets.not_reached(rules, stored) == list(rules)
