"""The asynchronous front, given requests as the server gives them: what it makes of them, where it runs them."""

import asyncio
import threading
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import pytest

from tests.support import event_loop
from tests.support.asgi import Application, Client, StartResponse, answer, front_of, scope
from webapp import front as front_module
from webapp import wsgi_environ
from webapp.front import AtOnce, at_once_of
from webapp.greenlets import beside
from webapp.settings import Settings


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


def test_made_up_header_names_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known names are kept, so many of them; the others are read all the same."""
    monkeypatch.setattr(wsgi_environ, "_known_names", {})
    application, head = Application(), scope()
    most = wsgi_environ.MOST_KNOWN_NAMES
    head["headers"] = [(b"x-%d" % number, b"1") for number in range(most + 5)]
    front = front_of(application)
    client = Client()
    event_loop.run(front(head, client.receive, client.send))
    assert application.environs[0][f"HTTP_X_{most + 4}"] == "1"
    assert len(wsgi_environ._known_names) == most  # noqa: SLF001 - nothing else shows it


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


@pytest.mark.parametrize("length", [0, 1, 131_072, 131_073, 300_000])
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


def test_by_turns_requests_run_at_once() -> None:
    """In the loop's own thread, and never more of them than may. Whatever an answer still comes from does so, too."""
    running, most, threads = 0, 0, set()
    two_at_once = threading.Barrier(2)

    def pieces() -> Iterator[bytes]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        threads.add(threading.current_thread().name)
        beside(two_at_once.wait, 10)
        running -= 1
        yield b"ok"

    def application(_environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = [*pieces()]
        start_response("200 OK", [])
        return chain(body, pieces())

    clients = [Client() for _ in range(6)]
    front = front_of(application, at_once=AtOnce(2, 1, by_turns=True))

    async def all_at_once() -> None:
        threads.add(threading.current_thread().name)
        await asyncio.gather(*(front(scope("GET"), client.receive, client.send) for client in clients))

    event_loop.run(all_at_once())
    assert [client.body for client in clients] == [b"okok"] * 6
    assert (most, len(threads)) == (2, 1)


def test_one_after_the_other_requests_run_in_the_loops_own_thread() -> None:
    """Handing them over would cost more than a short request."""
    application, client, loops = Application(), Client(), []

    async def run() -> None:
        loops.append(threading.current_thread().name)
        await front_of(application)(scope("GET"), client.receive, client.send)

    event_loop.run(run())
    assert application.threads == set(loops)


@pytest.mark.parametrize(
    ("url", "pool", "at_once"),
    [
        ("", 10, AtOnce(1, 2)),
        ("", 2, AtOnce(1, 2)),
        ("postgresql://h/d", 100, AtOnce(12, 2, 2, by_turns=True)),
        ("postgresql://h/d", 16, AtOnce(12, 2, 2, by_turns=True)),
        ("postgresql://h/d", 10, AtOnce(6, 2, 2, by_turns=True)),
        ("postgresql://h/d", 8, AtOnce(4, 2, 2, by_turns=True)),
        ("postgresql://h/d", 5, AtOnce(2, 2, 2, by_turns=True)),
        ("postgresql://h/d", 3, AtOnce(1, 1, by_turns=True)),
        ("postgresql://h/d", 2, AtOnce(1, 1, by_turns=True)),
    ],
)
def test_what_runs_at_once_suits_the_database(url: str, pool: int, at_once: AtOnce) -> None:
    """One writer on SQLite; on PostgreSQL, some for steps within others. Searches have at least one."""
    settings = Settings.from_environment({"SECRET_KEY": "k" * 32, "DATABASE_URL": url, "DATABASE_POOL_SIZE": str(pool)})
    assert at_once_of(settings) == at_once


def test_an_old_client_gets_no_chunks() -> None:
    """HTTP/1.0 knows none (RFC 9112, section 6.1): what is sent as it is made is made whole for it."""
    client = answer(Application([b"a", b"b"]), scope("GET") | {"http_version": "1.0"}, Client())
    assert (b"content-length", b"2") in client.sent[0]["headers"]
    assert client.body == b"ab"


def test_what_is_to_be_done_at_the_end_is_done() -> None:
    """As ASGI's lifespan protocol has it."""
    told: list[str] = []
    front = front_of(Application())
    front.at_end = [lambda: told.append("ended")]

    async def run() -> None:
        messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        messages.put_nowait({"type": "lifespan.startup"})

        async def send(message: Any) -> None:
            told.append(message["type"])
            messages.put_nowait({"type": "lifespan.shutdown"})

        await front({"type": "lifespan"}, messages.get, send)

    event_loop.run(run())
    assert told == ["lifespan.startup.complete", "ended", "lifespan.shutdown.complete"]
