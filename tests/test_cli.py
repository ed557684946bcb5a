"""Operator commands, as an operator gives them: what they print, where, and their exit codes."""

from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text, update

from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import fill_in
from tests.support.world import HOME, World
from webapp.access.model import ApiKey
from webapp.database import transaction
from webapp.identifiers import now


def run(app: Flask, *arguments: str) -> Result:
    """``flask --app wsgi …``, with nothing to read: a question would end it."""
    return app.test_cli_runner().invoke(args=list(arguments), input="")


def listed(app: Flask) -> list[dict[str, str]]:
    """What ``keys list`` shows."""
    head, *rows = (line.split("\t") for line in run(app, "keys", "list").stdout.splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


def create_key(app: Flask, **options: str) -> Result:
    """``keys create`` with good options, or others."""
    chosen = {"environment": HOME.environment_id, "scope": "write", "name": "Billing job", **options}
    return run(app, "keys", "create", *(word for name, value in chosen.items() for word in (f"--{name}", value)))


def test_keys_create_prints_the_key_alone(world: World) -> None:
    """So that a script can keep it; and it works."""
    result = create_key(world.app)
    assert (result.exit_code, result.stderr) == (0, "")
    (key,) = result.stdout.splitlines()
    customer = world.create_customer()
    assert ApiClient(world.app, world, key).put(f"/v1/customers/{customer.id}", {"name": "New"}).status_code == 200


WRONG_OPTIONS = {
    "unknown environment": ({"environment": "env_unknown"}, 1, "There is no environment env_unknown."),
    "unknown scope": ({"scope": "all"}, 2, "'all' is not one of 'read', 'write'"),
    "empty name": ({"name": " "}, 1, "Name the key"),
    "control character": ({"name": "a\tb"}, 1, "Name the key"),
}


@pytest.mark.parametrize(("options", "code", "message"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS.keys())
def test_keys_create_says_what_is_wrong(world: World, options: dict[str, str], code: int, message: str) -> None:
    """On standard error, without a traceback, and creates nothing."""
    result = create_key(world.app, **options)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert len(listed(world.app)) == len(world.keys)


@pytest.mark.parametrize("missing", ["--environment", "--scope", "--name"])
def test_keys_create_asks_no_question(world: World, missing: str) -> None:
    """A missing option ends it, and is named."""
    options = {"--environment": HOME.environment_id, "--scope": "read", "--name": "Name"}
    words = [word for name, value in options.items() if name != missing for word in (name, value)]
    result = run(world.app, "keys", "create", *words)
    assert result.exit_code == 2
    assert f"Missing option '{missing}'" in result.stderr


def test_keys_list_shows_every_key_newest_first(world: World) -> None:
    """By prefix, with name, scope, environment, creator; never the key."""
    key = create_key(world.app).stdout.strip()
    first = listed(world.app)[0]
    assert (first["name"], first["scope"], first["environment"]) == ("Billing job", "write", HOME.environment_id)
    assert (first["created by"], first["last use"], first["state"]) == ("command", "never", "active")
    assert key.startswith(first["prefix"])
    assert [row["name"] for row in listed(world.app)[1:]] == [f"{name} key" for name in reversed(world.keys)]
    assert not [secret for secret in (key, *world.keys.values()) if secret in run(world.app, "keys", "list").output]


def test_keys_list_shows_the_last_use(api: ApiClient, world: World) -> None:
    """As RFC 3339 in UTC."""
    api.get("/v1/customers/cust_1")
    used = {row["name"]: row["last use"] for row in listed(world.app)}
    assert used["read key"] == "never"
    assert used["write key"].endswith("Z")


@pytest.mark.parametrize(
    ("column", "minutes", "state"),
    [("revoked_at", -1, "revoked"), ("expires_at", -1, "expired"), ("expires_at", 1, "active")],
    ids=["revoked", "expired", "expires later"],
)
def test_keys_list_shows_the_state(world: World, column: str, minutes: int, state: str) -> None:
    """As the API would treat the key."""
    changed = update(ApiKey).where(ApiKey.name == "write key").values({column: now() + timedelta(minutes=minutes)})
    with world.app.app_context():
        transaction(lambda connection: connection.execute(changed))
    assert {row["state"] for row in listed(world.app) if row["name"] == "write key"} == {state}


def test_keys_revoke_kills_the_key(api: ApiClient, world: World) -> None:
    """On its next request."""
    key_id = next(row["id"] for row in listed(world.app) if row["name"] == "write key")
    result = run(world.app, "keys", "revoke", key_id)
    assert (result.exit_code, result.stdout) == (0, f"revoked {key_id}\n")
    assert api.get("/v1/customers/cust_1").status_code == 401


def test_keys_revoke_names_an_unknown_key(world: World) -> None:
    """A slip must not look like a success."""
    result = run(world.app, "keys", "revoke", "key_unknown")
    assert (result.exit_code, result.stderr) == (1, "Error: There is no API key key_unknown.\n")


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
def test_staff_create_prints_a_password_alone(world: World, role: str) -> None:
    """With which the person can sign in, in their role."""
    result = run(world.app, "staff", "create", "new@desk.example", "--role", role, "--tenant", HOME.tenant_id)
    assert (result.exit_code, result.stderr) == (0, "")
    (password,) = result.stdout.splitlines()
    desk = DeskClient(world.app, role=None)
    assert fill_in(desk, email="new@desk.example", password=password).status == 302
    assert desk.get("/customers").text(".account .chip") == role


WRONG_STAFF = {
    "unknown role": (["a@desk.example", "--role", "owner"], 2, "'owner' is not one of"),
    "no role": (["a@desk.example"], 2, "Missing option '--role'"),
    "bad address": (["nobody", "--role", "viewer", "--tenant", HOME.tenant_id], 1, "valid email address"),
    "address in use": (["editor@desk.example", "--role", "viewer", "--tenant", HOME.tenant_id], 1, "already"),
    "several tenants": (["a@desk.example", "--role", "viewer"], 1, "Name the tenant"),
    "unknown tenant": (["a@desk.example", "--role", "viewer", "--tenant", "t"], 1, "There is no tenant t."),
}


@pytest.mark.parametrize(("words", "code", "message"), WRONG_STAFF.values(), ids=WRONG_STAFF.keys())
def test_staff_create_says_what_is_wrong(world: World, words: list[str], code: int, message: str) -> None:
    """On standard error, without a traceback."""
    result = run(world.app, "staff", "create", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_staff_create_says_when_there_is_no_tenant(app: Flask) -> None:
    """In an installation that has nothing yet."""
    result = run(app, "staff", "create", "a@desk.example", "--role", "viewer")
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr


def test_history_verify_agrees_with_what_the_service_wrote(world_on_each_database: World) -> None:
    """Exit code 0."""
    world = world_on_each_database
    parent = world.create_customer(metadata={"a": "1"}, mappings={"stripe": "cus_1"})
    child = world.create_customer(parent=parent.external_id)
    world.update_customer(child, name="New", metadata={"b": "2"})
    result = run(world.app, "history", "verify")
    assert (result.exit_code, result.output) == (0, "2 customers verified, 0 with faults\n")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE customers SET name = 'Forged'", "Name"),
        ("UPDATE customers SET metadata = '{}'", "etadata"),
        ("UPDATE customers SET version = 9", "version 9"),
        ("DELETE FROM integration_mappings", "stripe"),
    ],
    ids=["a field", "metadata", "the version", "a mapping"],
)
def test_history_verify_finds_a_row_that_was_changed_by_hand(
    world_on_each_database: World, statement: str, words: str
) -> None:
    """Exit code 1, the customer and what differs on standard error, the count on standard output."""
    world = world_on_each_database
    customer = world.create_customer(metadata={"a": "1"}, mappings={"stripe": "cus_1"})
    with world.app.app_context():
        transaction(lambda connection: connection.execute(text(statement)))
    result = run(world.app, "history", "verify")
    assert (result.exit_code, result.stdout) == (1, "1 customers verified, 1 with faults\n")
    assert result.stderr.startswith(f"{customer.id}: ")
    assert words in result.stderr


@pytest.mark.parametrize(
    "words",
    [["keys", "create"], ["keys", "list"], ["keys", "revoke"], ["staff", "create"], ["history", "verify"], ["demo"]],
    ids=" ".join,
)
def test_every_command_explains_itself(app: Flask, words: list[str]) -> None:
    """By --help."""
    result = run(app, *words, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) >= 3
