"""One run of schemathesis against a served instance: seeded IDs, every check, and what came of it.

Knows no operation's answers but what the document says of them.
"""

import copy
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import CHECKS
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events, from_schema
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from schemathesis.openapi.checks import RejectedPositiveData, UseAfterFree

from webapp.customers.query import MOST_OFFSET_OF_SEVERAL_STATUSES
from webapp.customers.wire import PARENT_FIELDS, READ_ONLY_FIELDS
from webapp.openapi.document import Document

SEED = 3
#: A well-formed request can still meet a record that is not as it expects: 409 and 412 and 422 are that answer.
STATES = ["409", "412", "422"]


@dataclass(frozen=True)
class Seeded:
    """What exists in the database.

    Attributes:
        key: an API key that may write.
        published, archived: IDs of customers.
        external_ids: those of the published ones.
        parent: ID and external ID of a customer that is nothing but a parent.
    """

    key: str
    published: list[str]
    archived: list[str]
    external_ids: list[str]
    parent: tuple[str, str]


@dataclass
class Report:
    """What came of a run.

    Attributes:
        statuses: how often each status was answered, by operation.
        checks: how often each check ran.
        faults: what a check found, and what went wrong in schemathesis, each as a text.
        phases: the phases that ran.
        all_checks: the names of all checks there are.
    """

    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    checks: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    all_checks: set[str] = field(default_factory=set)


def run(document: Document, address: str, seeded: Seeded, most_examples: int) -> Report:
    """Every phase, with at most so many generated examples of each kind for each operation."""
    config = schemathesis.Config.from_dict(
        {
            "seed": SEED,
            "base-url": address,
            "headers": {"x-api-key": seeded.key},
            "dictionaries": {
                "customers": {"values": seeded.published},
                "archived": {"values": seeded.archived},
                "external IDs": {"values": seeded.external_ids},
            },
            "parameters": {
                "path.customer_id": {"dictionary": "customers", "probability": 0.8},
                "path.external_id": {"dictionary": "external IDs", "probability": 0.8},
            },
            "operations": [
                {
                    "include-operation-id": "restoreCustomer",
                    "parameters": {"path.customer_id": {"dictionary": "archived", "probability": 0.8}},
                }
            ],
            "generation": {
                "max-examples": most_examples,
                "deterministic": True,
                "no-shrink": True,
                # The key is sent with each request; made-up ones beside it would be answered 401, and nothing else
                # seen. The check "ignored_auth" sends requests without a key and with a wrong one by itself.
                "with-security-parameters": False,
            },
            "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "401", "404", "429", *STATES]}},
        }
    )
    schema = schemathesis.openapi.from_dict(copy.deepcopy(document), config=config)  # it writes into what it is given
    report = Report()
    with _emails(), _requests_that_can_succeed(seeded):
        schema.hook(filter_failure)
        for event in from_schema(schema).execute():
            _note(event, report)
    report.all_checks = set(CHECKS.get_all_names())
    return report


def _note(event: events.EngineEvent, report: Report) -> None:
    if isinstance(event, events.PhaseStarted):
        report.phases.append(event.phase.name.value)
    elif isinstance(event, events.NonFatalError):
        report.faults.append(f"{event.label}: {event.value!r}")
    elif isinstance(event, events.FatalError):
        raise event.exception
    elif isinstance(event, events.ScenarioFinished):
        for case_id, interaction in event.recorder.interactions.items():
            if interaction.response is not None:
                label = event.recorder.cases[case_id].value.operation.label
                report.statuses[label][interaction.response.status_code] += 1
        for case_id, checks in event.recorder.checks.items():
            report.checks.update(check.name for check in checks)
            sent = event.recorder.interactions.get(case_id)
            report.faults += [
                f"{check.name}: {sent and sent.request.method} {sent and sent.request.uri}\n"
                f"{check.failure_info.failure.message}\n{check.failure_info.code_sample}"
                for check in checks
                if check.failure_info is not None
            ]


def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: schemathesis.Case, response: schemathesis.Response
) -> bool:
    """Whether a failure is one. No check is off; four rules of the contract are beyond what schemathesis can know."""
    body = response.json() if response.content else {}
    parts = re.findall(r"at /properties/(\w+)(/\S+)?", failure.message)
    sent = {**(case.query or {}), **(case.body if isinstance(case.body, dict) else {})}
    # Of a field that is null or not sent nothing deeper is wrong, though schemathesis has garbled its schema there.
    garbled = {name for name, deeper in parts if not deeper or sent.get(name) is not None}
    accepted = isinstance(failure, AcceptedNegativeData)
    not_faults = (
        # Section 8: a record's state can forbid a well-formed request. The document has no way to say when.
        isinstance(failure, RejectedPositiveData) and body.get("code") == "invalid_operation",
        # Section 10: DELETE archives. The record and its history stay; only by external ID it is not found.
        isinstance(failure, UseAfterFree) and not {"external", "lookup"} & set(case.path.split("/")),
        # Section 3: what is read-only in the document's words "should not be sent"; it may be, and is ignored.
        accepted and bool(garbled) and garbled <= set(READ_ONLY_FIELDS),
        # "expand=" is how an empty array is written, and an array of one empty text too.
        accepted and garbled == {"expand"} and not "".join((case.query or {}).get("expand", "")).strip(","),
    )
    return not any(not_faults)


