"""The production server: granian in WSGI mode, sized for the machine. ``python -m webapp.server``. Holds no route."""

import multiprocessing
import os
import signal
import sys

from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from webapp.observability import configure_logging, log
from webapp.settings import Settings, SettingsError

#: Threads of one worker that run requests. A SQLite writer holds the whole file, so more of them would only wait.
SQLITE_THREADS = 1
POSTGRESQL_THREADS = 4
#: How long a request in flight may take to finish after SIGTERM.
SHUTDOWN_SECONDS = 30


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight are finished first."""
    on_sqlite = settings.sqlalchemy_url.startswith("sqlite")
    threads = SQLITE_THREADS if on_sqlite else min(POSTGRESQL_THREADS, settings.database_pool_size)
    workers = settings.workers or os.cpu_count() or 1
    scheme = "https behind the proxy" if settings.requires_https else "http"
    multiprocessing.set_start_method("fork")  # or the hook would not run
    os.register_at_fork(after_in_child=_leave_signals_to_the_supervisor)
    log.info("serving", address=f"{settings.host}:{settings.port}", scheme=scheme, workers=workers, threads=threads)
    Server(
        "wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=SHUTDOWN_SECONDS,
        log_level="warning",  # type: ignore[arg-type]
    ).serve()


def _leave_signals_to_the_supervisor() -> None:
    """In a new worker: do not hear Ctrl+C, and die of a SIGTERM that comes before granian listens for it.

    A terminal sends Ctrl+C to all processes at once, upon which the supervisor ends its workers by SIGTERM. A worker of
    granian 2.8.7 that gets both can hang; and one that still starts has its supervisor's handlers, which ignore a
    SIGTERM there. Either would be killed only after ``SHUTDOWN_SECONDS``.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


if __name__ == "__main__":
    try:
        chosen = Settings.from_environment()
    except SettingsError as error:
        sys.exit(str(error))
    configure_logging(chosen)
    serve(chosen)
