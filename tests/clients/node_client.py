"""The official Node client from Python: installs it by npm, runs it in one process, turns its errors into ours.

Knows no route and no rule of customers.
"""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NODE_FOLDER = Path(__file__).parent / "node"
INSTALL_SECONDS = 300


class NodeMissingError(Exception):
    """The Node client cannot run here; says why, and what helps."""


@dataclass(eq=False)
class NodeClientError(Exception):
    """What the Node client threw.

    Attributes:
        error_class: the name of its JavaScript class.
        is_answer: whether it is the client's own class for an HTTP answer (``FlexPriceError`` or one below it).
        status: the HTTP status; None when nothing was sent.
        success, nested: what the client parsed from the nested half of the error body, in its own names.
        body: the answer's body as text.
    """

    error_class: str
    is_answer: bool
    status: int | None
    message: str
    success: bool | None
    nested: dict[str, Any] | None
    body: str | None

    def __str__(self) -> str:
        return f"{self.error_class}: {self.message}"

    def json(self) -> Any:
        """The answer's body."""
        return json.loads(self.body or "null")


@dataclass
class NodeClient:
    """The client's ``customers``, with one key at a time.

    Attributes:
        key: the API key that it sends as x-api-key.
    """

    process: subprocess.Popen[str]
    log: Path
    key: str

    def call(self, method: str, *arguments: Any) -> Any:
        """Call ``customers.METHOD(ARGUMENTS…)``; None among the arguments itself stands for undefined.

        Raises:
            NodeClientError: the client threw.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"key": self.key, "method": method, "arguments": arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the Node client ended:\n{self.log.read_text()}"
        outcome = json.loads(line)
        if error := outcome.get("error"):
            raise NodeClientError(error_class=error.pop("class"), **error)
        return outcome["value"]

    def with_key(self, key: str) -> "NodeClient":
        """The same client with another key."""
        return NodeClient(self.process, self.log, key)


def install(folder: Path) -> Path:
    """Install the client into ``folder``, once, whichever of several test processes comes first.

    Without a lock file: it is to run with the zod that npm picks today, as in a project that installs it today.

    Raises:
        NodeMissingError: there is no npm, or it could not install.
    """
    npm = _program("npm")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            folder.mkdir(exist_ok=True)
            shutil.copy(NODE_FOLDER / "package.json", folder)
            installed = subprocess.run(
                [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
                check=False,
            )
            if installed.returncode != 0:
                raise NodeMissingError(f"npm could not install the Node client: {installed.stderr.strip()}")
            (folder / "installed").touch()
    return folder


@contextmanager
def node_client(folder: Path, address: str, key: str, log: Path) -> Iterator[NodeClient]:
    """Run the client that is installed in ``folder`` against a server until the block is left.

    Raises:
        NodeMissingError: there is no node.
    """
    command = [_program("node"), str(NODE_FOLDER / "calls.mjs"), str(folder), f"{address}/v1"]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
        ) as process,
    ):
        yield NodeClient(process, log, key)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NodeMissingError(
            f"no {name} for the tests of the Node client: install Node.js 18 or newer with npm "
            "(on Debian as root: apt-get install nodejs npm)"
        )
    return found
