"""The newest migration that this code knows, and which databases it can run on. Asks migration files, not a database.

A migration either expands (the code of before goes on running) or contracts (it takes away what old code needs). The
name of one that contracts, and of each that follows, says how new code must be: ``0012_needs_0010``. So a running
instance can tell from the name of a migration that it has never seen whether it is still fit
(docs/decisions/0017-expand-then-contract.md).
"""

import re
from functools import lru_cache
from pathlib import Path

from alembic.script import ScriptDirectory

REVISION = re.compile(r"(?P<number>\d{4})(_needs_(?P<needed>\d{4}))?")


@lru_cache
def migration_head(folder: Path) -> str:
    """The revision that a database must be at."""
    return ScriptDirectory(str(folder)).get_current_head() or ""


def schema_fault(schema: str | None, head: str) -> str:
    """Why code whose newest migration is ``head`` cannot run on a database that is at ``schema``; ``""`` if it can."""
    if schema == head:
        return ""
    there, known = (REVISION.fullmatch(revision or "") for revision in (schema, head))
    if there is None or known is None or there["number"] <= known["number"]:
        return "the database is not migrated"
    if (there["needed"] or "") > known["number"]:
        return "the database was migrated past this version"
    return ""
