"""Clients by the dozen: threads of several processes that send requests over real sockets and keep every answer.

Knows HTTP and the contract's headers; not what a request should have led to.
"""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from tests.support.clients import assert_canonical_error
from tests.support.load_client import NO_ANSWER
from webapp.settings import PROJECT_ROOT

#: What a client of the contract repeats: it was told to come back.
COME_BACK = ("service_unavailable", "request_in_progress")
#: The same for one that outlives a broken connection too.
WHATEVER_HAPPENS = (*COME_BACK, NO_ANSWER)
PROCESSES = 3
LONGEST_WAIT_SECONDS = 120


@dataclass(frozen=True)
class Request:
    """A write to be sent.

    Attributes:
        key: its Idempotency-Key; empty for none.
        effect: what marks its effect in the database, for the test that sends it.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    effect: str = ""

    def sent(self, api_key: str) -> dict[str, Any]:
        """As the client process takes it."""
        headers = {"x-api-key": api_key, **self.headers}
        if self.key:
            headers["Idempotency-Key"] = self.key
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        body = "" if self.body is None else json.dumps(self.body)
        return {"method": self.method, "path": self.path, "headers": headers, "body": body}


@dataclass(frozen=True)
class Answer:
    """An answer to a request, checked to be the contract's error body where it is an error.

    Attributes:
        response: status, headers and body; None where the connection was lost before all of it had come.
        code: the error's code; for a success nothing.
        final: whether the client took it for its answer; else it sent the request again.
    """

    request: Request
    response: Response | None
    code: str
    final: bool

    @property
    def status(self) -> int:
        """The HTTP status; 0 for no answer."""
        return self.response.status_code if self.response else 0

    @property
    def is_success(self) -> bool:
        """Whether it acknowledges the write."""
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """The body."""
        assert self.response is not None
        return self.response.get_json()

    @property
    def version(self) -> int:
        """The version in its ETag."""
        assert self.response is not None
        tag, weak = self.response.get_etag()
        assert tag is not None
        assert not weak
        return int(tag)

    @property
    def is_replayed(self) -> bool:
        """Whether it says that it was given before."""
        return self.response is not None and self.response.headers.get("Idempotency-Replayed") == "true"


class Run:
    """What became of the requests of one run; fills while the run goes on.

    Attributes:
        works: for each thread the requests that it sends, in order.
        stop: lets no thread send anything new; what is under way is settled.
        answers: for each thread every answer, in order, those before a repetition too.
        codes: for each thread how often it got which code; a success has none, which is ``""``.
        broken: how connections were lost, for a person to read.
    """

    def __init__(self, works: Sequence[Sequence[Request]], processes: int, stop: Callable[[], None]) -> None:
        self.works = works
        self.stop = stop
        self.answers: list[list[Answer]] = [[] for _ in works]
        self.codes: list[Counter[str]] = [Counter() for _ in works]
        self.broken: list[str] = []
        self._left = processes
        self._changed = threading.Condition()

    def wait_until(self, reached: Callable[["Run"], bool]) -> None:
        """Wait until the answers so far are what the caller waits for; when there will be no more, that has failed."""
        with self._changed:
            self._changed.wait_for(lambda: reached(self) or self._left == 0, LONGEST_WAIT_SECONDS)
            assert reached(self), f"in the end: {sum(self.codes, Counter())} {self.broken}"

    def wait_for_more(self, number: int) -> None:
        """Wait until so many more writes are acknowledged than there are now."""
        wanted = number + self._times_acknowledged()
        self.wait_until(lambda _: self._times_acknowledged() >= wanted)

    def _times_acknowledged(self) -> int:
        return sum(codes[""] for codes in self.codes)

    @property
    def all_answers(self) -> list[Answer]:
        """Every answer of every thread."""
        return [answer for answers in self.answers for answer in answers]

    @property
    def final(self) -> list[Answer]:
        """The answers that stood, first threads first."""
        return [answer for answer in self.all_answers if answer.final]

    @property
    def acknowledged(self) -> list[Answer]:
        """The answers that acknowledge a write."""
        return [answer for answer in self.all_answers if answer.is_success]

    @property
    def unanswered(self) -> list[Request]:
        """The requests that went out and were never answered: nobody knows whether they have had their effect."""
        return [answer.request for answer in self.final if answer.response is None]

    @property
    def refused(self) -> list[Answer]:
        """The errors that stood."""
        return [answer for answer in self.final if answer.response is not None and not answer.is_success]

    def settled(self, thread: int) -> int:
        """How many requests of a thread were answered; those behind them went out in vain, or not at all."""
        return sum(answer.final and answer.response is not None for answer in self.answers[thread])

    def take(self, line: Mapping[str, Any], thread: int) -> None:
        """Keep what a client process reports."""
        response = Response(line["body"], line["status"], line["headers"]) if line["status"] else None
        answer = Answer(self.works[thread][line["number"]], response, line["code"], line["final"])
        with self._changed:
            self.answers[thread].append(answer)
            self.codes[thread][answer.code] += 1
            if response is None:
                self.broken.append(line["body"])
            self._changed.notify_all()

    def has_ended(self) -> None:
        """One of the client processes has done its share without a fault."""
        with self._changed:
            self._left -= 1
            self._changed.notify_all()

    def check(self) -> None:
        """Every error has the contract's body, and says when to come back where it asks for that (section 8)."""
        assert self._left == 0, "a client failed; what it said is on standard error"
        for answer in self.all_answers:
            if answer.response is not None and answer.status >= 400:
                assert_canonical_error(answer.response)
                if answer.code in COME_BACK:
                    assert int(answer.response.headers.get("Retry-After", "0")) > 0


