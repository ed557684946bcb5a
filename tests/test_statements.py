"""Statements given to the driver: the same values and the same errors as if Core had run them, on each database."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from tests.support.databases import postgresql_app
from tests.support.world import HOME, World
from webapp import statements
from webapp.customers.model import CUSTOMER_COLUMNS, Customer, customers, retired_external_ids
from webapp.database import db, reading, transaction
from webapp.statements import Statement, run_text

_BY_ID = select(*CUSTOMER_COLUMNS).where(customers.c.id == bindparam("id"))
_RETIRE = Statement(insert(retired_external_ids))


def _retired(external_id: str, customer: Customer) -> dict[str, Any]:
    owner = {"environment_id": HOME.environment_id, "tenant_id": HOME.tenant_id}
    return {**owner, "external_id": external_id, "customer_id": customer.id, "retired_at": datetime.now(UTC)}


def test_a_row_is_what_core_reads(world_on_each_database: World) -> None:
    """Times, JSON, None and texts of any alphabet."""
    metadata = {"k": 'a "b" \\ é', "n": ""}
    customer = world_on_each_database.create_customer(name="Zoë 東京 🎈", metadata=metadata)
    with world_on_each_database.app.app_context(), reading() as connection:
        core = Customer(*connection.execute(_BY_ID, {"id": customer.id}).one())
        assert Statement(_BY_ID, Customer).first(connection, {"id": customer.id}) == core == customer
        assert Statement(_BY_ID, Customer).all(connection, {"id": customer.id}) == [core]


def test_only_a_statement_that_may_be_is_prepared(world_on_each_database: World) -> None:
    """PostgreSQL would plan a prepared one for any values, and keep it."""
    with world_on_each_database.app.app_context(), reading() as connection:
        driver: Any = connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            return
        before = len(driver._prepared._names)  # noqa: SLF001 - psycopg tells it nowhere else
        Statement(_BY_ID.limit(2), is_prepared=False).all(connection, {"id": "nobody"})
        assert len(driver._prepared._names) == before  # noqa: SLF001
        Statement(_BY_ID.limit(3)).all(connection, {"id": "nobody"})
        assert len(driver._prepared._names) == before + 1  # noqa: SLF001


def test_run_again_a_statement_reads_and_binds_as_the_first_time(world_on_each_database: World) -> None:
    """With values of other types, behind an error, and behind another statement of the same connection."""
    found = Statement(select(customers.c.name, customers.c.metadata).where(customers.c.id == bindparam("id")))
    renamed = Statement(update(customers).where(customers.c.id == bindparam("of")).values(name=bindparam("to")))
    parent = Statement(
        update(customers).where(customers.c.id == bindparam("of")).values(parent_customer_id=bindparam("to"))
    )
    first, second = (world_on_each_database.create_customer(name=name, metadata={"of": name}) for name in ("a", "b"))
    with world_on_each_database.app.app_context(), reading() as connection:
        for name in ("c", "d é", ""):
            assert renamed.run(connection, {"of": first.id, "to": name}) == 1
            assert found.first(connection, {"id": first.id}) == (name, {"of": "a"})
            assert found.first(connection, {"id": second.id}) == ("b", {"of": "b"})
            assert found.first(connection, {"id": "nobody"}) is None
        for to in (None, second.id, None):
            assert parent.run(connection, {"of": first.id, "to": to}) == 1
        connection.rollback()
        with pytest.raises(IntegrityError):
            renamed.run(connection, {"of": first.id, "to": None})
        connection.rollback()
        assert renamed.run(connection, {"of": first.id, "to": "e"}) == 1
        assert found.first(connection, {"id": first.id}) == ("e", {"of": "a"})


def test_postgresql_keeps_a_cursor_of_what_finds_one_row(world_on_each_database: World) -> None:
    """For each statement one; none of what finds many, whose rows it would hold on to."""
    statement = Statement(_BY_ID.limit(4))
    with world_on_each_database.app.app_context(), reading() as connection:
        kept = getattr(connection.connection.driver_connection, "kept_cursors", None)
        if kept is None:
            assert connection.dialect.name == "sqlite"
            return
        before = len(kept)
        for expected in (before, before + 1, before + 1):
            statement.all(connection, {"id": "nobody"})
            assert len(kept) == expected
            statement.first(connection, {"id": "nobody"})


def test_a_connection_keeps_so_many_cursors(world_on_each_database: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are statements for each set of fields that a change names."""
    monkeypatch.setattr(statements, "MOST_KEPT", 3)
    with world_on_each_database.app.app_context(), reading() as connection:
        kept = getattr(connection.connection.driver_connection, "kept_cursors", {})
        for most in range(10, 20):
            assert Statement(_BY_ID.limit(most)).first(connection, {"id": "nobody"}) is None
            assert len(kept) <= 3


def test_there_may_be_no_row(world_on_each_database: World) -> None:
    """None of one, nothing of many."""
    with world_on_each_database.app.app_context(), reading() as connection:
        assert Statement(_BY_ID).first(connection, {"id": "nobody"}) is None
        assert Statement(_BY_ID).all(connection, {"id": "nobody"}) == []


