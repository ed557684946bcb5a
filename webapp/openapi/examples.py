"""Examples for every body and every answer, written by the very functions that write the answers. Knows no schema."""

from datetime import UTC, datetime
from typing import Any

from webapp.customers.cursors import ResultPage
from webapp.customers.history import Change, FieldChange, compare, no_values, recorded_values
from webapp.customers.history_wire import HistoryPage, write_history
from webapp.customers.limits import TEXT_FIELDS
from webapp.customers.model import PUBLISHED, Customer
from webapp.customers.query import CustomerQuery
from webapp.customers.wire import write_customer, write_page

CUSTOMER_ID = "cust_01K8ZJ2M4N6P8Q0R2S4T6V8W0X"
KEY_ID = "key_01K8ZHZZ3D5F7G9H1J3K5M7N9P"
CREATED = datetime(2026, 1, 15, 10, 30, 0, 123456, tzinfo=UTC)
UPDATED = datetime(2026, 1, 20, 14, 45, 0, 654321, tzinfo=UTC)

TEXTS = {
    **dict.fromkeys(TEXT_FIELDS, ""),
    "external_id": "user_12345",
    "name": "Acme Corp",
    "email": "billing@acme.com",
    "contact": "+1 415 555 0100",
    "address_line1": "123 Main Street",
    "address_city": "San Francisco",
    "address_state": "CA",
    "address_postal_code": "94105",
    "address_country": "US",
    "timezone": "America/Los_Angeles",
}
METADATA = {"plan_tier": "enterprise", "renewal_date": "2027-01-15"}

CREATE = {
    **{name: text for name, text in TEXTS.items() if text},
    "metadata": METADATA,
    "integration_entity_mapping": [{"provider": "stripe", "id": "cus_NffrFeUfNV2Hib"}],
}
UPDATE = {"email": "billing-new@acme.com", "metadata": {"plan_tier": "enterprise_plus", "renewal_date": "2027-01-15"}}
PATCH = {"contact": "", "metadata": {"plan_tier": "enterprise_plus", "renewal_date": None}}
SEARCH = {
    "filters": [
        {"field": "name", "operator": "contains", "data_type": "string", "value": {"string": "acme"}},
        {"field": "metadata.plan_tier", "operator": "in", "value": {"array": ["enterprise", "enterprise_plus"]}},
        {"field": "created_at", "operator": "after", "value": {"date": "2026-01-01T00:00:00Z"}},
    ],
    "sort": [{"field": "name", "direction": "asc"}],
    "limit": 20,
}


def customer(**changed: Any) -> dict[str, Any]:
    """A customer as an answer shows it; ``changed`` are fields of the record."""
    return write_customer(_record(**changed))


def updated_customer() -> dict[str, Any]:
    """The same after ``UPDATE``."""
    return customer(**UPDATE, version=2, updated_at=UPDATED)


def patched_customer() -> dict[str, Any]:
    """The same after ``PATCH``."""
    return customer(contact="", metadata={"plan_tier": "enterprise_plus"}, version=2, updated_at=UPDATED)


def page() -> dict[str, Any]:
    """A page of a list."""
    query = CustomerQuery(limit=20)
    return write_page([customer()], query, ResultPage([_record()], 1, "eq", None))


def history() -> dict[str, Any]:
    """A page of the history."""
    created = compare(no_values(), recorded_values(_record(), {}))
    updated = compare(recorded_values(_record(), {}), recorded_values(_record(**UPDATE), {}))
    changes = [_change(2, "update", UPDATED, updated), _change(1, "create", CREATED, created)]
    return write_history(changes, HistoryPage(limit=50, offset=0, cursor=None), total=2)


def _record(**changed: Any) -> Customer:
    values: dict[str, Any] = {
        **TEXTS,
        "environment_id": "env_production",
        "tenant_id": "tenant_acme",
        "id": CUSTOMER_ID,
        "parent_customer_id": None,
        "metadata": METADATA,
        "status": PUBLISHED,
        "version": 1,
        "created_at": CREATED,
        "updated_at": CREATED,
        "created_by": KEY_ID,
        "updated_by": KEY_ID,
    }
    return Customer(**{**values, **changed})


def _change(version: int, operation: str, at: datetime, fields: list[FieldChange]) -> Change:
    return Change(
        id=f"chg_01K8ZJ2M4N6P8Q0R2S4T6V8W{version:02}",
        customer_id=CUSTOMER_ID,
        version=version,
        operation=operation,
        at=at,
        actor_type="api_key",
        actor_id=KEY_ID,
        actor_name="Billing sync",
        source="api",
        request_id="req_01K8ZJ4Y3V7T5N9Q2W6X0C1D8E",
        reason="",
        fields=fields,
    )
