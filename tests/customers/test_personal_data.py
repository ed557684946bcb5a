"""All that is kept about one customer: which table holds what, the file of it, the commands, what files still hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, insert, text

from tests.support.marked_customer import MARK, make_marked_customer, marked_tables
from tests.support.stored import faults_of
from tests.support.viewers import caller_with
from tests.support.world import HOME, SANDBOX, World, seed_world
from webapp.customers.desk_model import record_viewers
from webapp.customers.personal_data import FORMAT, KEPT, ROWS_AT_ONCE, export
from webapp.customers.saved_views import save_view
from webapp.database import Base, db, reading, transaction
from webapp.identifiers import now

#: Each table's columns as they were looked at when it was decided what the table holds of a customer.
COLUMNS = {
    "customers": "environment_id tenant_id id external_id name email contact address_line1 address_line2 address_city "
    "address_state address_postal_code address_country timezone parent_customer_id metadata status version created_at "
    "updated_at created_by updated_by",
    "customer_changes": "environment_id tenant_id customer_id version id operation at actor_type actor_id actor_name "
    "source request_id reason fields reverted_version",
    "integration_mappings": "environment_id tenant_id customer_id provider_type id provider_entity_id metadata "
    "created_at updated_at created_by updated_by",
    "retired_external_ids": "environment_id tenant_id external_id customer_id retired_at",
    "idempotency_keys": "environment_id idempotency_key tenant_id fingerprint status headers body created_at",
    "saved_views": "id environment_id staff_id name query created_at",
    "customer_search": "number environment_id customer_id is_published created_at text other_text",
    "customer_metadata": "number key_hash pair_hash is_published created_at key value folded_value decimal_value "
    "moment_value",
    "customer_erasures": "environment_id tenant_id customer_id at version",
    "record_accesses": "id tenant_id environment_id customer_id staff_id staff_email page at",
    "record_viewers": "environment_id customer_id session_id staff_id staff_email seen_at editing_at",
}


def test_it_is_decided_for_each_table_what_it_holds_of_a_customer() -> None:
    """A new table, or a new column of one that has to do with customers, is decided on here on purpose."""
    assert set(KEPT) == set(Base.metadata.tables)
    assert set(COLUMNS) == {name for name, kind in KEPT.items() if kind != "none"}
    found = {name: {column.name for column in Base.metadata.tables[name].columns} for name in COLUMNS}
    assert found == {name: set(columns.split()) for name, columns in COLUMNS.items()}
    naming = {name for name, table in Base.metadata.tables.items() if "customer_id" in table.columns}
    assert {name for name in naming if KEPT[name] == "none"} == set()


def exported(world: World, customer_id: str) -> dict[str, Any]:
    """The file, read."""
    with world.app.app_context():
        read: dict[str, Any] = json.loads(b"".join(export(reading, HOME, customer_id)))
    return read


def test_the_file_has_all_that_is_kept(world_on_each_database: World) -> None:
    """Every part of it; what is kept about others is not in it."""
    world = world_on_each_database
    marked = make_marked_customer(world)
    file = exported(world, marked.customer.id)
    assert file["format"] == FORMAT
    assert file["erased_at"] is None
    assert file["customer"]["name"] == marked.customer.name
    assert file["customer"]["parent_customer_id"] == marked.parent.id
    assert [mapping["provider_entity_id"] for mapping in file["integration_mappings"]] == [f"{MARK}_paypal"]
    assert [row["external_id"] for row in file["retired_external_ids"]] == [f"{MARK}-first-id"]
    assert [change["version"] for change in file["history"]] == [4, 3, 2, 1]
    assert file["history"][0]["reason"] == f"{MARK} asked for it"
    assert sorted(answer["idempotency_key"] for answer in file["stored_answers"]) == [
        "of a child", f"{MARK} create", f"{MARK} update",
    ]  # fmt: skip
    assert sorted(view["name"] for view in file["saved_views"]) == [f"The {MARK} First Name", "Theirs"]
    assert [viewer["staff_email"] for viewer in file["open_now"]] == ["editor@desk.example"]
    assert "Everybody's" not in json.dumps(file)
    child = world.create_customer(parent=f"{MARK}-second-id")
    assert exported(world, marked.customer.id)["children"] == [{"id": child.id, "status": "published"}]


def test_a_long_history_comes_in_pieces(world: World) -> None:
    """Each piece is of one entry, whatever there is of them; every list is whole."""
    customer = world.create_customer()
    row = {"environment_id": HOME.environment_id, "customer_id": customer.id, "staff_id": "a", "staff_email": "a"}
    rows = [{**row, "session_id": f"sess_{number:04}", "seen_at": now()} for number in range(ROWS_AT_ONCE + 1)]
    with world.app.app_context():
        transaction(lambda connection: connection.execute(insert(record_viewers), rows))
        pieces = list(export(reading, HOME, customer.id))
    assert max(map(len, pieces)) < 2000
    assert len(json.loads(b"".join(pieces))["open_now"]) == ROWS_AT_ONCE + 1


def test_the_file_of_an_erased_customer_says_so(world: World) -> None:
    """It has what is left: who did what when."""
    marked = make_marked_customer(world)
    world.erase(marked.customer)
    file = exported(world, marked.customer.id)
    assert file["erased_at"]
    assert MARK not in json.dumps(file)
    assert len(file["history"]) == marked.customer.version + 1


def run(app: Flask, *arguments: str) -> Result:
    """``flask --app wsgi personal-data …``."""
    return app.test_cli_runner().invoke(args=["personal-data", *arguments], input="")


def test_the_commands_export_and_erase(world: World) -> None:
    """The file alone on standard output; erasing wants a reason and a --yes, and says what it did."""
    customer = world.create_customer(email="a@example.com")
    assert json.loads(run(world.app, "export", customer.id).stdout)["customer"]["email"] == "a@example.com"
    assert run(world.app, "erase", customer.id, "--yes").exit_code == 2
    unsure = run(world.app, "erase", customer.id, "--reason", "Request 17")
    assert (unsure.exit_code, "say --yes" in unsure.stderr) == (2, True)
    assert world.reload(customer) == customer
    done = run(world.app, "erase", customer.id, "--reason", "Request 17", "--yes")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"erased {customer.id} at version 2")
    assert world.history(customer)[0].reason == "Request 17"
    again = run(world.app, "erase", customer.id, "--reason", "Request 18", "--yes")
    assert again.stdout == f"{customer.id} was erased before\n"
    verified = world.app.test_cli_runner().invoke(args=["history", "verify"])
    assert verified.stdout == "1 customers verified, 0 with faults, 1 erased\n"


def test_the_commands_know_whose_customer_is_meant(world: World) -> None:
    """An unknown one is told of; of two environments that have one of the same ID, one must be named."""
    unknown = run(world.app, "export", "cust_unknown")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "no such customer" in unknown.stderr
    for scope in (HOME, SANDBOX):
        world.create_customer(scope, id="cust_twin", name=scope.environment_id)
    assert "Several environments" in run(world.app, "export", "cust_twin").stderr
    named = run(world.app, "export", "cust_twin", "--environment", SANDBOX.environment_id)
    assert json.loads(named.stdout)["customer"]["name"] == SANDBOX.environment_id


def files_of_the_database(world: World, folder: Path) -> list[Path]:
    """Every file that the database's data is in. PostgreSQL's write-ahead log is none of them."""
    with world.app.app_context(), transaction_free() as connection:
        if connection.dialect.name == "sqlite":
            return sorted(folder.glob("customer_desk.sqlite3*"))
        connection.execute(text("CHECKPOINT"))
        kept = connection.execute(text("SHOW data_directory")).scalar_one()
        number = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
        return [file for file in (Path(kept) / "base" / str(number)).iterdir() if file.is_file()]


def transaction_free() -> Connection:
    """A connection whose statements are each on their own."""
    return db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def test_scrubbing_leaves_no_byte_in_the_database_files(world_on_each_database: World, tmp_path: Path) -> None:
    """Neither of what was erased nor of versions that were replaced long before."""
    world = world_on_each_database
    marked = make_marked_customer(world)
    for number in range(20):
        text_of_many_pages = f"{MARK} {number} {'x' * 900}"
        world.update_customer(
            marked.customer, address_line1=text_of_many_pages[:200], metadata={"a": text_of_many_pages}
        )
    assert holding_the_mark(files_of_the_database(world, tmp_path))
    world.erase(marked.customer)
    done = run(world.app, "scrub")
    assert (done.stdout, done.stderr) == ("scrubbed\n", "")
    assert holding_the_mark(files_of_the_database(world, tmp_path)) == []
    assert (marked_tables(world), faults_of(world)) == ({}, [])


def holding_the_mark(files: list[Path]) -> list[Path]:
    """Those that hold it."""
    return [file for file in files if MARK.encode() in file.read_bytes()]


QUOTING = {
    "q=mila+r%C3%BCd": True,
    "q=who+is+mila+R%C3%9CD": True,
    "q=mila": False,
    "q=12": True,
    "q=123": False,
    "q=cus_mila": True,
    "q=plan%3Agold": False,
    "q=badge%3Aab-77": True,
    "country=DE&sort=name": False,
}


def test_a_view_quotes_a_customer_by_what_no_other_has(world: World) -> None:
    """By its name and what reaches it, and by metadata that is its own; not by a part of its name or a shared plan."""
    world.create_customer(metadata={"plan": "gold", "badge": "none"})
    customer = world.create_customer(
        name="Mila Rüd", contact="12", address_country="DE", mappings={"stripe": "cus_mila"},
        metadata={"plan": "gold", "badge": "ab-77"},
    )  # fmt: skip
    with world.app.app_context():
        for query in QUOTING:
            save_view(caller_with("viewer"), query, query)
    quoting = {view["query"] for view in exported(world, customer.id)["saved_views"]}
    assert len(quoting) == sum(QUOTING.values())
    kept = {view["name"] for view in exported(world, customer.id)["saved_views"]}
    assert kept == {query for query, is_quoting in QUOTING.items() if is_quoting}


@pytest.mark.sqlite_only("holds its log open")
def test_scrubbing_says_when_somebody_is_in_its_way(make_app: Callable[..., Flask]) -> None:
    """A reader keeps the log from being emptied, a writer all of it; nothing is lost, and it can be done later."""
    world = seed_world(make_app(database_timeout_seconds=1))
    world.create_customer()
    with world.app.app_context(), db.engine.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM customers")).scalar_one() == 1
        told = run(world.app, "scrub")
    assert (told.exit_code, "somebody was reading" in told.stderr) == (1, True)
    with world.app.app_context(), db.engine.execution_options(writing=True).begin():
        told = run(world.app, "scrub")
    assert (told.exit_code, "The database is in use" in told.stderr) == (1, True)
    assert faults_of(world) == []
