"""Migrations, on SQLite and on PostgreSQL: up, down, up again, and in agreement with the models."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import delete, inspect, text, update
from sqlalchemy.exc import DBAPIError

from tests.support.clients import ApiClient, DeskClient
from tests.support.databases import postgresql_app
from tests.support.stored import faults_of
from tests.support.undoing import revert
from tests.support.world import seed_world
from webapp.app import MIGRATIONS
from webapp.customers import history_check, search_index
from webapp.customers.model import customer_changes, is_of_the_models
from webapp.database import Base, db, reading, transaction
from webapp.migration_head import migration_head


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_app(request: pytest.FixtureRequest, make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[Flask]:
    """The application on a database that has nothing in it."""
    if request.param == "sqlite":
        yield make_app(database_url=f"sqlite:///{tmp_path}/blank.sqlite3")
        return
    with postgresql_app(request.getfixturevalue("postgresql_server"), make_app) as app:
        yield app


def tables() -> set[str]:
    """Those of the database, without SQLite's trigram index and the tables that it keeps itself in."""
    return {name for name in inspect(db.engine).get_table_names() if is_of_the_models(name, "table", {})}


def revision() -> str | None:
    """The migration that the database is at."""
    with reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_an_empty_database_is_brought_to_the_newest_schema(blank_app: Flask) -> None:
    """Every table of the models."""
    with blank_app.app_context():
        assert tables() == set()
        upgrade()
        assert tables() == set(Base.metadata.tables) | {"alembic_version"}
        assert revision() == migration_head(MIGRATIONS)


def test_models_and_migrations_agree(blank_app: Flask) -> None:
    """Autogenerate would add nothing: no table, column, type, index or constraint differs."""
    with blank_app.app_context():
        upgrade()
        with reading() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "include_name": is_of_the_models}
            )
            assert compare_metadata(context, Base.metadata) == []


def test_a_downgrade_leaves_nothing_and_can_be_undone(blank_app: Flask) -> None:
    """Down to an empty database, triggers and functions included, and up again to one that works."""
    with blank_app.app_context():
        upgrade()
        downgrade(revision="base")
        assert tables() == {"alembic_version"}
        upgrade()
        assert tables() == set(Base.metadata.tables) | {"alembic_version"}
    world = seed_world(blank_app)
    customer = world.create_customer()
    assert world.reload(customer) == customer


def test_a_second_upgrade_changes_nothing(blank_app: Flask) -> None:
    """A start script may always run it."""
    with blank_app.app_context():
        upgrade()
    world = seed_world(blank_app)
    customer = world.create_customer()
    with blank_app.app_context():
        upgrade()
    assert world.reload(customer) == customer


def test_customers_of_before_the_search_can_be_searched_after_the_upgrade(blank_app: Flask) -> None:
    """Their side tables are as the service itself would have written them; down and up again, too."""
    with blank_app.app_context():
        upgrade()
    world = seed_world(blank_app)
    for number, value in enumerate(["10", "Straße", "2026-01-31", "x" * 900]):
        world.create_customer(name=f"Ärzte {number}", metadata={"a": value, "ä": ""}, address_city="Köln")
    world.archive(world.create_customer(email="a@example.com"))
    with blank_app.app_context():
        downgrade(revision="0002")
        upgrade()
        with reading() as connection:
            assert list(search_index.verify(connection)) == [None] * 5
        assert transaction(search_index.trigrams_fault) == ""
    assert world.create_customer(name="Later", metadata={"a": "b"}).version == 1


def test_what_there_was_before_the_desk_is_kept_up_and_down(blank_app: Flask) -> None:
    """Staff stay signed in, keys work, and a customer with its history, integration and undone change is as it was."""
    with blank_app.app_context():
        upgrade()
    world = seed_world(blank_app)
    desk = DeskClient(blank_app)
    customer = world.create_customer(email="old@acme.example", mappings={"stripe": "cus_1"})
    world.update_customer(customer, email="new@acme.example")
    undone = revert(world, customer, 2).customer
    with blank_app.app_context():
        downgrade(revision="0004")
        upgrade()
        with reading() as connection:
            assert list(history_check.verify(connection)) == [None]
    assert world.reload(customer) == undone
    assert desk.get(f"/customers/{customer.id}/history").status == 200
    assert ApiClient(blank_app, world).get(f"/v1/customers/{customer.id}").status_code == 200
    with blank_app.app_context(), pytest.raises(DBAPIError):  # the history is guarded as before
        transaction(lambda connection: connection.execute(delete(customer_changes)))


def test_histories_are_kept_up_and_down_and_guarded(blank_app: Flask) -> None:
    """With and without an erased customer, whose last entry is an archiving to the version before."""
    with blank_app.app_context():
        upgrade()
    world = seed_world(blank_app)
    kept = world.create_customer(email="kept@example.com")
    world.update_customer(kept, contact="123")
    gone = world.create_customer(email="gone@example.com")
    before = world.history(kept)
    world.erase(gone)
    with blank_app.app_context():
        downgrade(revision="0005")
        with reading() as connection:
            entries = connection.execute(
                text("SELECT operation FROM customer_changes WHERE customer_id = :id ORDER BY version"), {"id": gone.id}
            )
            assert entries.scalars().all() == ["create", "archive"]
        for statement in (update(customer_changes).values(reason=""), delete(customer_changes)):
            with pytest.raises(DBAPIError, match="the history of customers cannot be changed"):
                transaction(lambda connection, statement=statement: connection.execute(statement))
        upgrade()
        for statement in (update(customer_changes).values(reason=""), delete(customer_changes)):
            with pytest.raises(DBAPIError, match="the history of customers cannot be changed"):
                transaction(lambda connection, statement=statement: connection.execute(statement))
    assert world.history(kept) == before
    assert faults_of(world) == []
    assert "gone@example.com" not in repr(world.history(gone))
    assert ApiClient(blank_app, world).put(f"/v1/customers/{kept.id}", {"name": "Goes on"}).status_code == 200
    world.erase(kept)
    assert faults_of(world) == []
