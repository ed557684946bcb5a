"""GET /metrics: requests of both faces by method, route and status, and how long they took, for Prometheus.

Knows no path, no customer and no caller: labels are names that the code has, never what a request brought along.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, values
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from werkzeug.datastructures import MIMEAccept

from webapp.current import current_request
from webapp.happening_metrics import count_happenings
from webapp.log_lines import LINES
from webapp.observability import METHODS, NO_ROUTE, OTHER_METHOD, elapsed_seconds
from webapp.sampled_metrics import Samples

#: Where prometheus_client looks for the files of all processes; set by :func:`shared_between_processes`.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
#: Memory, not a disk: a full disk must not kill a process that counts, and nothing here outlives the server.
MEMORY = Path("/dev/shm")  # noqa: S108 - a new folder is made in it, for this user alone
PREFIX = "customer-desk-metrics-"
#: A younger folder may be that of a server that just starts.
LEFT_BEHIND_SECONDS = 60
#: Seconds. Most requests take about a millisecond; a search may take ``SEARCH_TIMEOUT_SECONDS``.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
OPENMETRICS = "application/openmetrics-text"


class Metrics:
    """The metrics of one application, in a registry of its own; of all processes where they share a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        """With every count at 0.

        Args:
            folder: where the processes keep their counts for each other; None: this process counts alone.
        """
        disable_created_metrics()  # type: ignore[no-untyped-call] # when a counter was made says nothing once processes are summed
        self._folder = folder
        self._own = CollectorRegistry()
        self._shown = self._own
        if folder is not None:
            folder.mkdir(mode=0o700, exist_ok=True)  # if it was tidied away: a new worker starts all the same
            self._shown = CollectorRegistry()
            MultiProcessCollector(self._shown, str(folder))  # type: ignore[no-untyped-call]
        self._requests = Counter(
            "http_requests_total", "Requests answered.", ("method", "route", "status"), registry=self._own
        )
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "Time to answer a request.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self._own,
        )
        workers = Gauge(
            "customer_desk_workers", "Processes that answer.", multiprocess_mode="livesum", registry=self._own
        )
        workers.set(1)
        self._lost_lines = Counter(
            "customer_desk_log_lines_lost_total", "Lines of the log that could not be written.", registry=self._own
        )
        self._lost_lines_told = LINES.lost
        self.samples = Samples(self._own)
        #: Looking up a metric by its labels costs more than counting does.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered. ``route`` is a rule of the URL map, or ``NO_ROUTE``."""
        known = self._known.get((method, route, status)) or self._labelled(method, route, status)
        known[0].inc()
        known[1].observe(seconds)

    def _labelled(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        name = method if method in METHODS else OTHER_METHOD
        found = self._requests.labels(name, route, str(status)), self._seconds.labels(name, route)
        if name == method:
            self._known[method, route, status] = found
        return found

    def count_happenings(self, app: Flask) -> None:
        """Count what is noted in ``app``."""
        count_happenings(app, self._own)
        self.samples.add_source(self._count_lost_lines)

    def _count_lost_lines(self) -> dict[str, float]:
        """The log knows no metric, so it is asked now and then."""
        lost, self._lost_lines_told = LINES.lost - self._lost_lines_told, LINES.lost
        self._lost_lines.inc(lost)
        return {}

    def add_collector(self, collector: Collector) -> None:
        """Show what ``collector`` finds when it is asked, in this process alone."""
        self._shown.register(collector)

    def exposition(self, *, as_openmetrics: bool = False) -> tuple[bytes, str]:
        """All of it as text, and its content type."""
        self.samples.take()
        if self._folder is not None:
            _forget_dead_workers(self._folder)
        if as_openmetrics:
            text: bytes = openmetrics.generate_latest(self._shown)  # type: ignore[no-untyped-call]
            return text, openmetrics.CONTENT_TYPE_LATEST
        return generate_latest(self._shown), CONTENT_TYPE_PLAIN_0_0_4


def init_metrics(app: Flask) -> None:
    """Count what ``app`` answers, and show it at /metrics. Comes before other functions that run after a request.

    Flask runs those in reverse: so the status that is counted is the one that is sent.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    metrics = Metrics(Path(folder) if folder else None)
    metrics.count_happenings(app)
    app.extensions["metrics"] = metrics

    def count(response: Response) -> Response:
        asked = current_request()
        rule = asked.url_rule
        metrics.observe(asked.method, rule.rule if rule else NO_ROUTE, response.status_code, elapsed_seconds())
        return response

    def show() -> Response:
        text, content_type = metrics.exposition(as_openmetrics=_wants_openmetrics(request.accept_mimetypes))
        return Response(text, content_type=content_type)

    app.after_request(count)
    app.add_url_rule("/metrics", "metrics", show)


def metrics_of(app: Flask) -> Metrics:
    """The metrics of ``app``, for those who add to them."""
    found: Metrics = app.extensions["metrics"]
    return found


def _wants_openmetrics(accepted: MIMEAccept) -> bool:
    """Whether it is named, and no less wanted than plain text. The version does not matter: there is one to have."""
    quality = {OPENMETRICS: 0.0, "text/plain": 0.0}
    for name, wanted in accepted:
        kind = name.partition(";")[0].strip()
        if kind in quality:
            quality[kind] = max(quality[kind], wanted)
    return quality[OPENMETRICS] > 0 and quality[OPENMETRICS] >= quality["text/plain"]


@contextmanager
def shared_between_processes() -> Iterator[Path]:
    """In the supervisor: processes forked within the block count into one folder, which is removed at its end.

    prometheus_client chooses how it counts when it is imported, which was before there was a folder: so this chooses
    for it.
    """
    former = os.environ.get(FOLDER_VARIABLE), values.ValueClass
    where = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    _remove_left_behind(where)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=where) as folder:
        # Held by all processes of the server: systemd-tmpfiles and the next server leave the folder alone.
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_SH)
        os.environ[FOLDER_VARIABLE] = folder
        values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
        try:
            yield Path(folder)
        finally:
            values.close_all_multiprocess_files()  # type: ignore[no-untyped-call]
            os.close(lock)
            os.environ.pop(FOLDER_VARIABLE)
            if former[0] is not None:
                os.environ[FOLDER_VARIABLE] = former[0]
            values.ValueClass = former[1]


def _remove_left_behind(where: Path) -> None:
    """Remove the folders of servers that were killed: nobody holds their locks."""
    for folder in where.glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody holds it, it is another user's, or another server was quicker
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if time.time() - folder.stat().st_mtime > LEFT_BEHIND_SECONDS:
                    shutil.rmtree(folder)
            finally:
                os.close(lock)


def _forget_dead_workers(folder: Path) -> None:
    """Drop the gauges of processes that are no more; their counters stay, or the sums would fall.

    Nobody counts in the server's supervisor, so whoever is asked looks: the server's processes are one process group,
    so that a stranger with a dead worker's ID is not taken for it.
    """
    for file in folder.glob("gauge_live*.db"):
        process = int(file.stem.rpartition("_")[2])
        if not _answers(process):
            with suppress(FileNotFoundError):  # another worker was quicker
                mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]


def _answers(process: int) -> bool:
    try:
        return os.getpgid(process) == os.getpgrp()
    except ProcessLookupError:
        return False
