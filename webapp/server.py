"""The production server: uvicorn, sized for the machine. ``python -m webapp.server``. Holds no route."""

import asyncio
import os
import resource
import signal
import socket
import sys
from collections.abc import Collection
from functools import partial

import uvicorn

from webapp.database_faults import database_fault
from webapp.draining import BEGIN_SIGNAL, drain, drain_on_signal
from webapp.front import at_once_of
from webapp.http_connection import MOST_CONNECTIONS, Connection
from webapp.log_lines import SERVER_LOGGERS, configure_logging, log, log_uncaught_errors
from webapp.metrics import shared_between_processes
from webapp.migration_head import migration_head
from webapp.secret_key import fingerprint_of
from webapp.settings import PROJECT_ROOT, Settings, SettingsError
from webapp.sqlite import leave_one_file, sqlite_file
from webapp.supervisor import CrashLoop, Hurry, Supervisor

#: How long a request in flight may take to finish after SIGTERM, and a worker to end after that.
SHUTDOWN_SECONDS = 30
ENDING_SECONDS = 2
#: Files that a worker has open beside its connections: the database, the log and the like.
OTHER_FILES = 256
#: Connections that the kernel makes before a worker takes them.
BACKLOG = 1024


class Worker(uvicorn.Server):
    """A worker's server, which stops listening when its supervisor says so: see :mod:`webapp.draining`."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen. A signal to drain that came before has waited until now."""
        await super().startup(sockets)
        stop_listening = partial(asyncio.get_running_loop().call_soon_threadsafe, self._stop_listening)
        drain_on_signal(sockets or (), stop_listening)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {BEGIN_SIGNAL})

    def _stop_listening(self) -> None:
        for server in self.servers:
            server.close()


def serve(settings: Settings, target: str = "asgi:app") -> None:
    """Serve ``target`` until SIGTERM or SIGINT; requests in flight are finished first."""
    at_once = at_once_of(settings)
    _allow_open_files(MOST_CONNECTIONS + OTHER_FILES)
    workers = settings.workers or os.cpu_count() or 1
    scheme = "https behind the proxy" if settings.requires_https else "http"
    address = f"{settings.host}:{settings.port}"
    counts = {"workers": workers, "requests_at_once": at_once.requests, "searches_at_once": at_once.searches}
    log.info("serving", address=address, scheme=scheme, key_fingerprint=fingerprint_of(settings.secret_key), **counts)
    listener = _listen(settings.host, settings.port)

    signal.pthread_sigmask(signal.SIG_BLOCK, {BEGIN_SIGNAL})  # in each worker, until it can drain

    def work() -> None:
        Worker(_configuration(settings, target)).run([listener])

    def before_end(running: Collection[int], received: signal.Signals, hurry: Hurry) -> None:
        listener.close()  # so that it ends when the workers' own copies are closed
        if settings.drain_seconds and received == signal.SIGTERM:
            log.info("drained", connections_left=drain(running, settings.port, settings.drain_seconds, hurry))

    try:
        Supervisor(work, shutdown_seconds=SHUTDOWN_SECONDS + ENDING_SECONDS).run(workers, before_end)
    except CrashLoop:
        log.critical("a worker cannot start; the service ends")
        sys.exit(1)


def _configuration(settings: Settings, target: str) -> uvicorn.Config:
    return uvicorn.Config(
        target,
        interface="asgi3",
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=SERVER_LOGGERS,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=settings.request_timeout_seconds,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    """A socket that all workers take connections from. An address that cannot be listened on ends the process."""
    try:
        is_both = host == "::" and socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=is_both)
    except OSError as error:
        sys.exit(f"Customer Desk cannot start:\n  - HOST and PORT: cannot listen on {host}:{port}: {_reason(error)}")


def _reason(error: OSError) -> str:
    """What the system says; Python adds the address to it."""
    return os.strerror(error.errno) if error.errno and not isinstance(error, socket.gaierror) else str(error)


def _allow_open_files(wanted: int) -> None:
    """Raise this process's own limit as far as it may: each connection is an open file, and 1024 is a common limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


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
