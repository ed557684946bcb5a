"""The asynchronous front, given requests as the server gives them: what it makes of them, and what it takes in."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support import event_loop
from webapp import front as front_module
from webapp.front import Front, threads_of
from webapp.request_body import BODY_FAULT
from webapp.settings import Settings

StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass
class Client:
    """A client's side of one request, as ASGI has it.

    Attributes:
        parts: of its body; None: nothing comes any more, but the connection stays open.
        hangs_up: it closes the connection after its last part.
        takes_answers: it reads what it is sent.
    """

    parts: Sequence[bytes | None] = (b"",)
    hangs_up: bool = False
    takes_answers: bool = True
    sent: list[dict[str, Any]] = field(default_factory=list)
    received: int = 0

    async def receive(self) -> dict[str, Any]:
        """The next part of the body."""
        if self.received >= len(self.parts) or (part := self.parts[self.received]) is None:
            if self.hangs_up:
                return {"type": "http.disconnect"}
            await asyncio.Event().wait()
            raise AssertionError
        self.received += 1
        more = self.hangs_up or self.received < len(self.parts)
        return {"type": "http.request", "body": part, "more_body": more}

    async def send(self, message: Any) -> None:
        """A message of the answer."""
        if not self.takes_answers and message.get("more_body"):
            await asyncio.Event().wait()
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        """What was answered."""
        return b"".join(message.get("body", b"") for message in self.sent)


class Application:
    """A WSGI application that keeps what it was called with and answers with ``chunks``."""

    def __init__(self, chunks: Iterable[bytes] = (b"ok",), headers: Sequence[tuple[str, str]] = ()) -> None:
        self.chunks, self.headers = chunks, list(headers)
        self.environs: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.threads: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        self.environs.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        self.threads.add(threading.current_thread().name)
        start_response("200 OK", [("Content-Type", "text/plain"), *self.headers])
        return self.chunks


def scope(method: str = "PUT", path: bytes = b"/v1/customers/x", **headers: str) -> dict[str, Any]:
    """A request's head; underscores of header names become hyphens."""
    named = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {
        "type": "http", "method": method, "raw_path": path, "query_string": b"a=%FF", "http_version": "1.1",
        "scheme": "http", "server": ("127.0.0.1", 8000), "client": ("192.0.2.1", 5000), "headers": named,
    }  # fmt: skip


def answer(application: Any, head: dict[str, Any], client: Client, *, threads: int = 1) -> Client:
    """Send one request through a front that takes bodies of 10 and, outside of /v1, 20 bytes, within 0.1 seconds."""
    front = Front(application, threads=threads, api_body_bytes=10, body_bytes=20, timeout_seconds=0.1)
    event_loop.run(front(head, client.receive, client.send))
    return client


def test_the_application_gets_the_request_as_wsgi_has_it() -> None:
    """PEP 3333, and the bytes of the path as they were sent."""
    application = Application()
    head = scope(path=b"/v1/customers/external/a%2Fb%FF//", content_type="application/json", x_api_key="k")
    answer(application, head, Client())
    (environ,) = application.environs
    expected = {
        "REQUEST_METHOD": "PUT", "PATH_INFO": "/v1/customers/external/a/b\xff//", "QUERY_STRING": "a=%FF",
        "SCRIPT_NAME": "", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000",
        "REMOTE_ADDR": "192.0.2.1", "CONTENT_TYPE": "application/json", "HTTP_X_API_KEY": "k",
        "wsgi.url_scheme": "http",
    }  # fmt: skip
    assert {name: environ[name] for name in expected} == expected


def test_a_header_that_comes_twice_is_joined() -> None:
    """As RFC 9110 says, and cookies as RFC 6265 does."""
    application, head = Application(), scope()
    head["headers"] = [(b"x-api-key", b"a"), (b"cookie", b"a=1"), (b"x-api-key", b"b"), (b"cookie", b"b=2")]
    answer(application, head, Client())
    (environ,) = application.environs
    assert (environ["HTTP_X_API_KEY"], environ["HTTP_COOKIE"]) == ("a,b", "a=1; b=2")


