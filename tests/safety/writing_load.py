"""A load of writes of every kind, each of which leaves one trace of its own. Knows nothing of what becomes of them."""

from collections.abc import Callable
from typing import Any

from tests.support.load import Request
from tests.support.world import World

Body = Callable[[str], dict[str, Any]]


def writing_load(world: World, length: int) -> list[list[Request]]:
    """For each of eleven threads about so many writes, to customers of this load's own.

    Every write differs from what was there before, and its ``effect`` is unique: the history shows whether it took
    place, and how often. Two threads write one field of one customer, so that between a write and its repetition there
    may be another's. Only the thread that has a field for itself does without an idempotency key.
    """
    busy, other, renamed = (f"/v1/customers/{world.create_customer().id}" for _ in range(3))
    load = f"load {world.made}"  # tells this load from any other in the same database
    return [
        _writes(f"{load} a", length, "PUT", busy, lambda mark: {"name": mark}),
        _writes(f"{load} b", length, "PUT", busy, lambda mark: {"name": mark}),
        _writes(f"{load} c", length, "PUT", busy, lambda mark: {"contact": mark}, with_key=False),
        _writes(f"{load} d", length, "PATCH", busy, lambda mark: {"metadata": {"d": mark}}),
        _writes(f"{load} e", length, "PATCH", busy, lambda mark: {"metadata": {"e": mark}}),
        _writes(f"{load} f", length, "PATCH", other, lambda mark: {"address_city": mark}),
        _writes(f"{load} g", length, "PUT", other, _with_mapping),
        _writes(f"{load} h", length, "PUT", renamed, lambda mark: {"external_id": mark}),
        _writes(f"{load} i", length, "POST", "/v1/customers", lambda mark: {"external_id": mark, "name": "Plain"}),
        _writes(f"{load} j", length, "POST", "/v1/customers", lambda mark: _everything(mark, busy)),
        _archivings(world, load, length),
    ]


def _writes(name: str, length: int, method: str, path: str, body: Body, *, with_key: bool = True) -> list[Request]:
    marks = [f"{name} {number}" for number in range(length)]
    return [Request(method, path, body(mark), key=f"key of {mark}" if with_key else "", effect=mark) for mark in marks]


def _with_mapping(mark: str) -> dict[str, Any]:
    return {"integration_entity_mapping": [{"provider": "stripe", "id": mark}]}


def _everything(mark: str, parent: str) -> dict[str, Any]:
    """A customer that has a row in every table."""
    return {
        "external_id": mark,
        "name": "With everything",
        "metadata": {"plan": "gold", "seats": "5"},
        "parent_customer_id": parent.rpartition("/")[2],
        "integration_entity_mapping": [{"provider": "paddle", "id": f"paddle of {mark}"}],
    }


def _archivings(world: World, load: str, length: int) -> list[Request]:
    requests = []
    for number in range(length // 2):
        customer = world.create_customer(external_id=f"{load} k {number}")
        path = f"/v1/customers/{customer.id}"
        effects = (f"archive {customer.id}", f"restore {customer.id}")
        requests += [
            Request("DELETE", path, key=f"key of {effects[0]}", effect=effects[0]),
            Request("POST", f"{path}/restore", key=f"key of {effects[1]}", effect=effects[1]),
        ]
    return requests
