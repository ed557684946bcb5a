"""What is wrong with the database, in one line for an operator, and whether waiting helps. Knows no table but by name.

Where a database is wrong and will stay so until a person mends it, a server does not start; where it is only away, the
server starts, answers 503 and comes back by itself (docs/decisions/0015). No line has the password in it.
"""

import re
from dataclasses import dataclass
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import URL, Connection, NullPool, create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from webapp.error_descriptions import described
from webapp.migration_head import schema_fault
from webapp.settings import Settings
from webapp.sqlite import sqlite_file

OLDEST_POSTGRESQL = 15
LONGEST_WAIT_SECONDS = 5
UPGRADE = "Run 'flask --app wsgi db upgrade'."
#: A table of the first migration: where it is, something has been migrated.
FIRST_TABLE = "tenants"


@dataclass(frozen=True, slots=True)
class DatabaseFault:
    """One thing that is wrong.

    Attributes:
        told: the line.
        is_final: whether it stays wrong until a person mends it.
    """

    told: str
    is_final: bool


#: What the driver, the server or a pooler says, what it means, and whether that is final. ``{0}`` is the pattern's
#: first group, ``{place}`` the host and port, ``{name}`` the database, ``{user}`` the user.
_WORDED: tuple[tuple[str, str, bool], ...] = (
    (
        r"password authentication failed|no password supplied|SASL authentication failed",
        "PostgreSQL at {place} refuses the password of the user {user}: correct it in DATABASE_URL.",
        True,
    ),
    (
        r'role "[^"]*" (?:does not exist|is not permitted)|no such user',
        "PostgreSQL at {place} has no user {user}.",
        True,
    ),
    (
        r'database "[^"]*" does not exist|no such database',
        "PostgreSQL at {place} has no database {name}: create it, or correct the name in DATABASE_URL.",
        True,
    ),
    (r"permission denied for database", "The user {user} may not connect to the database {name}.", True),
    (
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        "PostgreSQL at {place} does not let the user {user} in from here: its pg_hba.conf has no line for that.",
        True,
    ),
    (
        r"does not support SSL|certificate verify failed|root certificate file|SSL error: certificate",
        "The connection to {place} cannot be encrypted as DATABASE_URL asks: look at its sslmode and sslrootcert.",
        True,
    ),
    (
        r"invalid response to SSL|expected authentication request|invalid response to GSSAPI",
        "What listens at {place} is no PostgreSQL: correct the port in DATABASE_URL.",
        True,
    ),
    (
        r"could not translate host name|failed to resolve host|Name or service not known",
        "The host of DATABASE_URL, {place}, cannot be found: its name does not resolve.",
        False,
    ),
    (r"Connection refused", "Nothing listens at {place}: PostgreSQL is down, or its host or port is another.", False),
    (
        r"on socket .*No such file or directory",
        "No PostgreSQL runs on this machine's socket at {place}: it is down, or DATABASE_URL needs a host.",
        False,
    ),
    (
        r"timeout expired|timed out|No route to host|Network is unreachable|has said nothing",
        "{place} does not answer: a network or a firewall is in between, or the host is down.",
        False,
    ),
    (
        r"the database system is (?:starting up|shutting down|in recovery|not yet accepting)",
        "PostgreSQL at {place} is starting or stopping.",
        False,
    ),
    (
        r"too many (?:clients|connections)|remaining connection slots|no more connections allowed",
        "PostgreSQL at {place} has no connection left: see max_connections, and DATABASE_POOL_SIZE.",
        False,
    ),
    (r"permission denied for (?:schema|table|sequence) (\w+)", "The user {user} has no right to use {0}.", True),
    (r'relation "[^"]*" does not exist|no such table', f"The database is not migrated. {UPGRADE}", True),
    (r"unable to open database file", "The SQLite file {name} cannot be opened: look at its folder and rights.", True),
    (
        r"file is not a database|file is encrypted|disk image is malformed",
        "The file {name} is no SQLite database, or is damaged.",
        True,
    ),
    (r"attempt to write a readonly database", "The SQLite file {name} or its folder may not be written.", True),
    (r"database is locked", "The SQLite file {name} is locked by another program.", False),
    (r"database or disk is full|No space left on device|could not extend file", "The database's disk is full.", False),
)
_WORDS = tuple((re.compile(pattern, re.IGNORECASE), told, is_final) for pattern, told, is_final in _WORDED)


def fault_of(error: BaseException, url: URL) -> DatabaseFault:
    """What an error of the database means."""
    driver = getattr(error, "orig", None) or error
    said = str(driver)
    place = str(url.query.get("host") or url.host or "localhost") + (f":{url.port}" if url.port else "")
    for pattern, told, is_final in _WORDS:
        if found := pattern.search(said):
            line = told.format(*found.groups(), place=place, name=url.database, user=url.username or "of this process")
            return DatabaseFault(line, is_final)
    return DatabaseFault(f"The database cannot be used: {_without_password(described(error), url)}", is_final=False)


def _without_password(said: str, url: URL) -> str:
    return said.replace(url.password, "***") if url.password else said


def database_fault(settings: Settings, head: str) -> DatabaseFault | None:
    """Look at an installation's database as a server does before it starts.

    Args:
        settings: of the installation.
        head: the newest migration that the code knows.

    Returns:
        What is wrong, or None.
    """
    url = make_url(settings.sqlalchemy_url)
    if file := sqlite_file(settings):
        if not file.exists():
            return DatabaseFault(f"There is no SQLite file {file} yet. {UPGRADE}", is_final=True)
        url = url.set(database=str(file))
        patience = {"timeout": LONGEST_WAIT_SECONDS}
    else:
        patience = {"connect_timeout": LONGEST_WAIT_SECONDS}
    engine = create_engine(url, poolclass=NullPool, connect_args=patience, hide_parameters=True)
    try:
        with engine.connect() as connection:
            return _version_fault(connection) or _migration_fault(connection, head)
    except SQLAlchemyError as error:
        return fault_of(error, url)


def _version_fault(connection: Connection) -> DatabaseFault | None:
    version: tuple[Any, ...] = connection.dialect.server_version_info or ()
    if connection.dialect.name != "postgresql" or version >= (OLDEST_POSTGRESQL,):
        return None
    found = ".".join(map(str, version))
    return DatabaseFault(f"This is PostgreSQL {found}; {OLDEST_POSTGRESQL} or newer is needed.", is_final=True)


def _migration_fault(connection: Connection, head: str) -> DatabaseFault | None:
    try:
        schema = MigrationContext.configure(connection).get_current_revision()
    except CommandError:  # it has several
        return DatabaseFault(
            "The table alembic_version has more than one row: the database is not ours.", is_final=True
        )
    if schema is None and inspect(connection).has_table(FIRST_TABLE):
        return DatabaseFault(
            "The database has tables, but no record of its migrations: a restore or a migration stopped half-way. "
            "Begin again with an empty database, or a complete copy.",
            is_final=True,
        )
    fault = schema_fault(schema, head)
    if not fault:
        return None
    told = f"{fault[0].upper()}{fault[1:]}: it is at {schema or 'no migration'}, this code at {head}."
    return DatabaseFault(f"{told} {UPGRADE}" if "not migrated" in fault else told, is_final=True)
