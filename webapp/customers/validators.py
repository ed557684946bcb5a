"""The rules that a field of the form names: text, country, timezone, metadata entries, integration mappings.

Each is a WTForms validator. Both faces run these very objects, so a message reads the same on the page and in JSON.
Knows neither Flask nor the database.
"""

import re
from importlib import resources
from typing import Any, Protocol

from iso3166 import countries
from wtforms.validators import Email, StopValidation, ValidationError

from webapp.customers.limits import PROVIDER_ENTITY_ID_LENGTH, Limits
from webapp.customers.rows import MappingRow, MetadataRow

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
            raise StopValidation(f"Remove the control character {found}, which cannot be stored.")


class EmailAddress(Email):  # type: ignore[misc]
    """Accepts what email-validator accepts, without a look-up in the DNS; says what is wrong in its words."""

    def __init__(self) -> None:
        super().__init__(granular_message=True, check_deliverability=False)

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise ValidationError for anything else."""
        try:
            super().__call__(form, field)
        except ValidationError as error:
            raise ValidationError(f"Enter an email address such as name@example.com. {error}") from None


class CountryCode:
    """Accepts the codes that ISO 3166-1 alpha-2 assigns to a country."""

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise ValidationError for any other code."""
        if field.data not in COUNTRY_NAMES:
            raise ValidationError("Choose a country: a two-letter ISO 3166-1 code such as US, DE or JP.")


class TimezoneName:
    """Accepts the names of the IANA time zone database."""

    def __call__(self, form: HasLimits, field: Any) -> None:
        """Raise ValidationError for any other name."""
        if field.data not in TIMEZONES:
            raise ValidationError("Give an IANA time zone name such as Europe/Berlin, America/New_York or UTC.")


def _shown(text: str) -> str:
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
            field.errors.append(f"Keep at most {limits.metadata_entries} metadata entries; there are {len(rows)}.")
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
            return ["A metadata entry has no key. Give it one, or remove the entry."]
        if found := forbidden_character(key):
            return [f"Remove the control character {found} from the key {_shown(key)}."]
        if len(key) > limits.metadata_key_length:
            return [f"The key {_shown(key)} is longer than {limits.metadata_key_length} characters."]
        if key in seen:
            return [f"The key {_shown(key)} is there twice. Keep one of them."]
        return []

    def _value_faults(self, row: MetadataRow, limits: Limits) -> list[str]:
        if found := forbidden_character(row.value):
            return [f"Remove the control character {found} from the value of {_shown(row.key)}."]
        if len(row.value) > limits.metadata_value_length:
            message = (
                f"The value of {_shown(row.key)} has {len(row.value)} characters; "
                f"at most {limits.metadata_value_length} are possible."
            )
            return [message]
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
            return ["An integration has no provider. Choose one, or remove the integration."]
        if provider not in limits.providers:
            return [f"{_shown(provider)} is not a known provider. Known are: {', '.join(limits.providers)}."]
        if provider in seen:
            return [f"The provider {_shown(provider)} is there twice. Keep one of them."]
        return []

    def _id_faults(self, row: MappingRow) -> list[str]:
        if found := forbidden_character(row.id):
            return [f"Remove the control character {found} from the ID at {_shown(row.provider)}."]
        if len(row.id) > PROVIDER_ENTITY_ID_LENGTH:
            return [f"The ID at {_shown(row.provider)} is longer than {PROVIDER_ENTITY_ID_LENGTH} characters."]
        return []
