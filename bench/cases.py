"""The requests to be timed, by kind, each about another customer. Knows not how they are timed."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from sqlalchemy import func, select

from bench.desk import FORM_TYPE, Browser, form_values
from bench.people import CAMPAIGNS, SCOPE
from bench.sent import Sent
from webapp.customers.model import CUSTOMER_COLUMNS, PUBLISHED, Customer, customer_of, customer_search, customers
from webapp.database import reading

PAGE = 25
IDS_AT_ONCE = 500

#: A request about a customer; the number is another one each time.
Make = Callable[[Customer, int], Sent]


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request."""

    name: str
    make: Make


class Requests:
    """The requests of one kind. Those that are taken together are about a customer each: no two of them collide."""

    def __init__(self, case: Case, supply: Iterator[Customer]) -> None:
        self._supply, self._turns, self._make = supply, count(), case.make

    def take(self, number: int) -> list[Sent]:
        """So many more; inside of an application context."""
        chosen: dict[str, Customer] = {}
        while len(chosen) < number:
            chosen |= {one.id: one for one in islice(self._supply, number - len(chosen))}
        return [self._make(one, turn) for one, turn in zip(chosen.values(), self._turns, strict=False)]


def cases(key: str, browser: Browser) -> list[Case]:
    """What the service lives on.

    Args:
        key: an API key that may write.
        browser: a signed-in editor.
    """
    stamp = f"{time.time_ns() // 1_000_000:x}"  # the database is kept: what the run before wrote would be no change
    api = {"x-api-key": key}

    def put(changes: Callable[[Customer, str], dict[str, Any]], *, idempotent: bool = False) -> Make:
        def make(one: Customer, turn: int) -> Sent:
            new = f"{stamp}-{turn}"
            headers = {**api, "Content-Type": "application/json"}
            if idempotent:
                headers["Idempotency-Key"] = new
            return Sent("PUT", f"/v1/customers/{one.id}", headers, orjson.dumps(changes(one, new)))

        return make

    def get(path: Callable[[Customer, int], str]) -> Make:
        return lambda one, turn: Sent("GET", path(one, turn), api)

    def search(filters: Callable[[int], dict[str, Any]]) -> Make:
        headers = {**api, "Content-Type": "application/json"}
        return lambda _, turn: Sent(
            "POST", "/v1/customers/search", headers, orjson.dumps({"limit": PAGE, **filters(turn)})
        )

    def page(path: Callable[[Customer, int], str]) -> Make:
        return lambda one, turn: Sent("GET", path(one, turn), browser.headers)

    def save(one: Customer, turn: int) -> Sent:
        values = form_values(browser.csrf_token, one.id) | {"address_city": f"Desk {stamp}-{turn}"}
        headers = {**browser.headers, **FORM_TYPE}
        return Sent("POST", f"/customers/{one.id}/edit", headers, urlencode(values).encode(), expected=303)

    def city(_one: Customer, new: str) -> dict[str, str]:
        return {"address_city": f"City {new}"}

    return [
        Case("PUT, city", put(city)),
        Case("PUT, city, Idempotency-Key", put(city, idempotent=True)),
        Case("PUT, email", put(lambda _, new: {"email": f"{new}@example.com"})),
        Case("PUT, metadata", put(lambda one, new: {"metadata": {**one.metadata, "ticket": new}})),
        Case("GET", get(lambda one, _: f"/v1/customers/{one.id}")),
        Case("look-up by external ID", get(lambda one, _: f"/v1/customers/external/{quote(one.external_id, safe='')}")),
        Case("list, the 25 newest", get(lambda _, __: f"/v1/customers?limit={PAGE}")),
        Case("search, the 25 newest", search(lambda _: {})),
        Case("search, 25 of some 150", search(lambda turn: {"metadata": {"campaign": _campaign(turn)}})),
        Case("desk: search, 50 of some 150", page(lambda _, turn: f"/customers?q=campaign:{_campaign(turn)}")),
        Case("desk: record page", page(lambda one, _: f"/customers/{one.id}")),
        Case("desk: edit form", page(lambda one, _: f"/customers/{one.id}/edit")),
        Case("desk: form save", save),
    ]


def _campaign(turn: int) -> str:
    return f"campaign-{turn * 7 % CAMPAIGNS}"


def endless_customers(seed: int) -> Iterator[Customer]:
    """Published customers from all over the table, in no order; inside of an application context.

    None comes twice before each has come.
    """
    random = Random(seed)  # noqa: S311 - no secrets
    with reading() as connection:
        last = connection.execute(select(func.max(customer_search.c.number))).scalar_one()
    while True:
        numbers = random.sample(range(1, last + 1), last)
        for start in range(0, last, IDS_AT_ONCE):
            with reading() as connection:
                ids = connection.execute(_IDS.where(_NUMBER.in_(numbers[start : start + IDS_AT_ONCE]))).scalars().all()
                rows = list(connection.execute(_PUBLISHED.where(customers.c.id.in_(ids))))
            random.shuffle(rows)
            yield from (customer_of(row) for row in rows)


_NUMBER = customer_search.c.number
_IDS = select(customer_search.c.customer_id)
_PUBLISHED = select(*CUSTOMER_COLUMNS).where(
    customers.c.environment_id == SCOPE.environment_id, customers.c.status == PUBLISHED
)
