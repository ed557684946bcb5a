"""Scans the real server, signed in, for known kinds of holes with wapiti: ``make scan``. Knows no page of the desk.

A fresh SQLite installation with demo data is served on loopback and scanned twice: the desk as its administrator, the
API as a program with a write key. Findings end it with status 1; they are written to the folder that is printed.
"""

import http.cookiejar
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
EMAIL = "scan@desk.example"
#: What can be looked for on this machine alone, without asking a service elsewhere (as ssrf, xxe, log4shell and wapp
#: would) and without guessing at names by the thousand. Without ldap, too: nothing here speaks it, and the module takes
#: any two answers that differ for a finding, as all pages with a CSRF token do. TLS, and what depends on it (HSTS, the
#: Secure cookie), is the proxy's: tests/test_security.py looks at it.
MODULES = "backup,crlf,csp,csrf,exec,file,htaccess,methods,permanentxss,redirect,shellshock,sql,timesql,upload,xss"
#: What would end the scan's own sign-in, or lock it out by wrong passwords.
NOT_SENT = ("/sign-out", "/sign-in*", "/account/sessions/*", "/account/password*", "/account/second-factor*")
SECONDS_TO_CRAWL, SECONDS_FOR_EACH_MODULE = 120, 45
START_SECONDS = 60


def run(*command: str, environment: dict[str, str]) -> str:
    """Run a command of this project. Returns what it printed."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    done = subprocess.run(flask, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    return done.stdout.strip()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A fresh installation, served until the block is left: its address, the administrator's password, an API key."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = {
        **os.environ,
        "INSTANCE_PATH": str(folder),
        "SECRET_KEY": secrets.token_hex(32),
        "DATABASE_URL": "",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WORKERS": "2",
        "LOG_LEVEL": "WARNING",
        "SEARCH_TIMEOUT_SECONDS": "5",
    }
    run("db", "upgrade", environment=environment)
    run("demo", environment=environment)
    password = run("staff", "create", EMAIL, "--role", "admin", "--tenant", "tenant_001", environment=environment)
    key = run(
        "keys", "create", "--name", "scan", "--environment", "env_prod_001", "--scope", "write", environment=environment
    )
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "webapp.server"], cwd=PROJECT, env=environment, stdout=log, stderr=log
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_ready(address)
        yield address, password, key
    finally:
        server.terminate()
        server.wait()


def wait_until_ready(address: str) -> None:
    """Until the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310
            return
        time.sleep(0.2)
    sys.exit("the server did not start")


def sign_in(address: str, password: str) -> str:
    """Sign in as a browser does. Returns the Cookie header."""
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    page = browser.open(f"{address}/sign-in").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if token is None:
        sys.exit("the sign-in page has no form")
    sent = urllib.parse.urlencode({"csrf_token": token[1], "email": EMAIL, "password": password})
    browser.open(f"{address}/sign-in", sent.encode()).read()
    browser.open(f"{address}/customers/new").read()  # whose form's CSRF token goes with the cookie
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies if cookie.path == "/")


def is_signed_in(address: str, cookie: str) -> bool:
    """Whether the sign-in still holds: a scan that was signed out has seen nothing."""
    asked = urllib.request.Request(f"{address}/account", headers={"Cookie": cookie})  # noqa: S310 - our own server
    with urllib.request.urlopen(asked, timeout=30) as page:  # noqa: S310
        return str(page.url).endswith("/account")


def scan(wapiti: str, folder: Path, name: str, address: str, *options: str) -> int:
    """One scan. Returns how many findings it has, which it prints."""
    report = folder / f"{name}.json"
    command = [
        wapiti, "--url", f"{address}/", "--scope", "domain", "--module", MODULES, "--no-bugreport",
        "--flush-session", "--store-session", str(folder / name), "--level", "1", "--depth", "6",
        "--max-links-per-page", "60", "--max-files-per-dir", "12", "--max-parameters", "60",
        "--max-scan-time", str(SECONDS_TO_CRAWL), "--max-attack-time", str(SECONDS_FOR_EACH_MODULE),
        "--timeout", "10", "--verbose", "1", "--format", "json", "--output", str(report), *options,
    ]  # fmt: skip
    with (folder / f"{name}.txt").open("wb") as output:
        subprocess.run(command, check=True, stdout=output, stderr=output)  # noqa: S603 - our own words
    told = json.loads(report.read_text())
    found = [
        (kind, one) for part in ("vulnerabilities", "anomalies") for kind, ones in told[part].items() for one in ones
    ]
    print(f"{name}: {told['infos'].get('crawled_pages_nbr', '?')} addresses, {len(found)} findings")
    for kind, one in found:
        print(f"  {kind}: {one['method']} {one['path']} {one['parameter']}: {one['info']}")
    return len(found)


def main() -> None:
    """Scan both faces. The argument is wapiti's program."""
    wapiti, folder = sys.argv[1], Path(tempfile.mkdtemp(prefix="customer-desk-scan-"))
    print(f"Reports go to {folder}", flush=True)
    with served(folder) as (address, password, key):
        cookie = sign_in(address, password)
        skipped = [part for path in NOT_SENT for part in ("--exclude", address + path)]
        findings = scan(
            wapiti,
            folder,
            "desk",
            address,
            "--start",
            f"{address}/customers",
            "--header",
            f"Cookie: {cookie}",
            *skipped,
        )
        if not is_signed_in(address, cookie):
            sys.exit("the scan was signed out on its way, so it says nothing")
        findings += scan(
            wapiti, folder, "api", address, "--swagger", f"{address}/openapi.json", "--header", f"x-api-key: {key}"
        )
        log = (folder / "server.log").read_text().splitlines()
    failed = [line for line in log if '"level":"error"' in line or '"level": "error"' in line]
    print(f"{len(failed)} lines of errors in the server's log")
    sys.exit(1 if findings or failed else 0)


if __name__ == "__main__":
    main()