class Crowd:
    """Client processes that wait for work."""

    def __init__(self, api_key: str, processes: Sequence["subprocess.Popen[str]"]) -> None:
        self._api_key = api_key
        self._processes = processes

    @contextmanager
    def run(
        self, address: str, works: Sequence[Sequence[Request]], repeated: Iterable[str] = (), certificate: str = ""
    ) -> Iterator[Run]:
        """Run until all threads have ended, which leaving the block waits for; a fault in the block stops them.

        Args:
            address: such as ``http://127.0.0.1:41233``.
            works: for each thread the requests that it sends, one after the other.
            repeated: the codes of answers upon which a request is sent again.
            certificate: the file of the one to trust, where it goes through TLS.
        """
        shares = [range(first, len(works), len(self._processes)) for first in range(len(self._processes))]
        busy = [(process, share) for process, share in zip(self._processes, shares, strict=True) if share]

        def stop() -> None:
            for process, _ in busy:
                _tell(process, {"stop": True})

        run = Run(works, len(busy), stop)
        host = urlsplit(address)
        for process, share in busy:
            sent = [[request.sent(self._api_key) for request in works[thread]] for thread in share]
            order = {"host": host.hostname, "port": host.port, "certificate": certificate}
            _tell(process, {**order, "works": sent, "repeated": [*repeated]})
        for process, _ in busy:
            assert _heard(process) == {"ready": True}
        readers = [threading.Thread(target=_read, args=(process, share, run)) for process, share in busy]
        for process, _ in busy:
            _tell(process, {})
        for reader in readers:
            reader.start()
        try:
            yield run
        except BaseException:
            run.stop()
            raise
        finally:
            for reader in readers:
                reader.join()
        run.check()

    def at_once(self, address: str, works: Sequence[Sequence[Request]], repeated: Iterable[str] = ()) -> Run:
        """Send all of it, the first request of each thread at the same moment."""
        with self.run(address, works, repeated) as run:
            pass
        return run


@contextmanager
def crowd(api_key: str) -> Iterator[Crowd]:
    """Client processes, until the block is left."""
    with ExitStack() as stack:
        command = [sys.executable, "-m", "tests.support.load_client"]
        yield Crowd(
            api_key,
            [
                stack.enter_context(
                    subprocess.Popen(
                        command, cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                    )
                )
                for _ in range(PROCESSES)
            ],
        )  # leaving the stack closes their standard input, upon which they end


def _tell(process: "subprocess.Popen[str]", said: Any) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(said) + "\n")
    process.stdin.flush()


def _heard(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    heard: dict[str, Any] = json.loads(process.stdout.readline())
    return heard


def _read(process: "subprocess.Popen[str]", share: Sequence[int], run: Run) -> None:
    while "done" not in (line := _heard(process)):
        run.take(line, share[line["thread"]])
    if line["done"]:
        run.has_ended()
