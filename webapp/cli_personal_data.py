"""Operator commands for all that is kept about one customer: export, erase, scrub. Knows no table and no rule."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import click
from flask.cli import AppGroup

from webapp.customers import operations
from webapp.customers.lookup import find_customer
from webapp.customers.model import Actor
from webapp.customers.personal_data import export, scope_of
from webapp.customers.remains import scrub
from webapp.database import reading

_ENVIRONMENT = click.option("--environment", default="", help="ID of its environment; needed only if several have it.")
NOT_EMPTIED = "The write-ahead log could not be emptied, because somebody was reading; scrub once more later."


def personal_data_group(actor_id: str, clear_errors: Callable[[], AbstractContextManager[None]]) -> AppGroup:
    """The group ``personal-data``.

    Args:
        actor_id: who the history names.
        clear_errors: ends a command with the sentence of a domain error.
    """
    group = AppGroup("personal-data", help="All that is kept about one customer.")

    @group.command("export")
    @click.argument("customer_id")
    @_ENVIRONMENT
    def export_(customer_id: str, environment: str) -> None:
        """Write all that is kept about CUSTOMER_ID as JSON."""
        with clear_errors():
            with reading() as connection:
                scope = scope_of(connection, customer_id, environment)
            for piece in export(reading, scope, customer_id):
                sys.stdout.buffer.write(piece)

    @group.command("erase")
    @click.argument("customer_id")
    @click.option("--reason", required=True, help="Stays in the history for good; nothing about the person.")
    @click.option("--yes", is_flag=True, help="Needed: there is no way back.")
    @_ENVIRONMENT
    def erase(customer_id: str, reason: str, yes: bool, environment: str) -> None:
        """Erase the data of CUSTOMER_ID for good; its history keeps who changed which fields when."""
        if not yes:
            raise click.UsageError("Nothing was erased. There is no way back: say --yes to do it.")
        with clear_errors():
            with reading() as connection:
                scope = scope_of(connection, customer_id, environment)
                before = find_customer(connection, scope, customer_id)
            actor = Actor("command", actor_id, actor_id, "command")
            outcome = operations.erase_customer(scope, actor, before.id, reason=reason)
        if outcome.change is None:
            click.echo(f"{customer_id} was erased before")
            return
        click.echo(f"erased {customer_id} at version {outcome.customer.version}")
        click.echo(
            "Run 'personal-data scrub' to have its bytes out of the database's files, too. Backups hold all of it."
        )

    @group.command("scrub")
    def scrub_() -> None:
        """Rewrite the database's files without the bytes of what was erased; for a quiet hour, others have to wait."""
        with clear_errors():
            is_done = scrub()
        if not is_done:
            raise click.ClickException(NOT_EMPTIED)
        click.echo("scrubbed")

    return group
