"""The demo: installed once for this file, then looked at as the newcomer does whom its welcome text greets."""

import itertools
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import fill_in
from tests.support.world import World
from webapp import Settings, create_app
from webapp.access.api_keys import list_api_keys, revoke_api_key
from webapp.access.model import Environment
from webapp.customers.history_check import verify
from webapp.database import Base, db, reading
from webapp.demo.customers import demo_customers

PUBLISHED = "/v1/customers/cust_abc123xyz789"
BEFORE = {
    "id": "cust_abc123xyz789",
    "external_id": "user_12345",
    "name": "Acme Corp",
    "email": "billing@acme.com",
    "address_line1": "123 Main Street",
    "address_line2": "",
    "address_city": "San Francisco",
    "address_state": "CA",
    "address_postal_code": "94105",
    "address_country": "US",
    "parent_customer_id": None,
    "environment_id": "env_prod_001",
    "tenant_id": "tenant_001",
    "status": "published",
    "created_at": "2024-01-15T10:30:00.000000Z",
    "created_by": "user_admin",
}
AFTER = BEFORE | {
    "name": "Acme Corp (Updated)",
    "email": "billing-new@acme.com",
    "metadata": {"plan_tier": "enterprise_plus", "renewal_date": "2025-01-15"},
}


def application(folder: Path) -> Flask:
    """The application on the installation in a folder."""
    environment = {"INSTANCE_PATH": str(folder), "SECRET_KEY": "k" * 32, "LOG_LEVEL": "ERROR"}
    return create_app(Settings.from_environment(environment))


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> tuple[Path, str]:
    """The folder of an installation with the demo, and the text that was printed; each test gets a copy."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(migrated_sqlite, folder)
    app = application(folder)
    printed = run_demo(app)
    with app.app_context():
        db.engine.dispose()
    return folder, printed


@pytest.fixture
def demo(installation: tuple[Path, str], tmp_path: Path) -> Iterator[Flask]:
    """The application on a copy of the installation."""
    shutil.copytree(installation[0], tmp_path / "demo")
    app = application(tmp_path / "demo")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def welcome(installation: tuple[Path, str]) -> str:
    """The text that was printed."""
    return installation[1]


def said(welcome: str, label: str) -> str:
    """What the text says behind a label."""
    found = re.search(rf"^  {label}\s+(\S+)$", welcome, re.MULTILINE)
    assert found, f"the text has no {label}"
    return found[1]


def run_demo(app: Flask) -> str:
    """``demo`` once more; what it prints."""
    result = app.test_cli_runner().invoke(args=["demo"], input="", catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def everything(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with app.app_context(), reading() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in Base.metadata.tables.items()
        }


def test_the_published_customer_is_as_on_its_page(demo: Flask, welcome: str) -> None:
    """Before that page's update; the printed key reads it."""
    body = ApiClient(demo, World(demo), said(welcome, "API key")).get(PUBLISHED).json
    assert {name: body[name] for name in BEFORE} == BEFORE
    assert set(body["metadata"]) == {"plan_tier", "renewal_date"}


def test_the_printed_curl_command_gives_the_published_answer(demo: Flask, welcome: str) -> None:
    """Pasted as it stands: method, address, headers and body."""
    words = shlex.split(welcome[welcome.index("curl ") :])
    assert words[:3] == ["curl", "-X", "PUT"]
    address = words[3]
    headers = dict(word.split(": ", 1) for flag, word in itertools.pairwise(words) if flag == "-H")
    data = words[words.index("-d") + 1]
    assert address == f"http://127.0.0.1:8000{PUBLISHED}"
    assert headers["Authorization"] == f"Bearer {said(welcome, 'API key')}"
    assert json.loads(data)["name"] == AFTER["name"]
    answer = demo.test_client().put(PUBLISHED, data=data, headers=headers)
    assert answer.status_code == 200
    assert {name: answer.json[name] for name in AFTER} == AFTER


def test_the_printed_sign_in_works(demo: Flask, welcome: str) -> None:
    """And its person may edit."""
    desk = DeskClient(demo, role=None)
    assert fill_in(desk, email=said(welcome, "sign in"), password=said(welcome, "password")).status == 302
    assert desk.get("/customers/cust_abc123xyz789/edit").status == 200


def test_the_address_of_the_desk_is_printed(welcome: str) -> None:
    """First of all."""
    assert welcome.split("\n")[1] == "Customer Desk is at http://127.0.0.1:8000"


def test_there_is_one_tenant_with_production_and_sandbox(demo: Flask) -> None:
    """``tenant_001``, ``env_prod_001`` and a sandbox."""
    with demo.app_context(), reading() as connection:
        columns = (Environment.id, Environment.tenant_id, Environment.kind)
        found = connection.execute(select(*columns).order_by(Environment.kind)).all()
    assert [tuple(row) for row in found] == [
        ("env_prod_001", "tenant_001", "production"),
        ("env_sandbox_001", "tenant_001", "sandbox"),
    ]


def test_every_demo_customer_is_installed(demo: Flask) -> None:
    """Some 300 beside the published one, each with a history that leads to its row."""
    with demo.app_context(), reading() as connection:
        number = connection.execute(select(func.count()).select_from(Base.metadata.tables["customers"])).scalar_one()
        faults = list(verify(connection))
    assert number == len(demo_customers()) + 1
    assert number >= 300
    assert faults == [None] * number


def test_installing_twice_changes_nothing(demo: Flask, welcome: str) -> None:
    """Not one row, and the text is the same."""
    before = everything(demo)
    assert run_demo(demo) == welcome
    assert everything(demo) == before


def test_installing_again_keeps_what_was_edited(demo: Flask, welcome: str) -> None:
    """An edited record stays edited, whatever its external ID is now."""
    api = ApiClient(demo, World(demo), said(welcome, "API key"))
    assert api.put(PUBLISHED, {"name": "Mine", "external_id": "mine"}).status_code == 200
    before = everything(demo)["customers"]
    run_demo(demo)
    assert everything(demo)["customers"] == before


def test_a_revoked_demo_key_is_replaced(demo: Flask, welcome: str) -> None:
    """The text never shows a dead key."""
    with demo.app_context():
        (key,) = list_api_keys()
        revoke_api_key(key.id)
    new = said(run_demo(demo), "API key")
    assert new != said(welcome, "API key")
    assert ApiClient(demo, World(demo), new).get(PUBLISHED).status_code == 200


def test_key_and_password_are_this_installations_own(tmp_path: Path, migrated_sqlite: Path, welcome: str) -> None:
    """Another secret key, another key and password: nobody knows them from elsewhere."""
    shutil.copy(migrated_sqlite, tmp_path)
    environment = {"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": "another" * 5, "LOG_LEVEL": "ERROR"}
    other = run_demo(create_app(Settings.from_environment(environment)))
    assert said(other, "API key") != said(welcome, "API key")
    assert said(other, "password") != said(welcome, "password")
