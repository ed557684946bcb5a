"""The rules that a field of the form names: text, country, timezone, metadata entries, integration mappings.

Each is a WTForms validator. Both faces run these very objects, so a message reads the same on the page and in JSON.
Knows neither Flask nor the database.
"""

import re
from importlib import resources
from typing import Any, Protocol

from email_validator import EmailNotValidError, validate_email
from iso3166 import countries
from wtforms.validators import StopValidation, ValidationError

from webapp.customers.email_faults import email_fault
from webapp.customers.limits import PROVIDER_ENTITY_ID_LENGTH, Limits
from webapp.customers.rows import MappingRow, MetadataRow
from webapp.phrases import phrase

#: Unicode categories Cc (control) and Cs (lone surrogates), which are refused everywhere (contract section 3).
FORBIDDEN_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: By code; XK is left to users by ISO 3166-1, not assigned to a country.
COUNTRY_NAMES = {country.alpha2: country.apolitical_name for country in countries if country.alpha2 != "XK"}
#: Of the pinned package, not of the machine, which adds names of its own such as "localtime".
TIMEZONES = frozenset(resources.files("tzdata").joinpath("zones").read_text("ascii").split())


class HasLimits(Protocol):
    """A form, or what stands for one: the rules ask it for the installation's limits."""

    limits: Limits


def forbidden_character(text: str) -> str:
    """The first control character or lone surrogate of ``text``, as ``U+0000``; ``""`` when there is none."""
    found = FORBIDDEN_CHARACTER.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def without_forbidden_characters(text: str) -> str:
    """``text`` as a page can show it."""
    return FORBIDDEN_CHARACTER.sub("", text)


class Required:
    """Refuses an empty text."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise StopValidation when the field is empty."""
        if not field.data:
            raise StopValidation(self.message)


class MayBeEmpty:
    """Ends the judgement of an empty text: nothing more to say about it."""

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise StopValidation, without a message, when the field is empty."""
        if not field.data:
            raise StopValidation


class PlainText:
    """Refuses control characters, NUL above all, and lone surrogates (contract section 3)."""

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise StopValidation when there is one; it names the character."""
        if found := forbidden_character(field.data or ""):
            message = phrase("Remove the control character %(character)s, which cannot be stored.", character=found)
            raise StopValidation(message)


class AtMost:
    """Refuses a text of more than so many characters."""

    def __init__(self, length: int) -> None:
        self.message = phrase("Use at most %(most)d characters.", most=length)
        self.length = length

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise ValidationError when there are more."""
        if len(field.data or "") > self.length:
            raise ValidationError(self.message)


class EmailAddress:
    """Accepts what email-validator accepts, without a look-up in the DNS; says what is wrong in its words."""

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise ValidationError for anything else."""
        try:
            validate_email(field.data, check_deliverability=False)
        except EmailNotValidError as error:
            message = phrase(
                "Enter an email address such as name@example.com. %(fault)s", fault=email_fault(str(error))
            )
            raise ValidationError(message) from None


class CountryCode:
    """Accepts the codes that ISO 3166-1 alpha-2 assigns to a country."""

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise ValidationError for any other code."""
        if field.data not in COUNTRY_NAMES:
            message = phrase("Choose a country: a two-letter ISO 3166-1 code such as US, DE or JP.")
            raise ValidationError(message)


class TimezoneName:
    """Accepts the names of the IANA time zone database."""

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise ValidationError for any other name."""
        if field.data not in TIMEZONES:
            message = phrase("Give an IANA time zone name such as Europe/Berlin, America/New_York or UTC.")
            raise ValidationError(message)


def quoted(text: str) -> str:
    """A text as a message quotes it: short, and without what a reader could not see."""
    cleaned = FORBIDDEN_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)
    return f"“{cleaned if len(cleaned) <= 40 else cleaned[:39] + '…'}”"


