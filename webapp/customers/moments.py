"""Times as callers write them: RFC 3339, or a date alone. Knows not whose times they are."""

import re
from datetime import UTC, datetime

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})?)?", re.ASCII
)


def moment_of(text: str) -> datetime | None:
    """The time that a text is, in UTC; None when it is none.

    Past microseconds it is cut off. A date alone is its beginning. Without an offset it is UTC.
    """
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    date, time, fraction, zone = found.groups()
    seconds = f"{time or '00:00:00'}.{(fraction or '0')[:6].ljust(6, '0')}"
    try:
        return datetime.fromisoformat(f"{date}T{seconds}{(zone or 'Z').upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
