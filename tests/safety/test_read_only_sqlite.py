"""A SQLite file that became read-only, as those of a file system do that the kernel has found damaged."""

from pathlib import Path

import pytest

from tests.safety.installation import on_sqlite
from tests.support.load import Answer, Request
from tests.support.served import serve
from tests.support.visitor import Visitor

UNPRIVILEGED = ("tests.support.unprivileged", "webapp.server")


def allow_writing(folder: Path, allowed: bool) -> None:
    """Let its owner write the folder and what is in it, or let nobody."""
    for thing in (folder, *folder.iterdir()):
        thing.chmod((0o700 if allowed else 0o500) if thing.is_dir() else (0o600 if allowed else 0o400))


def test_a_read_only_sqlite_is_read_from_and_written_again_when_it_can_be(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Even by connections that were opened meanwhile."""
    folder = tmp_path / "instance"
    folder.mkdir()
    with on_sqlite(request, folder) as installation:
        customer = installation.world.create_customer(name="Before")  # by a process that has it open all the time
        change = Request("PUT", f"/v1/customers/{customer.id}", {"name": "After"})

        def ask(asked: Request) -> Answer:
            return installation.clients.at_once(server.address, [[asked]]).final[0]

        allow_writing(folder, False)
        try:
            with serve(installation.environment | {"WORKERS": "1"}, tmp_path / "log", *UNPRIVILEGED) as server:
                assert ask(Request("GET", change.path)).status == 200
                assert [ask(change).code for _ in range(2)] == ["service_unavailable"] * 2
                assert [Visitor().get(f"{server.address}/{probe}").status for probe in ("livez", "readyz")] == [
                    200,
                    200,
                ]
                allow_writing(folder, True)
                assert ask(change).status == 200
        finally:
            allow_writing(folder, True)
        assert installation.world.reload(customer).name == "After"
