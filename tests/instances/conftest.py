"""Two instances of the service on one PostgreSQL, as two machines would run it: nothing is shared but the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert

from tests.safety.installation import Installation, on_postgresql
from tests.support.served import Served, serve
from tests.support.visitor import Visitor
from tests.support.world import HOME, World, password_hash
from webapp.access.api_keys import create_api_key, list_api_keys
from webapp.access.model import Staff
from webapp.database import transaction
from webapp.identifiers import new_id, now

#: Of one key, together; more than any test but the one about it sends.
REQUESTS_ALLOWED = 40
WRONG_PASSWORDS_ALLOWED = 4


@dataclass(frozen=True)
class Instances:
    """Both of them.

    Attributes:
        installation: the database, which the test looks into as a third instance would.
        first, second: where they are served.
    """

    installation: Installation
    first: Served
    second: Served

    @property
    def a(self) -> str:
        """The address of the first."""
        return self.first.address

    @property
    def b(self) -> str:
        """The address of the second."""
        return self.second.address

    @property
    def world(self) -> World:
        """What is in the database."""
        return self.installation.world

    def new_person(self, role: str = "editor") -> str:
        """The address of somebody nobody else has to do with, with the password of all."""
        staff_id = new_id("staff")
        row: dict[str, Any] = {
            "id": staff_id,
            "tenant_id": HOME.tenant_id,
            "email": f"{staff_id.lower()}@desk.example",
            "password": password_hash(),
            "active": True,
            "role": role,
            "fs_uniquifier": f"uniquifier-of-{staff_id}",
            "created_at": now(),
        }
        with self.world.app.app_context():
            transaction(lambda connection: connection.execute(insert(Staff), row))
        return str(row["email"])

    def signed_in(self, email: str = "", *, at: str = "", role: str = "editor") -> Visitor:
        """A browser of somebody who has signed in, at the first instance if not at another."""
        visitor = Visitor()
        page = visitor.sign_in(at or self.a, email or self.new_person(role))
        assert page.response.headers["Location"].startswith("/customers")
        return visitor

    def new_key(self) -> tuple[str, str]:
        """An API key, and its ID."""
        name = new_id("test")
        with self.world.app.app_context():
            key = create_api_key(HOME.environment_id, "write", name, "test")
            (key_id,) = (known.id for known in list_api_keys() if known.name == name)
        return key, key_id


@pytest.fixture(scope="session")
def instances(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instances]:
    """One worker each: whichever is asked, it is that process."""
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    chosen = {
        "WORKERS": "1",
        "RATE_LIMIT_PER_KEY": f"{REQUESTS_ALLOWED}/hour",
        "SIGN_IN_ACCOUNT_LIMIT": str(WRONG_PASSWORDS_ALLOWED),
    }
    with on_postgresql(request, folders[0]) as installation:
        environments = [installation.environment | chosen | {"INSTANCE_PATH": str(folder)} for folder in folders]
        first, second = (serve(each, folder / "log") for each, folder in zip(environments, folders, strict=True))
        with first as at_first, second as at_second:
            yield Instances(installation, at_first, at_second)
