"""Scans the real server, signed in, for known kinds of holes with wapiti: ``make scan``.

A fresh SQLite installation with demo data is served on loopback and scanned: the desk as its administrator, the API as
a program with a write key. Findings end it with status 1, and so does a rule of scan_targets.py that was not reached;
what was found is written to the folder that is printed.
"""

import http.cookiejar
import json
import os
import re
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import scan_targets as targets

PROJECT = Path(__file__).resolve().parent.parent
EMAIL, OTHER_EMAIL = "scan@desk.example", "other@desk.example"
#: What can be looked for on this machine alone, without asking a service elsewhere (as ssrf, xxe, log4shell and wapp
#: would) and without guessing at names by the thousand. Without ldap, too: nothing here speaks it, and the module takes
#: any two answers that differ for a finding, as all pages with a CSRF token do. TLS, and what depends on it (HSTS, the
#: Secure cookie), is the proxy's: tests/test_security.py looks at it.
MODULES = "backup,crlf,csp,csrf,exec,file,htaccess,methods,permanentxss,redirect,shellshock,sql,timesql,upload,xss"
SECONDS_TO_CRAWL = 120
#: What each module has, by the scan. All are to end in a quarter of an hour, and the forms have most to be tried.
SECONDS_FOR_EACH_MODULE = {"desk": 35, "forms": 70, "lists": 20, "api": 15, "environment": 10}
#: The edit form has more, as wapiti reads it, with a value for each button: it alone would take a slow module's time.
#: The scan of the forms sends it shorter.
MOST_PARAMETERS = 30
START_SECONDS = 60


def run(*command: str, environment: dict[str, str]) -> str:
    """Run a command of this project. Returns what it printed."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    done = subprocess.run(flask, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    return done.stdout.strip()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """A fresh installation, served until the block is left: its address, the administrator's password, its settings."""
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
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "webapp.server"], cwd=PROJECT, env=environment, stdout=log, stderr=log
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_ready(address)
        yield address, password, environment
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


def new_key(environment: dict[str, str]) -> str:
    """An API key that may write."""
    return run(
        "keys", "create", "--name", "scan", "--environment", "env_prod_001", "--scope", "write", environment=environment
    )


def call(address: str, key: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Call the API. Returns what it answered."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"x-api-key": key, **({"Content-Type": "application/json"} if data else {})}
    asked = urllib.request.Request(address + path, data, headers, method=method)  # noqa: S310 - our own server
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read() or "null")


def prepare_customers(address: str, key: str) -> targets.Customers:
    """Have a change to look at and to revert, and a customer to restore."""
    chosen = targets.Customers.among(call(address, key, "GET", "/v1/customers?limit=1000")["items"])
    call(address, key, "PATCH", f"/v1/customers/{targets.EXAMPLE}", {"contact": "5550100"})
    call(address, key, "DELETE", f"/v1/customers/{chosen.restored}")
    return chosen


def prepare_staff(address: str, folder: Path, environment: dict[str, str]) -> targets.StaffIds:
    """Have somebody else whose sign-in can be ended; the demo's own administrator can be disabled."""
    password = run(
        "staff", "create", OTHER_EMAIL, "--role", "viewer", "--tenant", "tenant_001", environment=environment
    )
    sign_in(address, password, OTHER_EMAIL)
    with closing(sqlite3.connect(folder / "customer_desk.sqlite3")) as connection:
        ids = dict(connection.execute("SELECT email, id FROM staff").fetchall())
        (key_id,) = connection.execute("SELECT id FROM api_keys WHERE name = 'scan'").fetchone()
    own, signed_in = ids.pop(EMAIL), ids.pop(OTHER_EMAIL)
    (disabled,) = ids.values()
    return targets.StaffIds(own, signed_in, disabled, key_id)


def sign_in(address: str, password: str, email: str = EMAIL) -> tuple[str, dict[str, str]]:
    """Sign in as a browser does. Returns the Cookie header, and what goes with each form unseen."""
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    sent = {"csrf_token": hidden_input(browser, f"{address}/sign-in", "csrf_token"), "email": email}
    browser.open(f"{address}/sign-in", urllib.parse.urlencode({**sent, "password": password}).encode()).read()
    # The form's CSRF token goes with the cookie, which the first form sets.
    hidden = {"csrf_token": hidden_input(browser, f"{address}/account", "csrf_token")}
    hidden["environment_id"] = "env_prod_001"
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies if cookie.path == "/"), hidden


def hidden_input(browser: urllib.request.OpenerDirector, page: str, name: str) -> str:
    """What an input of a page's first form holds."""
    held = re.search(rf'name="{name}"[^>]*value="([^"]+)"', browser.open(page).read().decode())
    if held is None:
        sys.exit(f"{page} has no form")
    return held[1]


def is_signed_in(address: str, cookie: str) -> bool:
    """Whether the sign-in still holds: a scan that was signed out has seen nothing."""
    asked = urllib.request.Request(f"{address}/account", headers={"Cookie": cookie})  # noqa: S310 - our own server
    with urllib.request.urlopen(asked, timeout=30) as page:  # noqa: S310
        return urllib.parse.urlsplit(page.url).path == "/account"  # the sign-in page has ?next=/account


