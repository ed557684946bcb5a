"""The README's commands for the API, run as they stand, one after the other, against the demo on the real server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SECRET_KEY, SettingsMaker
from tests.support.served import Served, serve
from webapp import create_app
from webapp.customers.blueprint import API
from webapp.database import db
from webapp.demo.installation import install_demo
from webapp.settings import PROJECT_ROOT

ADDRESS = "http://127.0.0.1:8000"
LEAST_COMMANDS = 14


def commands_of_the_api() -> list[str]:
    """The commands of the section, each as one text; a command ends where a line does not go on."""
    section = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8").split("\n## The API\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return [command for block in blocks for command in re.split(r"\n(?=curl |ID=)|\n\n", block.strip()) if command]


@pytest.fixture
def demo(make_settings: SettingsMaker, tmp_path: Path) -> Iterator[tuple[Served, str]]:
    """The demo, served, and its API key."""
    settings = make_settings()
    app = create_app(settings)
    with app.app_context():
        told = install_demo(settings)
        db.engine.dispose()
    key = re.search(r"cdk_[\w-]+", told)
    assert key is not None
    environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": SECRET_KEY, "WORKERS": "1"}
    environment["DATABASE_URL"] = settings.database_url
    with serve(environment, tmp_path / "log") as served:
        yield served, key[0]


def test_every_command_of_the_api_section_works_when_pasted(demo: tuple[Served, str]) -> None:
    """With nothing changed but the port; curl says whether the status was a good one."""
    if shutil.which("curl") is None:
        if os.environ.get("CI"):
            pytest.fail("curl is missing: apt-get install curl")
        pytest.skip("curl is missing: apt-get install curl")
    served, key = demo
    commands = commands_of_the_api()
    assert len(commands) >= LEAST_COMMANDS
    script = "\n".join(("set -euo pipefail", 'curl() { command curl --fail-with-body -sS "$@"; echo; }', *commands))
    ran = subprocess.run(
        ["bash", "-c", script.replace(ADDRESS, served.address)],  # noqa: S607 - whatever bash a reader has
        env={**os.environ, "KEY": key},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"plan":"enterprise","region":"emea"' in ran.stdout.splitlines()[-1]
    assert "HTTP/1.1 204" in ran.stdout


def test_every_route_of_the_api_has_a_command() -> None:
    """By its method and what stands in place of its parts; PUT by both identifiers of the query."""
    shown = "\n".join(commands_of_the_api()).replace("\\\n", " ")
    sent = {
        (method or "GET", re.sub(r"\$ID|user_\d+", "*", path))
        for method, path in re.findall(rf"curl (?:-\w )*(?:-X ([A-Z]+) )?\"?{ADDRESS}([^\s\"?]+)", shown)
    }
    wanted = {(method, re.sub(r"<[^>]+>", "*", rule)) for rule, _, _, method, _ in API}
    assert wanted - sent == set()
