"""Throttled sign-in: attempts are counted per account and per address, in the database, so in every worker alike.

An attempt is written down before the password is looked at, so that parallel guesses count too, and struck out when it
succeeds. Knows nothing of passwords.
"""

import hashlib
from contextlib import suppress
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.sql.elements import ColumnElement

from webapp.access.model import SignInAttempt
from webapp.database import is_postgresql, transaction
from webapp.errors import TooManyRequests
from webapp.identifiers import new_id, now
from webapp.phrases import plural_phrase
from webapp.settings import Settings

WINDOW = timedelta(minutes=15)
#: The advisory lock of PostgreSQL under which attempts are counted one after the other, as SQLite does anyway.
COUNTING_LOCK = 7_215_398_046


def _account_hash(email: str) -> str:
    """One for all spellings of an address that sign the same person in."""
    with suppress(EmailNotValidError):
        email = validate_email(email.strip(), check_deliverability=False).normalized
    return hashlib.sha256(email.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()


def record_attempt(email: str, address: str, settings: Settings) -> None:
    """Count one attempt to sign in.

    Raises:
        TooManyRequests: the account or the address has had too many in the last 15 minutes.
    """
    account_hash, at = _account_hash(email), now()

    def work(connection: Connection) -> None:
        if is_postgresql(connection):
            connection.execute(select(func.pg_advisory_xact_lock(COUNTING_LOCK)))
        connection.execute(delete(SignInAttempt).where(SignInAttempt.at <= at - WINDOW))
        for condition, limit in (
            (SignInAttempt.account_hash == account_hash, settings.sign_in_account_limit),
            (SignInAttempt.address == address, settings.sign_in_address_limit),
        ):
            _refuse_past(connection, condition, limit)
        row = {"id": new_id("try"), "account_hash": account_hash, "address": address[:64], "at": at}
        connection.execute(insert(SignInAttempt), row)

    def _refuse_past(connection: Connection, condition: ColumnElement[bool], limit: int) -> None:
        oldest, attempts = connection.execute(select(func.min(SignInAttempt.at), func.count()).where(condition)).one()
        if attempts >= limit:
            wait = int((oldest + WINDOW - at).total_seconds()) + 1
            minutes = -(-wait // 60)
            message = plural_phrase(
                "Too many failed sign-ins. Wait %(number)d minute, then try again.",
                "Too many failed sign-ins. Wait %(number)d minutes, then try again.",
                minutes,
            )
            raise TooManyRequests(message, wait)

    transaction(work)


def forgive_attempts(email: str) -> None:
    """Strike out the attempts of an account: its owner has signed in."""
    struck = delete(SignInAttempt).where(SignInAttempt.account_hash == _account_hash(email))
    transaction(lambda connection: connection.execute(struck))
