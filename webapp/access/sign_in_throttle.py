"""Throttled sign-in: attempts are counted per account and per address, in the database, so in every worker alike.

An attempt is written down before the password is looked at, so that parallel guesses count too, and struck out when it
succeeds. Counting and judging the count are one transaction, one after the other in all workers: of guesses sent at
once no more are looked at than of guesses sent in turn. Knows nothing of passwords.
"""

import hashlib
import ipaddress
from contextlib import suppress
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.sql.elements import ColumnElement

from webapp.access.model import SignInAttempt
from webapp.database import is_postgresql, transaction
from webapp.errors import TooManyRequests
from webapp.happenings import SIGN_IN, note
from webapp.identifiers import new_id, now
from webapp.phrases import plural_phrase
from webapp.settings import Settings

WINDOW = timedelta(minutes=15)
#: The advisory lock of PostgreSQL under which attempts are counted one after the other, as SQLite does anyway.
COUNTING_LOCK = 7_215_398_046
#: What one household or machine has of IPv6: with it comes a new address for each guess.
IPV6_PREFIX = 64
LONGEST_ADDRESS = 64


def _account_hash(email: str) -> str:
    """One for all spellings of an address that sign the same person in."""
    with suppress(EmailNotValidError):
        email = validate_email(email.strip(), check_deliverability=False).normalized
    return hashlib.sha256(email.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()


def _place(address: str) -> str:
    """What attempts from an address are counted under: an IPv4 address itself, of an IPv6 address its network."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:LONGEST_ADDRESS]
    if known.version == 6 and known.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(known), IPV6_PREFIX), strict=False))
    return str(getattr(known, "ipv4_mapped", None) or known)


def record_attempt(email: str, address: str, settings: Settings) -> None:
    """Count one attempt to sign in.

    Raises:
        TooManyRequests: the account or the address has had too many in the last 15 minutes.
    """
    account_hash, place, at = _account_hash(email), _place(address), now()

    def work(connection: Connection) -> None:
        if is_postgresql(connection):
            connection.execute(select(func.pg_advisory_xact_lock(COUNTING_LOCK)))
        connection.execute(delete(SignInAttempt).where(SignInAttempt.at <= at - WINDOW))
        for condition, limit in (
            (SignInAttempt.account_hash == account_hash, settings.sign_in_account_limit),
            (SignInAttempt.address == place, settings.sign_in_address_limit),
        ):
            _refuse_past(connection, condition, limit)
        row = {"id": new_id("try"), "account_hash": account_hash, "address": place, "at": at}
        connection.execute(insert(SignInAttempt), row)

    def _refuse_past(connection: Connection, condition: ColumnElement[bool], limit: int) -> None:
        oldest, attempts = connection.execute(select(func.min(SignInAttempt.at), func.count()).where(condition)).one()
        if attempts >= limit:
            note(SIGN_IN, "throttled")
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
