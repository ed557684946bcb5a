"""The newest migration that this code knows. Asks the migration files, not a database."""

from functools import lru_cache
from pathlib import Path

from alembic.script import ScriptDirectory


@lru_cache
def migration_head(folder: Path) -> str:
    """The revision that a database must be at."""
    return ScriptDirectory(str(folder)).get_current_head() or ""
