"""SIGKILL under writing load: what was acknowledged is there; what was not is there as a whole, or not at all."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.safety.accounting import assert_nothing_is_lost, differing_replays
from tests.safety.installation import WORKERS, Installation
from tests.safety.sizes import SIZES, WRITES_OF_A_PORTION
from tests.safety.writing_load import writing_load
from tests.support.load import COME_BACK, WHATEVER_HAPPENS, Answer
from tests.support.served import START_SECONDS, STOP_SECONDS, Served, workers_of


def wait_until(reached: Callable[[], bool], seconds: float) -> None:
    """Wait for what must come."""
    give_up_at = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < give_up_at, "it did not come to that"
        time.sleep(0.02)


def is_running(process: str) -> bool:
    """Whether a process can still do anything; one that nobody has buried yet cannot."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(served: Served) -> None:
    """SIGKILL to the supervisor and its workers at once: nothing of the service gets to finish anything."""
    workers = workers_of(served)
    os.killpg(served.process.pid, signal.SIGKILL)
    served.process.wait()
    wait_until(lambda: not any(map(is_running, workers)), STOP_SECONDS)


def kill_one_worker(served: Served) -> None:
    """SIGKILL to the worker that has run longest; wait until there are as many as before."""
    victim = workers_of(served)[0]
    os.kill(int(victim), signal.SIGKILL)
    wait_until(lambda: victim not in (found := workers_of(served)) and len(found) == WORKERS, START_SECONDS)


def assert_replayed(installation: Installation, served: Served, answers: Sequence[Answer]) -> None:
    """Keys that were answered before are answered again, alike; a share of ``answers`` for each of some threads."""
    with_key = [answer for answer in answers if answer.request.key]
    shares = [with_key[first::8] for first in range(8)]
    run = installation.clients.at_once(
        served.address, [[answer.request for answer in share] for share in shares], COME_BACK
    )
    for share, again in zip(shares, run.answers, strict=True):
        assert differing_replays(share, [answer for answer in again if answer.final]) == []


def test_a_killed_server_has_lost_nothing_that_it_acknowledged(installation_on_each_database: Installation) -> None:
    """Killed as a whole in the midst of writing, started again on the same database, and so on."""
    installation = installation_on_each_database
    works = writing_load(installation.world, SIZES.writes_of_a_thread)
    ahead, runs = [*works], []
    for _ in range(SIZES.kills):
        portion = [work[:WRITES_OF_A_PORTION] for work in ahead]
        with installation.served() as served, installation.clients.run(served.address, portion, COME_BACK) as run:
            run.wait_for_more(SIZES.writes_before_a_kill)
            kill(served)
        runs.append(run)
        assert len(run.unanswered) == len(works), "some thread was not in the midst of writing"
        assert_nothing_is_lost(installation, works, runs)
        ahead = [work[run.settled(thread) :] for thread, work in enumerate(ahead)]
    with installation.served() as served:
        assert_replayed(installation, served, [answer for run in runs for answer in run.acknowledged])
        repeated = installation.clients.at_once(served.address, [work[:1] for work in ahead], COME_BACK)
    assert len(repeated.acknowledged) == len(works)
    assert_nothing_is_lost(installation, works, [*runs, repeated])


def test_a_killed_worker_takes_nothing_with_it(installation_on_each_database: Installation) -> None:
    """The others go on, a new one comes, and clients that repeat what got no answer have each write done once."""
    installation = installation_on_each_database
    works = writing_load(installation.world, SIZES.writes_of_a_thread)
    with installation.served() as served:
        with installation.clients.run(served.address, works, WHATEVER_HAPPENS) as run:
            for _ in range(SIZES.kills):
                run.wait_for_more(SIZES.writes_before_a_kill)
                kill_one_worker(served)
            run.wait_for_more(SIZES.writes_before_a_kill)
            run.stop()
        assert served.process.poll() is None
    assert run.unanswered == []
    assert_nothing_is_lost(installation, works, [run])
