"""The statements of the search, each built for its plan. Knows how rows are come by; not which way is the best.

Two ways lead to a page. To *gather*: an index names the candidates, they are filtered, counted and sorted. To *walk*:
an index gives the customers in the wanted order, and they are filtered until the page is full. The first is quick where
few match, the second where many do.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    UnaryExpression,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.sql import Subquery
from sqlalchemy.sql.operators import custom_op

from webapp.access.model import Environment
from webapp.customers.model import (
    CUSTOMER_COLUMNS,
    WALKED_FIELDS,
    customer_metadata,
    customer_search,
    customers,
)
from webapp.customers.query import FILTER_FIELDS, FieldType
from webapp.customers.search_conditions import column_of, is_a_pair_of
from webapp.customers.search_plan import Plan, at_most, candidates_of

#: So many customers are passed in the wanted order before another way is taken.
MOST_WALKED = 20_000
FIRST_MOMENT = datetime(1, 1, 1, tzinfo=UTC)
#: Fields that a row of ``customer_search`` has as well.
_SEARCH_COLUMNS = {"created_at": customer_search.c.created_at, "id": customer_search.c.customer_id}
#: Asked once for a statement: so no row has to be fetched for its tenant alone.
_TENANT_S_ENVIRONMENT = exists().where(
    Environment.id == bindparam("environment_id"), Environment.tenant_id == bindparam("tenant_id")
)


def candidates_count(plan: Plan) -> Select[Any]:
    """How many candidates the driver names, ``most_candidates + 1`` at most."""
    return select(func.count()).select_from(candidates_of(plan).subquery())


def gather(plan: Plan) -> Select[Any]:
    """(matches, candidates, columns of a customer …) of the page; without customers one row, of nulls but the counts.

    Both counts stop one behind what is of interest: ``most_matches`` and ``most_candidates``.
    """
    if plan.driver is None:
        matches = _matches_of_customers(plan)
        candidates_found: ColumnElement[int] = literal(0)
    else:
        candidates = _materialized(candidates_of(plan), "candidates")
        matches = _matches_of_candidates(plan, candidates)
        candidates_found = select(func.count()).select_from(candidates).scalar_subquery()
    found = _materialized(at_most(matches, plan.most_matches), "matches")
    page = _page_of(plan, found.c, select(*found.c)).subquery("page")
    counts = select(
        select(func.count()).select_from(found).scalar_subquery().label("matches"),
        candidates_found.label("candidates"),
    ).subquery("counts")
    joined = counts.outerjoin(page, true()).outerjoin(customers, _is_of_page(page))
    return select(*counts.c, *CUSTOMER_COLUMNS).select_from(joined).order_by(*_order_by(plan, page.c))


def walk(plan: Plan) -> Select[Any]:
    """The customers of a page, come by in the wanted order."""
    names = _names(plan)
    columns = _key_columns(plan)
    bound = _until(plan, columns)
    if not plan.has_offset:
        return _page_of(plan, columns, _filtered(plan, select(*CUSTOMER_COLUMNS)).where(*bound))
    # The rows that are passed over need not be fetched: their entries in the index will do.
    labelled = select(*(columns[name].label(name) for name in names)).where(*bound)
    page = _page_of(plan, columns, _filtered(plan, labelled)).subquery("page")
    return select(*CUSTOMER_COLUMNS).join_from(page, customers, _is_of_page(page)).order_by(*_order_by(plan, page.c))


def boundary(plan: Plan) -> Select[Any]:
    """The first key of the customer that is ``MOST_WALKED`` rows ahead, conditions aside; no row near the end."""
    columns = _key_columns(plan)
    statement = select(columns["key_0"]).where(*_in_scope(plan)).order_by(*_order_by(plan, columns))
    if plan.has_position:
        statement = statement.where(_behind(plan, columns))
    return statement.limit(1).offset(MOST_WALKED)


def pairs_count(plan: Plan) -> Select[Any]:
    """How many customers match conditions on metadata pairs alone, by one index; ``most_matches + 1`` at most."""
    first, *others = (customer_metadata.alias(f"pairs_of_{place}") for place in range(len(plan.shapes)))
    statement = select(literal(1).label("one")).where(
        is_a_pair_of(first.c.pair_hash, 0, plan.shapes[0]),
        first.c.is_published == bindparam("is_published"),
        _TENANT_S_ENVIRONMENT,
    )
    for place, other in enumerate(others, 1):
        same = [other.c[name] == first.c[name] for name in ("is_published", "created_at", "number")]
        pair = is_a_pair_of(other.c.pair_hash, place, plan.shapes[place])
        statement = statement.where(select(literal(1)).where(pair, *same).limit(1).scalar_subquery() == 1)
    return select(func.count()).select_from(at_most(statement, plan.most_matches).subquery())


def walk_count(plan: Plan) -> Select[Any]:
    """How many customers match, ``most_matches + 1`` at most."""
    matching = at_most(_filtered(plan, select(literal(1).label("one"))), plan.most_matches)
    return select(func.count()).select_from(matching.subquery())


def _names(plan: Plan) -> list[str]:
    return [f"key_{place}" for place in range(len(plan.order))]


def _key_columns(plan: Plan) -> dict[str, ColumnElement[Any]]:
    return {name: column_of(key.field) for name, key in zip(_names(plan), plan.order, strict=True)}


def _until(plan: Plan, columns: dict[str, ColumnElement[Any]]) -> list[ColumnElement[bool]]:
    """Where a walk ends. SQLite, which has no statistics, is told by it which index to walk, too."""
    first = columns["key_0"]
    if plan.has_bound:
        until = bindparam("until", type_=first.type)
        return [first >= until if plan.order[0].is_descending else first <= until]
    index_is_unclear = len(plan.order) > 2 and plan.order[0].field in WALKED_FIELDS
    if plan.on_postgresql or not index_is_unclear:
        return []
    least: Any = FIRST_MOMENT if FILTER_FIELDS[plan.order[0].field] is FieldType.TIME else ""
    return [first >= literal(least, first.type)]


def _in_scope(plan: Plan) -> list[ColumnElement[bool]]:
    # The status is written out: only so can a partial index be chosen, and a plan fit how common a status is.
    return [
        customers.c.environment_id == bindparam("environment_id"),
        customers.c.status == literal_column(f"'{plan.status}'"),
        _TENANT_S_ENVIRONMENT,
    ]


def _filtered(plan: Plan, statement: Select[Any]) -> Select[Any]:
    """Customers, each with a look-up in ``customer_search`` where a condition needs it."""
    statement = statement.where(*_in_scope(plan), *plan.predicates(on_customer=True))
    if on_search := plan.predicates(on_customer=False):
        looked_up = select(and_(*on_search)).where(
            customer_search.c.environment_id == customers.c.environment_id,
            customer_search.c.customer_id == customers.c.id,
        )
        statement = statement.where(looked_up.correlate(customers).scalar_subquery())
    return statement


def _matches_of_customers(plan: Plan) -> Select[Any]:
    labelled = zip(_names(plan), plan.order, strict=True)
    return _filtered(plan, select(*(column_of(key.field).label(name) for name, key in labelled)))


def _matches_of_candidates(plan: Plan, candidates: Any) -> Select[Any]:
    on_customer = plan.predicates(on_customer=True)
    fields = [key.field for key in plan.order]
    needs_customer = bool(on_customer) or any(field not in _SEARCH_COLUMNS for field in fields)
    columns = [column_of(field) if needs_customer else _SEARCH_COLUMNS[field] for field in fields]
    labelled = [part.label(name) for name, part in zip(_names(plan), columns, strict=True)]
    statement = select(*labelled).where(
        customer_search.c.number.in_(select(candidates.c.number)),
        _not_by_index(plan, customer_search.c.environment_id) == bindparam("environment_id"),
        customer_search.c.is_published == bindparam("is_published"),
        _TENANT_S_ENVIRONMENT,
        *plan.predicates(on_customer=False, but_texts=plan.on_postgresql and plan.is_driven_by_texts),
    )
    if needs_customer:
        same = and_(
            customers.c.environment_id == bindparam("environment_id"), customers.c.id == customer_search.c.customer_id
        )
        statement = statement.join_from(customer_search, customers, same).where(*on_customer)
    return statement


def _not_by_index(plan: Plan, column_: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column that SQLite, which has no statistics, shall not look up by; ``+`` is its way to say so."""
    return column_ if plan.on_postgresql else UnaryExpression(column_, operator=custom_op("+"), type_=column_.type)