def scan(
    wapiti: str, folder: Path, name: str, address: str, document: dict[str, Any], rules: tuple[str, ...], *options: str
) -> int:
    """One scan, begun at what a document describes. Returns how much is amiss, which it prints."""
    report, described = folder / f"{name}.json", folder / f"{name}-openapi.json"
    described.write_text(json.dumps(document))
    command = [
        wapiti, "--url", f"{address}/", "--scope", "domain", "--module", MODULES, "--no-bugreport",
        "--flush-session", "--store-session", str(folder / name), "--level", "1", "--swagger", str(described),
        "--max-links-per-page", "100", "--max-files-per-dir", "40", "--max-parameters", str(MOST_PARAMETERS),
        "--max-scan-time", str(SECONDS_TO_CRAWL), "--max-attack-time", str(SECONDS_FOR_EACH_MODULE[name]),
        "--timeout", "10", "--verbose", "1", "--format", "json", "--output", str(report), *options,
    ]  # fmt: skip
    began = time.monotonic()
    with (folder / f"{name}.txt").open("wb") as output:
        ended = subprocess.run(command, check=False, stdout=output, stderr=output)  # noqa: S603 - our own words
    if ended.returncode:
        sys.exit(f"wapiti failed: the end of {folder / name}.txt says how")
    told = json.loads(report.read_text())
    found = [
        (kind, one) for part in ("vulnerabilities", "anomalies") for kind, ones in told[part].items() for one in ones
    ]
    (store,) = (folder / name).glob("*.db")
    missing = targets.not_reached(rules, stored_in(store))
    count = told["infos"].get("crawled_pages_nbr", "?")
    reached = f"{len(rules) - len(missing)} of {len(rules)} rules"
    print(f"{name}: {count} addresses, {reached}, {len(found)} findings, {time.monotonic() - began:.0f} s", flush=True)
    for line in (folder / f"{name}.txt").read_text(errors="replace").splitlines():
        if stopped := re.match(r"Max attack time was reached for module (\w+)", line):
            print(f"  {stopped[1]} met its time limit, {finished_by(store, stopped[1])}")
        if line.startswith("Max scan time"):
            print("  the crawl met its time limit")
    for rule in missing:
        print(f"  not reached: {rule}")
    for kind, one in found:
        print(f"  {kind}: {one['method']} {one['path']} {one['parameter']}: {one['info']}")
    return len(found) + len(missing)


def stored_in(store: Path) -> list[tuple[str, str, int]]:
    """The method, path and status of each address that wapiti asked for and keeps for its modules."""
    asked = (
        "SELECT method, path, coalesce(status_code, 0) FROM paths"
        " LEFT JOIN responses USING (response_id) WHERE NOT evil"
    )
    with closing(sqlite3.connect(store)) as connection:
        return [(method, urllib.parse.urlsplit(url).path, status) for method, url, status in connection.execute(asked)]


def finished_by(store: Path, module: str) -> str:
    """How far a module came: wapiti notes each address that it finished; it attacks by GET and POST alone."""
    with closing(sqlite3.connect(store)) as connection:
        (done,) = connection.execute("SELECT count(*) FROM attack_logs WHERE module = ?", (module,)).fetchone()
        of_all = "SELECT count(*) FROM paths WHERE NOT evil AND method IN ('GET', 'POST')"
        (count,) = connection.execute(of_all).fetchone()
    return f"{done} of {count} addresses done"


def main() -> None:
    """Scan both faces. The argument is wapiti's program."""
    wapiti, folder = sys.argv[1], Path(tempfile.mkdtemp(prefix="customer-desk-scan-"))
    print(f"Reports go to {folder}", flush=True)
    with served(folder) as (address, password, environment):
        customers = prepare_customers(address, new_key(environment))
        staff = prepare_staff(address, folder, environment)
        cookie, hidden = sign_in(address, password)
        signed_in = ("--header", f"Cookie: {cookie}")
        none = targets.document({})
        amiss = 0
        for name, depth, document, rules, starts, kept in (
            ("forms", 0, targets.forms_document(hidden), targets.FORM_RULES, (), ()),
            ("desk", 2, none, targets.DESK_RULES, targets.start_points(customers, staff),
             targets.kept_from(customers, staff)),
            ("lists", 1, none, targets.LIST_RULES, targets.LISTS, targets.NO_LISTS),
        ):  # fmt: skip
            led = [part for path in starts for part in ("--start", address + path)]
            skipped = [part for path in kept for part in ("--exclude", address + path)]
            amiss += scan(
                wapiti, folder, name, address, document, rules, "--depth", str(depth), *signed_in, *led, *skipped
            )
            if not is_signed_in(address, cookie):
                sys.exit("the scan was signed out on its way, so it says nothing")
        key = new_key(environment)  # the desk's scan has rolled or revoked the one before
        described = targets.api_document(call(address, key, "GET", "/openapi.json"), customers)
        limits = ("--depth", "2", "--header", f"x-api-key: {key}", "--exclude", f"{address}/static/*")
        amiss += scan(wapiti, folder, "api", address, described, targets.API_RULES, *limits)
        switch = targets.environment_document(hidden)
        limits = ("--depth", "0", *signed_in)
        amiss += scan(wapiti, folder, "environment", address, switch, targets.ENVIRONMENT_RULES, *limits)
        log = (folder / "server.log").read_text().splitlines()
    failed = [line for line in log if '"level":"error"' in line or '"level": "error"' in line]
    print(f"{len(failed)} lines of errors in the server's log")
    sys.exit(1 if amiss or failed else 0)


if __name__ == "__main__":
    main()
