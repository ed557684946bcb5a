"""A customer whose every text holds a mark, wherever the service keeps one; and where marks are still found."""

from dataclasses import dataclass

from sqlalchemy import insert, select, text

from tests.support.clients import ApiClient
from tests.support.viewers import let_view
from tests.support.world import HOME, World
from webapp.customers.desk_model import saved_views
from webapp.customers.lookup import find_customer
from webapp.customers.model import Customer
from webapp.database import Base, reading, transaction
from webapp.identifiers import new_id, now

#: In every text of the customer, in lower case for an email's and a country's sake; no other customer has it.
MARK = "zq7"
MAPPING = {"provider_type": "stripe", "provider_entity_id": f"{MARK}_stripe", "metadata": {MARK: MARK}}


@dataclass(frozen=True)
class Marked:
    """The customer, as it is now, and the parent that knows of it by its ID alone."""

    customer: Customer
    parent: Customer


def make_marked_customer(world: World) -> Marked:
    """A customer with several versions, made through the API, looked at, searched for and answered about."""
    api = ApiClient(world.app, world)
    parent = world.create_customer(name="A parent", metadata={"plan": "gold"})
    body = {
        "external_id": f"{MARK}-first-id",
        "name": f"{MARK} first name",
        "email": f"{MARK}-first@example.com",
        "contact": f"{MARK} 1",
        "address_line1": f"{MARK} line 1",
        "address_line2": f"{MARK} line 2",
        "address_city": f"{MARK} city",
        "address_state": f"{MARK} state",
        "address_postal_code": f"{MARK} code",
        "address_country": "LI",
        "timezone": "Europe/Vaduz",
        "metadata": {f"{MARK} key": f"{MARK} value", "plan": f"{MARK} plan", "long": f"{MARK} " * 200},
        "integration_entity_mapping": [MAPPING],
        "parent_customer_id": parent.id,
    }
    created = api.request("POST", "/v1/customers", json=body, headers={"Idempotency-Key": f"{MARK} create"})
    customer_id = created.get_json()["id"]
    path = f"/v1/customers/{customer_id}"
    update = {
        "external_id": f"{MARK}-second-id",
        "name": f"{MARK} second name",
        "metadata": {f"{MARK} key": f"{MARK} other value", "plan": f"{MARK} plan"},
        "integration_entity_mapping": [
            {"provider": "stripe", "id": ""},
            {"provider": "paypal", "id": f"{MARK}_paypal"},
        ],
    }
    assert api.put(path, update, headers={"Idempotency-Key": f"{MARK} update"}).status_code == 200
    child = world.create_customer(parent=f"{MARK}-second-id")
    answer = api.put(
        f"/v1/customers/{child.id}?expand=parent_customer", {"contact": "1"}, headers={"Idempotency-Key": "of a child"}
    )
    assert MARK in answer.get_data(as_text=True)
    assert api.put(f"/v1/customers/{child.id}", {"parent_customer_id": ""}).status_code == 200
    assert api.put(path, {"name": f"{MARK} first name"}).status_code == 200  # as it was once
    with world.app.app_context():
        with reading() as connection:
            customer = find_customer(connection, HOME, customer_id)
        world.update_customer(customer, contact=f"{MARK} 2", reason=f"{MARK} asked for it")
        for name, query in ((f"The {MARK} First Name", "status=archived"), ("Theirs", f"q={MARK}-SECOND-id&sort=name")):
            _save_view(name, query)
        _save_view("Everybody's", "q=customer&metadata=plan%3Agold")
    let_view(world, customer, "editor", is_editing=True)
    return Marked(world.reload(customer), parent)


def _save_view(name: str, query: str) -> None:
    row = {
        "id": new_id("view"),
        "environment_id": HOME.environment_id,
        "staff_id": "staff_editor",
        "name": name,
        "query": query,
        "created_at": now(),
    }
    transaction(lambda connection: connection.execute(insert(saved_views), row))


def marked_tables(world: World, mark: str = MARK) -> dict[str, int]:
    """How many rows of which table hold the mark; SQLite's trigram index too."""
    found = {}
    with world.app.app_context(), reading() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(select(table)).all()
            if count := sum(mark in repr(tuple(row)) for row in rows):
                found[table.name] = count
        if connection.dialect.name == "sqlite":
            terms = connection.execute(
                text("SELECT count(*) FROM customer_search_fts_terms WHERE term = :mark"), {"mark": mark}
            )
            if count := terms.scalar_one():
                found["customer_search_fts"] = count
    return found
