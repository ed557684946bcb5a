"""The production server: granian, sized for the machine. ``python -m webapp.server``. Holds no route."""

import multiprocessing
import os
import resource
import signal
import sys
import threading
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server import Server

from webapp.database_faults import database_fault
from webapp.draining import drain, drain_on_signal
from webapp.front import threads_of
from webapp.log_lines import SERVER_LOGGERS, configure_logging, log, log_uncaught_errors
from webapp.metrics import shared_between_processes
from webapp.migration_head import migration_head
from webapp.secret_key import fingerprint_of
from webapp.settings import PROJECT_ROOT, Settings, SettingsError
from webapp.sqlite import leave_one_file, sqlite_file

#: How long a request in flight may take to finish after SIGTERM.
SHUTDOWN_SECONDS = 30
#: The longest head: request line and headers.
HEAD_BYTES = 64 * 1024
#: Connections of one worker, idle and slow ones included; further ones wait until one of them ends.
CONNECTIONS = 4096
#: Files that a worker has open beside them: the database, the log and the like.
OTHER_FILES = 256


class DrainingServer(Server):  # type: ignore[valid-type, misc] # granian has no types
    """A server that SIGTERM takes out of service before it ends it: see :mod:`webapp.draining`.

    Ctrl+C, or a second signal, ends it without that.

    Attributes:
        drain_seconds: so long clients have to go elsewhere; 0: none.
    """

    drain_seconds = 0
    _hurry = threading.Event()

    def signal_handler_interrupt(self, signal_number: int, *arguments: Any) -> None:
        """Begin to end."""
        if self.interrupt_signal or signal_number != signal.SIGTERM:
            self._hurry.set()
        super().signal_handler_interrupt(signal_number, *arguments)

    def shutdown(self, exit_code: int = 0) -> None:
        """Drain, then end."""
        if self.interrupt_signal and self.drain_seconds and not self._hurry.is_set():
            workers = [worker.inner.pid for worker in self.wrks]
            left = drain(workers, self.bind_port, self.drain_seconds, self._hurry)
            log.info("drained", connections_left=left)
        super().shutdown(exit_code)


def serve(settings: Settings, target: str = "asgi:app", interface: Interfaces = Interfaces.ASGINL) -> None:
    """Serve ``target`` until SIGTERM or SIGINT; requests in flight are finished first."""
    threads = threads_of(settings)
    _allow_open_files(CONNECTIONS + OTHER_FILES)
    workers = settings.workers or os.cpu_count() or 1
    scheme = "https behind the proxy" if settings.requires_https else "http"
    multiprocessing.set_start_method("fork")  # or the hook would not run
    os.register_at_fork(after_in_child=_leave_signals_to_the_supervisor)
    os.register_at_fork(after_in_child=drain_on_signal)
    address = f"{settings.host}:{settings.port}"
    counts = {"workers": workers, "threads": threads.requests, "search_threads": threads.searches}
    log.info("serving", address=address, scheme=scheme, key_fingerprint=fingerprint_of(settings.secret_key), **counts)
    server = DrainingServer(
        target,
        address=settings.host,
        port=settings.port,
        interface=interface,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        loop=Loops.uvloop,
        backlog=1024,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(
            header_read_timeout=settings.request_timeout_seconds * 1000, max_buffer_size=HEAD_BYTES
        ),
        respawn_failed_workers=True,
        workers_kill_timeout=SHUTDOWN_SECONDS,
        log_dictconfig=SERVER_LOGGERS,
        log_level="warning",
    )
    server.drain_seconds = settings.drain_seconds
    server.serve()


def _allow_open_files(wanted: int) -> None:
    """Raise this process's own limit as far as it may: each connection is an open file, and 1024 is a common limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


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
    log_uncaught_errors()
    if fault := database_fault(chosen, migration_head(PROJECT_ROOT / "migrations")):
        if fault.is_final:
            sys.exit(f"Customer Desk cannot start:\n  - {fault.told}")
        log.error("the database is away; serving begins, and goes on as soon as it is there", reason=fault.told)
    with shared_between_processes():
        serve(chosen)
    if file := sqlite_file(chosen):
        leave_one_file(file)
