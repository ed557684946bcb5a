"""The search's side tables follow the customers: through every operation, through a migration, and are verified."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, Table, delete, insert, text, update
from sqlalchemy.exc import OperationalError

from tests.support.world import HOME, World
from webapp.customers import search_index
from webapp.customers.changeset import CustomerReference
from webapp.customers.lookup import lock_customer
from webapp.customers.model import Customer, customer_metadata, customer_search, customers
from webapp.customers.search_index import decimal_value, text_hash
from webapp.customers.search_text import next_text
from webapp.database import db, is_postgresql, reading, transaction
from webapp.errors import ExternalIdTaken
from webapp.identifiers import now

SEED = 4
STEPS = 150
WORDS = ["", "a", "Straße", "10", "2026-01-31", "\U0001f600", "100%", "x" * 200]


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def faults(world: World) -> list[str]:
    """What verification finds."""
    with world.app.app_context():
        with reading() as connection:
            found = [fault for fault in search_index.verify(connection) if fault]
        trigrams = transaction(search_index.trigrams_fault)
        return [*found, *([trigrams] if trigrams else [])]


def run(world: World, *arguments: str) -> Result:
    """An operator command."""
    return world.app.test_cli_runner().invoke(args=["search", *arguments])


def test_the_side_tables_follow_every_operation(world: World) -> None:
    """Random creates, updates, archivings and restores."""
    dice = random.Random(SEED)  # noqa: S311 - the same each time, no secret
    alive: list[Customer] = []
    archived: list[Customer] = []
    for _ in range(STEPS):
        step = dice.choice(["create", "update", "update", "update", "archive", "restore"])
        metadata = {key: dice.choice(WORDS) for key in ("a", "b", "ä", "d") if dice.random() < 0.5}
        if step == "create" or not alive:
            alive.append(world.create_customer(metadata=metadata, email=dice.choice(WORDS)))
        elif step == "update":
            place = dice.randrange(len(alive))
            field = dice.choice(["name", "external_id", "email", "address_line1", "address_line2"])
            value = f"{dice.choice(WORDS)}{world.made}" if field in {"name", "external_id"} else dice.choice(WORDS)
            more = {"metadata": metadata} if dice.random() < 0.5 else {}
            try:
                alive[place] = world.update_customer(alive[place], **{field: value}, **more)
            except ExternalIdTaken:
                continue
        elif step == "archive":
            archived.append(world.archive(alive.pop(dice.randrange(len(alive)))))
        elif archived:
            customer = archived.pop()
            try:
                alive.append(world.restore(customer))
            except ExternalIdTaken:
                continue
    assert faults(world) == []
    assert run(world, "verify").exit_code == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda: delete(customer_metadata), "customer_metadata"),
        (lambda: update(customer_metadata).values(decimal_value=7), "customer_metadata"),
        (lambda: update(customer_search).values(text="other"), "its text in customer_search"),
        (lambda: update(customer_search).values(is_published=False), "its is_published in customer_search"),
        (lambda: update(customers).values(name="Smuggled"), "its text in customer_search"),
    ],
    ids=["entries gone", "entries wrong", "text wrong", "status wrong", "customer changed by hand"],
)
def test_verification_finds_what_is_wrong_and_a_rebuild_mends_it(
    world: World, spoil: Callable[[], object], said: str
) -> None:
    """The command says so and fails."""
    customer = world.create_customer(metadata={"plan": "gold"})
    with world.app.app_context():
        transaction(lambda connection: connection.execute(spoil()))
    assert [said in fault and customer.id in fault for fault in faults(world)] == [True]
    failed = run(world, "verify")
    assert (failed.exit_code, "1 with faults" in failed.output) == (1, True)
    assert run(world, "rebuild").output == "1 customers indexed\n"
    assert run(world, "verify").output == "1 customers verified, 0 with faults\n"


@pytest.mark.parametrize("writes", ["a change", "a creation"])
def test_a_writer_waits_for_a_rebuild(world: World, writes: str) -> None:
    """So the tables that were written anew hold what it wrote."""
    customer = world.create_customer(name="Old", metadata={"plan": "team"})

    def write() -> Customer:
        values = {"name": "New", "metadata": {"plan": "pro"}}
        return world.create_customer(**values) if writes == "a creation" else world.update_customer(customer, **values)

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with db.engine.execution_options(writing=True).begin() as connection:
            search_index.rebuild(connection)
            writer = pool.submit(write)
            with pytest.raises(TimeoutError):
                writer.result(timeout=0.5)
        assert writer.result(timeout=30).name == "New"
    assert faults(world) == []


def test_a_rebuild_waits_for_a_writer(world: World) -> None:
    """Also for one that has read its customer and is about to change it: no deadlock makes it begin anew."""
    customer = world.create_customer(name="Old")
    begun = []

    def work(connection: Connection) -> int:
        begun.append(connection)
        return search_index.rebuild(connection)

    def rebuilt() -> int:
        with world.app.app_context():
            return transaction(work)

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with db.engine.execution_options(writing=True).begin() as connection:
            before = lock_customer(connection, HOME, CustomerReference(id=customer.id))
            rebuilding = pool.submit(rebuilt)
            with pytest.raises(TimeoutError):
                rebuilding.result(timeout=0.5)
            connection.execute(update(customers).values(name="New"))
            search_index.index_change(connection, before, before._replace(name="New"))
        assert (rebuilding.result(timeout=30), len(begun)) == (1, 1)
    assert faults(world) == []


def test_a_rebuild_takes_as_long_as_it_takes(world: World) -> None:
    """PostgreSQL's limit of a statement is off in its transaction, and only there."""

    def limit_of(connection: Connection) -> str:
        shown = "SHOW statement_timeout" if is_postgresql(connection) else "SELECT 'none'"
        return str(connection.exec_driver_sql(shown).scalar_one())

    def limits_of_a_rebuild(connection: Connection) -> tuple[str, str]:
        before = limit_of(connection)
        search_index.rebuild(connection)
        return before, limit_of(connection)

    with world.app.app_context():
        before, during = transaction(limits_of_a_rebuild)
        with reading() as connection:
            assert limit_of(connection) == before
            assert (before == "0", during) == ((False, "0") if is_postgresql(connection) else (False, "none"))


