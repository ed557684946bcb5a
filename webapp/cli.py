"""Operator commands: ``flask --app wsgi …``. None of them asks a question. Knows no table."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click
import pysqlite3.dbapi2 as sqlite
from flask import Flask
from flask.cli import AppGroup

from webapp.access import accounts, api_keys, invites, staff, staff_members
from webapp.access.permissions import ROLES
from webapp.access.tenants import create_tenant, list_tenants
from webapp.backup import back_up
from webapp.cli_personal_data import personal_data_group
from webapp.customers import history_check, search_index
from webapp.customers.erasures import count_erasures
from webapp.database import snapshot, transaction
from webapp.database_copy import CopyRefused, copy_database
from webapp.demo.installation import install_demo
from webapp.errors import DeskError
from webapp.identifiers import rfc3339
from webapp.migration_head import migration_head
from webapp.settings import PROJECT_ROOT, Settings

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
    app.cli.add_command(personal_data_group(COMMAND_ACTOR, _clear_errors))
    for group in (_tenants_group(), _keys_group(), _staff_group(), _history_group(), _search_group()):
        app.cli.add_command(group)

    @app.cli.command("demo")
    def demo() -> None:
        """Install demo data where it is missing, and say how to use it."""
        with _clear_errors():
            click.echo(install_demo(settings))

    @app.cli.command("backup")
    @click.argument("file", type=click.Path(path_type=Path))
    def backup(file: Path) -> None:
        """Copy the SQLite database to the new file FILE while it is being served, and check the copy."""
        with _clear_errors(), _progress_bars() as progress:
            try:
                made = back_up(file, partial(progress, "Copying"))
            except (OSError, sqlite.Error) as error:
                raise click.ClickException(f"The copy cannot be written: {error}") from None
        click.echo(f"{file}: {made.size} bytes at {made.revision}, copied and checked in {made.seconds:.1f} s")
        click.echo("It has no secret key: keep SECRET_KEY, or the instance folder's file secret_key, with it.")

    @app.cli.command("copy-database")
    @click.argument("source_url", envvar="SOURCE_DATABASE_URL")
    def copy(source_url: str) -> None:
        """Copy everything from SOURCE_URL into this installation's database, which must be migrated and empty."""
        began = time.monotonic()
        with _progress_bars() as progress:
            try:
                made = copy_database(source_url, settings, migration_head(PROJECT_ROOT / "migrations"), progress)
            except CopyRefused as error:
                raise click.ClickException(str(error)) from None
        for table, rows in made.rows.items():
            click.echo(f"{table}\t{rows}")
        rows, seconds = sum(made.rows.values()), time.monotonic() - began
        click.echo(f"{rows} rows copied in {seconds:.0f} s; {made.customers} customers verified, 0 with faults")
        click.echo("Set DATABASE_URL, and keep SECRET_KEY: sign-ins and second factors work with no other.")