def test_a_value_that_the_statement_has_need_not_be_given(world_on_each_database: World) -> None:
    """A constant of the statement is bound, too."""
    customer = world_on_each_database.create_customer()
    statement = Statement(_BY_ID.where(customers.c.status == "published").limit(1), Customer)
    with world_on_each_database.app.app_context(), reading() as connection:
        assert statement.first(connection, {"id": customer.id}) == customer


def test_a_missing_parameter_is_an_error_before_anything_is_sent(world_on_each_database: World) -> None:
    """As with Core."""
    with world_on_each_database.app.app_context(), reading() as connection, pytest.raises(KeyError):
        Statement(_BY_ID).first(connection, {})


def test_a_write_says_how_many_rows_it_wrote(world_on_each_database: World) -> None:
    """One, or none."""
    customer = world_on_each_database.create_customer()
    statement = Statement(update(customers).where(customers.c.id == bindparam("key")).values(contact=bindparam("told")))
    with world_on_each_database.app.app_context():
        written = [
            transaction(lambda connection, key=key: statement.run(connection, {"key": key, "told": "1"}))
            for key in (customer.id, "nobody")
        ]
    assert written == [1, 0]
    assert world_on_each_database.reload(customer).contact == "1"


def test_a_write_begins_a_transaction_of_its_own_accord(world_on_each_database: World) -> None:
    """What is not committed is gone: outside of a transaction a driver would keep each statement at once."""
    world, customer = world_on_each_database, world_on_each_database.create_customer()
    with world.app.app_context():
        with db.engine.connect() as connection:
            _RETIRE.run(connection, _retired("left", customer))
        with db.engine.connect() as connection:
            _RETIRE.run_for_each(connection, [_retired("kept-1", customer), _retired("kept-2", customer)])
            connection.commit()
        with reading() as connection:
            found = connection.execute(select(retired_external_ids.c.external_id)).scalars().all()
    assert sorted(found) == ["kept-1", "kept-2"]


def test_an_error_is_the_one_that_core_raises_without_statement_and_values(world_on_each_database: World) -> None:
    """A constraint is told by its name; what was to be written is not."""
    world, customer = world_on_each_database, world_on_each_database.create_customer()
    row = _retired("a-secret-id", customer)
    with world.app.app_context():
        transaction(lambda connection: _RETIRE.run(connection, row))
        with pytest.raises(IntegrityError) as caught:
            transaction(lambda connection: _RETIRE.run_for_each(connection, [row]))
        with pytest.raises(IntegrityError) as core, db.engine.begin() as connection:
            connection.execute(insert(retired_external_ids), row)
    assert str(caught.value.orig) == str(core.value.orig)
    assert not caught.value.connection_invalidated
    assert (caught.value.statement, caught.value.params) == (None, None)


@pytest.mark.sqlite_only("it looks for a row when it is asked for one")
def test_an_error_while_rows_are_fetched_is_the_same_kind(world: World) -> None:
    """SQLite works when it is asked for a row: a search that is interrupted ends there."""
    product = text("customers a, customers b, customers c, customers d")
    statement = Statement(select(text("count(*)")).select_from(product))
    for _ in range(12):
        world.create_customer()
    with world.app.app_context(), reading() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: True, 1)
        try:
            with pytest.raises(OperationalError, match="interrupted"):
                statement.all(connection, {})
        finally:
            driver.set_progress_handler(None, 0)


def test_a_lost_connection_takes_the_idle_ones_with_it(
    postgresql_server: Callable[[str], str], make_app: Callable[..., Flask]
) -> None:
    """They are closed, and the next one works."""
    statement = Statement(select(text("1")))
    with postgresql_app(postgresql_server, make_app) as app, app.app_context():
        with ExitStack() as both:
            lost, idle = both.enter_context(reading()), both.enter_context(reading())
            driver: Any = idle.connection.driver_connection
            idle.close()
            with psycopg.connect(postgresql_server("postgres"), autocommit=True) as other:
                number = lost.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
            with pytest.raises(OperationalError) as caught:
                statement.first(lost, {})
            assert caught.value.connection_invalidated
            assert driver.closed
        with reading() as connection:
            assert statement.first(connection, {}) == (1,)


def test_a_constant_statement_fails_in_the_same_way(app_on_each_database: Flask) -> None:
    """BEGIN of a busy database, for one, is judged by the kind of its error."""
    app = app_on_each_database
    with app.app_context(), reading() as connection, pytest.raises((OperationalError, ProgrammingError)):
        run_text(connection, "SELECT nothing_of_the_kind")


def test_a_statement_whose_text_depends_on_its_values_is_refused(app: Flask) -> None:
    """An expanding IN is for Core."""
    statement = Statement(select(customers.c.id).where(customers.c.id.in_(bindparam("ids", expanding=True))))
    with app.app_context(), reading() as connection, pytest.raises(TypeError):
        statement.all(connection, {"ids": ["a"]})
