"""Both official clients, unchanged, at the production server over a real socket. One server for the whole folder."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flexprice import Flexprice

from tests.clients.node_client import NodeClient, NodeMissingError, install, node_client
from tests.conftest import SECRET_KEY, DatabaseMaker
from tests.support.served import serve
from tests.support.world import HOME, World, seed_world
from webapp import Settings, create_app
from webapp.customers.lookup import find_customer, find_mappings
from webapp.customers.model import Customer
from webapp.database import db, reading


@dataclass(frozen=True)
class Service:
    """The running service and the world in its database. Tests share both: each makes customers of its own in it."""

    address: str
    world: World

    def stored(self, customer_id: str) -> Customer:
        """A customer as it is in the database now."""
        with self.world.app.app_context(), reading() as connection:
            return find_customer(connection, HOME, customer_id)

    def stored_mappings(self, customer_id: str) -> dict[str, str]:
        """Its IDs by provider."""
        with self.world.app.app_context(), reading() as connection:
            mappings = find_mappings(connection, HOME, customer_id)
        return {mapping.provider_type: mapping.provider_entity_id for mapping in mappings}


@pytest.fixture(scope="session")
def service(new_database: DatabaseMaker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The production server with a seeded world."""
    folder = tmp_path_factory.mktemp("clients")
    environment = {"INSTANCE_PATH": str(folder), "SECRET_KEY": SECRET_KEY, "WORKERS": "2"}
    environment["DATABASE_URL"] = new_database(folder)
    app = create_app(Settings.from_environment({**environment, "LOG_LEVEL": "ERROR"}))
    world = seed_world(app)
    with serve(environment, folder / "server.log") as running:
        yield Service(running.address, world)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def world(service: Service) -> World:
    """The world that the server serves; in place of the one of a test's own."""
    return service.world


@pytest.fixture(scope="session")
def python_client(service: Service) -> Iterator[Flexprice]:
    """The Python client, with a write key; it sends it as x-api-key."""
    with Flexprice(server_url=f"{service.address}/v1", api_key_auth=service.world.keys["write"]) as client:
        yield client


@pytest.fixture(scope="session")
def node(service: Service, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[NodeClient]:
    """The Node client, with a write key; it sends it as x-api-key."""
    own = tmp_path_factory.getbasetemp()
    of_the_run = own if worker_id == "master" else own.parent  # which the processes of one run share
    try:
        folder = install(of_the_run / "node-client")
        client = node_client(folder, service.address, service.world.keys["write"], own / "node.log")
        with client as running:
            yield running
    except NodeMissingError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def batch(world: World) -> list[Customer]:
    """Four customers that no other test has, oldest first: named A to D, two with an address in the US."""
    mark = f"batch {world.made}"
    return [
        world.create_customer(
            name=f"{letter} of {mark}",
            email=f"{letter.lower()}@acme.com",
            address_country=country,
            metadata={"b": mark},
        )
        for letter, country in (("A", "US"), ("B", "GB"), ("C", "US"), ("D", ""))
    ]
