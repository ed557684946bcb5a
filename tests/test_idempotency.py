"""Idempotency keys, on both databases: the effect and its answer are one transaction (contract section 7)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import IntegrityError

from tests.support.threads import LONGEST_WAIT_SECONDS, at_once
from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.database import LostRace, is_postgresql, reading, transaction
from webapp.errors import IdempotencyMismatch, InvalidOperation, RequestInProgress
from webapp.idempotency import (
    LONGEST_KEY,
    Answer,
    IdempotentRequest,
    Replayed,
    idempotency_keys,
    run_once,
)
from webapp.identifiers import now

SENT = IdempotentRequest(HOME.tenant_id, HOME.environment_id, "a key", "f" * 64)
ANSWER = Answer(201, {"ETag": '"1"', "Location": "/v1/customers/ü"}, '{"name":"用户 \\u2028"}')
#: A table of ours to leave an effect in.
EFFECTS = text("INSERT INTO effects (number) VALUES (:number)")


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """The seeded world and a table for effects, on SQLite and then on PostgreSQL."""
    with world_on_each_database.app.app_context():
        transaction(lambda connection: connection.execute(text("CREATE TABLE effects (number INTEGER)")))
    return world_on_each_database


def effect(number: int = 1) -> Callable[[Connection], int]:
    """Work that leaves a number."""

    def work(connection: Connection) -> int:
        connection.execute(EFFECTS, {"number": number})
        return number

    return work


def effects(world: World) -> list[int]:
    """What was left."""
    with world.app.app_context(), reading() as connection:
        return list(connection.execute(text("SELECT number FROM effects ORDER BY number")).scalars())


def stored(world: World) -> list[Any]:
    """The stored answers."""
    with world.app.app_context(), reading() as connection:
        return list(connection.execute(select(idempotency_keys).order_by(idempotency_keys.c.idempotency_key)))


def run(world: World, sent: IdempotentRequest = SENT, number: int = 1, answer: Answer = ANSWER) -> int:
    """Run a request once."""
    with world.app.app_context():
        return run_once(sent, effect(number), lambda _connection, _result: answer)


def replayed(world: World, sent: IdempotentRequest = SENT) -> Answer:
    """The answer to a request that was answered before."""
    with pytest.raises(Replayed) as told:
        run(world, sent, number=99)
    return told.value.answer


def grow_older(world: World, by: timedelta) -> None:
    """Let time pass for every stored answer."""
    with world.app.app_context():
        older = update(idempotency_keys).values(created_at=now() - by)
        transaction(lambda connection: connection.execute(older))


def test_a_first_request_runs_and_its_answer_is_stored(world: World) -> None:
    """Once, with all that finds it again."""
    before = now()
    assert run(world, number=7) == 7
    (row,) = stored(world)
    assert (row.tenant_id, row.environment_id, row.idempotency_key) == (HOME.tenant_id, HOME.environment_id, "a key")
    assert (row.fingerprint, row.status, row.headers, row.body) == ("f" * 64, 201, ANSWER.headers, ANSWER.body)
    assert before <= row.created_at <= now()
    assert effects(world) == [7]


@pytest.mark.parametrize("answer", [ANSWER, Answer(204, {"ETag": '"2"'}, ""), Answer(200, {}, "{}" + " " * 100_000)])
def test_a_second_request_is_answered_as_the_first_and_does_nothing(world: World, answer: Answer) -> None:
    """To the letter, however often."""
    run(world, answer=answer)
    assert [replayed(world), replayed(world)] == [answer, answer]
    assert effects(world) == [1]
    assert len(stored(world)) == 1


def test_the_same_key_for_another_request_is_refused(world: World) -> None:
    """By its fingerprint; the first answer stays."""
    run(world)
    with pytest.raises(IdempotencyMismatch):
        run(world, replace(SENT, fingerprint="e" * 64))
    assert effects(world) == [1]
    assert replayed(world) == ANSWER


@pytest.mark.parametrize("scope", [SANDBOX, ELSEWHERE], ids=["environment", "tenant"])
def test_another_environment_s_equal_key_is_another_key(world: World, scope: Any) -> None:
    """With another fingerprint or the same."""
    run(world)
    run(world, replace(SENT, tenant_id=scope.tenant_id, environment_id=scope.environment_id), number=2)
    assert effects(world) == [1, 2]
    assert len(stored(world)) == 2


@pytest.mark.parametrize("key", ["A key", "a  key", "b", "k" * LONGEST_KEY, "ÿ" * LONGEST_KEY, "'; --", "%"])
def test_another_key_is_another_request(world: World, key: str) -> None:
    """Nothing is folded; as long as a key may be."""
    run(world)
    assert run(world, replace(SENT, key=key), number=2) == 2
    assert replayed(world, replace(SENT, key=key)) == ANSWER


def test_an_answer_is_kept_for_24_hours(world: World) -> None:
    """To the last minute; then the request runs anew, and is kept anew."""
    run(world)
    grow_older(world, timedelta(hours=23, minutes=59))
    assert replayed(world) == ANSWER
    grow_older(world, timedelta(hours=24, seconds=1))
    second = Answer(200, {}, '{"second":true}')
    assert run(world, replace(SENT, fingerprint="e" * 64), number=2, answer=second) == 2
    assert effects(world) == [1, 2]
    assert replayed(world, replace(SENT, fingerprint="e" * 64)) == second


def test_work_that_fails_stores_nothing(world: World) -> None:
    """Nor has it an effect; its repetition is judged anew."""

    def failing(connection: Connection) -> int:
        effect(5)(connection)
        raise InvalidOperation("Not now.")

    with world.app.app_context(), pytest.raises(InvalidOperation):
        run_once(SENT, failing, lambda _connection, _result: ANSWER)
    assert (stored(world), effects(world)) == ([], [])
    assert run(world) == 1


def test_an_expired_answer_survives_work_that_fails(world: World) -> None:
    """Forgetting it belongs to the same transaction."""
    run(world)
    grow_older(world, timedelta(hours=25))

    def failing(_connection: Connection) -> int:
        raise InvalidOperation("Not now.")

    with world.app.app_context(), pytest.raises(InvalidOperation):
        run_once(SENT, failing, lambda _connection, _result: ANSWER)
    assert len(stored(world)) == 1


@pytest.mark.parametrize("where", ["making", "storing"])
def test_an_answer_that_cannot_be_stored_undoes_the_effect(world: World, where: str) -> None:
    """One transaction. The database refuses a tenant that does not own the environment, when the effect is there."""
    stranger = replace(SENT, tenant_id=ELSEWHERE.tenant_id)

    def answer_of(_connection: Connection, _result: int) -> Answer:
        if where == "making":
            raise ZeroDivisionError
        return ANSWER

    expected = ZeroDivisionError if where == "making" else IntegrityError
    with world.app.app_context(), pytest.raises(expected):
        run_once(stranger if where == "storing" else SENT, effect(5), answer_of)
    assert (stored(world), effects(world)) == ([], [])


def test_work_that_lost_a_race_runs_again_and_is_stored_once(world: World) -> None:
    """With the answer of the attempt that was committed."""
    attempts: list[int] = []

    def work(connection: Connection) -> int:
        attempts.append(len(attempts))
        effect(len(attempts))(connection)
        if len(attempts) < 3:
            raise LostRace
        return len(attempts)

    with world.app.app_context():
        assert run_once(SENT, work, lambda _connection, result: Answer(200, {}, str(result))) == 3
    assert effects(world) == [3]
    assert replayed(world).body == "3"


def test_while_a_request_runs_its_repetition_waits_or_is_told(world: World) -> None:
    """PostgreSQL: RequestInProgress at once. SQLite: the later waits, and is answered as the earlier."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> int:
        begun.set()
        assert go_on.wait(LONGEST_WAIT_SECONDS)
        return effect(1)(connection)

    def first() -> int:
        with world.app.app_context():
            return run_once(SENT, slow, lambda _connection, _result: ANSWER)

    def second() -> Any:
        try:
            return run(world, number=2)
        except (Replayed, RequestInProgress) as told:
            return told

    with world.app.app_context(), reading() as connection:
        waits = not is_postgresql(connection)
    with ThreadPoolExecutor(2) as pool:
        try:
            earlier = pool.submit(first)
            assert begun.wait(LONGEST_WAIT_SECONDS)
            later = pool.submit(second)
            if not waits:
                assert isinstance(later.result(LONGEST_WAIT_SECONDS), RequestInProgress)
            assert earlier.running()
        finally:
            go_on.set()
        assert earlier.result(LONGEST_WAIT_SECONDS) == 1
        told = later.result(LONGEST_WAIT_SECONDS)
    assert isinstance(told, Replayed if waits else RequestInProgress)
    assert replayed(world) == ANSWER
    assert effects(world) == [1]


def test_another_key_is_not_told_of_a_request_that_runs(world: World) -> None:
    """On PostgreSQL it does not wait either; on SQLite one writes at a time anyway."""

    def within(connection: Connection) -> int:
        if is_postgresql(connection):
            with ThreadPoolExecutor(1) as pool:
                other = pool.submit(run, world, replace(SENT, key="another"), 2)
                assert other.result(LONGEST_WAIT_SECONDS) == 2
        return effect(1)(connection)

    with world.app.app_context():
        run_once(SENT, within, lambda _connection, _result: ANSWER)
        with reading() as connection:
            is_done = is_postgresql(connection)
    if not is_done:
        run(world, replace(SENT, key="another"), 2)
    assert effects(world) == [1, 2]


def test_of_many_with_one_key_at_once_one_has_an_effect(world: World) -> None:
    """The others are replayed, or told to come back."""
    outcomes = at_once(world.app, [lambda n=n: run(world, number=n) for n in range(8)])
    ran = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert len(ran) == 1
    assert all(isinstance(outcome, int | Replayed | RequestInProgress) for outcome in outcomes)
    assert effects(world) == ran
    assert len(stored(world)) == 1
