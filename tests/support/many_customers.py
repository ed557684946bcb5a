"""Thousands of customers at once, without a history: for tests of the search alone. Knows no operation."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Connection, insert

from tests.support.world import HOME
from webapp.customers import search_index
from webapp.customers.model import PUBLISHED, customers
from webapp.database import transaction
from webapp.identifiers import now


def insert_customers(app: Flask, number: int, **values: Any) -> None:
    """Insert so many customers into the home environment, each a microsecond newer than the one before.

    Args:
        app: on a seeded database.
        number: how many.
        values: of columns; the same for each customer.
    """
    first = now()

    def row(place: int, status: str) -> dict[str, Any]:
        moment = first + timedelta(microseconds=place)
        texts = {"id": f"cust_{status}_{place:06}", "external_id": f"{status}_{place}", "name": f"Acme {place}"}
        owner = {"environment_id": HOME.environment_id, "tenant_id": HOME.tenant_id, "created_by": "", "updated_by": ""}
        stamp = {"version": 1, "created_at": moment, "updated_at": moment, "metadata": {}, "status": status}
        return {**owner, **texts, **stamp, **values}

    def work(connection: Connection) -> None:
        status = values.get("status", PUBLISHED)
        connection.execute(insert(customers), [row(place, status) for place in range(number)])
        search_index.rebuild(connection)

    with app.app_context():
        transaction(work)