def _materialized(statement: Select[Any], name: str) -> Any:
    return statement.cte(name).prefix_with("MATERIALIZED")


def _is_of_page(page: Subquery) -> ColumnElement[bool]:
    return and_(
        customers.c.environment_id == bindparam("environment_id"),
        customers.c.id == list(page.c)[-1],  # the last key of every order is the ID
    )


def _order_by(plan: Plan, columns: Any) -> list[ColumnElement[Any]]:
    return [
        columns[name].desc() if key.is_descending else columns[name].asc()
        for name, key in zip(_names(plan), plan.order, strict=True)
    ]


def _page_of(plan: Plan, columns: Any, statement: Select[Any]) -> Select[Any]:
    """The rows of one page, in order."""
    if plan.has_position:
        statement = statement.where(_behind(plan, columns))
    statement = statement.order_by(*_order_by(plan, columns)).limit(bindparam("limit", type_=Integer))
    return statement.offset(bindparam("offset", type_=Integer)) if plan.has_offset else statement


def _behind(plan: Plan, columns: Any) -> ColumnElement[bool]:
    """Behind a position in the order."""
    keys = [columns[name] for name in _names(plan)]
    at = [bindparam(f"at_{place}", type_=key.type) for place, key in enumerate(keys)]
    descending = [key.is_descending for key in plan.order]
    if len(set(descending)) == 1:
        return tuple_(*keys) < tuple_(*at) if descending[0] else tuple_(*keys) > tuple_(*at)
    further = [key < value if down else key > value for key, value, down in zip(keys, at, descending, strict=True)]
    level = [key == value for key, value in zip(keys, at, strict=True)]
    # What follows from the rest, said so that an index can begin at the right place.
    begins = keys[0] <= at[0] if descending[0] else keys[0] >= at[0]
    return and_(begins, or_(*(and_(*level[:place], further[place]) for place in range(len(keys)))))
