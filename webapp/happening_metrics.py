"""Happenings as metrics: how often each came to pass, and how long those took that take time.

Knows the names of happenings and their kinds, so that each is there from the start, at 0; never a value of a request.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from prometheus_client import CollectorRegistry, Counter, Histogram

from webapp import happenings, request_body

#: Seconds.
SHORT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a happening is shown: as a counter where its name ends in ``_total``, else as a histogram of seconds.

    Attributes:
        label: what its kinds are called; ``""``: it has none.
        kinds: all of them, each with the label's value.
    """

    metric: str
    about: str
    label: str = ""
    kinds: tuple[str, ...] = ("",)


SHOWN = {
    happenings.TRANSACTION: Shown(
        "customer_desk_transaction_duration_seconds",
        "Writing transactions, with their waits and repetitions.",
        "outcome",
        ("committed", "rolled_back"),
    ),
    happenings.TRANSACTION_WAIT: Shown(
        "customer_desk_transaction_wait_seconds",
        "Waits of over a millisecond to begin writing: for a connection, or for SQLite's lock.",
    ),
    happenings.TRANSACTION_RETRIED: Shown(
        "customer_desk_transaction_retries_total",
        "Transactions that ran again, by what they lost to.",
        "reason",
        ("lost_race", "serialization", "busy"),
    ),
    happenings.TRANSACTION_GIVEN_UP: Shown(
        "customer_desk_transactions_given_up_total", "Transactions that lost each time they were tried."
    ),
    happenings.WRITE_SKIPPED: Shown(
        "customer_desk_writes_skipped_total",
        "Writes that may be lost, such as a key's last use, and were: the database was busy or away.",
    ),
    happenings.CONNECTION_WAIT: Shown(
        "customer_desk_database_pool_wait_seconds",
        "Times that no connection was idle: until one came back, was made, or was not to be had.",
        "outcome",
        ("served", "timed_out", "failed"),
    ),
    happenings.CONNECTION: Shown(
        "customer_desk_database_connections_total",
        "Connections to the database made, lost by a fault, and closed; a lost one is closed, too.",
        "event",
        ("made", "lost", "closed"),
    ),
    happenings.SEARCH: Shown(
        "customer_desk_search_duration_seconds",
        "Searches, in the database.",
        "outcome",
        ("done", "timed_out", "failed"),
    ),
    happenings.REQUEST_REFUSED: Shown(
        "customer_desk_requests_refused_total",
        "Requests that were not run: they could not be read, did not come whole, or there was no room for them.",
        "reason",
        (
            request_body.UNREADABLE,
            request_body.UNKNOWN_METHOD,
            request_body.URI_TOO_LONG,
            request_body.HEADERS_TOO_LARGE,
            request_body.CUT_OFF,
            request_body.LATE,
            request_body.TOO_LARGE,
            request_body.TOO_MANY,
            request_body.TOO_MANY_SEARCHES,
        ),
    ),
    happenings.RATE_LIMITED: Shown(
        "customer_desk_rate_limited_total", "Requests past a rate limit, by whose limit.", "limit", ("key", "tenant")
    ),
    happenings.RATE_LIMIT_NOT_COUNTED: Shown(
        "customer_desk_rate_limits_not_counted_total", "Requests let pass because rate limits could not be counted."
    ),
    happenings.SIGN_IN: Shown(
        "customer_desk_sign_in_attempts_total",
        "Passwords and codes of staff that were judged, and those that were not because there had been too many.",
        "result",
        ("succeeded", "failed", "throttled"),
    ),
    happenings.IDEMPOTENT_REPLAY: Shown(
        "customer_desk_idempotent_replays_total", "Requests answered with the stored answer to an earlier one."
    ),
    happenings.ACCESS_NOT_LOGGED: Shown(
        "customer_desk_accesses_not_logged_total", "Openings of records that the access log lacks."
    ),
    happenings.READINESS: Shown(
        "customer_desk_readiness_checks_total",
        "Answers of /readyz.",
        "result",
        ("ready", "unreachable", "wrong_migration", "stopping"),
    ),
}


def count_happenings(app: Flask, registry: CollectorRegistry) -> None:
    """Have every happening of ``app`` counted in ``registry``."""
    told: dict[tuple[str, str], Callable[[float], None]] = {}
    for name, shown in SHOWN.items():
        for kind, tell in _children(shown, registry):
            told[name, kind] = tell

    def hear(name: str, kind: str, seconds: float) -> None:
        tell = told.get((name, kind))
        if tell is not None:
            tell(seconds)

    happenings.listen(app, hear)


def _children(shown: Shown, registry: CollectorRegistry) -> list[tuple[str, Callable[[float], None]]]:
    labels = (shown.label,) if shown.label else ()
    if shown.metric.endswith("_total"):
        counter = Counter(shown.metric, shown.about, labels, registry=registry)
        return [(kind, _adding_one(counter.labels(_value(kind)) if labels else counter)) for kind in shown.kinds]
    histogram = Histogram(shown.metric, shown.about, labels, buckets=SHORT_BUCKETS, registry=registry)
    return [(kind, (histogram.labels(_value(kind)) if labels else histogram).observe) for kind in shown.kinds]


def _value(kind: str) -> str:
    return kind.replace(" ", "_")


def _adding_one(counter: Counter) -> Callable[[float], None]:
    return lambda _seconds: counter.inc()