class MetadataEntries:
    """The rules of metadata: how many entries, how long keys and values are, no blank key, no key twice.

    Judges ``field.rows``, leaves each message with its row, and all of them in ``field.errors``.
    """

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise StopValidation, its messages already in ``field.errors``, when a row is wrong."""
        limits = form.limits
        rows: list[MetadataRow] = [row for row in field.rows if not row.removed]
        if len(rows) > limits.metadata_entries:
            field.errors.append(
                phrase(
                    "Keep at most %(most)d metadata entries; there are %(count)d.",
                    most=limits.metadata_entries,
                    count=len(rows),
                )
            )
        seen: set[str] = set()
        for row in rows:
            row.key_errors = self._key_faults(row.key, seen, limits)
            row.value_errors = self._value_faults(row, limits)
            seen.add(row.key)
            field.errors.extend(row.key_errors + row.value_errors)
        if field.errors:
            raise StopValidation

    def _key_faults(self, key: str, seen: set[str], limits: Limits) -> list[str]:
        if not key:
            return [phrase("A metadata entry has no key. Give it one, or remove the entry.")]
        if found := forbidden_character(key):
            return [
                phrase(
                    "Remove the control character %(character)s from the key %(key)s.", character=found, key=quoted(key)
                )
            ]
        if len(key) > limits.metadata_key_length:
            return [
                phrase(
                    "The key %(key)s is longer than %(most)d characters.",
                    key=quoted(key),
                    most=limits.metadata_key_length,
                )
            ]
        if key in seen:
            return [phrase("The key %(key)s is there twice. Keep one of them.", key=quoted(key))]
        return []

    def _value_faults(self, row: MetadataRow, limits: Limits) -> list[str]:
        if found := forbidden_character(row.value):
            return [
                phrase(
                    "Remove the control character %(character)s from the value of %(key)s.",
                    character=found,
                    key=quoted(row.key),
                )
            ]
        if len(row.value) > limits.metadata_value_length:
            return [
                phrase(
                    "The value of %(key)s has %(length)d characters; at most %(most)d are possible.",
                    key=quoted(row.key),
                    length=len(row.value),
                    most=limits.metadata_value_length,
                )
            ]
        return []


class IntegrationMappings:
    """The rules of mappings (contract section 6): known providers, each at most once, an ID of bounded length.

    An empty ID is no fault: it removes. Judges ``field.rows`` as :class:`MetadataEntries` does.
    """

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise StopValidation, its messages already in ``field.errors``, when a row is wrong."""
        seen: set[str] = set()
        rows: list[MappingRow] = [row for row in field.rows if not row.removed]
        for row in rows:
            row.provider_errors = self._provider_faults(row.provider, seen, form.limits)
            row.id_errors = self._id_faults(row)
            seen.add(row.provider)
            field.errors.extend(row.provider_errors + row.id_errors)
        if field.errors:
            raise StopValidation

    def _provider_faults(self, provider: str, seen: set[str], limits: Limits) -> list[str]:
        if not provider:
            return [phrase("An integration has no provider. Choose one, or remove the integration.")]
        if provider not in limits.providers:
            return [
                phrase(
                    "%(provider)s is not a known provider. Known are: %(known)s.",
                    provider=quoted(provider),
                    known=", ".join(limits.providers),
                )
            ]
        if provider in seen:
            return [phrase("The provider %(provider)s is there twice. Keep one of them.", provider=quoted(provider))]
        return []

    def _id_faults(self, row: MappingRow) -> list[str]:
        if found := forbidden_character(row.id):
            return [
                phrase(
                    "Remove the control character %(character)s from the ID at %(provider)s.",
                    character=found,
                    provider=quoted(row.provider),
                )
            ]
        if len(row.id) > PROVIDER_ENTITY_ID_LENGTH:
            return [
                phrase(
                    "The ID at %(provider)s is longer than %(most)d characters.",
                    provider=quoted(row.provider),
                    most=PROVIDER_ENTITY_ID_LENGTH,
                )
            ]
        return []