def test_a_customer_without_its_row_is_found_by_verification(world: World) -> None:
    """It could not be found by the search."""
    customer = world.create_customer()
    with world.app.app_context():
        transaction(lambda connection: connection.execute(delete(customer_search)))
    assert faults(world) == [f"{customer.id}: cannot be found by the search"]


@pytest.mark.parametrize("table", [customer_metadata, customer_search], ids=["an entry", "the row"])
def test_an_index_that_is_wrong_refuses_no_change(world: World, table: Table) -> None:
    """Entries that are missing, or there unasked: the customer is changed, and what was changed is right again."""
    customer = world.create_customer(metadata={"plan": "team"})
    with world.app.app_context():
        transaction(lambda connection: [connection.execute(delete(one)) for one in (customer_metadata, table)])
    world.update_customer(customer, metadata={"plan": "enterprise", "seats": "4"})
    assert faults(world) == []


def test_an_entry_that_should_not_be_there_is_overwritten(world: World) -> None:
    """It would be in the way of the one that should."""
    customer = world.create_customer(metadata={"plan": "team"})
    with world.app.app_context():
        stripped = update(customers).values(metadata={})
        transaction(lambda connection: connection.execute(stripped))
    world.update_customer(customer, metadata={"plan": "enterprise"})
    assert faults(world) == []


def test_a_trigram_index_that_does_not_fit_is_found(world: World) -> None:
    """On SQLite; PostgreSQL keeps its own right."""

    def spoil(connection: Connection) -> None:
        if not is_postgresql(connection):
            connection.exec_driver_sql("INSERT INTO customer_search_fts (rowid, text) VALUES (4711, 'smuggled')")

    world.create_customer()
    with world.app.app_context():
        transaction(spoil)
        with reading() as connection:
            expected = 0 if is_postgresql(connection) else 1
    assert len(faults(world)) == expected


@pytest.mark.sqlite_only("PostgreSQL lets no such row in")
def test_a_row_of_no_customer_is_found(app: Flask) -> None:
    """Where foreign keys are not looked at, as in a database that was mended by hand."""
    with app.app_context():

        def smuggle(connection: Connection) -> list[str | None]:
            row = {"environment_id": "env", "customer_id": "gone", "is_published": True, "created_at": now()}
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            statement = insert(customer_search).values(**row, text="", other_text="")
            connection.execute(statement)
            found = list(search_index.verify(connection))
            connection.execute(delete(customer_search))
            return found

        assert transaction(smuggle) == ["customer_search has 1 rows of no customer"]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("10", 10.0),
        ("-2.5", -2.5),
        ("+1.", 1.0),
        (".5", 0.5),
        ("1e5", None),
        ("", None),
        ("٣", None),
        ("9" * 400, None),
    ],
)
def test_decimal_numbers_are_told_from_other_texts(value: str, number: float | None) -> None:
    """No exponent, no other digits, nothing beyond a double."""
    assert decimal_value(value) == number


def test_a_hash_tells_where_one_text_ends() -> None:
    """The key ab with the value c is not the key a with the value bc."""
    assert text_hash("ab", "c") != text_hash("a", "bc")


@pytest.mark.parametrize(
    ("text", "following"), [("ab", "ac"), ("a\U0010ffff", "b"), ("\U0010ffff", ""), ("\ud7ff", "\ue000")]
)
def test_the_next_text_is_behind_all_that_begin_with_a_text(text: str, following: str) -> None:
    """Past the surrogates, and over the last character."""
    assert next_text(text) == following


@pytest.mark.sqlite_only("PostgreSQL keeps its indexes right by itself")
def test_a_file_that_cannot_be_written_to_is_not_taken_for_a_wrong_index(app: Flask) -> None:
    """The check writes, in SQLite's eyes; what is wrong then is the file's."""
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("PRAGMA query_only = ON"))
        with pytest.raises(OperationalError, match="readonly"):
            search_index.trigrams_fault(connection)
