"""The history cannot be rewritten: the database refuses, and verify finds what was done to a row behind its back."""

from contextlib import closing
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest
from flask import Flask
from sqlalchemy import Connection, delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from tests.support.world import SANDBOX, World, seed_world
from webapp.customers.history_check import verify
from webapp.customers.model import Customer, customer_changes, customers, integration_mappings
from webapp.database import is_postgresql, reading, snapshot, transaction

REFUSAL = "the history of customers cannot be changed"


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def write(world: World, statement: Any) -> None:
    """Write past all operations, as somebody with the database's password could."""
    with world.app.app_context():
        transaction(lambda connection: connection.execute(statement))


def verified(world: World) -> list[str | None]:
    """The verdict on each customer."""
    with world.app.app_context(), snapshot() as connection:
        return list(verify(connection))


def row_of(customer: Customer) -> Any:
    """The condition that picks a customer's row."""
    return customers.c.id == customer.id


@pytest.mark.parametrize(
    "statement",
    [
        update(customer_changes).values(actor_name="somebody else"),
        update(customer_changes).values(fields=[]).where(customer_changes.c.version == 2),
        update(customer_changes).values(version=customer_changes.c.version),
        delete(customer_changes),
        delete(customer_changes).where(customer_changes.c.version == 2),
    ],
    ids=["UPDATE of all", "UPDATE of one", "UPDATE to the same", "DELETE of all", "DELETE of one"],
)
def test_the_database_refuses_to_change_the_history(world: World, statement: Any) -> None:
    """Whoever asks, and it stays as it was."""
    customer = world.create_customer()
    world.update_customer(customer, name="After")
    before = world.history(customer)
    with pytest.raises(DBAPIError, match=REFUSAL):
        write(world, statement)
    assert world.history(customer) == before


def test_the_database_refuses_to_replace_an_entry(world: World) -> None:
    """Not by the detour of an insert either."""
    customer = world.create_customer()

    def replace(connection: Connection) -> None:
        columns = ", ".join(customer_changes.c.keys())
        values = columns.replace("actor_name", "'somebody else'")
        copied = f"INTO customer_changes ({columns}) SELECT {values} FROM customer_changes WHERE true"  # noqa: S608
        if is_postgresql(connection):
            connection.execute(text(f"INSERT {copied} ON CONFLICT (id) DO UPDATE SET actor_name = 'somebody else'"))
        else:
            connection.execute(text(f"INSERT OR REPLACE {copied}"))

    with world.app.app_context(), pytest.raises(DBAPIError, match=REFUSAL):
        transaction(replace)
    assert world.history(customer)[0].actor_name == world.actor.name


@pytest.mark.sqlite_only("REPLACE is SQLite's own")
def test_sqlite_refuses_to_replace_an_entry_on_a_plain_connection(app: Flask) -> None:
    """By the file's own triggers, whatever the connection has or has not set."""
    seed_world(app).create_customer()
    path = app.config["SQLALCHEMY_DATABASE_URI"].database
    with closing(sqlite.connect(path)) as connection, pytest.raises(sqlite.Error, match=REFUSAL):
        connection.execute("INSERT OR REPLACE INTO customer_changes SELECT * FROM customer_changes")


def test_postgresql_refuses_to_truncate_the_history(world: World) -> None:
    """SQLite knows no TRUNCATE; it refuses the word."""
    customer = world.create_customer()
    with pytest.raises(DBAPIError, match=f"{REFUSAL}|syntax error"):
        write(world, text("TRUNCATE customer_changes CASCADE"))
    assert len(world.history(customer)) == 1


def test_a_customer_with_a_history_cannot_be_deleted(world: World) -> None:
    """Its entries hold it."""
    customer = world.create_customer()
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        write(world, delete(customers).where(row_of(customer)))
    assert world.reload(customer) == customer