@contextmanager
def _progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Show a terminal a bar for each thing that is done, one below the other; others are shown nothing."""
    with ExitStack() as stack:
        bars: dict[str, Any] = {}

        def progress(what: str, done: int, all_: int) -> None:
            if what not in bars:
                stack.close()  # the one before is at its end
                hidden = not sys.stderr.isatty()
                bars[what] = stack.enter_context(
                    click.progressbar(length=1, label=what, file=sys.stderr, hidden=hidden)
                )
            bars[what].length = max(all_, 1)
            bars[what].update(done - bars[what].pos)

        yield progress


def _tenants_group() -> AppGroup:
    group = AppGroup("tenants", help="Companies that use the desk, and their environments.")

    @group.command("create")
    @click.argument("name")
    def create(name: str) -> None:
        """Create the tenant NAME with a production and a sandbox environment, and print the three IDs."""
        with _clear_errors():
            made = create_tenant(name)
        click.echo(f"tenant\t{made.id}")
        for kind, environment_id in made.environments.items():
            click.echo(f"{kind}\t{environment_id}")

    @group.command("list")
    def show() -> None:
        """List the tenants, oldest first, tab-separated."""
        click.echo("id\tname\tproduction\tsandbox")
        for tenant in list_tenants():
            environments = (tenant.environments.get(kind, "") for kind in ("production", "sandbox"))
            click.echo("\t".join((tenant.id, tenant.name, *environments)))

    return group


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

    @group.command("roll")
    @click.argument("key_id")
    @click.option(
        "--hours", default=24, show_default=True, type=click.IntRange(0, 24 * 366), help="So long the old key goes on."
    )
    def roll(key_id: str, hours: int) -> None:
        """Print a new key in place of KEY_ID, which goes on for some hours; nothing can show the new one again."""
        with _clear_errors():
            click.echo(api_keys.roll_api_key(key_id, timedelta(hours=hours), COMMAND_ACTOR))

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
    @click.option("--role", required=True, type=click.Choice(ROLES))
    @click.option("--tenant", default="", help="ID of the tenant; needed only when there are several.")
    def create(email: str, role: str, tenant: str) -> None:
        """Create the staff member EMAIL and print a password for them, alone."""
        with _clear_errors():
            click.echo(staff.create_staff(email, role, tenant_id=tenant))

    @group.command("invite")
    @click.argument("email")
    @click.option("--role", required=True, type=click.Choice(ROLES))
    @click.option("--tenant", default="", help="ID of the tenant; needed only when there are several.")
    def invite(email: str, role: str, tenant: str) -> None:
        """Print the path of a link by which EMAIL becomes a staff member; it works once, within seven days."""
        with _clear_errors():
            tenant_id = staff.tenant_or_the_only_one(tenant)
            click.echo(f"/invites/{invites.create_invite(tenant_id, email, role, COMMAND_ACTOR)}")

    @group.command("list")
    def show() -> None:
        """List the staff members of every tenant, tab-separated."""
        click.echo("id\temail\trole\tstate\tsecond factor\ttenant\tlast seen\topen sign-ins")
        for tenant_id, member in staff_members.list_all_members():
            state, factor = "active" if member.active else "disabled", "on" if member.has_second_factor else "off"
            seen = rfc3339(member.last_seen_at) if member.last_seen_at else "never"
            columns = (member.id, member.email, member.role, state, factor, tenant_id, seen, str(member.open_sessions))
            click.echo("\t".join(columns))

    @group.command("disable")
    @click.argument("email")
    def disable(email: str) -> None:
        """Let EMAIL in no more; all of their sign-ins end at once."""
        with _clear_errors():
            staff_members.disable(*staff_members.find_by_email(email))
        click.echo(f"disabled {email}")

    @group.command("enable")
    @click.argument("email")
    def enable(email: str) -> None:
        """Let the disabled EMAIL sign in again."""
        with _clear_errors():
            staff_members.enable(*staff_members.find_by_email(email))
        click.echo(f"enabled {email}")

    @group.command("reset-second-factor")
    @click.argument("email")
    def reset_second_factor(email: str) -> None:
        """Have EMAIL sign in by the password alone; all of their sign-ins end."""
        with _clear_errors():
            staff_members.reset_second_factor(*staff_members.find_by_email(email))
        click.echo(f"reset the second factor of {email}")

    @group.command("reset-password")
    @click.argument("email")
    def reset_password(email: str) -> None:
        """Print a new password for EMAIL, alone; all of their sign-ins end."""
        with _clear_errors():
            _, staff_id = staff_members.find_by_email(email)
            click.echo(accounts.reset_password(staff_id))

    return group


def _history_group() -> AppGroup:
    group = AppGroup("history", help="The history of customers.")

    @group.command("verify")
    def verify() -> None:
        """Replay every customer's history and compare it with its row. Exit code 1 when one differs."""
        with snapshot() as connection:
            faults = checked = 0
            for fault in history_check.verify(connection):
                checked += 1
                if fault:
                    faults += 1
                    click.echo(fault, err=True)
            erased = count_erasures(connection)
        click.echo(f"{checked} customers verified, {faults} with faults" + (f", {erased} erased" if erased else ""))
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