@contextmanager
def _emails() -> Iterator[None]:
    """Addresses for the format ``idn-email``, for which schemathesis has no generator."""
    names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_+", min_size=1, max_size=20)
    schemathesis.openapi.format("idn-email", st.builds("{}@{}.example.com".format, names, st.sampled_from("abc")))
    yield


@contextmanager
def _requests_that_can_succeed(seeded: Seeded) -> Iterator[None]:
    """What JSON Schema and OpenAPI cannot say of a valid request, made true of those that are meant to be valid.

    The parts of a request that are garbled on purpose stay as they are.
    """
    mending = _Mending(seeded)

    def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
        if case.meta is not None:
            mending.mend(case, {place for place in ParameterLocation if case.meta.is_negative_at(place)})

    schemathesis.hook(before_call)
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)


class _Mending:
    """Mends requests; remembers what was sent before."""

    def __init__(self, seeded: Seeded) -> None:
        self._seeded = seeded
        self._published = itertools.cycle(seeded.published)
        self._seen: set[tuple[str, str]] = set()

    def _fresh(self, kind: str, value: str) -> str:
        """The value, or where it was sent before a new one: a second one is answered 409 or 422, or replayed."""
        if (kind, value.strip()) in self._seen:
            value = f"{kind} {len(self._seen)}"
        self._seen.add((kind, value.strip()))
        return value

    def mend(self, case: schemathesis.Case, garbled: set[ParameterLocation]) -> None:
        """Mend what is not garbled."""
        operation_id = case.operation.definition.raw["operationId"]
        if ParameterLocation.HEADER not in garbled and "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = self._fresh("key", case.headers["Idempotency-Key"])
        if ParameterLocation.BODY in garbled and "Prefer" in case.headers:
            del case.headers["Prefer"]  # lenient, an unknown field would be ignored
        if operation_id == "deleteCustomer" and not garbled:  # the customer of the examples is for the others
            case.path_parameters["customer_id"] = next(self._published)
        if ParameterLocation.QUERY not in garbled:
            self._mend_query(case, operation_id)
        if ParameterLocation.BODY not in garbled and isinstance(case.body, dict):
            case.body = _possible_body(case.body, self._seeded, self._fresh)

    def _mend_query(self, case: schemathesis.Case, operation_id: str) -> None:
        wanted = {name: value for name, value in (case.query or {}).items() if name != "cursor"}  # none is made up
        if operation_id == "updateCustomer":  # names exactly one customer
            wanted.pop("external_customer_id", None)
            wanted["id"] = next(self._published)
        if wanted != dict(case.query or {}):
            case.query = wanted


def _possible_body(body: dict[str, Any], seeded: Seeded, fresh: Callable[[str, str], str]) -> dict[str, Any]:
    """The body without a provider twice, a metadata key twice once trimmed, a made-up cursor or parent, a taken ID.

    And without an offset that is too great where several statuses are asked for.
    """
    possible = {name: value for name, value in body.items() if name != "cursor"}
    if "filters" in body and isinstance(offset := body.get("offset"), int | float):
        possible["offset"] = min(offset, MOST_OFFSET_OF_SEVERAL_STATUSES)
    if "name" in body and isinstance(body.get("external_id"), str):
        possible["external_id"] = fresh("user", body["external_id"])
    parents = zip(PARENT_FIELDS, seeded.parent, strict=True)
    possible |= {name: value for name, value in parents if isinstance(body.get(name), str) and body[name].strip()}
    if isinstance(mappings := body.get("integration_entity_mapping"), list):
        named = {str(item.get("provider") or item.get("provider_type")).strip(): item for item in mappings}
        possible["integration_entity_mapping"] = list(named.values())
    if isinstance(metadata := body.get("metadata"), dict):
        possible["metadata"] = {key: metadata[key] for key in {key.strip(): key for key in metadata}.values()}
    # The stateful phase fills a field from earlier answers, whatever its format.
    if "filters" not in body and "@" not in str(body.get("email") or "@").strip():
        del possible["email"]
    return possible
