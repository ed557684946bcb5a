"""The installation's secret key: made once, readable by its owner alone, never shown."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from webapp.secret_key import keep_secret_key
from webapp.settings import MINIMUM_SECRET_LENGTH, PROJECT_ROOT, Settings


def run_module(**environment: str) -> subprocess.CompletedProcess[str]:
    """``python -m webapp.secret_key``, as ``make run`` calls it."""
    clean = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "INSTANCE_PATH"}}
    command = [sys.executable, "-m", "webapp.secret_key"]
    return subprocess.run(
        command, cwd=PROJECT_ROOT, env=clean | environment, capture_output=True, text=True, check=True
    )


def test_a_key_is_made_where_there_is_none(tmp_path: Path) -> None:
    """256 bits, in hexadecimal, in a folder that need not exist."""
    assert keep_secret_key(tmp_path / "new" / "instance")
    key = (tmp_path / "new" / "instance" / "secret_key").read_text()
    assert len(bytes.fromhex(key)) == 32
    assert len(key) >= MINIMUM_SECRET_LENGTH


def test_a_key_that_is_there_is_kept(tmp_path: Path) -> None:
    """A second run signs nobody out."""
    keep_secret_key(tmp_path)
    before = (tmp_path / "secret_key").read_text()
    assert not keep_secret_key(tmp_path)
    assert (tmp_path / "secret_key").read_text() == before


def test_each_installation_has_its_own_key(tmp_path: Path) -> None:
    """No default that everybody knows."""
    keys = set()
    for name in ("one", "two"):
        keep_secret_key(tmp_path / name)
        keys.add((tmp_path / name / "secret_key").read_text())
    assert len(keys) == 2


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """Neither the file nor a folder that was made for it."""
    keep_secret_key(tmp_path / "instance")
    assert stat.S_IMODE((tmp_path / "instance" / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "instance").stat().st_mode) == 0o700


def test_the_settings_find_it(tmp_path: Path) -> None:
    """What one part writes the other reads."""
    keep_secret_key(tmp_path)
    kept = Settings.from_environment({"INSTANCE_PATH": str(tmp_path)}).secret_key
    assert kept == (tmp_path / "secret_key").read_text()


def test_the_command_makes_it_and_shows_nothing(tmp_path: Path) -> None:
    """Terminals are read over shoulders, and logged."""
    done = run_module(INSTANCE_PATH=str(tmp_path))
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "secret_key").exists()


def test_the_command_makes_none_when_the_environment_has_one(tmp_path: Path) -> None:
    """The environment's would be used anyway."""
    run_module(INSTANCE_PATH=str(tmp_path), SECRET_KEY="k" * 32)
    assert not (tmp_path / "secret_key").exists()
