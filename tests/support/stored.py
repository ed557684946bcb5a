"""What is stored: every row of an environment, to compare before and after; and the verdict on its histories."""

from typing import Any

from sqlalchemy import select

from tests.support.world import HOME, World
from webapp.access.model import ApiKey, StaffSession
from webapp.customers.history_check import verify
from webapp.customers.model import Scope
from webapp.database import Base, reading, snapshot

#: Their rows change by being used.
USED = {ApiKey.__tablename__, StaffSession.__tablename__}


def rows_of(world: World, scope: Scope = HOME) -> dict[str, list[str]]:
    """All rows of an environment by table: customers, history, mappings, retired IDs, stored answers, all else."""
    tables = [table for table in Base.metadata.sorted_tables if "environment_id" in table.c and table.name not in USED]
    with world.app.app_context(), reading() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(_in_scope(table, scope)))
            for table in tables
        }


def _in_scope(table: Any, scope: Scope) -> Any:
    return select(table).where(table.c.environment_id == scope.environment_id)


def faults_of(world: World) -> list[str]:
    """What ``history verify`` would complain of."""
    with world.app.app_context(), snapshot() as connection:
        return [fault for fault in verify(connection) if fault]
