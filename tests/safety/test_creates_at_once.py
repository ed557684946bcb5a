"""Many clients that create the same customer at the same time: one customer comes of it."""

from dataclasses import dataclass

import pytest

from tests.safety.installation import Live
from tests.safety.sizes import SIZES
from tests.support.load import Answer, Request, Run

SAME_KEY = 50
SAME_EXTERNAL_ID = 20
ROUNDS = range(1, SIZES.rounds_of_creates + 1)


@dataclass(frozen=True)
class Created:
    """What a crowd was answered that created ``external_id``, round by round."""

    live: Live
    rounds: dict[str, Run]

    def customers(self, external_id: str) -> list[str]:
        """The IDs of all customers that were ever made with an external ID."""
        return [customer_id for customer_id, _ in self.live.installation.stored().effects[external_id]]


@pytest.fixture(scope="module")
def with_one_key(served_on_each_database: Live) -> Created:
    """Fifty identical creates with one idempotency key; who is told to come back comes back."""
    rounds = {}
    for number in ROUNDS:
        external_id = f"fifty-{number}"
        body = {"external_id": external_id, "name": "Fifty", "metadata": {"a": "1"}}
        request = Request("POST", "/v1/customers", body, key=f"key of {external_id}")
        works = [[request]] * SAME_KEY
        rounds[external_id] = served_on_each_database.at_once(works, repeated=("request_in_progress",))
    return Created(served_on_each_database, rounds)


def final_of(run: Run) -> list[Answer]:
    """The answers that stood, of which everybody has one."""
    assert len(run.final) == len(run.works)
    return run.final


def test_one_key_makes_one_customer(with_one_key: Created) -> None:
    """However many send it (contract section 7)."""
    assert [len(with_one_key.customers(external_id)) for external_id in with_one_key.rounds] == [1 for _ in ROUNDS]


def test_everybody_with_the_key_gets_201_in_the_end(with_one_key: Created) -> None:
    """Nobody is told anything but that it still runs, such as that the external ID is taken, by their own customer."""
    statuses = {answer.status for run in with_one_key.rounds.values() for answer in final_of(run)}
    assert statuses == {201}


def test_everybody_with_the_key_gets_the_same_answer(with_one_key: Created) -> None:
    """Byte for byte, with the same version and address."""
    for run in with_one_key.rounds.values():
        seen = {
            (response.get_data(), response.headers["ETag"], response.headers["Location"])
            for answer in final_of(run)
            if (response := answer.response)
        }
        assert len(seen) == 1


def test_all_but_the_first_are_told_that_it_is_a_replay(with_one_key: Created) -> None:
    """Exactly one of them made the customer."""
    firsts = [sum(not answer.is_replayed for answer in final_of(run)) for run in with_one_key.rounds.values()]
    assert firsts == [1 for _ in ROUNDS]


@pytest.fixture(scope="module")
def with_one_external_id(served_on_each_database: Live) -> Created:
    """Twenty creates of one external ID, by twenty clients that know nothing of each other."""
    rounds = {}
    for number in ROUNDS:
        external_id = f"twenty-{number}"
        works = [
            [Request("POST", "/v1/customers", {"external_id": external_id, "name": f"Client {client}"})]
            for client in range(SAME_EXTERNAL_ID)
        ]
        rounds[external_id] = served_on_each_database.at_once(works)
    return Created(served_on_each_database, rounds)


def test_one_client_gets_the_external_id(with_one_external_id: Created) -> None:
    """One 201; everybody else is told that it is taken (contract section 3)."""
    for run in with_one_external_id.rounds.values():
        outcomes = sorted((answer.status, answer.code) for answer in run.all_answers)
        assert outcomes == [(201, ""), *[(409, "already_exists")] * (SAME_EXTERNAL_ID - 1)]


def test_one_customer_has_the_external_id(with_one_external_id: Created) -> None:
    """The one that its maker was told of."""
    for external_id, run in with_one_external_id.rounds.items():
        (made,) = run.acknowledged
        assert with_one_external_id.customers(external_id) == [made.json["id"]]
