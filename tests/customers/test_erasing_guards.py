"""What the database itself lets an erasure do to the history, and nobody else; and what verifying it finds."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from tests.support.stored import faults_of
from tests.support.world import HOME, World
from webapp.customers.model import Customer, customer_changes, customer_erasures
from webapp.database import is_postgresql, transaction
from webapp.identifiers import now


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def _entries_of(customer: Customer) -> Any:
    return customer_changes.c.customer_id == customer.id


def _begin(customer: Customer) -> Any:
    row = {"environment_id": HOME.environment_id, "tenant_id": HOME.tenant_id, "customer_id": customer.id}
    return insert(customer_erasures).values(**row, at=now())


FORGERIES: dict[str, dict[str, Any]] = {
    "another value": {"fields": [{"field": "contact", "old": "", "new": "forged"}]},
    "nothing like a token": {"fields": [{"field": "contact", "old": "", "new": "erased:2x"}]},
    "another field": {"fields": [{"field": "name", "old": "", "new": "erased:2"}]},
    "one field more": {"fields": [{"field": "contact", "old": "", "new": "erased:2"}] * 2},
    "no field": {"fields": []},
    "a part more": {"fields": [{"field": "contact", "key": "a", "old": "", "new": "erased:2"}]},
    "a value in place of nothing": {"fields": [{"field": "contact", "old": "erased:1", "new": "erased:2"}]},
    "nothing in place of a value": {"fields": [{"field": "contact", "old": "", "new": None}]},
    "another reason": {"reason": "forged"},
    "another person": {"actor_name": "somebody else"},
    "another version": {"version": 99},
}


def test_the_database_lets_values_become_tokens_and_nothing_else(world: World) -> None:
    """Even while an erasure runs."""
    customer = world.create_customer()
    world.update_customer(customer, contact="1", reason="Because")
    last = _entries_of(customer) & (customer_changes.c.version == 2)
    allowed = {"fields": [{"field": "contact", "old": "", "new": "erased:2"}], "reason": "erased:3"}

    def rewrite(connection: Any, values: dict[str, Any]) -> int:
        connection.execute(_begin(customer))
        changed: int = connection.execute(update(customer_changes).where(last).values(**values)).rowcount
        connection.rollback()
        return changed

    with world.app.app_context():
        assert transaction(lambda connection: rewrite(connection, allowed)) == 1
        for forged in FORGERIES.values():
            with pytest.raises(DBAPIError, match="the history of customers cannot be changed"):
                transaction(lambda connection, forged=forged: rewrite(connection, {**allowed, **forged}))


def test_what_is_missing_is_no_token(world: World) -> None:
    """A key under another name: SQL says neither yes nor no of it, which must not count for a yes."""
    customer = world.create_customer()
    world.update_customer(customer, metadata={"plan": "gold"})
    last = _entries_of(customer) & (customer_changes.c.version == 2)
    keyless = [{"field": "metadata", "Key": "plan", "old": None, "new": "erased:1"}]

    def rewrite(connection: Any) -> None:
        connection.execute(_begin(customer))
        connection.execute(update(customer_changes).where(last).values(fields=keyless))

    with world.app.app_context(), pytest.raises(DBAPIError, match="the history of customers cannot be changed"):
        transaction(rewrite)


def test_the_database_keeps_an_erasure_for_good(world: World) -> None:
    """It refuses to delete or change it, to rewrite its history once more, and a new entry behind it."""
    customer = world.create_customer()
    world.erase(customer)
    row = {"environment_id": HOME.environment_id, "tenant_id": HOME.tenant_id, "customer_id": customer.id}
    entry = {
        **row, "version": 99, "id": "chg_99", "operation": "restore", "at": now(), "actor_type": "command",
        "actor_id": "a", "actor_name": "a", "source": "command", "request_id": "", "reason": "", "fields": [],
    }  # fmt: skip
    statements = [
        delete(customer_erasures),
        update(customer_erasures).values(version=None),
        update(customer_erasures).values(version=1),
        update(customer_changes).where(_entries_of(customer)).values(reason="erased:1"),
        delete(customer_changes).where(_entries_of(customer)),
        insert(customer_changes).values(**entry),
        _begin(customer),
    ]
    with world.app.app_context():
        for statement in statements:
            with pytest.raises(DBAPIError, match=r"erasure|erased|history"):
                transaction(lambda connection, statement=statement: connection.execute(statement))


def test_verify_finds_data_that_an_erasure_left(world: World) -> None:
    """Somebody with the database's password can put values back; it is seen."""
    customer = world.create_customer()
    world.erase(customer)
    with world.app.app_context():

        def forge(connection: Any) -> None:
            if is_postgresql(connection):
                connection.execute(text("ALTER TABLE customer_changes DISABLE TRIGGER customer_changes_no_update"))
            else:
                connection.execute(text("DROP TRIGGER customer_changes_no_update"))
            forged = update(customer_changes).where(_entries_of(customer), customer_changes.c.version == 1)
            connection.execute(forged.values(fields=[{"field": "name", "old": "a", "new": "b"}]))

        transaction(forge)
    assert faults_of(world) == [f"{customer.id}: was erased, but its history still holds values"]
