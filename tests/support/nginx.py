"""nginx with the very file that the project hands out: names, ports and certificate filled in, nothing else changed.

Knows how it is started, and how a client speaks to it; not what it is to do.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.support.load_client import ThroughTls
from tests.support.programs import needed_program
from tests.support.served import START_SECONDS, STOP_SECONDS, free_port
from webapp.settings import PROJECT_ROOT

CONFIGURATION = PROJECT_ROOT / "deploy" / "nginx.conf"
#: As the file has it. Its ports of instances are 8001 and 8002.
NAME = "desk.example"
MAIN = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 2048; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/customer-desk.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running proxy.

    Attributes:
        plain_port: where it listens without TLS.
        certificate: the file of its certificate, which clients trust.
        folder: of its logs.
    """

    port: int
    plain_port: int
    certificate: Path
    folder: Path

    @property
    def address(self) -> str:
        """Such as ``https://desk.example:41233``; the name stands for loopback."""
        return f"https://{NAME}:{self.port}"

    def connect(self) -> HTTPConnection:
        """A new connection through TLS."""
        return ThroughTls(NAME, self.port, str(self.certificate))

    def connect_plain(self) -> HTTPConnection:
        """A new connection without."""
        return HTTPConnection("127.0.0.1", self.plain_port, timeout=START_SECONDS)


@contextmanager
def nginx_before(ports: Sequence[int]) -> Iterator[Nginx]:
    """Start nginx in front of instances on ``ports`` of loopback; it ends when the block is left."""
    program = needed_program("nginx")
    folder = Path(tempfile.mkdtemp(prefix="customer-desk-nginx-"))
    proxy = Nginx(free_port(), free_port(), folder / "certificate.pem", folder)
    try:
        make_certificate(proxy.certificate, folder / "key.pem")
        (folder / "customer-desk.conf").write_text(_filled_in(proxy, ports))
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
        command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
        # As root it would run its workers as another, who may not read the folder.
        command += ["-g", "user root;"] if os.geteuid() == 0 else []
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            try:
                _wait_until_it_answers(proxy, process)
                yield proxy
            finally:
                process.terminate()
                process.wait(STOP_SECONDS)
    finally:
        shutil.rmtree(folder)


def make_certificate(certificate: Path, key: Path) -> None:
    """A self-made certificate, by the command of docs/operations.md."""
    (command,) = re.findall(
        r"^ *(openssl req .*?[^\\])$",
        (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    command = command.replace("/etc/customer-desk/tls/certificate.pem", str(certificate))
    command = command.replace("/etc/customer-desk/tls/key.pem", str(key))
    subprocess.run(["sh", "-c", command], check=True, capture_output=True)  # noqa: S607 - whatever sh there is


def _filled_in(proxy: Nginx, ports: Sequence[int]) -> str:
    """The project's file with this proxy's ports and certificate, on loopback alone."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for pattern, new in (
        (r"listen \[::\].*\n *", ""),
        (r"listen 443", f"listen 127.0.0.1:{proxy.port}"),
        (r"listen 80;", f"listen 127.0.0.1:{proxy.plain_port};"),
        (r"127\.0\.0\.1:8001", f"127.0.0.1:{ports[0]}"),
        (r"127\.0\.0\.1:8002", f"127.0.0.1:{ports[1]}"),
        (r"/etc/customer-desk/tls/", f"{proxy.folder}/"),
    ):
        text, count = re.subn(pattern, new, text)
        assert count, f"{pattern} is not in {CONFIGURATION}"
    return text


def _wait_until_it_answers(proxy: Nginx, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = proxy.connect()
        try:
            connection.connect()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise AssertionError(f"nginx did not start: {(proxy.folder / 'error.log').read_text()}")
