"""Restoring an installation in another place, and what must be true of it then. Knows no way to make a backup."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.request import Request, urlopen

from tests.safety.installation import Installation, application, environment_of
from tests.support.clients import DeskClient
from tests.support.load import Run
from tests.support.world import World
from webapp.database import db

DATABASE = "customer_desk.sqlite3"


def acknowledged_by_now(run: Run) -> Run:
    """What is known of a run at this moment, while it goes on."""
    known = Run(run.works, 0, lambda: None)
    known.answers = [list(answers) for answers in run.answers]
    return known


@contextmanager
def restored(installation: Installation, copy: Path, folder: Path) -> Iterator[Installation]:
    """The same installation in another folder, as docs/operations says: the copy, and the secret key."""
    with at(installation, folder) as there:
        shutil.copy(copy, folder / DATABASE)
        yield there


@contextmanager
def at(installation: Installation, folder: Path, database_url: str = "") -> Iterator[Installation]:
    """The same installation in another folder, and on another database."""
    folder.mkdir(mode=0o700)
    environment = {**environment_of(folder, database_url), "WORKERS": "1"}
    app = application(environment)
    try:
        yield replace(installation, world=World(app, installation.world.keys), environment=environment)
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def assert_it_serves(installation: Installation) -> None:
    """History and search agree with the customers; a key and a person of before work, and what is written is kept."""
    world = installation.world
    for what in ("history", "search"):
        done = world.app.test_cli_runner().invoke(args=[what, "verify"])
        assert done.exit_code == 0, done.output
    cookie = DeskClient(world.app).client.get_cookie("customer_desk")
    assert cookie is not None
    with installation.served() as served:
        body = json.dumps({"external_id": "after the restoration", "name": "New"}).encode()
        headers = {"x-api-key": world.keys["write"], "Content-Type": "application/json"}
        with urlopen(Request(f"{served.address}/v1/customers", body, headers, method="POST")) as answer:
            assert answer.status == 201
        with urlopen(
            Request(f"{served.address}/customers", headers={"Cookie": f"customer_desk={cookie.value}"})
        ) as page:
            assert page.url.endswith("/customers")
            assert "after the restoration" in page.read().decode()
