"""Two instances behind nginx are restarted one after the other under load, upgraded on the way: no request is lost.

The code is the same before and behind, and stands for either release: it knows the schema of neither migration.
"""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from flask_migrate import upgrade
from sqlalchemy import inspect

from tests.deployment.pair import Pair, pair_behind_nginx
from tests.safety.accounting import assert_nothing_is_lost
from tests.safety.writing_load import writing_load
from tests.support.clients import DeskClient
from tests.support.served import START_SECONDS
from webapp.app import MIGRATIONS
from webapp.database import db
from webapp.migration_head import migration_head

#: More than a thread gets done in the time of the test.
WRITES_OF_A_THREAD = 4000
WRITES_BETWEEN = 30
#: Between two instances, as docs/operations/upgrading.md has it: longer than fail_timeout of deploy/nginx.conf.
PAUSE_SECONDS = 4
#: Between two looks of a person at a page, and of a balancer at a probe.
LOOK_SECONDS = 0.02
PROBE_SECONDS = 0.1
#: The migration of a later version, which expands: a column that may be empty, and a table.
EXPANDING = """
import sqlalchemy as sa
from alembic import op

revision = "9997"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("customers", sa.Column("nickname", sa.String(255), nullable=True))
    op.create_table("nicknames", sa.Column("id", sa.String(64), primary_key=True))
"""
#: The one of the version behind it, which contracts: it can live with the code that runs here, and its name says so.
CONTRACTING = """
from alembic import op

revision = "9998_needs_{number}"
down_revision = "9997"


def upgrade() -> None:
    op.drop_column("customers", "nickname")
    op.drop_table("nicknames")
"""
#: One that can not: it needs the code of 9998, which runs nowhere yet.
CONTRACTING_TOO_EARLY = """
revision = "9999_needs_9998"
down_revision = "{head}"


def upgrade() -> None:
    pass
"""
PAST_THIS_VERSION = {"status": "unready", "reason": "the database was migrated past this version"}


@pytest.fixture
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    """Two instances on a PostgreSQL database of their own."""
    with pair_behind_nginx(request, tmp_path) as pair:
        yield pair


class Reader(threading.Thread):
    """Somebody who asks for one address again and again, over one connection as long as it lasts.

    Attributes:
        seen: the status of each answer.
        lost: requests that got none.
    """

    def __init__(
        self, connect: Callable[[], HTTPConnection], path: str, *, cookie: str = "", pause: float = LOOK_SECONDS
    ) -> None:
        super().__init__()
        self._connect, self._path, self._cookie, self._pause = connect, path, cookie, pause
        self._ended = threading.Event()
        self.seen: list[int] = []
        self.lost: list[str] = []

    def run(self) -> None:
        """Until it is stopped."""
        with closing(self._connect()) as connection:
            while not self._ended.wait(self._pause):
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
    paths = ("/customers", f"/customers/{customer.id}")
    with running([Reader(pair.proxy.connect, path, cookie=sent) for path in paths]) as readers:
        yield readers


def ask(address: str) -> tuple[int, dict[str, str]]:
    """The status and the JSON of an answer."""
    try:
        with urlopen(address) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


@contextmanager
def staying_ready(pair: Pair) -> Iterator[None]:
    """Ask both instances for ``/readyz``, past the proxy, until the block is left and once more: all must be 200."""

    def prober(port: int) -> Reader:
        return Reader(lambda: HTTPConnection("127.0.0.1", port, timeout=START_SECONDS), "/readyz", pause=PROBE_SECONDS)

    with running([prober(instance.port) for instance in pair.instances]) as probers:
        yield
    assert [prober.lost for prober in probers] == [[], []]
    assert [set(prober.seen) for prober in probers] == [{200}, {200}]
    assert [ask(f"{instance.served.address}/readyz")[0] for instance in pair.instances] == [200, 200]


@contextmanager
def running(readers: list[Reader]) -> Iterator[list[Reader]]:
    """They ask until the block is left."""
    for reader in readers:
        reader.start()
    try:
        yield readers
    finally:
        for reader in readers:
            reader.stop()


def migrate(pair: Pair, folder: Path, *texts: str) -> set[str]:
    """Run migrations that the instances have never seen, as a later version's ``db upgrade`` does.

    Returns what the database then has of what they are about.
    """
    migrations = folder / "migrations"
    shutil.copytree(MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    head = migration_head(MIGRATIONS)
    for number, text in enumerate(texts):
        new = migrations / "versions" / f"new_{number}.py"
        new.write_text(text.format(head=head, number=head[:4]), encoding="utf-8")
    with pair.installation.world.app.app_context():
        upgrade(directory=str(migrations))
        schema = inspect(db.engine)
        columns = {column["name"] for column in schema.get_columns("customers")}
        return {"nickname", "nicknames"} & (columns | set(schema.get_table_names()))


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
    """Writers of every kind and readers, over kept connections through TLS; each write is there, once.

    First it expands, then both are restarted, then it contracts; while it migrates no balancer takes either out.
    """
    installation, proxy = pair.installation, pair.proxy
    works = writing_load(installation.world, WRITES_OF_A_THREAD)[::2]  # of each kind one
    with reading(pair) as readers:
        certificate = str(proxy.certificate)
        with installation.clients.run(proxy.address, works, certificate=certificate) as run:

            def write_on() -> None:
                run.wait_for_more(WRITES_BETWEEN)

            write_on()
            with staying_ready(pair):
                assert migrate(pair, tmp_path, EXPANDING) == {"nickname", "nicknames"}
                write_on()
            logs = restart_one_after_the_other(pair, write_on)
            with staying_ready(pair):
                write_on()
                assert migrate(pair, tmp_path, EXPANDING, CONTRACTING) == set()
                write_on()
            run.stop()
    assert run.broken == []
    assert run.refused == []
    assert [reader.lost for reader in readers] == [[], []]
    assert [set(reader.seen) for reader in readers] == [{200}, {200}]
    assert [connections_left(log) for log in logs] == [[0], [0]]
    assert_nothing_is_lost(installation, works, [run])


def test_a_migration_that_needs_newer_code_takes_the_older_instances_out(pair: Pair, tmp_path: Path) -> None:
    """Both say why at ``/readyz``, as docs/operations/upgrading.md has it; nobody has cause to restart them."""
    addresses = [instance.served.address for instance in pair.instances]
    assert [ask(f"{address}/readyz")[0] for address in addresses] == [200, 200]
    migrate(pair, tmp_path, CONTRACTING_TOO_EARLY)
    assert [ask(f"{address}/readyz") for address in addresses] == [(503, PAST_THIS_VERSION)] * 2
    assert [ask(f"{address}/livez") for address in addresses] == [(200, {"status": "alive"})] * 2
