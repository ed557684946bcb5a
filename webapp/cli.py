"""Operator commands: ``flask --app wsgi …``. None of them asks a question. Knows no table."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import AppGroup

from webapp.access import api_keys, staff
from webapp.customers import history, search_index
from webapp.database import snapshot, transaction
from webapp.demo.installation import install_demo
from webapp.errors import DeskError
from webapp.identifiers import rfc3339
from webapp.settings import Settings

COMMAND_ACTOR = "command"


@contextmanager
def _clear_errors() -> Iterator[None]:
    """A domain error ends the command with its sentence and exit code 1, without a traceback."""
    try:
        yield
    except DeskError as error:
        raise click.ClickException(error.message) from None


def init_cli(app: Flask, settings: Settings) -> None:
    """Add the commands to ``app``."""
    for group in (_keys_group(), _staff_group(), _history_group(), _search_group()):
        app.cli.add_command(group)

    @app.cli.command("demo")
    def demo() -> None:
        """Install demo data where it is missing, and say how to use it."""
        with _clear_errors():
            click.echo(install_demo(settings))


def _keys_group() -> AppGroup:
    group = AppGroup("keys", help="API keys.")

    @group.command("create")
    @click.option("--environment", required=True, help="ID of the environment that the key belongs to.")
    @click.option("--scope", required=True, type=click.Choice(api_keys.SCOPES))
    @click.option("--name", required=True, help="What the key is for.")
    def create(environment: str, scope: str, name: str) -> None:
        """Create an API key and print it, alone; nothing can show it again."""
        with _clear_errors():
            click.echo(api_keys.create_api_key(environment, scope, name, COMMAND_ACTOR))

    @group.command("list")
    def show() -> None:
        """List the API keys, newest first, tab-separated."""
        click.echo("id\tprefix\tname\tscope\tenvironment\tcreated\tcreated by\tlast use\tstate")
        for key in api_keys.list_api_keys():
            last_use = rfc3339(key.last_used_at) if key.last_used_at else "never"
            columns = (key.id, key.prefix, key.name, key.scope, key.environment_id, rfc3339(key.created_at))
            click.echo("\t".join((*columns, key.created_by, last_use, api_keys.state_of(key))))

    @group.command("revoke")
    @click.argument("key_id")
    def revoke(key_id: str) -> None:
        """Revoke the API key KEY_ID; it is dead on the next request."""
        with _clear_errors():
            api_keys.revoke_api_key(key_id)
        click.echo(f"revoked {key_id}")

    return group


def _staff_group() -> AppGroup:
    group = AppGroup("staff", help="People who sign in to the desk.")

    @group.command("create")
    @click.argument("email")
    @click.option("--role", required=True, type=click.Choice(staff.ROLES))
    @click.option("--tenant", default="", help="ID of the tenant; needed only when there are several.")
    def create(email: str, role: str, tenant: str) -> None:
        """Create the staff member EMAIL and print a password for them, alone."""
        with _clear_errors():
            click.echo(staff.create_staff(email, role, tenant_id=tenant))

    return group


def _history_group() -> AppGroup:
    group = AppGroup("history", help="The history of customers.")

    @group.command("verify")
    def verify() -> None:
        """Replay every customer's history and compare it with its row. Exit code 1 when one differs."""
        with snapshot() as connection:
            faults = checked = 0
            for fault in history.verify(connection):
                checked += 1
                if fault:
                    faults += 1
                    click.echo(fault, err=True)
        click.echo(f"{checked} customers verified, {faults} with faults")
        if faults:
            raise SystemExit(1)

    return group


def _search_group() -> AppGroup:
    group = AppGroup("search", help="What customers are searched by.")

    @group.command("verify")
    def verify() -> None:
        """Compare the search's side tables with the customers. Exit code 1 when one differs."""
        faults = checked = 0
        with snapshot() as connection:
            for fault in search_index.verify(connection):
                checked += 1
                if fault:
                    faults += 1
                    click.echo(fault, err=True)
        if fault := transaction(search_index.trigrams_fault):
            faults += 1
            click.echo(fault, err=True)
        click.echo(f"{checked} customers verified, {faults} with faults")
        if faults:
            raise SystemExit(1)

    @group.command("rebuild")
    def rebuild() -> None:
        """Write the search's side tables anew from the customers; nothing else can be written meanwhile."""
        click.echo(f"{transaction(search_index.rebuild)} customers indexed")

    return group
