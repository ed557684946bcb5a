"""A list of customers that is asked for: comes by a page of it, and by its total, in the way that is quick.

Which way that is, is found out by asking, not by statistics: see docs/decisions/0006. Knows no SQL.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select

from webapp.customers import search_statements
from webapp.customers.many_customers import is_known_to_be_long, remember_as_long
from webapp.customers.model import WALKED_FIELDS, Customer, customer_of
from webapp.customers.query import HAS_NOT, FieldType
from webapp.customers.search_conditions import WITHOUT_KEY, Shape
from webapp.customers.search_plan import MOST_CANDIDATES, Plan
from webapp.statements import Statement, has_lists


class CustomerList:
    """The customers that a plan's conditions hold for."""

    def __init__(self, connection: Connection, plan: Plan, values: Mapping[str, Any]) -> None:
        self._connection = connection
        self._plan = plan
        self._values = values
        self._counted: int | None = None

    def customers(self, limit: int, offset: int = 0) -> list[Customer]:
        """Those of a page, in order."""
        plan = replace(self._plan, has_offset=offset > 0)
        window = {"limit": limit, "offset": offset} if offset else {"limit": limit}
        drivers = self._drivers()
        looked_up = [shape for shape in plan.shapes if shape.is_looked_up]
        if looked_up and not (drivers and self._are_fewer(drivers, looked_up)):
            found = self._gathered(plan, window)
            return self._walked(plan, window) if found is None else found
        if not drivers:
            found = self._gathered(plan, window) if plan.has_range else None
            return self._walked(plan, window) if found is None else found
        plan = replace(plan, driver=self._fewest(drivers))
        found = None if self._are_many_pairs(plan) else self._gathered(plan, window)
        return self._found_among_many(plan, window) if found is None else found

    def total(self) -> tuple[int, bool]:
        """How many there are, and whether that is exact, not a lower bound. Cheap behind ``customers``."""
        if self._counted is None:
            self._counted = self._walk_count()
        return self._counted, self._counted <= (self._plan.most_matches or 0)

    def count(self) -> tuple[int, bool]:
        """As ``total``, in the way that is quick where no page was asked for."""
        if self._counted is None and (self._drivers() or any(shape.is_looked_up for shape in self._plan.shapes)):
            self.customers(1)
        return self.total()

    def _walk_count(self) -> int:
        """How many there are, ``most_matches + 1`` at most."""
        plan, most = replace(self._plan, order=(), has_position=False), self._plan.most_matches or 0
        is_everybody = not plan.shapes
        engine = self._connection.engine
        which = (self._values["tenant_id"], self._values["environment_id"], plan.status, most)
        if is_everybody and is_known_to_be_long(engine, which):
            return most + 1
        ((counted,),) = self._run(search_statements.walk_count, plan, {})
        if is_everybody and counted > most:
            remember_as_long(engine, which)
        return int(counted)

    def _are_fewer(self, drivers: list[int], looked_up: list[Shape]) -> bool:
        """Whether a driver is better than values that are looked up: it names few, and they may be very many's."""
        if not all(shape.is_shared for shape in looked_up):
            return False
        plan = replace(self._plan, driver=self._fewest(drivers), most_candidates=MOST_CANDIDATES)
        return self._candidates(plan) <= MOST_CANDIDATES

    def _are_many_pairs(self, plan: Plan) -> bool:
        """Whether conditions on metadata pairs, and nothing else, hold for more than may be gathered."""
        if not plan.is_pairs_alone or self._candidates(plan) <= (plan.most_candidates or 0):
            return False
        counting = replace(plan, order=(), has_position=False, has_offset=False, driver=None)
        ((self._counted,),) = self._run(search_statements.pairs_count, counting, {})
        return not self.total()[1]

    def _found_among_many(self, plan: Plan, window: Mapping[str, int]) -> list[Customer]:
        """Where many match a short walk fills a page, unless they stand elsewhere in the order: then all are sorted."""
        walking = replace(plan, driver=None)
        if plan.order[0].field not in WALKED_FIELDS:
            return self._walked(walking, window)
        ahead = self._run(search_statements.boundary, replace(walking, shapes=(), has_offset=False), {})
        if not ahead:
            return self._walked(walking, window)
        found = self._walked(replace(walking, has_bound=True), {**window, "until": ahead[0][0]})
        if len(found) == window["limit"]:
            return found
        rows = self._run(search_statements.gather, replace(plan, most_candidates=None, most_matches=None), window)
        return [customer_of(row[2:]) for row in rows if row[2] is not None]

    def _walked(self, plan: Plan, window: Mapping[str, Any]) -> list[Customer]:
        return [customer_of(row) for row in self._run(search_statements.walk, plan, window)]

    def _gathered(self, plan: Plan, window: Mapping[str, int]) -> list[Customer] | None:
        """Those of a page; None where there are too many to be gathered."""
        rows = self._run(search_statements.gather, plan, window)
        matches, candidates = rows[0][:2]
        most = plan.most_matches or 0
        if matches <= most and plan.most_candidates is not None and candidates > plan.most_candidates:
            return self._gathered(replace(plan, most_candidates=None), window)
        self._counted = matches
        if matches > most:
            return None
        return [customer_of(row[2:]) for row in rows if row[2] is not None]

    def _drivers(self) -> list[int]:
        """The places of the conditions by which candidates can be found; of those on texts the one that is best."""
        shapes = self._plan.shapes
        places = [place for place, shape in enumerate(shapes) if _drives(shape)]
        texts = [place for place, shape in enumerate(shapes) if shape.has_trigrams]
        best = max(texts, key=lambda place: shapes[place].length, default=None)
        if best is not None:
            places.append(best)
        # Whoever has not a key is found by looking at everybody: better than a walk, and worse than anything else.
        return places or [place for place, shape in enumerate(shapes) if shape.operator == HAS_NOT][:1]

    def _fewest(self, drivers: list[int]) -> int:
        """The driver that names the fewest candidates."""
        if len(drivers) == 1:
            return drivers[0]
        return min(drivers, key=lambda place: self._candidates(replace(self._plan, driver=place)))

    def _candidates(self, plan: Plan) -> int:
        counting = replace(plan, order=(), has_position=False, has_offset=False)
        ((found,),) = self._run(search_statements.candidates_count, counting, {})
        return int(found)

    def _run(self, build: Callable[[Plan], Select[Any]], plan: Plan, window: Mapping[str, Any]) -> list[Any]:
        statement, values = statement_of(build, plan), {**self._values, **window}
        if isinstance(statement, Statement):
            return statement.all(self._connection, values)
        return list(self._connection.execute(statement, values))


@lru_cache(maxsize=1024)
def statement_of(build: Callable[[Plan], Select[Any]], plan: Plan) -> Statement | Select[Any]:
    """A plan's statement; only one that has lists of values among its parameters is left to Core.

    There are many, and each is better planned for what is searched for (decision 15): so none is prepared.
    """
    core = build(plan)
    return core if has_lists(core) else Statement(core, is_prepared=False)


def _drives(shape: Shape) -> bool:
    """Whether an index names the customers that a condition may hold for, and they may be few."""
    if shape.type is FieldType.MAPPING:
        return shape.operator in {"eq", "in"}
    return shape.type is FieldType.METADATA and shape.operator not in WITHOUT_KEY
