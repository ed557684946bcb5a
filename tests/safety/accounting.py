"""What must be true of a database when clients have the answers that they have.

Knows what a client may conclude from an answer, and from getting none; not what was done to the service.
"""

from collections.abc import Sequence

from tests.safety.installation import Installation
from tests.safety.stored import Stored
from tests.support.load import Answer, Request, Run


def kept_as_acknowledged(answer: Answer, stored: Stored) -> bool:
    """Whether an acknowledged write is stored, once, and where its answer says.

    One without a key may have been sent again after it had taken place; then its answer tells a later version.
    """
    places = stored.effects.get(answer.request.effect, [])
    if len(places) != 1:
        return False
    ((customer_id, version),) = places
    is_its_customer = answer.status == 204 or answer.json["id"] == customer_id
    return is_its_customer and (version == answer.version if answer.request.key else version <= answer.version)


def is_whole(request: Request, stored: Stored) -> bool:
    """Whether a write has had all of its effect, or none: once at most, and its answer kept exactly if it has."""
    times = len(stored.effects.get(request.effect, []))
    return times <= 1 and (not request.key or (request.key in stored.answered_keys) == (times == 1))


def lost(runs: Sequence[Run], stored: Stored) -> list[Answer]:
    """The acknowledged writes that are not stored as they were acknowledged."""
    return [answer for run in runs for answer in run.acknowledged if not kept_as_acknowledged(answer, stored)]


def half_written(works: Sequence[Sequence[Request]], stored: Stored) -> list[Request]:
    """The writes that have only a part of their effect, or more than once."""
    return [request for work in works for request in work if not is_whole(request, stored)]


def forgotten_external_ids(works: Sequence[Sequence[Request]], stored: Stored) -> list[str]:
    """The external IDs that were given to a customer and do not find one any more: neither used nor retired."""
    given = {request.effect for work in works for request in work if "external_id" in (request.body or {})}
    return sorted(given & stored.effects.keys() - stored.external_ids)


def differing_replays(first: Sequence[Answer], again: Sequence[Answer]) -> list[Answer]:
    """The answers to repeated requests that are not those of the first time, or do not say that they are replayed."""
    return [
        repeated
        for answer, repeated in zip(first, again, strict=True)
        if not repeated.is_replayed or _told(answer) != _told(repeated)
    ]


def _told(answer: Answer) -> tuple[object, ...]:
    assert answer.response is not None
    headers = answer.response.headers
    return answer.request, answer.status, answer.response.get_data(), headers["ETag"], headers.get("Location")


def assert_nothing_is_lost(installation: Installation, works: Sequence[Sequence[Request]], runs: Sequence[Run]) -> None:
    """What was acknowledged is stored, everything else is whole; history and search index agree with the customers."""
    stored = installation.stored()
    for faults in (
        [answer for run in runs for answer in run.refused],
        lost(runs, stored),
        half_written(works, stored),
        forgotten_external_ids(works, stored),
    ):
        assert not faults, f"{len(faults)} faults, such as {faults[:3]}"
    for what in ("history", "search"):
        assert installation.verify(what) >= len(stored.customer_ids)