def test_a_header_with_an_underscore_is_left_out() -> None:
    """It would pass for the one with a hyphen that a proxy sets."""
    application, head = Application(), scope()
    head["headers"] = [(b"x_forwarded_for", b"203.0.113.9"), (b"x-forwarded-for", b"192.0.2.2")]
    answer(application, head, Client())
    assert application.environs[0]["HTTP_X_FORWARDED_FOR"] == "192.0.2.2"


def test_made_up_header_names_do_not_fill_the_memory() -> None:
    """Known names are kept, so many of them; the others are read all the same."""
    application, head = Application(), scope()
    most = front_module.MOST_KNOWN_NAMES
    head["headers"] = [(b"x-%d" % number, b"1") for number in range(most + 5)]
    front = Front(application, threads=1, api_body_bytes=10, body_bytes=20, timeout_seconds=1)
    client = Client()
    event_loop.run(front(head, client.receive, client.send))
    assert application.environs[0][f"HTTP_X_{most + 4}"] == "1"
    assert len(front._names) == most  # noqa: SLF001 - nothing else shows it


@pytest.mark.parametrize(
    "declared", [{"content_length": "6"}, {"transfer_encoding": "chunked"}], ids=["length", "chunked"]
)
def test_a_body_is_whole_before_the_application_runs(declared: dict[str, str]) -> None:
    """However it comes."""
    application = Application()
    client = answer(application, scope(**declared), Client([b"abc", b"", b"def"]))
    assert application.bodies == [b"abcdef"]
    assert application.environs[0]["CONTENT_LENGTH"] == "6"
    assert client.body == b"ok"


@pytest.mark.parametrize("declared", [{}, {"content_length": "0"}], ids=["none", "0"])
def test_a_request_without_a_body_waits_for_none(declared: dict[str, str]) -> None:
    """GET, and whatever else has none."""
    application = Application()
    client = answer(application, scope("GET", **declared), Client([None]))
    assert (application.bodies, client.body, client.received) == ([b""], b"ok", 0)


@pytest.mark.parametrize("path", [b"/v1/customers", b"/customers"])
@pytest.mark.parametrize("length", ["9", ""], ids=["length", "chunked"])
def test_a_client_that_hangs_up_runs_nothing(path: bytes, length: str) -> None:
    """A part of a body is none."""
    application = Application()
    declared = {"content_length": length} if length else {"transfer_encoding": "chunked"}
    client = answer(application, scope(path=path, **declared), Client([b"abc"], hangs_up=True))
    assert (application.environs, client.sent) == ([], [])


@pytest.mark.parametrize(("path", "most"), [(b"/v1/customers/x", 10), (b"/customers/x/edit", 20)])
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "length"])
def test_a_body_past_the_limit_is_told_to_the_application(
    monkeypatch: Any, path: bytes, most: int, chunked: bool
) -> None:
    """Which limit depends on the face; exactly as many bytes are read. A length that is told is believed at once."""
    monkeypatch.setattr(front_module, "LINGER_SECONDS", 0.1)
    for length, fault in ((most, ""), (most + 1, "too large")):
        application = Application(headers=[("Content-Length", "2")])
        declared = {"transfer_encoding": "chunked"} if chunked else {"content_length": str(length)}
        client = answer(application, scope(path=path, **declared), Client([b"x" * length]))
        assert application.environs[0][BODY_FAULT] == fault
        assert ((b"connection", b"close") in client.sent[0]["headers"]) is bool(fault)


def test_the_rest_of_a_refused_body_is_read_and_dropped() -> None:
    """A client that still sends would not see the answer if the connection were closed on it."""
    client = answer(Application(), scope(content_length="300"), Client([b"x" * 100] * 3))
    assert (client.body, client.received) == (b"ok", 3)


