"""Litestream with the project's own configuration: streams under writing load, restores when all else is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.deployment.pair import DEPLOY
from tests.deployment.restoring import acknowledged_by_now, assert_it_serves, restored
from tests.safety.accounting import lost
from tests.safety.installation import Installation
from tests.safety.stored import read_stored
from tests.safety.writing_load import writing_load
from tests.support.load import LONGEST_WAIT_SECONDS, Run

WRITES_OF_A_THREAD = 2000
WRITES_BEFORE = 30
LITESTREAM = Path(sys.executable).with_name("litestream")


def configuration(database: Path, replica: Path, folder: Path) -> Path:
    """``deploy/litestream.yml`` with these paths in place of its own."""
    text = (DEPLOY / "litestream.yml").read_text(encoding="utf-8")
    for told, own in (
        ("/var/lib/customer-desk/8001/customer_desk.sqlite3", database),
        ("/var/backups/customer-desk", replica),
    ):
        assert told in text
        text = text.replace(told, str(own))
    file = folder / "litestream.yml"
    file.write_text(text, encoding="utf-8")
    return file


@contextmanager
def streaming(file: Path, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Stream until the block is left, which kills it: it gets to finish nothing."""
    with (
        log.open("wb") as output,
        subprocess.Popen([LITESTREAM, "replicate", "-config", file], stdout=output, stderr=output) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def restore(replica: Path, copy: Path) -> bool:
    """Restore what has arrived by now, as docs/operations.md says; False while there is nothing yet."""
    done = subprocess.run([LITESTREAM, "restore", "-o", copy, f"file://{replica}"], capture_output=True, check=False)
    return done.returncode == 0


def test_what_was_streamed_is_there_when_the_machine_is_lost(installation: Installation, tmp_path: Path) -> None:
    """Writes arrive while others go on; then everything is killed, and the replica makes one that serves."""
    replica, log = tmp_path / "replica", tmp_path / "litestream.log"
    file = configuration(tmp_path / "customer_desk.sqlite3", replica, tmp_path)
    works = writing_load(installation.world, WRITES_OF_A_THREAD)[::2]  # of each kind one
    attempts = count()

    @contextmanager
    def restored_now() -> Iterator[Installation | None]:
        number = next(attempts)
        copy = tmp_path / f"copy {number}.sqlite3"
        if restore(replica, copy):
            with restored(installation, copy, tmp_path / f"elsewhere {number}") as there:
                yield there
        else:
            yield None

    def has_arrived(before: Run) -> bool:
        with restored_now() as there:
            return there is not None and lost([before], read_stored(there.world.app)) == []

    with (
        installation.served() as served,
        streaming(file, log),
        installation.clients.run(served.address, works) as run,
    ):
        run.wait_for_more(WRITES_BEFORE)
        before = acknowledged_by_now(run)
        give_up_at = time.monotonic() + LONGEST_WAIT_SECONDS
        while not has_arrived(before):
            assert time.monotonic() < give_up_at, log.read_text()
        run.wait_for_more(1)
        os.killpg(served.process.pid, signal.SIGKILL)
    assert len(before.acknowledged) >= WRITES_BEFORE
    with restored_now() as second:
        assert second is not None
        assert lost([before], read_stored(second.world.app)) == []
        assert_it_serves(second)
