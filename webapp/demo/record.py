"""The record that every demo customer is.

It refuses to know the database, the rules of a field, and where its values come from.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer as the demo wants it to exist.

    Attributes:
        id: None when the operation that creates the customer shall make one.
        parent_external_id: the external ID of a customer that is listed earlier, or None.
        mappings: provider to that provider's ID.
        created_at: aware, in UTC.
        created_by: the actor to write down as the creator.
    """

    external_id: str
    name: str
    created_at: datetime
    id: str | None = None
    email: str = ""
    contact: str = ""
    address_line1: str = ""
    address_line2: str = ""
    address_city: str = ""
    address_state: str = ""
    address_postal_code: str = ""
    address_country: str = ""
    timezone: str = "UTC"
    metadata: dict[str, str] = field(default_factory=dict)
    parent_external_id: str | None = None
    mappings: dict[str, str] = field(default_factory=dict)
    created_by: str = "user_admin"