def test_a_body_that_does_not_come_in_time_is_told_to_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not be run."""
    monkeypatch.setattr(front_module, "LINGER_SECONDS", 0.1)
    application = Application()
    client = answer(application, scope(content_length="9"), Client([b"abc", None]))
    assert application.environs[0][BODY_FAULT] == "late"
    assert (b"connection", b"close") in client.sent[0]["headers"]


def test_large_bodies_share_so_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that finds no room is told to the application, while small ones always find some."""
    monkeypatch.setattr(front_module, "MOST_BUFFERED_BYTES", 15)
    monkeypatch.setattr(front_module, "SMALL_BODY_BYTES", 5)
    monkeypatch.setattr(front_module, "LINGER_SECONDS", 0.0)
    application = Application()
    front = Front(application, threads=1, api_body_bytes=10, body_bytes=20, timeout_seconds=0.2)

    async def all_at_once() -> None:
        slow, large, small = Client([b"x" * 9, None]), Client([b"x" * 9]), Client([b"x" * 5])
        first = asyncio.create_task(front(scope(content_length="10"), slow.receive, slow.send))
        await asyncio.sleep(0.05)
        await front(scope(content_length="9"), large.receive, large.send)
        await front(scope(content_length="5"), small.receive, small.send)
        await first
        await front(scope(content_length="9"), Client([b"x" * 9]).receive, large.send)

    event_loop.run(all_at_once())
    assert [environ[BODY_FAULT] for environ in application.environs] == ["too many", "", "late", ""]


def test_an_answer_without_a_length_goes_out_as_it_comes() -> None:
    """Each part of it when it is there, and the application's own clean-up at the end."""
    client, told = Client(), []

    class Chunks:
        def __iter__(self) -> Iterator[bytes]:
            for part in (b"a", b"", b"b"):
                told.append(client.body)
                yield part

        def close(self) -> None:
            told.append(b"closed")

    answer(Application(Chunks()), scope("GET"), client)
    assert client.body == b"ab"
    assert told == [b"", b"a", b"a", b"closed"]
    assert client.sent[-1]["more_body"] is False


@pytest.mark.parametrize("length", [0, 1, 65_536, 65_537, 200_000])
def test_a_large_answer_goes_out_in_pieces(length: int) -> None:
    """Whole, in order."""
    body = bytes(number % 251 for number in range(length))
    application = Application([body[:100], body[100:]], [("Content-Length", str(length))])
    client = answer(application, scope("GET"), Client())
    assert client.body == body
    parts = client.sent[1:]
    assert all(len(part["body"]) <= front_module.PIECE_BYTES for part in parts)
    assert [part.get("more_body", False) for part in parts] == [True] * (len(parts) - 1) + [False]


def test_a_client_that_does_not_take_its_answer_is_given_up() -> None:
    """It may not hold the memory of a large answer for ever."""
    application = Application([b"x" * 200_000], [("Content-Length", "200000")])
    client = answer(application, scope("GET"), Client(takes_answers=False))
    assert [message["type"] for message in client.sent] == ["http.response.start"]


def test_with_several_threads_requests_run_at_once() -> None:
    """And never more of them than threads."""
    running, most, lock = 0, 0, threading.Lock()
    two_at_once = threading.Barrier(2)

    def application(_environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        two_at_once.wait(10)
        with lock:
            running -= 1
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    clients = [Client() for _ in range(6)]
    front = Front(application, threads=2, api_body_bytes=10, body_bytes=20, timeout_seconds=1)

    async def all_at_once() -> None:
        await asyncio.gather(*(front(scope("GET"), client.receive, client.send) for client in clients))

    event_loop.run(all_at_once())
    assert [client.body for client in clients] == [b"ok"] * 6
    assert most == 2


def test_with_one_thread_requests_run_in_the_loops_own() -> None:
    """Handing them over would cost more than a short request."""
    application = Application()
    answer(application, scope("GET"), Client())
    assert application.threads == {threading.current_thread().name}


@pytest.mark.parametrize(
    ("url", "pool", "threads"), [("", 5, 1), ("postgresql://h/d", 5, 4), ("postgresql://h/d", 2, 2)]
)
def test_threads_suit_the_database(url: str, pool: int, threads: int) -> None:
    """One writer on SQLite; on PostgreSQL no more than there are connections."""
    settings = Settings.from_environment({"SECRET_KEY": "k" * 32, "DATABASE_URL": url, "DATABASE_POOL_SIZE": str(pool)})
    assert threads_of(settings) == threads
