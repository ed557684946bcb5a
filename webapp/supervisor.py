"""Keeps so many worker processes alive, and ends them in order. Knows nothing of what they do."""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Collection

from webapp.log_lines import log

#: What ends a supervisor.
ENDING = frozenset({signal.SIGTERM, signal.SIGINT})
_WATCHED = ENDING | {signal.SIGCHLD}
#: Linux: sys/prctl.h.
PR_SET_PDEATHSIG = 1
#: A worker that took the place of a dead one and dies so soon itself would die again: that is for an operator to see.
CRASH_SECONDS = 3.5


class CrashLoop(Exception):
    """A worker that took a dead one's place died at once."""


class Hurry:
    """Whether an operator has signalled a second time, and so does not want to wait."""

    def __init__(self) -> None:
        """Not yet."""
        self._is_set = False

    def wait(self, seconds: float) -> bool:
        """Wait for it so long at most. Returns whether it has happened."""
        self._is_set = self._is_set or signal.sigtimedwait(ENDING, seconds) is not None
        return self._is_set


class Supervisor:
    """Runs ``work`` in processes of its own; one that dies is replaced."""

    def __init__(self, work: Callable[[], object], *, shutdown_seconds: float) -> None:
        """Without a worker.

        Args:
            work: what a worker does, until SIGTERM. SIGINT is blocked there: a terminal sends it to all processes at
                once, and it is the supervisor that ends its workers.
            shutdown_seconds: so long a worker may take to end before it is killed.
        """
        self._work, self._shutdown_seconds = work, shutdown_seconds
        self._began: dict[int, float] = {}
        self._replacements: set[int] = set()

    def run(self, count: int, before_end: Callable[[Collection[int], signal.Signals, Hurry], None]) -> None:
        """Run so many workers until SIGTERM or SIGINT, and end them. Signals are taken here alone, one by one.

        Args:
            count: of the workers.
            before_end: what is to be done then before they are told to end; it is given their process IDs.

        Raises:
            CrashLoop: it has ended the workers because one of them cannot start.
        """
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever ignores it has no children to wait for
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        try:
            for _ in range(count):
                self._start()
            while (received := signal.sigwaitinfo(_WATCHED).si_signo) == signal.SIGCHLD:
                self._replace_dead()
            before_end(self._began.keys(), signal.Signals(received), Hurry())
        finally:
            self._end()

    def _start(self) -> int:
        supervisor = os.getpid()
        worker = os.fork()
        if worker:
            self._began[worker] = time.monotonic()
            return worker
        status = 1
        try:
            for ending in ENDING:
                signal.signal(ending, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})
            _end_with(supervisor)
            self._work()
            status = 0
        except Exception as error:  # noqa: BLE001 - there is nobody above who would log it
            log.critical("worker failed", exc_info=error)
        finally:
            os._exit(status)

    def _replace_dead(self) -> None:
        dead = self._reap()
        for worker, began, status in dead:
            log.error("worker died", worker=worker, status=os.waitstatus_to_exitcode(status))
            if worker in self._replacements and time.monotonic() - began < CRASH_SECONDS:
                raise CrashLoop
        for worker, *_ in dead:
            self._replacements.discard(worker)
            self._replacements.add(self._start())

    def _reap(self) -> list[tuple[int, float, int]]:
        """The workers that have died, when they began, and how they ended. Their numbers are nobody's any more."""
        dead = []
        for worker, began in list(self._began.items()):
            found, status = os.waitpid(worker, os.WNOHANG)
            if found:
                del self._began[worker]
                dead.append((worker, began, status))
        return dead

    def _end(self) -> None:
        for worker in self._began:
            os.kill(worker, signal.SIGTERM)  # one that is dead by now is a zombie still, which takes no harm
        give_up_at = time.monotonic() + self._shutdown_seconds
        while self._began and (left := give_up_at - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, left)
            self._reap()
        for worker in self._began:
            log.error("worker killed", worker=worker)
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)


def _end_with(supervisor: int) -> None:
    """Have this worker told to end when its supervisor is killed: it would keep the address from the next one."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:  # not on Linux
        return
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:  # it was killed before
        signal.raise_signal(signal.SIGTERM)
