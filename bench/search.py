"""How long searches take: p50 and p99 of each kind, with values that vary. Knows the bench's customers and no HTTP.

python -m bench.search --database-url $DATABASE_URL --runs 200
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import func, select, text

from bench.dataset import bench_app
from bench.people import FAMILY, SCOPE
from webapp.customers import operations
from webapp.customers.changeset import CustomerChanges, CustomerReference
from webapp.customers.model import Actor, Customer, customers
from webapp.customers.query import Condition, CustomerQuery, SortKey
from webapp.customers.search import search_customers_page
from webapp.customers.search_box import search_customers
from webapp.database import db, is_postgresql, reading, snapshot

RUNS = 200
WARM_UP = 20
PAGE_TEN_THOUSAND = 10_000
ACTOR = Actor("command", "actor_bench", "Bench", "command")
_PUBLISHED = Condition("status", "eq", "published")


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request; ``run`` makes one and returns nothing of interest."""

    name: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds of one kind of request."""

    name: str
    runs: int
    p50: float
    p99: float


def measure(case: Case, runs: int = RUNS) -> Figure:
    """Run a case so many times, warm."""
    for _ in range(min(WARM_UP, runs)):
        case.run()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        case.run()
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return Figure(case.name, runs, taken[len(taken) // 2], taken[min(len(taken) - 1, int(len(taken) * 0.99))])


def _sample(random: Random, most: int = 400) -> list[Customer]:
    """Customers from everywhere in the database."""
    with reading() as connection:
        total = connection.execute(select(func.count()).select_from(customers)).scalar_one()
        if is_postgresql(connection):
            share = 100 * min(1.0, 4 * most / total)
            chosen = text(f"SELECT id FROM customers TABLESAMPLE BERNOULLI ({share}) REPEATABLE (1)")  # noqa: S608 - a number
        else:
            last = connection.execute(text("SELECT max(rowid) FROM customers")).scalar_one()
            rows = ", ".join(str(random.randrange(1, last + 1)) for _ in range(most))
            chosen = text(f"SELECT id FROM customers WHERE rowid IN ({rows})")  # noqa: S608 - numbers
        ids = connection.execute(chosen).scalars().all()[:most]
    query = CustomerQuery(limit=1000, conditions=(_PUBLISHED, Condition("id", "in", tuple(ids))))
    with snapshot() as connection:
        return search_customers_page(connection, SCOPE, query).customers


def _listing(queries: Iterator[CustomerQuery]) -> Callable[[], object]:
    def run() -> object:
        with snapshot() as connection:
            return search_customers_page(connection, SCOPE, next(queries))

    return run


def _of(conditions: Callable[[int], tuple[Condition, ...]], **more: Any) -> Callable[[], object]:
    return _listing(CustomerQuery(conditions=(_PUBLISHED, *conditions(turn)), **more) for turn in count())


def _box(needles: Callable[[int], str]) -> Callable[[], object]:
    turns = count()

    def run() -> object:
        with snapshot() as connection:
            return search_customers(connection, SCOPE, needles(next(turns)), most=50)

    return run


def _deep_cursors(query: CustomerQuery) -> Iterator[CustomerQuery]:
    """The pages behind page 10,000, or behind the middle of a smaller database."""
    with snapshot() as connection:
        total = connection.execute(select(func.count()).select_from(customers)).scalar_one()
        offset = min(PAGE_TEN_THOUSAND * 50, total // 2)
        cursor = search_customers_page(connection, SCOPE, replace(query, offset=offset)).next_cursor
    while True:
        with snapshot() as connection:
            following = search_customers_page(connection, SCOPE, replace(query, cursor=cursor)).next_cursor
        yield replace(query, cursor=cursor)
        cursor = following or cursor


def cases() -> Iterator[Case]:
    """Every kind of search that a list or the desk's box is asked for; inside of an app context."""
    random = Random(5)  # noqa: S311 - the same values each time
    sample = _sample(random)

    def one(turn: int) -> Customer:
        return sample[turn % len(sample)]

    def equal(field: str) -> Callable[[int], tuple[Condition, ...]]:
        return lambda turn: (Condition(field, "eq", getattr(one(turn), field)),)

    def holds(*needles: str) -> Callable[[int], tuple[Condition, ...]]:
        return lambda turn: (Condition("name", "contains", needles[turn % len(needles)]),)

    def pair(*keys: str) -> Callable[[int], tuple[Condition, ...]]:
        having = [customer for customer in sample if set(keys) <= customer.metadata.keys()]
        return lambda turn: tuple(
            Condition(f"metadata.{key}", "eq", having[turn % len(having)].metadata[key]) for key in keys
        )

    children = [customer for customer in sample if customer.parent_customer_id] or sample
    newest = CustomerQuery()
    by_name = CustomerQuery(sort=(SortKey("name"),))
    by_update = CustomerQuery(sort=(SortKey("updated_at", "desc"),))
    yield Case("first page, with total", _of(lambda _turn: ()))
    yield Case("external ID", _of(equal("external_id")))
    yield Case("email", _of(equal("email")))
    yield Case("box, whole external ID", _box(lambda turn: one(turn).external_id))
    yield Case("box, beginning of an external ID", _box(lambda turn: one(turn).external_id[:9]))
    yield Case("box, beginning of a name", _box(lambda turn: one(turn).name[:4]))
    yield Case("box, 2 characters", _box(lambda turn: one(turn).name[:2]))
    yield Case("name contains, rare", _of(lambda turn: (Condition("name", "contains", one(turn).name[2:12]),)))
    yield Case("name contains, common", _of(holds(*FAMILY)))
    yield Case("name contains, most common", _of(holds("inc", "gmbh", "an", "ltd")))
    yield Case("name contains, absent", _of(lambda turn: (Condition("name", "contains", f"qx{turn}zq"),)))
    two = [a + b for a, b in zip("abcdefghijklm", "nopqrstuvwxyz", strict=True)]
    yield Case("name contains, 2 characters", _of(holds(*two)))
    yield Case("name contains, 2 characters, absent", _of(holds("qx", "zq", "jq")))
    yield Case("metadata, 1 rare pair", _of(pair("crm_id")))
    yield Case("metadata, 1 pair of some hundred", _of(pair("campaign")))
    yield Case("metadata, 1 common pair", _of(pair("plan")))
    yield Case("metadata, 2 pairs, one rare", _of(pair("plan", "campaign")))
    yield Case("metadata, 2 common pairs", _of(pair("plan", "region")))
    yield Case(
        "parent",
        _of(
            lambda turn: (
                Condition("parent_customer_id", "eq", children[turn % len(children)].parent_customer_id or ""),
            )
        ),
    )
    yield Case("sorted by name", _listing(replace(by_name, limit=50 + turn % 3) for turn in count()))
    yield Case(
        "sorted by updated_at, newest first", _listing(replace(by_update, limit=50 + turn % 3) for turn in count())
    )
    yield Case("offset 10,000", _listing(replace(newest, offset=10_000 + turn) for turn in count()))
    for name, query in (("", newest), (", sorted by name", by_name)):
        cursors = [query for query, _ in zip(_deep_cursors(query), range(60), strict=False)]
        yield Case(f"page 10,000 by cursor{name}", _listing(cursors[turn % 60] for turn in count()))


