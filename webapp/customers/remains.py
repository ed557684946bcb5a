"""What a database's files still hold of what was deleted, and getting rid of it. Knows tables by their names alone.

A deleted text is out of reach for every query at once, but its bytes stay in the file until they are overwritten.
"""

from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from webapp.database import db, is_postgresql, reading
from webapp.errors import ServiceUnavailable
from webapp.phrases import phrase
from webapp.statements import Statement

#: The tables that customers' data is deleted from, and replaced in.
TABLES = (
    "customers", "customer_changes", "customer_search", "customer_metadata", "integration_mappings",
    "retired_external_ids", "idempotency_keys", "saved_views",
)  # fmt: skip
_MERGE_TRIGRAMS = "INSERT INTO customer_search_fts (customer_search_fts) VALUES ('optimize')"
_CHECKPOINT = Statement(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def overwrite_deleted(connection: Connection) -> None:
    """Have SQLite fill what this transaction deletes with zeros, freed pages too. PostgreSQL has nothing alike."""
    if not is_postgresql(connection):
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def checkpoint() -> bool:
    """Move what SQLite's write-ahead log holds into the database, and empty the log.

    Returns:
        Whether it is empty: not where a reader, a writer or a fault was in its way; it is used anew by and by.
    """
    # Outside of a transaction as it comes from the pool: told of AUTOCOMMIT, its driver would begin transactions of its
    # own accord when it is given back.
    try:
        with reading() as connection:
            return is_postgresql(connection) or _empty_log(connection)
    except SQLAlchemyError:  # the customer is erased by now, whatever becomes of this
        return False


def scrub() -> bool:
    """Rewrite the database's files without what was deleted from them; it takes as long as it takes.

    SQLite merges the trigram index, copies the database (which needs as much memory as it is large) and empties the
    write-ahead log; whoever writes waits meanwhile. PostgreSQL runs VACUUM FULL on each table that holds such data,
    during which nobody can read it.

    Returns:
        False where SQLite's write-ahead log could not be emptied because somebody was reading.

    Raises:
        ServiceUnavailable: others are using the database so much that it cannot be done now.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: Any = connection.connection.driver_connection
        connection.detach()  # its time limits are lifted, so it does not go back to the pool
        try:
            if not is_postgresql(connection):
                connection.exec_driver_sql(_MERGE_TRIGRAMS)
                connection.exec_driver_sql("VACUUM")
                return _empty_log(connection)
            connection.exec_driver_sql("SET statement_timeout = 0")
            driver.longest_silence = None
            for table in TABLES:
                connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table}")
        except OperationalError:
            message = phrase("The database is in use. Nothing is lost; scrub it when there is less to do.")
            raise ServiceUnavailable(message) from None
        return True


def _empty_log(connection: Connection) -> bool:
    (is_busy, _, _) = _CHECKPOINT.first(connection, {}) or (True, 0, 0)
    return not is_busy
