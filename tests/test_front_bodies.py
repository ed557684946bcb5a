"""What the asynchronous front takes in of a body, and what it tells the application of one that it does not."""

import asyncio
from typing import Any

import pytest

from tests.support import event_loop
from tests.support.asgi import Application, Client, answer, front_of, scope
from webapp import request_intake
from webapp.request_body import FAULT


@pytest.fixture(autouse=True, params=[False, True], ids=["by and by", "at once"])
def comes(monkeypatch: Any, request: pytest.FixtureRequest) -> None:
    """How the server gives a body's parts: each of these tests has both."""
    monkeypatch.setattr(Client, "comes_at_once", request.param)


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


def test_a_body_of_a_declared_length_is_waited_for_no_longer_than_that() -> None:
    """The server says with a message of its own that there is no more; that need not come."""
    application = Application()
    client = answer(application, scope(content_length="6"), Client([b"abc", b"def", None]))
    assert (application.bodies, client.received) == ([b"abcdef"], 2)


def test_beside_a_transfer_coding_the_length_does_not_count() -> None:
    """RFC 9112, section 6.3: a body told twice is not cut."""
    application = Application()
    answer(application, scope(content_length="3", transfer_encoding="chunked"), Client([b"abc", b"def"]))
    assert application.bodies == [b"abcdef"]


@pytest.mark.parametrize("declared", [{}, {"content_length": "0"}], ids=["none", "0"])
def test_a_request_without_a_body_waits_for_none(declared: dict[str, str]) -> None:
    """GET, and whatever else has none."""
    application = Application()
    client = answer(application, scope("GET", **declared), Client([None]))
    assert (application.bodies, client.body, client.received) == ([b""], b"ok", 0)


@pytest.mark.parametrize("path", [b"/v1/customers", b"/customers"])
@pytest.mark.parametrize("length", ["9", ""], ids=["length", "chunked"])
def test_a_body_that_is_cut_off_is_told_to_the_application(path: bytes, length: str) -> None:
    """A part of a body is none; that the client hung up, or sent nonsense, looks alike."""
    application = Application()
    declared = {"content_length": length} if length else {"transfer_encoding": "chunked"}
    client = answer(application, scope(path=path, **declared), Client([b"abc"], hangs_up=True))
    assert [environ[FAULT] for environ in application.environs] == ["cut off"]
    assert client.sent


#: method, path, the largest body. Forms are small here, so that their limit is below what any address may take.
LARGEST_BODIES = [
    ("PUT", b"/v1/customers/x", 10),
    ("POST", b"/customers/x/edit", 20),
    ("POST", b"/customers/x/edit/rows", 20),
    ("PUT", b"/customers/x/edit", 5),
    ("POST", b"/customers/x/y/edit", 5),
    ("POST", b"/customers/x/edit/", 5),
    ("POST", b"/sign-in", 5),
    ("POST", b"/v1", 5),
]


@pytest.mark.parametrize(("method", "path", "most"), LARGEST_BODIES)
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "length"])
def test_a_body_past_the_limit_is_told_to_the_application(
    monkeypatch: Any, method: str, path: bytes, most: int, chunked: bool
) -> None:
    """Which limit depends on the address; exactly as many bytes are read. A length that is told is believed at once."""
    monkeypatch.setattr(request_intake, "LINGER_SECONDS", 0.1)
    monkeypatch.setattr(request_intake, "SMALL_BODY_BYTES", 5)
    for length, fault in ((most, ""), (most + 1, "too large")):
        application = Application(headers=[("Content-Length", "2")])
        declared = {"transfer_encoding": "chunked"} if chunked else {"content_length": str(length)}
        client = answer(application, scope(method, path, **declared), Client([b"x" * length]))
        assert application.environs[0][FAULT] == fault
        assert ((b"connection", b"close") in client.sent[0]["headers"]) is bool(fault)


def test_the_rest_of_a_refused_body_is_read_and_dropped() -> None:
    """A client that still sends would not see the answer if the connection were closed on it."""
    client = answer(Application(), scope(content_length="300"), Client([b"x" * 100] * 3))
    assert (client.body, client.received) == (b"ok", 3)


def test_a_body_that_does_not_come_in_time_is_told_to_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not be run."""
    monkeypatch.setattr(request_intake, "LINGER_SECONDS", 0.1)
    application = Application()
    client = answer(application, scope(content_length="9"), Client([b"abc", None]))
    assert application.environs[0][FAULT] == "late"
    assert (b"connection", b"close") in client.sent[0]["headers"]


def test_large_bodies_share_so_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that finds no room is told to the application, while small ones always find some, and the other face does."""
    monkeypatch.setattr(request_intake, "POT_BYTES", 15)
    monkeypatch.setattr(request_intake, "SMALL_BODY_BYTES", 5)
    monkeypatch.setattr(request_intake, "LINGER_SECONDS", 0.0)
    application = Application()
    front = front_of(application, form_bytes=15, timeout_seconds=0.2)

    async def send(path: bytes, length: int) -> None:
        client = Client([b"x" * length])
        await front(scope("POST", path, content_length=str(length)), client.receive, client.send)

    async def all_at_once(face: bytes, other: bytes) -> None:
        slow = Client([b"x" * 9, None])
        first = asyncio.create_task(front(scope("POST", face, content_length="10"), slow.receive, slow.send))
        await asyncio.sleep(0.05)
        await send(face, 9)
        await send(face, 5)
        await send(other, 9)
        await first
        await send(face, 9)

    faces = (b"/v1/customers", b"/customers/x/edit")
    for face, other in (faces, faces[::-1]):
        application.environs.clear()
        event_loop.run(all_at_once(face, other))
        assert [environ[FAULT] for environ in application.environs] == ["too many", "", "", "late", ""]


def test_the_largest_body_finds_room_when_it_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large an installation lets it be."""
    monkeypatch.setattr(request_intake, "POT_BYTES", 8)
    monkeypatch.setattr(request_intake, "SMALL_BODY_BYTES", 5)
    application = Application()
    answer(application, scope(content_length="10"), Client([b"x" * 10]))
    assert application.environs[0][FAULT] == ""
