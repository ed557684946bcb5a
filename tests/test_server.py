"""The production server."""

from urllib.request import urlopen

from tests.support.served import Served


def test_the_server_answers_and_ends_on_sigterm(served: Served) -> None:
    """It answers over a real socket, and SIGTERM ends it in order."""
    with urlopen(f"{served.address}/readyz") as answer:
        assert answer.status == 200
    assert served.stop() == 0
