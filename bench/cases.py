"""What is measured: kinds of requests, each an endless stream of other values. Knows not how they are timed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle, repeat
from random import Random
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from sqlalchemy import bindparam, func, select

from bench.http_load import Sent
from bench.people import CAMPAIGNS, FAMILY, FIRST_MOMENT, SCOPE, SECONDS_APART, TRADES
from webapp.customers.cursors import write_cursor
from webapp.customers.model import CUSTOMER_COLUMNS, PUBLISHED, Customer, customer_of, customers
from webapp.customers.query import CustomerQuery, SortKey
from webapp.database import reading

SAMPLE = 500
PAGE = 25
DEEP_PAGE = 10_000

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request; ``requests`` begins its stream anew."""

    name: str
    requests: Callable[[], Iterator[Sent]]


def writes() -> list[Case]:
    """What changes a customer; inside of an application context."""
    sample = _sample()
    return [
        Case("PUT, city", lambda: (_put(one, {"address_city": f"City {n}"}) for n, one in _each(sample))),
        Case("PUT, name", lambda: (_put(one, {"name": f"{one.name} {n}"}) for n, one in _each(sample))),
        Case(
            "PUT, metadata",
            lambda: (_put(one, {"metadata": {**one.metadata, "n": str(n)}}) for n, one in _each(sample)),
        ),
    ]


def reads() -> list[Case]:
    """What finds customers, with values of customers that are there; inside of an application context."""
    sample = _sample()
    brands = [one.name.split()[0] for one in sample if one.name.split()[-1].isupper() or "." in one.name]
    emails = [one.email for one in sample if one.email]
    rare = [one.metadata["crm_id"] for one in sample if "crm_id" in one.metadata]
    parents = sorted({one.parent_customer_id for one in sample if one.parent_customer_id})
    return [
        Case("GET by ID", lambda: (Sent("GET", f"/v1/customers/{one.id}") for _, one in _each(sample))),
        Case("look-up by external ID", lambda: (_look_up(one.external_id) for _, one in _each(sample))),
        Case("search, external_id", lambda: (_search(external_id=one.external_id) for _, one in _each(sample))),
        Case("search, email", lambda: (_search(email=email) for _, email in _each(emails))),
        Case("search, name contains a brand (rare)", lambda: (_contains(brand) for _, brand in _each(brands))),
        Case("search, name contains a family name (1 %)", lambda: (_contains(name) for _, name in _each(FAMILY))),
        Case("search, name contains a trade (2 %)", lambda: (_contains(trade) for _, trade in _each(TRADES))),
        Case("search, name contains what nobody has", lambda: (_contains(f"qqx{n}zj") for n in count())),
        Case("search, name contains two characters", lambda: (_contains(one.name[:2]) for _, one in _each(sample))),
        Case("search, metadata pair of one customer", lambda: (_pairs(crm_id=crm_id) for _, crm_id in _each(rare))),
        Case("search, metadata pair of 150", lambda: (_pairs(campaign=f"campaign-{n % CAMPAIGNS}") for n in count())),
        Case("search, metadata pair of 600,000", lambda: repeat(_pairs(plan="free"))),
        Case("search, two common metadata pairs", lambda: repeat(_pairs(plan="enterprise", region="apac"))),
        Case("search, parent", lambda: (_search(parent_customer_ids=[parent]) for _, parent in _each(parents))),
        Case("list, newest first", lambda: repeat(_list())),
        Case("list, by name", lambda: repeat(_list(sort="name", order="asc"))),
        Case("list, last updated first", lambda: repeat(_list(sort="updated_at", order="desc"))),
        Case("list, archived", lambda: repeat(_list(status="archived"))),
        _deep_page("list, cursor to page 10,000", CustomerQuery()),
        _deep_page(
            "list by name, cursor to page 10,000",
            CustomerQuery(sort=(SortKey("name", "asc"),)),
            sort="name",
            order="asc",
        ),
        Case("list, offset to page 10,000", lambda: repeat(_list(offset=PAGE * (DEEP_PAGE - 1)))),
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


def _deep_page(name: str, query: CustomerQuery, **parameters: str) -> Case:
    """A page by the cursor that leads to it."""
    order = [customers.c[key.field].desc() if key.is_descending else customers.c[key.field] for key in query.order]
    with reading() as connection:
        number = connection.execute(select(func.count()).select_from(_PUBLISHED.subquery())).scalar_one()
        before = min(PAGE * (DEEP_PAGE - 1), number) - 1
        last = connection.execute(_PUBLISHED.order_by(*order).offset(before).limit(1)).one()
    cursor = write_cursor(SCOPE, query, customer_of(last))
    return Case(name, lambda: repeat(_list(cursor=cursor, **parameters)))


def _each(values: Sequence[Value]) -> Iterator[tuple[int, Value]]:
    return enumerate(cycle(values))


def _put(customer: Customer, changes: dict[str, Any]) -> Sent:
    return Sent("PUT", f"/v1/customers/{customer.id}", changes)


def _look_up(external_id: str) -> Sent:
    return Sent("GET", f"/v1/customers/external/{quote(external_id, safe='')}")


def _search(**body: Any) -> Sent:
    return Sent("POST", "/v1/customers/search", {"limit": PAGE, **body})


def _contains(text: str) -> Sent:
    return _search(filters=[{"field": "name", "operator": "contains", "value": {"string": text}}])


def _pairs(**metadata: str) -> Sent:
    return _search(metadata=metadata)


def _list(**parameters: str | int) -> Sent:
    return Sent("GET", "/v1/customers?" + urlencode({"limit": PAGE, **parameters}))
