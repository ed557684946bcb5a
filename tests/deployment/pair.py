"""Two instances on one PostgreSQL behind nginx, as docs/operations.md has it. Knows no test."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.safety.installation import Installation, on_postgresql
from tests.support.nginx import Nginx, nginx_before
from tests.support.served import Served, free_port, serve
from webapp.settings import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "deploy"


def example_settings() -> dict[str, str]:
    """``deploy/settings.example``, as systemd reads it."""
    lines = (DEPLOY / "settings.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class Instance:
    """One instance: always on the same port, started as often as is wanted."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.port = free_port()
        folder.mkdir()
        self._environment = {**environment, "INSTANCE_PATH": str(folder), "PORT": str(self.port)}
        self._folder = folder
        self._starts = 0
        self._stack = ExitStack()
        self.served: Served

    def start(self, **environment: str) -> None:
        """Start it, and wait until it answers."""
        self._starts += 1
        log = self._folder / f"server {self._starts}.log"
        self.served = self._stack.enter_context(serve({**self._environment, **environment}, log))

    def stop(self) -> str:
        """SIGTERM; wait for its end, which must be a good one. Returns what it has logged."""
        assert self.served.stop() == 0
        self._stack.close()
        return self.served.log.read_text()

    def close(self) -> None:
        """End it if it runs."""
        self._stack.close()


class Pair:
    """The two, and the proxy.

    Attributes:
        installation: the database that both are on.
    """

    def __init__(self, installation: Installation, instances: list[Instance], proxy: Nginx) -> None:
        self.installation = installation
        self.instances = instances
        self.proxy = proxy


@contextmanager
def pair_behind_nginx(request: pytest.FixtureRequest, folder: Path) -> Iterator[Pair]:
    """A new pair with the settings that the project hands out, until the block is left."""
    with ExitStack() as stack:
        installation = stack.enter_context(on_postgresql(request, folder))
        environment = {**example_settings(), **installation.environment, "WORKERS": "1"}
        instances = [Instance(environment, folder / name) for name in ("a", "b")]
        for instance in instances:
            stack.callback(instance.close)
            instance.start()
        proxy = stack.enter_context(nginx_before([instance.port for instance in instances]))
        yield Pair(installation, instances, proxy)
