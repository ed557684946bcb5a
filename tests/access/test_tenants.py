"""Tenants: the commands by which an operator creates and lists them, on both databases."""

import re

import pytest
from click.testing import Result
from flask import Flask

from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import fill_in
from tests.support.world import World


def run(app: Flask, *words: str) -> Result:
    """Run an operator's command."""
    return app.test_cli_runner().invoke(args=list(words))


def test_a_new_tenant_can_be_worked_with(app_on_each_database: Flask) -> None:
    """By its first administrator and by a key, in an installation that had nothing before."""
    app = app_on_each_database
    made = run(app, "tenants", "create", " Acme Corp ")
    assert (made.exit_code, made.stderr) == (0, "")
    ids = dict(line.split("\t") for line in made.stdout.splitlines())
    assert list(ids) == ["tenant", "production", "sandbox"]
    assert run(app, "tenants", "list").stdout.splitlines()[1:] == [
        "\t".join((ids["tenant"], "Acme Corp", ids["production"], ids["sandbox"]))
    ]
    key = run(app, "keys", "create", "--environment", ids["production"], "--scope", "write", "--name", "Job").stdout
    program = ApiClient(app, World(app), key.strip())
    answer = program.request("POST", "/v1/customers", json={"external_id": "user_1", "name": "First"})
    assert (answer.status_code, answer.get_json()["tenant_id"]) == (201, ids["tenant"])
    password = run(app, "staff", "create", "admin@acme.example", "--role", "admin").stdout.strip()
    desk = DeskClient(app, role=None)
    assert fill_in(desk, email="admin@acme.example", password=password).status == 302
    assert "First" in desk.get("/customers").text("main")


def test_each_tenant_is_listed_with_its_environments(world: World) -> None:
    """Oldest first; one that has no sandbox has none in the list."""
    head, *rows = (line.split("\t") for line in run(world.app, "tenants", "list").stdout.splitlines())
    assert head == ["id", "name", "production", "sandbox"]
    assert rows == [
        ["tenant_home", "tenant_home", "env_home_production", "env_home_sandbox"],
        ["tenant_elsewhere", "tenant_elsewhere", "env_elsewhere_production", ""],
    ]


@pytest.mark.parametrize("name", ["", " ", "a\tb", "x" * 256], ids=["none", "spaces", "a control character", "long"])
def test_a_tenant_needs_a_name(app: Flask, name: str) -> None:
    """On standard error, and nothing is created."""
    result = run(app, "tenants", "create", name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.match(r"Error: Name the tenant, with at most 255 characters", result.stderr)
    assert len(run(app, "tenants", "list").stdout.splitlines()) == 1
