"""Installations of a test's own, on SQLite and on PostgreSQL, that are not served yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.safety.installation import Installation, on_postgresql, on_sqlite


@pytest.fixture
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """On SQLite, in ``tmp_path``."""
    with on_sqlite(request, tmp_path) as installation:
        yield installation


@pytest.fixture
def installation_on_postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """On PostgreSQL."""
    with on_postgresql(request, tmp_path) as installation:
        yield installation
