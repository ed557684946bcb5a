"""Two instances behind nginx are restarted one after the other under load, upgraded on the way: no request is lost."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask_migrate import upgrade
from sqlalchemy import inspect

from tests.deployment.pair import Pair, pair_behind_nginx
from tests.safety.accounting import assert_nothing_is_lost
from tests.safety.writing_load import writing_load
from tests.support.clients import DeskClient
from webapp.app import MIGRATIONS
from webapp.database import db
from webapp.migration_head import migration_head

#: More than a thread gets done in the time of the test.
WRITES_OF_A_THREAD = 4000
WRITES_BETWEEN = 30
#: Between two instances, as docs/operations/upgrading.md has it: longer than fail_timeout of deploy/nginx.conf.
PAUSE_SECONDS = 4
#: The migration of a later version, which expands: a column that may be empty, and a table.
EXPANDING = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("customers", sa.Column("nickname", sa.String(255), nullable=True))
    op.create_table("nicknames", sa.Column("id", sa.String(64), primary_key=True))
"""


@pytest.fixture
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    """Two instances on a PostgreSQL database of their own."""
    with pair_behind_nginx(request, tmp_path) as pair:
        yield pair


class Reader(threading.Thread):
    """A person who opens pages one after the other, over one connection as long as it lasts.

    Attributes:
        seen: the status of each answer.
        lost: requests that got none.
    """

    def __init__(self, pair: Pair, path: str, cookie: str) -> None:
        super().__init__()
        self._pair, self._path, self._cookie = pair, path, cookie
        self._ended = threading.Event()
        self.seen: list[int] = []
        self.lost: list[str] = []

    def run(self) -> None:
        """Until it is stopped."""
        with closing(self._pair.proxy.connect()) as connection:
            while not self._ended.wait(0.02):
                try:
                    connection.request("GET", self._path, headers={"Cookie": self._cookie})
                    answer = connection.getresponse()
                    answer.read()
                    self.seen.append(answer.status)
                except (OSError, HTTPException) as fault:
                    connection.close()
                    self.lost.append(repr(fault))

    def stop(self) -> None:
        """And wait for its end."""
        self._ended.set()
        self.join()


@contextmanager
def reading(pair: Pair) -> Iterator[list[Reader]]:
    """Two people at the desk, of whom one has the list open and the other a record."""
    customer = pair.installation.world.create_customer()
    app = pair.installation.world.app
    cookie = DeskClient(app).client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    sent = f"__Host-customer_desk={cookie.value}"
    readers = [Reader(pair, path, sent) for path in ("/customers", f"/customers/{customer.id}")]
    for reader in readers:
        reader.start()
    try:
        yield readers
    finally:
        for reader in readers:
            reader.stop()


def migrate_to_a_later_version(pair: Pair, folder: Path) -> None:
    """Run a migration that the instances have never seen, as the later version's ``db upgrade`` does."""
    migrations = shutil.copytree(MIGRATIONS, folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    text = EXPANDING.format(head=migration_head(MIGRATIONS))
    (migrations / "versions" / "9999_nicknames.py").write_text(text, encoding="utf-8")
    with pair.installation.world.app.app_context():
        upgrade(directory=str(migrations))
        assert inspect(db.engine).has_table("nicknames")


def restart_one_after_the_other(pair: Pair, between: Callable[[], None]) -> list[str]:
    """As docs/operations.md says. Returns what the stopped ones have logged."""
    logs = []
    for instance in pair.instances:
        logs.append(instance.stop())
        between()  # the other one serves alone; nobody listens on the port
        instance.start()
        if instance is not pair.instances[-1]:
            time.sleep(PAUSE_SECONDS)
        between()
    return logs


def connections_left(log: str) -> list[int]:
    """What a server that was taken out of service has told of it."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line["connections_left"] for line in lines if line["event"] == "drained"]


def test_an_upgrade_and_a_rolling_restart_lose_no_request(pair: Pair, tmp_path: Path) -> None:
    """Writers of every kind and readers, over kept connections through TLS; each write is there, once."""
    installation, proxy = pair.installation, pair.proxy
    works = writing_load(installation.world, WRITES_OF_A_THREAD)[::2]  # of each kind one
    with reading(pair) as readers:
        certificate = str(proxy.certificate)
        with installation.clients.run(proxy.address, works, certificate=certificate) as run:

            def write_on() -> None:
                run.wait_for_more(WRITES_BETWEEN)

            write_on()
            migrate_to_a_later_version(pair, tmp_path)
            write_on()
            for instance in pair.instances:
                assert urlopen(f"{instance.served.address}/readyz").status == 200
            logs = restart_one_after_the_other(pair, write_on)
            run.stop()
    assert run.broken == []
    assert run.refused == []
    assert [reader.lost for reader in readers] == [[], []]
    assert [set(reader.seen) for reader in readers] == [{200}, {200}]
    assert [connections_left(log) for log in logs] == [[0], [0]]
    assert_nothing_is_lost(installation, works, [run])
