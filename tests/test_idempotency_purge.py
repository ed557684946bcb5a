"""Stored answers that are too old are removed, on both databases (contract section 7)."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from tests.support.world import HOME, World
from webapp.database import db, reading, transaction
from webapp.idempotency import KEPT_FOR, idempotency_keys, purge_now_and_then
from webapp.identifiers import now


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world, on SQLite and then on PostgreSQL."""
    return world_on_each_database


def stored(world: World) -> list[str]:
    """The keys whose answers are stored."""
    with world.app.app_context(), reading() as connection:
        keys = select(idempotency_keys.c.idempotency_key)
        return sorted(connection.execute(keys).scalars())


def old_answers(world: World, *ages: timedelta) -> None:
    """Stored answers of these ages, by keys that count them."""
    row = {
        "tenant_id": HOME.tenant_id, "environment_id": HOME.environment_id, "fingerprint": "f", "status": 200,
        "headers": {}, "body": "",
    }  # fmt: skip
    rows = [{**row, "idempotency_key": str(n), "created_at": now() - age} for n, age in enumerate(ages)]
    with world.app.app_context():
        transaction(lambda connection: connection.execute(insert(idempotency_keys), rows))


def test_only_answers_that_are_too_old_are_purged(world: World) -> None:
    """Past 24 hours, not before."""
    minute = timedelta(minutes=1)
    old_answers(world, timedelta(0), KEPT_FOR - minute, KEPT_FOR + minute, timedelta(days=400))
    with world.app.app_context():
        purge_now_and_then(world.app)
    assert stored(world) == ["0", "1"]


def test_a_process_purges_once_a_minute_at_most(world: World) -> None:
    """Not on each request."""
    with world.app.app_context():
        purge_now_and_then(world.app)
        old_answers(world, timedelta(days=2))
        purge_now_and_then(world.app)
    assert stored(world) == ["0"]


def test_a_purge_that_cannot_write_fails_nobody(world: World) -> None:
    """It gives up soon and leaves it for another time."""
    old_answers(world, timedelta(days=2))
    with world.app.app_context():
        with db.engine.execution_options(writing=True).begin() as connection:
            connection.execute(update(idempotency_keys).values(status=201))
            purge_now_and_then(world.app)
        assert stored(world) == ["0"]


def test_a_key_can_be_stored_once_per_environment(world: World) -> None:
    """The database's own constraint stands behind the claim."""
    old_answers(world, timedelta(0))
    with pytest.raises(IntegrityError):
        old_answers(world, timedelta(0))
