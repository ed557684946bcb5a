"""Times in columns: SQLite keeps the texts that SQLAlchemy itself writes, so that databases of before fit."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import DateTime
from sqlalchemy.dialects import postgresql, sqlite

from webapp.column_types import UtcDateTime

MOMENTS = [
    datetime(2026, 11, 29, 2, 31, 22, 252642, tzinfo=UTC),
    datetime(2026, 1, 2, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 11, 29, 2, 31, 22, 1, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
]


@pytest.mark.parametrize("moment", [*MOMENTS, None])
def test_sqlite_keeps_what_sqlalchemy_writes_and_reads_it_back(moment: datetime | None) -> None:
    """In UTC, with all six digits."""
    dialect = sqlite.dialect()
    write, read = UtcDateTime().bind_processor(dialect), UtcDateTime().result_processor(dialect, None)
    sqlalchemys = DateTime().dialect_impl(dialect).bind_processor(dialect)
    assert write is not None
    assert read is not None
    assert sqlalchemys is not None
    assert write(moment) == sqlalchemys(moment and moment.astimezone(UTC))
    assert read(write(moment)) == moment


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
def test_a_time_without_a_zone_is_refused(dialect: sqlite.dialect | postgresql.dialect) -> None:
    """Nobody knows when that is."""
    write = UtcDateTime().bind_processor(dialect)
    assert write is not None
    with pytest.raises(ValueError, match="without a time zone"):
        write(datetime(2026, 11, 29))  # noqa: DTZ001 - that is the point
