"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for who has lost it.

A code counts once, however many send it at the same time. Knows no page and no session.
"""

import hashlib
import hmac
from dataclasses import dataclass

from flask import Flask, current_app
from flask_security import Totp
from sqlalchemy import Connection, or_, select, update

from webapp.access.model import Staff
from webapp.database import reading, transaction
from webapp.errors import InvalidOperation
from webapp.phrases import phrase
from webapp.settings import Settings

ISSUER = "Customer Desk"
METHOD = "authenticator"
RECOVERY_CODES = 10
#: A code is good for 30 seconds; one of the step before and of the step behind pass too, as clocks differ.
WINDOW_SECONDS = 30
LONGEST_CODE = 40

_table = Staff.__table__.c


class AuthenticatorCodes(Totp):
    """Flask-Security's codes, with the step of the match in place of a yes: that is what a replay is known by."""

    def matched_step(self, code: str, secret: str, last_step: int | None) -> int | None:
        """The time step that ``code`` belongs to, later than ``last_step``; None for a wrong, old or used code."""
        try:
            match = self._totp.verify(code, secret, window=WINDOW_SECONDS, last_counter=last_step)
        except ValueError:  # of which passlib's errors of codes are kinds
            return None
        step: int = match.counter
        return step


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person needs to set their app up.

    Attributes:
        secret: encrypted; comes back with the first code.
        key: the same as text to type, in groups.
        image: the same as a QR code, a ``data:`` address of an SVG.
    """

    secret: str
    key: str
    image: str


@dataclass(frozen=True, slots=True)
class _Keys:
    codes: AuthenticatorCodes
    recovery: bytes


def init_second_factor(app: Flask, settings: Settings) -> None:
    """Derive the keys that secrets are encrypted with and recovery codes are hashed with."""
    secrets = {"1": _derived(settings, "secrets of authenticator apps").hex()}
    app.extensions["second_factor"] = _Keys(
        AuthenticatorCodes(secrets, ISSUER), _derived(settings, "recovery codes of the second factor")
    )


def _derived(settings: Settings, purpose: str) -> bytes:
    return hmac.digest(settings.secret_key.encode(), purpose.encode(), hashlib.sha256)


def _keys() -> _Keys:
    keys: _Keys = current_app.extensions["second_factor"]
    return keys


def has_second_factor(staff: Staff) -> bool:
    """Whether signing in asks this person for a code."""
    return staff.tf_primary_method is not None and staff.tf_totp_secret is not None


def propose(email: str, secret: str = "") -> Proposal:
    """A new secret, or one that was proposed before (encrypted), for a person's app."""
    codes = _keys().codes
    secret = secret or codes.generate_totp_secret()
    return Proposal(secret, codes.get_totp_pretty_key(secret), codes.generate_qrcode(email, secret))


def switch_on(staff_id: str, secret: str, code: str) -> list[str] | None:
    """Begin to ask the person for codes of ``secret``, if ``code`` is its present one.

    Returns:
        The recovery codes, which nothing can show again; None when the code is wrong.

    Raises:
        InvalidOperation: the person has a second factor already.
    """
    step = _keys().codes.matched_step(code[:LONGEST_CODE], secret, None)
    if step is None:
        return None
    recovery, hashes = _new_recovery_codes()
    row = {"tf_primary_method": METHOD, "tf_totp_secret": secret, "tf_last_counter": step, "mf_recovery_codes": hashes}
    begun = update(Staff).where(_table.id == staff_id, _table.tf_totp_secret.is_(None)).values(row)
    if transaction(lambda connection: connection.execute(begun).rowcount) == 0:
        raise InvalidOperation(phrase("The second factor is on already."))
    return recovery


def switch_off(staff_id: str) -> None:
    """Ask the person for no codes any more; secret and recovery codes are forgotten."""
    row = {"tf_primary_method": None, "tf_totp_secret": None, "tf_last_counter": None, "mf_recovery_codes": None}
    forgotten = update(Staff).where(_table.id == staff_id).values(row)
    transaction(lambda connection: connection.execute(forgotten))


def use_code(staff: Staff, code: str) -> bool:
    """Whether ``code`` is the app's present one; it is used up then."""
    step = _keys().codes.matched_step(code[:LONGEST_CODE], staff.tf_totp_secret or "", staff.tf_last_counter)
    if step is None:
        return False
    used = (
        update(Staff)
        .where(
            _table.id == staff.id,
            _table.tf_totp_secret == staff.tf_totp_secret,
            or_(_table.tf_last_counter.is_(None), _table.tf_last_counter < step),
        )
        .values(tf_last_counter=step)
    )
    return transaction(lambda connection: connection.execute(used).rowcount) == 1


def use_recovery_code(staff_id: str, code: str) -> bool:
    """Whether ``code`` is one of the recovery codes that are left; it is struck off then."""
    sent = _hash(_keys().recovery, code[:LONGEST_CODE])

    def work(connection: Connection) -> bool:
        kept = select(_table.mf_recovery_codes).where(_table.id == staff_id).with_for_update()
        left = connection.execute(kept).scalar_one_or_none() or []
        if not any(hmac.compare_digest(sent, hashed) for hashed in left):
            return False
        row = {"mf_recovery_codes": [hashed for hashed in left if hashed != sent]}
        connection.execute(update(Staff).where(_table.id == staff_id).values(row))
        return True

    return transaction(work)


def renew_recovery_codes(staff_id: str) -> list[str]:
    """New recovery codes in place of those that are left.

    Raises:
        InvalidOperation: the person has no second factor.
    """
    codes, hashes = _new_recovery_codes()
    renewed = update(Staff).where(_table.id == staff_id, _table.tf_totp_secret.is_not(None))
    row = {"mf_recovery_codes": hashes}
    if transaction(lambda connection: connection.execute(renewed.values(row)).rowcount) == 0:
        raise InvalidOperation(phrase("The second factor is off."))
    return codes


def recovery_codes_left(staff_id: str) -> int:
    """How many recovery codes are not used yet."""
    with reading() as connection:
        kept = connection.execute(select(_table.mf_recovery_codes).where(_table.id == staff_id)).scalar_one_or_none()
        return len(kept or [])


def _new_recovery_codes() -> tuple[list[str], list[str]]:
    """Codes of 48 random bits each, and their hashes. The hash is keyed: without SECRET_KEY nobody can try them."""
    codes: list[str] = _keys().codes.generate_recovery_codes(RECOVERY_CODES)
    return codes, [_hash(_keys().recovery, code) for code in codes]


def _hash(key: bytes, code: str) -> str:
    """One for all ways to type a code: in capitals, without its hyphens."""
    plain = "".join(filter(str.isalnum, code)).lower()
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()
