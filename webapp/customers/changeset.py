"""What a caller asks to change of a customer, checked and typed: the form and the JSON wire both end in it.

Knows no rule and no database.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ParentReference:
    """The wanted parent, by its ID or by its external ID; ``value`` is ``""`` to have none (contract section 5)."""

    value: str
    by_external_id: bool = False

    @property
    def field_name(self) -> str:
        """The JSON name of the field that it came in."""
        return "parent_customer_external_id" if self.by_external_id else "parent_customer_id"


@dataclass(frozen=True, slots=True)
class MappingItem:
    """One item of ``integration_entity_mapping``. An empty ``id`` removes; ``metadata`` None leaves what is kept."""

    provider: str
    id: str
    metadata: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MetadataPatch:
    """A merge patch of metadata (RFC 7396): a text sets its key, None removes it, keys that are not named stay.

    ``judge`` raises InvalidInput for entries that are against the rules: what a patch leads to shows only beside the
    entries that are stored.
    """

    entries: dict[str, str | None]
    judge: Callable[[dict[str, str]], None]

    def applied_to(self, entries: dict[str, str]) -> dict[str, str]:
        """The entries after the patch, in their old order, new ones behind."""
        merged = {**entries, **self.entries}
        patched = {key: value for key, value in merged.items() if value is not None}
        if patched.keys() & {key for key, value in self.entries.items() if value is not None}:
            self.judge(patched)  # removing alone makes nothing worse, whatever the limits have become since
        return patched


@dataclass(frozen=True, slots=True)
class CustomerChanges:
    """The fields that were sent, and only those (contract section 4).

    ``texts`` holds text fields by name; ``metadata`` None keeps the entries, a dict replaces them all, a patch changes
    some; ``parent`` None keeps the parent; providers that ``mappings`` does not name stay.
    """

    texts: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] | MetadataPatch | None = None
    parent: ParentReference | None = None
    mappings: tuple[MappingItem, ...] = ()

    def metadata_after(self, entries: dict[str, str]) -> dict[str, str] | None:
        """The metadata that ``entries`` become; None where they are kept.

        Raises:
            InvalidInput: what a patch leads to is against the rules.
        """
        return self.metadata.applied_to(entries) if isinstance(self.metadata, MetadataPatch) else self.metadata


@dataclass(frozen=True, slots=True)
class CustomerReference:
    """How a caller names a customer: by ID, by external ID, or by both, which must then agree (contract section 2)."""

    id: str | None = None
    external_id: str | None = None
