"""Loads the bench's customers into a database at the newest schema, fast. Knows nothing of what is measured.

Indexes and triggers are taken away, the rows copied in, and all of them put back: minutes instead of an hour. For a
database that nobody else uses meanwhile.

    python -m bench.dataset --database-url $DATABASE_URL --customers 1000000
"""

import argparse
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, Table, insert, select, text

from bench.people import ACTOR, SCOPE, Person, people
from webapp import Settings, create_app
from webapp.access.model import Environment, Tenant
from webapp.bounded_connection import lift_time_limits
from webapp.customers.history import compare, no_values, recorded_values
from webapp.customers.model import (
    customer_changes,
    customer_metadata,
    customer_search,
    customers,
    integration_mappings,
)
from webapp.customers.search_index import metadata_rows, search_row
from webapp.database import db, is_postgresql, transaction
from webapp.identifiers import now

CUSTOMERS = 1_000_000
ROWS_AT_ONCE = 5000
TABLES = (customers, customer_search, customer_metadata, integration_mappings, customer_changes)
SECRET_KEY = "a secret key of the bench alone, no secret"  # noqa: S105 - it protects nothing


def bench_app(database_url: str, instance_path: str = "instance", **changed: str) -> Flask:
    """An application on a database; other settings by their environment variables' names."""
    environment = {"DATABASE_URL": database_url, "INSTANCE_PATH": instance_path, "SECRET_KEY": SECRET_KEY}
    return create_app(Settings.from_environment({**environment, "LOG_LEVEL": "ERROR", **changed}))


def load(count: int = CUSTOMERS, *, seed: int = 1, say: Callable[[str], object] = print) -> None:
    """Bring the application's database to the newest schema and put the customers in; inside of an app context."""
    upgrade()
    transaction(_create_scope)
    with db.engine.execution_options(writing=True).connect() as connection:
        began = time.monotonic()
        put_back = _take_indexes_away(connection)
        stream = people(count, seed)
        for first in range(0, count, ROWS_AT_ONCE):
            _copy(connection, list(itertools.islice(stream, ROWS_AT_ONCE)), first)
        if is_postgresql(connection):
            number = "pg_get_serial_sequence('customer_search', 'number')"
            connection.execute(text(f"SELECT setval({number}, max(number)) FROM customer_search"))  # noqa: S608 - our own name
        say(f"{count} customers copied in {time.monotonic() - began:.0f} s")
        for statement in put_back:
            connection.execute(text(statement.replace(":", r"\:")))
        connection.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if is_postgresql(connection) else "PRAGMA wal_checkpoint(TRUNCATE)"))
    say(f"ready after {time.monotonic() - began:.0f} s")


def _create_scope(connection: Connection) -> None:
    if connection.execute(select(Tenant.id).where(Tenant.id == SCOPE.tenant_id)).first() is None:
        connection.execute(insert(Tenant), {"id": SCOPE.tenant_id, "name": "Bench", "created_at": now()})
        row = {"id": SCOPE.environment_id, "tenant_id": SCOPE.tenant_id, "name": "Bench", "kind": "production"}
        connection.execute(insert(Environment), {**row, "created_at": now()})


def _take_indexes_away(connection: Connection) -> list[str]:
    """What brings them back."""
    names = tuple(table.name for table in TABLES)
    if is_postgresql(connection):
        lift_time_limits(connection)
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no look-up of each foreign key
        connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        found = connection.execute(
            text(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:names) AND NOT EXISTS "
                "(SELECT 1 FROM pg_constraint WHERE conname = indexname)"
            ),
            {"names": list(names)},
        ).all()
        for name, _ in found:
            connection.execute(text(f'DROP INDEX "{name}"'))
        return [definition for _, definition in found]
    placeholders = ", ".join(f"'{name}'" for name in names)
    found = connection.execute(
        text(
            "SELECT type, name, sql FROM sqlite_master "  # noqa: S608 - names of our own tables
            f"WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN ({placeholders}) ORDER BY type"
        )
    ).all()
    for kind, name, _ in found:
        connection.execute(text(f'DROP {kind} "{name}"'))
    index = "INSERT INTO customer_search_fts (customer_search_fts) VALUES"
    return [*(sql for _, _, sql in found), f"{index} ('rebuild')", f"{index} ('optimize')"]


def _copy(connection: Connection, batch: list[Person], first: int) -> None:
    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
    for number, person in enumerate(batch, first + 1):
        customer = person.customer
        rows["customers"].append(customer._asdict())
        rows["customer_search"].append({"number": number, **search_row(customer)})
        rows["customer_metadata"] += metadata_rows(customer, number)
        rows["integration_mappings"] += _mapping_rows(person)
        rows["customer_changes"] += _change_rows(person)
    for table in TABLES:
        _copy_rows(connection, table, rows[table.name])


def _mapping_rows(person: Person) -> Iterator[dict[str, Any]]:
    customer = person.customer
    for provider, mapping in person.mappings.items():
        yield {
            "environment_id": customer.environment_id,
            "tenant_id": customer.tenant_id,
            "customer_id": customer.id,
            "provider_type": provider,
            "id": customer.id.replace("cust_", "map_"),
            "provider_entity_id": mapping["id"],
            "metadata": mapping["metadata"],
            "created_at": customer.created_at,
            "updated_at": customer.created_at,
            "created_by": ACTOR,
            "updated_by": ACTOR,
        }


def _change_rows(person: Person) -> Iterator[dict[str, Any]]:
    customer = person.customer
    values = recorded_values(customer, person.mappings)
    changes = compare(no_values(), values)
    yield {
        "environment_id": customer.environment_id,
        "tenant_id": customer.tenant_id,
        "customer_id": customer.id,
        "version": 1,
        "id": customer.id.replace("cust_", "chg_"),
        "operation": "create",
        "at": customer.created_at,
        "actor_type": "api_key",
        "actor_id": ACTOR,
        "actor_name": "Bench",
        "source": "import",
        "request_id": "",
        "reason": "",
        "fields": [change.stored() for change in changes],
    }


def _copy_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if not is_postgresql(connection):
        connection.execute(insert(table), rows)
        return
    names = list(rows[0])
    readers = [table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for name in names]
    driver: Any = connection.connection.driver_connection
    columns = ", ".join(f'"{name}"' for name in names)
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(
                [reader(row[name]) if reader else row[name] for name, reader in zip(names, readers, strict=True)]
            )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Load the bench's customers.")
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    arguments = parser.parse_args()
    app = bench_app(arguments.database_url, DATABASE_TIMEOUT_SECONDS="300")
    with app.app_context():
        load(arguments.customers)


if __name__ == "__main__":
    main()
