"""Debian's pgbouncer in transaction mode, started in front of a PostgreSQL for a test. Knows no table."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from tests.support.programs import needed_program
from tests.support.served import START_SECONDS, free_port

#: Connections to the server for everybody together: fewer than ask at once, so that each is lent to many in turn.
SERVER_CONNECTIONS = 3
#: All that is not pgbouncer's own default, but where it is and where the server is.
CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
"""


@contextmanager
def pgbouncer(database_url: str, folder: Path, port: int = 0) -> Iterator[str]:
    """Put a pooler in front of a database until the block is left. Yields the URL to reach the database through it."""
    program = needed_program("pgbouncer")
    server = conninfo_to_dict(database_url)
    port = port or free_port()
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        CONFIGURATION.format(
            host=server["host"],
            port=server.get("port", 5432),
            user=server["user"],
            listen=port,
            connections=SERVER_CONNECTIONS,
        )
    )
    owner = Path(str(server["host"])).stat() if os.geteuid() == 0 else None  # it does not run as root
    with (
        configuration.open("rb") as readable,  # whoever it runs as
        (folder / "pgbouncer.log").open("wb") as log,
        subprocess.Popen(
            [program, f"/dev/fd/{readable.fileno()}"],
            pass_fds=[readable.fileno()],
            user=owner.st_uid if owner else None,
            group=owner.st_gid if owner else None,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        url = make_url(database_url).set(drivername="postgresql", host="127.0.0.1", port=port, query={})
        try:
            _wait_until_it_answers(url.render_as_string(hide_password=False), process, folder / "pgbouncer.log")
            yield url.render_as_string(hide_password=False)
        finally:
            process.terminate()


def _wait_until_it_answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, prepare_threshold=None).close()
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return
