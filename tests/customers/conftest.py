"""What tests of the customers share: the patience of a machine whose processors are all taken."""

import pytest

from webapp.customers import neighbours, pages_list

#: A test that asks for neighbours or an offer wants them, however long they take.
PATIENCE_SECONDS = 30.0


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page leaves out when it takes longer than a blink is waited for."""
    monkeypatch.setattr(neighbours, "LONGEST_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(pages_list, "SECONDS_FOR_AN_OFFER", PATIENCE_SECONDS)