def write_cases() -> Iterator[Case]:
    """Updates of customers; what they change stays changed."""
    random = Random(6)  # noqa: S311 - the same values each time
    sample = _sample(random)
    turns = count()

    def update(make: Callable[[int], CustomerChanges]) -> Callable[[], object]:
        def run() -> object:
            turn = next(turns)
            reference = CustomerReference(id=sample[turn % len(sample)].id)
            return operations.update_customer(SCOPE, ACTOR, reference, make(turn))

        return run

    def entries(turn: int) -> dict[str, str]:
        return {**sample[turn % len(sample)].metadata, "seats": str(turn)}

    stamp = time.time_ns() // 1000
    yield Case("update, name", update(lambda turn: CustomerChanges({"name": f"Renamed {stamp} {turn} Logistics"})))
    yield Case("update, metadata", update(lambda turn: CustomerChanges(metadata=entries(turn + stamp))))
    yield Case("update, city", update(lambda turn: CustomerChanges({"address_city": f"City {stamp} {turn}"})))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Measure searches on the bench's customers.")
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--writes", action="store_true", help="measure updates instead")
    arguments = parser.parse_args()
    app = bench_app(arguments.database_url, SEARCH_TIMEOUT_SECONDS="60", DATABASE_TIMEOUT_SECONDS="60")
    with app.app_context():
        for case in write_cases() if arguments.writes else cases():
            if arguments.only in case.name:
                figure = measure(case, arguments.runs)
                print(f"{figure.name:40} p50 {figure.p50:9.2f} ms   p99 {figure.p99:9.2f} ms", flush=True)  # noqa: T201
        db.engine.dispose()


if __name__ == "__main__":
    main()
