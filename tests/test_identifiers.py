"""Times as texts, and identifiers: each in one form, whatever it is made of."""

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from webapp.identifiers import new_request_id, rfc3339

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))])
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)  # noqa: DTZ001 - bounds are naive


@given(MOMENTS)
def test_a_time_is_written_in_utc_with_all_its_digits(moment: datetime) -> None:
    """Zeros too."""
    in_utc = moment.astimezone(UTC)
    for one in (moment, moment.replace(microsecond=0), moment.replace(microsecond=1000)):
        digits = f"{one.microsecond:06d}"
        assert rfc3339(one) == f"{in_utc.year:04d}-{in_utc:%m-%dT%H:%M:%S}.{digits}Z"


def test_request_ids_are_alike_and_each_another() -> None:
    """In the form that a caller's own may have, too."""
    made = {new_request_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"req_[0-9a-f]{26}", one) for one in made)
