"""Sixteen clients that PUT different fields of one customer, and four that PATCH its metadata: nothing is lost."""

from dataclasses import dataclass

import pytest

from tests.safety.installation import Live
from tests.safety.sizes import SIZES
from tests.support.load import Request, Run
from tests.support.world import HOME
from webapp.customers.history_check import verify
from webapp.customers.lookup import find_mappings
from webapp.customers.model import Customer
from webapp.database import reading, snapshot

TEXTS = (
    "external_id", "name", "contact", "address_line1", "address_line2", "address_city", "address_state",
    "address_postal_code",
)  # fmt: skip
METADATA_KEYS = ("plan", "seats", "region", "owner")
PROVIDERS = ("stripe", "paddle", "hubspot", "chargebee", "razorpay", "paypal", "quickbooks", "nomod")
ROUNDS = SIZES.rounds_of_writes
WRITES = (len(TEXTS) + len(METADATA_KEYS) + len(PROVIDERS)) * ROUNDS


@dataclass(frozen=True)
class Written:
    """What the writers were answered, and what is stored after the last of them."""

    live: Live
    customer: Customer
    run: Run


def last(field: str) -> str:
    """What the writer of a field sends last."""
    return value_of(field, ROUNDS)


def value_of(field: str, round_: int) -> str:
    """What the writer of a field sends in a round: like no other, and short enough for every field."""
    return f"{field[-12:]} {round_}"


@pytest.fixture(scope="module")
def written(served_on_each_database: Live) -> Written:
    """The result of one run: each writer changes its own field so many times, as fast as it can."""
    world = served_on_each_database.world
    customer = world.create_customer(metadata={"untouched": "yes"}, mappings={"zoho_books": "untouched"})
    path = f"/v1/customers/{customer.id}"
    works = [
        *([Request("PUT", path, {name: value_of(name, n)}) for n in range(1, ROUNDS + 1)] for name in TEXTS),
        *(
            [Request("PATCH", path, {"metadata": {key: value_of(key, n)}}) for n in range(1, ROUNDS + 1)]
            for key in METADATA_KEYS
        ),
        *(
            [
                Request("PUT", path, {"integration_entity_mapping": [{"provider": name, "id": value_of(name, n)}]})
                for n in range(1, ROUNDS + 1)
            ]
            for name in PROVIDERS
        ),
    ]
    assert len([work for work in works if work[0].method == "PUT"]) == 16
    run = served_on_each_database.at_once(works)
    return Written(served_on_each_database, world.reload(customer), run)


def test_every_write_is_answered_200(written: Written) -> None:
    """Nobody is told to come again."""
    assert [answer.status for answer in written.run.all_answers] == [200] * WRITES


def test_every_text_field_has_what_was_written_last(written: Written) -> None:
    """Each has one writer, without If-Match (contract section 7)."""
    assert {name: getattr(written.customer, name) for name in TEXTS} == {name: last(name) for name in TEXTS}


def test_every_metadata_key_has_what_was_patched_last(written: Written) -> None:
    """They stand in one column, and each PATCH touches its own key alone."""
    assert written.customer.metadata == {"untouched": "yes", **{key: last(key) for key in METADATA_KEYS}}


def test_every_mapping_has_what_was_written_last(written: Written) -> None:
    """Providers that are not named stay (contract section 6)."""
    with written.live.world.app.app_context(), reading() as connection:
        mappings = find_mappings(connection, HOME, written.customer.id)
    stored = {mapping.provider_type: mapping.provider_entity_id for mapping in mappings}
    assert stored == {"zoho_books": "untouched", **{name: last(name) for name in PROVIDERS}}


def test_the_version_counts_every_change(written: Written) -> None:
    """1 at creation, one more per change."""
    assert written.customer.version == WRITES + 1


def test_every_answer_tells_a_version_of_its_own(written: Written) -> None:
    """No two changes led to the same version, and none was left out."""
    assert sorted(answer.version for answer in written.run.all_answers) == list(range(2, WRITES + 2))


def test_the_version_in_an_answer_is_that_of_its_own_change(written: Written) -> None:
    """The history says at that version what the request had sent."""
    changes = written.live.installation.stored().effects
    sent = {
        (text, (written.customer.id, answer.version))
        for answer in written.run.all_answers
        for text in [*_texts_in(answer.request.body)]
    }
    assert {(text, place) for text, _ in sent for place in changes[text] if place[0] == written.customer.id} == sent


def _texts_in(body: object) -> list[str]:
    if isinstance(body, dict):
        return [text for name, value in body.items() if name != "provider" for text in _texts_in(value)]
    return [text for item in body for text in _texts_in(item)] if isinstance(body, list) else [str(body)]


def test_the_history_leads_to_the_row(written: Written) -> None:
    """For this customer, and for every other of the database (contract section 11)."""
    with written.live.world.app.app_context(), snapshot() as connection:
        assert [fault for fault in verify(connection) if fault] == []
