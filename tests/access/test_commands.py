"""Operator commands about staff and API keys, for when the desk itself cannot help."""

import pytest
from click.testing import Result
from flask import Flask

from tests.support.administration import staff_row
from tests.support.authenticator import code_of
from tests.support.clients import ApiClient, DeskClient
from tests.support.sign_in import fill_in
from tests.support.world import HOME, World
from webapp.access.api_keys import list_api_keys
from webapp.access.second_factor import propose, switch_on

EMAIL = "editor@desk.example"


def run(app: Flask, *arguments: str) -> Result:
    """``flask --app wsgi …``, with nothing to read: a question would end it."""
    return app.test_cli_runner().invoke(args=list(arguments), input="")


def listed(app: Flask) -> dict[str, dict[str, str]]:
    """What ``staff list`` shows, by address."""
    head, *rows = (line.split("\t") for line in run(app, "staff", "list").stdout.splitlines())
    return {row[1]: dict(zip(head, row, strict=True)) for row in rows}


def test_staff_list_shows_everybody(world: World) -> None:
    """Of every tenant, with state, second factor and open sign-ins."""
    DeskClient(world.app, "editor")
    found = listed(world.app)
    assert sorted(found) == ["admin@desk.example", EMAIL, "viewer@desk.example"]
    assert (found[EMAIL]["state"], found[EMAIL]["second factor"], found[EMAIL]["open sign-ins"]) == (
        "active",
        "off",
        "1",
    )
    assert found[EMAIL]["last seen"].endswith("Z")
    assert (found["viewer@desk.example"]["last seen"], found[EMAIL]["tenant"]) == ("never", HOME.tenant_id)


def test_staff_disable_and_enable(world: World) -> None:
    """The sign-ins end; the last administrator stays."""
    desk = DeskClient(world.app, "editor")
    assert run(world.app, "staff", "disable", EMAIL).stdout == f"disabled {EMAIL}\n"
    assert desk.get("/account").status == 303
    assert listed(world.app)[EMAIL]["state"] == "disabled"
    assert run(world.app, "staff", "enable", "Editor@Desk.example").exit_code == 0
    assert listed(world.app)[EMAIL]["state"] == "active"
    refused = run(world.app, "staff", "disable", "admin@desk.example")
    assert (refused.exit_code, refused.stderr.startswith("Error: This is the last active")) == (1, True)


def test_staff_invite_prints_the_path_of_the_link_alone(world: World) -> None:
    """Which opens."""
    words = ["staff", "invite", "new@desk.example", "--role", "viewer", "--tenant", HOME.tenant_id]
    result = run(world.app, *words)
    assert (result.exit_code, result.stderr) == (0, "")
    page = DeskClient(world.app, role=None).get(result.stdout.strip())
    assert (page.status, page.one("#email")["value"]) == (200, "new@desk.example")


def test_staff_invite_asks_which_tenant(world: World) -> None:
    """There are two."""
    result = run(world.app, "staff", "invite", "new@desk.example", "--role", "viewer")
    assert (result.exit_code, result.stderr) == (1, "Error: Name the tenant: there are 2.\n")


def test_staff_reset_second_factor_lets_the_password_suffice(world: World) -> None:
    """For the administrator who lost everything."""
    with world.app.app_context():
        proposal = propose(EMAIL)
        switch_on("staff_editor", proposal.secret, code_of(proposal.key))
    assert listed(world.app)[EMAIL]["second factor"] == "on"
    assert run(world.app, "staff", "reset-second-factor", EMAIL).exit_code == 0
    assert fill_in(DeskClient(world.app, role=None), email=EMAIL).status == 302


def test_staff_reset_password_prints_a_new_one_alone(world: World) -> None:
    """With which the person signs in."""
    before = staff_row(world.app, EMAIL)["password"]
    (password,) = run(world.app, "staff", "reset-password", EMAIL).stdout.splitlines()
    assert staff_row(world.app, EMAIL)["password"] != before
    assert fill_in(DeskClient(world.app, role=None), email=EMAIL, password=password).status == 302


@pytest.mark.parametrize("command", ["disable", "enable", "reset-second-factor", "reset-password"])
def test_nobody_of_an_address_is_a_clear_error(world: World, command: str) -> None:
    """A slip must not look like a success."""
    result = run(world.app, "staff", command, "nobody@desk.example")
    assert (result.exit_code, result.stderr) == (1, "Error: There is no staff member nobody@desk.example.\n")


def test_keys_roll_prints_the_new_key_alone(world: World) -> None:
    """The old one goes on for the hours that are given."""
    with world.app.app_context():
        key_id = next(key.id for key in list_api_keys() if key.name == "write key")
    (key,) = run(world.app, "keys", "roll", key_id, "--hours", "0").stdout.splitlines()
    assert ApiClient(world.app, world, key).get("/v1/customers").status_code == 200
    assert ApiClient(world.app, world).get("/v1/customers").status_code == 401
    again = run(world.app, "keys", "roll", key_id)
    assert (again.exit_code, again.stderr.startswith("Error: Only an active key")) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        *(["staff", name] for name in ("list", "invite", "disable", "enable", "reset-second-factor", "reset-password")),
        ["keys", "roll"],
    ],
    ids=" ".join,
)
def test_each_command_explains_itself(app: Flask, words: list[str]) -> None:
    """By --help."""
    result = run(app, *words, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) >= 3
