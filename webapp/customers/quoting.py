"""What quotes a customer elsewhere: stored answers that hold it, saved views that were narrowed down to its data.

Knows what is a quotation; not what becomes of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import Connection, bindparam, select

from webapp.customers.desk_model import saved_views
from webapp.customers.erased_values import StoredField
from webapp.customers.folding import fold
from webapp.customers.model import Customer, customer_metadata, customer_search
from webapp.customers.search_index import text_hash

#: What names or reaches somebody. A city, a country or a time zone is shared by many, and a view by it is about them.
QUOTED_FIELDS = frozenset({"external_id", "name", "email", "contact", "address_line1", "address_line2"})
MAPPING_FIELD = "integration_entity_mapping"
#: A shorter text is a quotation only where it is all of what was searched for.
SHORTEST_PART = 4

_VIEWS = (
    select(
        saved_views.c.id,
        saved_views.c.staff_id,
        saved_views.c.name,
        saved_views.c.query,
        saved_views.c.created_at,
    )
    .where(saved_views.c.environment_id == bindparam("environment_id"))
    .order_by(saved_views.c.id)
)
_OF_ANOTHER = (
    select(customer_metadata.c.number)
    .join(customer_search, customer_search.c.number == customer_metadata.c.number)
    .where(
        customer_search.c.environment_id == bindparam("environment_id"),
        customer_search.c.customer_id != bindparam("customer_id"),
    )
    .limit(1)
)
_PAIR_OF_ANOTHER = _OF_ANOTHER.where(customer_metadata.c.pair_hash == bindparam("hash"))
_KEY_OF_ANOTHER = _OF_ANOTHER.where(customer_metadata.c.key_hash == bindparam("hash"))


@dataclass(slots=True)
class Quotable:
    """What a quotation of a customer would hold, from its whole history: texts folded, metadata as it is stored."""

    texts: set[str] = field(default_factory=set)
    entries: set[tuple[str, str]] = field(default_factory=set)

    def learn(self, fields: Iterable[StoredField]) -> None:
        """Take in the fields of an entry of the history."""
        for stored in fields:
            for value in filter(None, (stored["old"], stored["new"])):
                if stored["field"] in QUOTED_FIELDS:
                    self.texts.add(fold(value))
                elif stored["field"] == MAPPING_FIELD:
                    self.texts.add(fold(value["id"]))
                elif stored["field"] == "metadata":
                    self.entries.add((stored["key"], value))


def as_answered(customer_id: str) -> str:
    """How the body of a stored answer shows that it holds a customer, be it as the parent of another."""
    return f'"id":"{customer_id}"'


def quoting_views(connection: Connection, customer: Customer, quotable: Quotable) -> list[dict[str, Any]]:
    """The saved views of the customer's environment that quote it, with staff_id, name, query and created_at, by ID.

    A metadata key or value counts only where no other customer has it: ``plan=gold`` quotes nobody.
    """
    views = connection.execute(_VIEWS, {"environment_id": customer.environment_id}).mappings().all()
    return [
        dict(view)
        for view in views
        if _is_quotation(connection, customer, quotable, _texts_of(view["name"], view["query"]))
    ]


def _texts_of(name: str, query: str) -> list[str]:
    return [fold(text) for text in (name, *(value for _, value in parse_qsl(query))) if text]


def _is_quotation(connection: Connection, customer: Customer, quotable: Quotable, texts: Sequence[str]) -> bool:
    if any(_is_quoted(wanted, texts) for wanted in quotable.texts):
        return True
    return any(
        _is_own(connection, customer, key, value) for key, value in quotable.entries if _is_quoted(fold(value), texts)
    ) or any(_is_own(connection, customer, key) for key, _ in quotable.entries if _is_quoted(fold(key), texts))


def _is_quoted(wanted: str, texts: Sequence[str]) -> bool:
    return any(wanted == text or (len(wanted) >= SHORTEST_PART and wanted in text) for text in texts)


def _is_own(connection: Connection, customer: Customer, key: str, value: str | None = None) -> bool:
    """Whether no other customer of the environment has a metadata key, or it with a value."""
    names = (key,) if value is None else (key, value)
    statement = _KEY_OF_ANOTHER if value is None else _PAIR_OF_ANOTHER
    parameters = {"environment_id": customer.environment_id, "customer_id": customer.id}
    found = connection.execute(statement, {**parameters, "hash": text_hash(customer.environment_id, *names)})
    return found.first() is None
