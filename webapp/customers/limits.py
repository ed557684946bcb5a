"""The limits of a customer's fields: lengths in characters, numbers of entries. Knows neither form nor table."""

from dataclasses import dataclass

from webapp.settings import KNOWN_PROVIDERS, Settings

#: Longest text of each text field, in characters after trimming (contract section 3).
FIELD_LENGTHS = {
    "external_id": 255,
    "name": 255,
    "email": 254,
    "contact": 20,
    "address_line1": 255,
    "address_line2": 255,
    "address_city": 100,
    "address_state": 100,
    "address_postal_code": 20,
    "address_country": 2,
    "timezone": 64,
}
DEFAULT_TIMEZONE = "UTC"
TEXT_FIELDS = tuple(FIELD_LENGTHS)
PROVIDER_LENGTH = 64
PROVIDER_ENTITY_ID_LENGTH = 255
#: A mapping's own metadata, as JSON in UTF-8, in bytes. Each history entry of the mapping keeps it twice.
MAPPING_METADATA_BYTES = 16 * 1024
REASON_LENGTH = 500
#: So many wrong values of one field are named, the others refused unnamed: an answer must not outgrow its request.
MOST_FAULTS = 50
#: A parent chain from the topmost customer to the lowest has at most so many customers (contract section 5).
PARENT_LEVELS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that an installation can set. Lengths in characters; ``providers`` are the names a mapping may use."""

    metadata_entries: int = 100
    metadata_key_length: int = 100
    metadata_value_length: int = 1000
    providers: tuple[str, ...] = KNOWN_PROVIDERS

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """The limits of an installation."""
        return cls(
            metadata_entries=settings.metadata_max_entries,
            metadata_key_length=settings.metadata_max_key_length,
            metadata_value_length=settings.metadata_max_value_length,
            providers=settings.providers,
        )
