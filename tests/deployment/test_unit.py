"""The unit, the settings and the proxy file that the project hands out: they fit each other, and the unit runs."""

import re
import shlex
import shutil
import subprocess
import sys
import time
from configparser import RawConfigParser
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.conftest import SECRET_KEY
from tests.deployment.pair import DEPLOY, example_settings
from tests.support.nginx import CONFIGURATION
from tests.support.served import START_SECONDS, STOP_SECONDS, free_port
from tests.support.world import World
from webapp import Settings
from webapp.http_connection import MOST_CONNECTIONS
from webapp.server import OTHER_FILES, SHUTDOWN_SECONDS
from webapp.settings import PROJECT_ROOT

UNIT = DEPLOY / "customer-desk@.service"


def service() -> dict[str, str]:
    """The section that says how an instance runs."""
    parser = RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read(UNIT, encoding="utf-8")
    return dict(parser["Service"])


def seconds_in(pattern: str) -> int:
    """A time that the proxy's file names."""
    found = re.search(pattern, CONFIGURATION.read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return int(found[1])


def test_the_units_command_serves_with_the_units_environment_alone(world: World, tmp_path: Path) -> None:
    """On the port that the instance is named for, with the settings of the example; SIGTERM ends it."""
    port, told, url = free_port(), service(), world.app.extensions["customer_desk_settings"].database_url
    places = {"/opt/customer-desk/.venv/bin/python": sys.executable, "/var/lib/customer-desk/%i": str(tmp_path)}
    command, environment = told["ExecStart"], told["Environment"]
    for place, own in places.items():
        assert place in command + environment
        command, environment = command.replace(place, own), environment.replace(place, own)
    variables = dict(word.split("=", 1) for word in shlex.split(environment.replace("%i", str(port))))
    settings = {**example_settings(), "SECRET_KEY": SECRET_KEY, "DATABASE_URL": url}
    with subprocess.Popen(
        shlex.split(command), cwd=PROJECT_ROOT, env=settings | variables, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert status_of_readyz(port) == 200
        finally:
            process.terminate()
        assert process.wait(STOP_SECONDS) == 0


def status_of_readyz(port: int) -> int:
    """As soon as there is an answer."""
    give_up_at = time.monotonic() + START_SECONDS
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status
        except ConnectionRefusedError:
            assert time.monotonic() < give_up_at, "it did not start"
            time.sleep(0.05)
        finally:
            connection.close()


def test_the_example_settings_are_good_ones() -> None:
    """But for the secret key, which is each installation's own; so HTTPS is demanded of the proxy."""
    settings = Settings.from_environment({**example_settings(), "SECRET_KEY": SECRET_KEY})
    assert settings.requires_https
    assert settings.trusted_proxies == 1
    assert example_settings()["SECRET_KEY"] == ""


def test_the_times_fit_each_other() -> None:
    """The proxy ends its idle connections before the service does; systemd waits until all is finished."""
    settings = Settings.from_environment({**example_settings(), "SECRET_KEY": SECRET_KEY})
    idle = seconds_in(r"^    keepalive_timeout (\d+)s;")
    assert idle < min(settings.request_timeout_seconds, settings.drain_seconds)
    assert int(service()["TimeoutStopSec"]) > settings.drain_seconds + SHUTDOWN_SECONDS
    assert int(service()["LimitNOFILE"]) >= MOST_CONNECTIONS + OTHER_FILES
    assert service()["KillMode"] == "mixed"


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    """Where there is a systemd to ask."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here, which Debian's package systemd has")
    unit = tmp_path / "customer-desk@8001.service"
    text = UNIT.read_text(encoding="utf-8").replace("/opt/customer-desk/.venv/bin/python", sys.executable)
    unit.write_text(text, encoding="utf-8")
    found = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
