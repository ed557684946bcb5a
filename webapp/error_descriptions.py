"""What the log may say of an error: its class, where it happened, and its words only where they cannot quote a value.

Drivers, parsers and the language quote in their messages what they were given: a row, a key, half of a body. Knows no
log and no driver's module.
"""

import os
import re
import traceback
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: Classes of SQLSTATE whose main message names tables, constraints and conditions, never a value: connection, integrity
#: (the row is in its DETAIL, which is left out), transaction state, conflict, resources, object state, operator,
#: system.
PLAIN_CLASSES = frozenset({"08", "23", "25", "40", "53", "55", "57", "58"})
#: Undefined table, undefined column, missing privilege.
PLAIN_STATES = frozenset({"42P01", "42703", "42501"})
#: Of psycopg's, where the server said nothing.
PLAIN_CLIENT_ERRORS = frozenset({"OperationalError", "ConnectionTimeout"})
PLAIN_SQLITE = re.compile(
    r"no such table: [\w.]+|(UNIQUE|CHECK|NOT NULL|FOREIGN KEY) constraint failed(: [\w., ]+)?|database is locked"
    r"|database table is locked|disk I/O error|database or disk is full|unable to open database file"
    r"|attempt to write a readonly database|database disk image is malformed|file is not a database|interrupted"
)
QUOTED = re.compile(r"'(?:[^']|'')*'")
LONGEST_MESSAGE = 300
LONGEST_STATEMENT = 1000
#: Innermost frames of a traceback; calls that repeat are counted, not listed.
MOST_FRAMES = 50
MOST_CAUSES = 8


def described(error: BaseException) -> str:
    """An error in one line: class, the database's code for it, and its message if that cannot hold a value."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    words = [_class_of(error)]
    if inner is not error:
        words.append(f"({_class_of(inner)})")
    if code := getattr(inner, "sqlstate", None) or getattr(inner, "sqlite_errorname", None):
        words.append(f"[{code}]")
    if isinstance(inner, OSError) and inner.errno:
        words.append(os.strerror(inner.errno))
    elif message := _plain_message(inner):
        words.append(message)
    if isinstance(error, DBAPIError) and error.statement:
        statement = " ".join(QUOTED.sub("'…'", error.statement).split())
        words.append(f"[SQL: {statement[:LONGEST_STATEMENT]}]")
    return " ".join(words)


def traceback_of(error: BaseException) -> str:
    """Where an error and those behind it happened, and what each was, as :func:`described` says it. No local values."""
    return "\n".join(
        "".join(("Traceback (most recent call last):\n", *_frames(link))) + described(link) for link in _chain(error)
    )


def _class_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _chain(error: BaseException) -> list[BaseException]:
    """The first cause first, as Python prints them."""

    def links() -> Iterator[BaseException]:
        link: BaseException | None = error
        seen: set[int] = set()
        while link is not None and id(link) not in seen and len(seen) < MOST_CAUSES:
            seen.add(id(link))
            yield link
            link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)

    return list(links())[::-1]


def _frames(error: BaseException) -> list[str]:
    return traceback.extract_tb(error.__traceback__, limit=-MOST_FRAMES).format()


def _plain_message(error: BaseException) -> str:
    if isinstance(error, PoolTimeout):
        return str(error).partition(" (Background")[0]
    state = getattr(error, "sqlstate", None)
    if state is not None:
        is_plain = state in PLAIN_STATES or state[:2] in PLAIN_CLASSES
        return _first_line(getattr(getattr(error, "diag", None), "message_primary", None)) if is_plain else ""
    if getattr(error, "sqlite_errorname", None):
        found = PLAIN_SQLITE.fullmatch(str(error))
        return found.group() if found else ""
    # It comes from libpq before there is a statement, and says which server cannot be reached, and why.
    if type(error).__module__.startswith("psycopg") and type(error).__name__ in PLAIN_CLIENT_ERRORS:
        return _first_line(str(error))
    return ""


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0][:LONGEST_MESSAGE]
