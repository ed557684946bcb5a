"""Gauges that are looked up now and then: by the event loop each second, and by whoever asks for /metrics.

So a request pays nothing for them, and no worker shows what was true long ago. Knows no gauge's source.
"""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Gauge, Histogram

#: Name of a gauge -> what it tells. Those of all processes of a server are added up.
GAUGES = {
    "customer_desk_database_pool_size": "Connections to the database that the server may have open.",
    "customer_desk_database_pool_checked_out": "Connections to the database in use.",
    "customer_desk_database_pool_idle": "Connections to the database that wait to be used.",
    "customer_desk_database_pool_overflow": "Connections to the database beyond those that are kept open.",
    "customer_desk_database_pool_waiting": "Threads that wait for a connection to the database.",
    "customer_desk_searches_waiting": "Searches that wait for a thread.",
    "customer_desk_api_body_bytes": "Request bodies of the API in memory.",
    "customer_desk_form_body_bytes": "Request bodies of the desk in memory.",
}
LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Samples:
    """The sampled gauges of one application in one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """All at 0."""
        self._gauges = {
            name: Gauge(name, about, multiprocess_mode="livesum", registry=registry) for name, about in GAUGES.items()
        }
        self._sources: list[Callable[[], Mapping[str, float]]] = []
        self._lag = Histogram(
            "customer_desk_event_loop_lag_seconds",
            "How late a worker's event loop came to what was due; looked at once a second.",
            buckets=LAG_BUCKETS,
            registry=registry,
        )

    def add_source(self, source: Callable[[], Mapping[str, float]]) -> None:
        """Have ``source`` asked for values of gauges by name. It must be quick, and must not raise."""
        self._sources.append(source)

    def take(self) -> None:
        """Look all of them up."""
        for source in self._sources:
            for name, value in source().items():
                self._gauges[name].set(value)

    def take_with_lag(self, seconds: float) -> None:
        """The same, by an event loop that is so late."""
        self._lag.observe(seconds)
        self.take()
