"""Metrics of the database: its pool, its connections, SQLite's files, the code's newest migration. Reads no table."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import event

from webapp.database import db
from webapp.database_pool import WatchedPool
from webapp.happenings import CONNECTION, note
from webapp.metrics import metrics_of

POOL = "customer_desk_database_pool"


class DatabaseCollector(Collector):
    """What is the same in whichever process is asked, and is looked up when it is."""

    def __init__(self, migration: str, sqlite_file: Path | None) -> None:
        """``sqlite_file``: None on PostgreSQL, which tells its size itself."""
        self._migration = migration
        self._files = {}
        if sqlite_file is not None:
            self._files = {
                "customer_desk_sqlite_database_bytes": ("Size of SQLite's file.", sqlite_file),
                "customer_desk_sqlite_wal_bytes": (
                    "Size of SQLite's write-ahead log.",
                    sqlite_file.with_name(f"{sqlite_file.name}-wal"),
                ),
            }

    def collect(self) -> Iterator[Metric]:
        """The metrics, as prometheus_client asks for them."""
        known = GaugeMetricFamily(
            "customer_desk_migration_info", "The newest migration that the code knows.", labels=("migration",)
        )
        known.add_metric((self._migration,), 1)
        yield known
        for name, (about, file) in self._files.items():
            size = 0
            with suppress(OSError):  # there is no log before the first write
                size = file.stat().st_size
            yield GaugeMetricFamily(name, about, value=size)


def init_database_metrics(app: Flask, migration: str) -> None:
    """Show the database of ``app`` at /metrics. Comes behind ``init_metrics`` and ``init_database``.

    Args:
        app: the application.
        migration: the newest one that the code knows.
    """
    with app.app_context():
        engine = db.engine
    event.listen(engine, "connect", lambda *_: note(CONNECTION, "made"))
    event.listen(engine, "close", lambda *_: note(CONNECTION, "closed"))

    @event.listens_for(engine, "invalidate")
    def lost(_connection: object, _record: object, error: BaseException | None) -> None:
        if error is not None:
            note(CONNECTION, "lost")

    def pool_figures() -> Mapping[str, float]:
        pool: Any = engine.pool
        if not isinstance(pool, WatchedPool):
            return {}
        return {
            f"{POOL}_size": pool.most,
            f"{POOL}_checked_out": pool.checkedout(),
            f"{POOL}_idle": pool.checkedin(),
            f"{POOL}_overflow": max(0, pool.overflow()),
            f"{POOL}_waiting": pool.waiting,
        }

    metrics = metrics_of(app)
    metrics.samples.add_source(pool_figures)
    file = Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None
    metrics.add_collector(DatabaseCollector(migration, file))
