"""schemathesis against the served API: what the document says is what it does, request by request."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.openapi.schemathesis_run import Seeded, run
from tests.support.served import Served
from tests.support.world import World
from webapp.openapi import examples
from webapp.openapi.document import Document

#: Generated examples of each kind for each operation, beside those of the document and of its limits.
EXAMPLES = 300 if os.environ.get("SOAK") == "1" else 10
PHASES = {"examples", "coverage", "fuzzing", "stateful"}


def seed(world: World) -> Seeded:
    """Customers of every kind: children and parents, with mappings, archived, retired external IDs."""
    published, archived, external_ids = [], [], []
    parent = world.create_customer(id="cust_parent", external_id="parent")
    world.create_customer(id=examples.CUSTOMER_ID, external_id=examples.TEXTS["external_id"])
    for number in range(60):
        customer = world.create_customer(
            id=f"cust_p{number}",
            external_id=f"house {number}/flat",
            parent=parent.external_id if number % 2 else None,
            metadata={"plan_tier": "gold"},
            mappings={"stripe": f"cus_{number}"},
        )
        published.append(customer.id)
        external_ids.append(customer.external_id)
    for number in range(60):
        customer = world.create_customer(id=f"cust_a{number}", external_id=f"left {number}")
        world.archive(customer)
        archived.append(customer.id)
    return Seeded(world.keys["write"], published, archived, external_ids, (parent.id, parent.external_id))


def test_the_api_does_what_its_document_says(world: World, served: Served, document: Document) -> None:
    """Every check of schemathesis, on requests that fit the document and on requests that do not."""
    with ProcessPoolExecutor(1, get_context("spawn")) as others:  # none of whose lines coverage has to look at
        report = others.submit(run, document, served.address, seed(world), EXAMPLES).result()
    assert report.faults == []
    assert set(report.phases) >= PHASES
    assert set(report.checks) == report.all_checks
    operations = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert set(report.statuses) >= operations
    without_success = {
        label for label in operations if not any(200 <= status < 300 for status in report.statuses[label])
    }
    assert without_success == set()
