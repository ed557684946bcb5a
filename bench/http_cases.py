"""Requests of the API to be timed: each kind an endless stream with other values. Knows not how they are timed."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, repeat
from random import Random
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from sqlalchemy import bindparam, func, select

from bench.http_load import Sent
from bench.people import FIRST_MOMENT, SCOPE, SECONDS_APART
from webapp.customers.model import CUSTOMER_COLUMNS, PUBLISHED, Customer, customer_of, customers
from webapp.database import reading

SAMPLE = 500
PAGE = 25

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request; ``requests`` begins its stream anew."""

    name: str
    requests: Callable[[], Iterator[Sent]]


def http_cases() -> list[Case]:
    """The requests that the API lives on, with customers that are there; inside of an application context."""
    sample = _sample()
    emails = [one.email for one in sample if one.email]

    stamp = time.time_ns() // 1000  # the database is kept: what the run before wrote would be no change

    def put(changes: Callable[[Customer, str], dict[str, Any]]) -> Iterator[Sent]:
        return (Sent("PUT", f"/v1/customers/{one.id}", changes(one, f"{stamp} {turn}")) for turn, one in _each(sample))

    return [
        Case("GET by ID", lambda: (Sent("GET", f"/v1/customers/{one.id}") for _, one in _each(sample))),
        Case("GET, look-up by external ID", lambda: (_look_up(one.external_id) for _, one in _each(sample))),
        Case("POST search by email", lambda: (_search(email=email) for _, email in _each(emails))),
        Case("GET list, 25 newest", lambda: repeat(_list())),
        Case("PUT city", lambda: put(lambda _, turn: {"address_city": f"City {turn}"})),
        Case("PUT name", lambda: put(lambda _, turn: {"name": f"Renamed {turn} Logistics"})),
        Case("PUT metadata", lambda: put(lambda one, turn: {"metadata": {**one.metadata, "n": turn}})),
    ]


def _sample() -> list[Customer]:
    """Published customers from all over the table."""
    random = Random(2)  # noqa: S311 - the same ones each time, not secrets
    with reading() as connection:
        number = connection.execute(select(func.count()).select_from(customers)).scalar_one()
        moments = [FIRST_MOMENT + timedelta(seconds=random.random() * number * SECONDS_APART) for _ in range(SAMPLE)]
        rows = [connection.execute(_AT, {"moment": moment}).first() for moment in moments]
    return [customer_of(row) for row in rows if row]


_PUBLISHED = select(*CUSTOMER_COLUMNS).where(
    customers.c.environment_id == SCOPE.environment_id, customers.c.status == PUBLISHED
)
_AT = (
    _PUBLISHED.where(customers.c.created_at >= bindparam("moment"))
    .order_by(customers.c.created_at, customers.c.id)
    .limit(1)
)


def _each(values: Sequence[Value]) -> Iterator[tuple[int, Value]]:
    return enumerate(cycle(values))


def _look_up(external_id: str) -> Sent:
    return Sent("GET", f"/v1/customers/external/{quote(external_id, safe='')}")


def _search(**body: Any) -> Sent:
    return Sent("POST", "/v1/customers/search", {"limit": PAGE, **body})


def _list(**parameters: str | int) -> Sent:
    return Sent("GET", "/v1/customers?" + urlencode({"limit": PAGE, **parameters}))