def test_untouched_rows_agree_with_their_history(world: World) -> None:
    """In every environment."""
    customer = world.create_customer(metadata={"a": "1"}, mappings={"stripe": "1"})
    world.update_customer(customer, name="After")
    world.create_customer(SANDBOX)
    assert verified(world) == [None, None]


@pytest.mark.parametrize(
    ("column", "value", "label"),
    [
        ("name", "Tampered", "Name"),
        ("email", "thief@example.com", "Email"),
        ("metadata", {"a": "2"}, "Metadata: a"),
        ("metadata", {}, "Metadata: a"),
        ("status", "archived", "Status"),
    ],
    ids=["name", "email", "metadata changed", "metadata dropped", "status"],
)
def test_a_tampered_row_is_found(world: World, column: str, value: Any, label: str) -> None:
    """By its ID and its field, and no other customer is suspected."""
    customer = world.create_customer(metadata={"a": "1"})
    world.create_customer()
    write(world, update(customers).values({column: value}).where(row_of(customer)))
    faults = [fault for fault in verified(world) if fault]
    assert faults == [f"{customer.id}: its history does not lead to its {label}"]


def test_a_tampered_parent_is_found(world: World) -> None:
    """Set behind the history's back."""
    parent, child = world.create_customer(), world.create_customer()
    write(world, update(customers).values(parent_customer_id=parent.id).where(row_of(child)))
    faults = [fault for fault in verified(world) if fault]
    assert faults == [f"{child.id}: its history does not lead to its Parent customer"]


@pytest.mark.parametrize(
    "statement",
    [
        delete(integration_mappings),
        update(integration_mappings).values(provider_entity_id="thief"),
        update(integration_mappings).values(metadata={"a": 1}),
    ],
    ids=["deleted", "another ID", "other metadata"],
)
def test_a_tampered_mapping_is_found(world: World, statement: Any) -> None:
    """It is a row of its own."""
    customer = world.create_customer(mappings={"stripe": "1"})
    write(world, statement)
    assert verified(world) == [f"{customer.id}: its history does not lead to its Integration: stripe"]


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_without_its_entry_is_found(world: World, version: int) -> None:
    """A version turned back or forward."""
    customer = world.create_customer()
    world.update_customer(customer, name="After")
    write(world, update(customers).values(version=version).where(row_of(customer)))
    assert verified(world) == [f"{customer.id}: is at version {version}, its history has 2 entries"]


def test_a_row_without_any_history_is_found(world: World) -> None:
    """One that was inserted past the operations."""
    customer = world.create_customer()
    with world.app.app_context(), reading() as connection:
        row = dict(connection.execute(customers.select().where(row_of(customer))).mappings().one())
    write(world, insert(customers).values({**row, "id": "cust_smuggled", "external_id": "smuggled"}))
    assert verified(world) == [None, "cust_smuggled: is at version 1, its history has 0 entries"]


def test_more_customers_than_fit_a_batch_are_all_verified(world: World) -> None:
    """Every one exactly once."""
    customer = world.create_customer()

    def multiply(connection: Connection) -> None:
        row = dict(connection.execute(customers.select().where(row_of(customer))).mappings().one())
        connection.execute(
            insert(customers), [{**row, "id": f"cust_{n:04}", "external_id": f"copy {n}"} for n in range(1200)]
        )

    with world.app.app_context():
        transaction(multiply)
    verdicts = verified(world)
    assert len(verdicts) == 1201
    assert len({verdict for verdict in verdicts if verdict}) == 1200


def test_a_change_during_the_verification_is_no_fault(world: World) -> None:
    """A running installation is verified as of one moment."""
    pair = [world.create_customer(id=customer_id, name="Before") for customer_id in ("cust_a", "cust_b")]
    with world.app.app_context(), snapshot() as connection:
        verdicts = verify(connection)
        first = next(verdicts)
        for customer in pair:
            world.update_customer(customer, name="After")
        assert [first, *verdicts] == [None, None]
