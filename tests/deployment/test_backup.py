"""Backups of SQLite: taken under writing load, restored elsewhere, complete up to the moment at which they began."""

import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.deployment.restoring import DATABASE, acknowledged_by_now, assert_it_serves, restored
from tests.safety.accounting import lost
from tests.safety.installation import Installation
from tests.safety.stored import read_stored
from tests.safety.writing_load import writing_load
from tests.support.world import World
from webapp.backup import back_up

WRITES_OF_A_THREAD = 2000
WRITES_BEFORE = 30


def run(app: Flask, *words: str) -> Result:
    """Run an operator's command."""
    return app.test_cli_runner().invoke(args=list(words))


def test_a_backup_under_load_has_every_write_from_before_it(installation: Installation, tmp_path: Path) -> None:
    """It is taken by the command while the service writes, and a restored installation goes on from there."""
    copy = tmp_path / "copy.sqlite3"
    works = writing_load(installation.world, WRITES_OF_A_THREAD)[::2]  # of each kind one
    with installation.served() as served, installation.clients.run(served.address, works) as load:
        load.wait_for_more(WRITES_BEFORE)
        before = acknowledged_by_now(load)
        done = run(installation.world.app, "backup", str(copy))
        load.wait_for_more(WRITES_BEFORE)
        load.stop()
    assert (done.exit_code, done.stderr) == (0, "")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.sqlite3"]
    assert len(before.acknowledged) >= WRITES_BEFORE
    with restored(installation, copy, tmp_path / "elsewhere") as second:
        stored = read_stored(second.world.app)
        assert lost([before], stored) == []
        assert len(stored.effects) < len(installation.stored().effects), "the load went on after it"
        assert_it_serves(second)


@pytest.mark.sqlite_only("the command copies a file")
def test_a_backup_is_of_one_moment_whatever_is_written_meanwhile(
    app: Flask, make_app: Callable[..., Flask], world: World, tmp_path: Path
) -> None:
    """SQLite would begin anew after each write; this one comes to its end, without what was written since."""
    for _ in range(3):
        world.create_customer(metadata={f"key {number}": "x" * 1000 for number in range(100)})
    steps = []

    def write_one_more(done: int, _all: int) -> None:
        steps.append(done)
        assert steps == sorted(steps), "it began anew"
        world.create_customer()

    with app.app_context():
        made = back_up(tmp_path / "copy.sqlite3", write_one_more, pages_of_a_step=10)
    assert len(steps) > 5
    assert made.size == steps[-1] * 4096
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(tmp_path / "copy.sqlite3", other / DATABASE)
    done = run(make_app(database_url=f"sqlite:///{other / DATABASE}"), "history", "verify")
    assert (done.exit_code, done.stdout) == (0, "3 customers verified, 0 with faults\n")


@pytest.mark.sqlite_only("the command copies a file")
def test_a_backup_says_what_it_made_and_what_belongs_to_it(app: Flask, tmp_path: Path) -> None:
    """Size, migration, seconds; the secret key is not in it."""
    done = run(app, "backup", str(tmp_path / "copy.sqlite3"))
    first, second = done.stdout.splitlines()
    size = (tmp_path / "copy.sqlite3").stat().st_size
    assert re.fullmatch(rf"\S+copy\.sqlite3: {size} bytes at \w+, copied and checked in \d+\.\d s", first)
    assert "SECRET_KEY" in second


@pytest.mark.sqlite_only("the command copies a file")
def test_a_backup_takes_the_place_of_nothing(app: Flask, tmp_path: Path) -> None:
    """A slip must not cost the backup of yesterday; a dangling link is no free place either."""
    (tmp_path / "copy.sqlite3").write_text("yesterday's")
    done = run(app, "backup", str(tmp_path / "copy.sqlite3"))
    assert (done.exit_code, done.stderr) == (1, f"Error: {tmp_path}/copy.sqlite3 exists already.\n")
    assert (tmp_path / "copy.sqlite3").read_text() == "yesterday's"
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert run(app, "backup", str(tmp_path / "link")).exit_code == 1


@pytest.mark.sqlite_only("the command copies a file")
def test_a_backup_needs_a_folder(app: Flask, tmp_path: Path) -> None:
    """It is not made for a slip."""
    done = run(app, "backup", str(tmp_path / "none" / "copy.sqlite3"))
    assert (done.exit_code, done.stderr) == (1, f"Error: There is no folder {tmp_path}/none.\n")


@pytest.mark.sqlite_only("the command copies a file")
def test_there_is_no_backup_of_a_database_that_was_never_migrated(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    """A wrong setting must not look like a backup; nothing is left behind."""
    app = make_app(database_url=f"sqlite:///{tmp_path}/blank.sqlite3")
    done = run(app, "backup", str(tmp_path / "copy.sqlite3"))
    assert done.exit_code == 1
    assert "never migrated" in done.stderr
    assert not [path for path in tmp_path.iterdir() if "copy" in path.name]


@pytest.mark.sqlite_only("the command copies a file")
def test_a_backup_that_cannot_be_written_leaves_nothing(app: Flask, tmp_path: Path) -> None:
    """Such as on a disk that is full."""

    def no_more(_done: int, _all: int) -> None:
        raise OSError(28, "No space left on device")

    with app.app_context(), pytest.raises(OSError, match="No space left"):
        back_up(tmp_path / "copy.sqlite3", no_more)
    assert not [path for path in tmp_path.iterdir() if "copy" in path.name]


def test_on_postgresql_it_names_the_tools_for_it(installation_on_postgresql: Installation, tmp_path: Path) -> None:
    """Nothing is written."""
    done = run(installation_on_postgresql.world.app, "backup", str(tmp_path / "copy"))
    assert done.exit_code == 1
    assert "pg_dump" in done.stderr
    assert not (tmp_path / "copy").exists()
