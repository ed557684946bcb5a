"""What an installation answers when the front could not take a body in: its own error body, and nothing is run."""

import asyncio
import json
from collections.abc import Callable

import pytest
from flask import Flask

from tests.support import event_loop
from tests.support.asgi import Client, scope
from webapp import request_intake
from webapp.front import Front


@pytest.mark.parametrize(
    ("sent", "length", "status", "code"),
    [
        ([b"{", None], "9", 408, "request_timeout"),
        ([b" " * 2000], "2000", 413, "payload_too_large"),
        ([b" " * 1024], "1024", 503, "service_unavailable"),
    ],
    ids=["late", "too large", "too many"],
)
def test_a_body_that_is_not_here_is_answered_in_the_one_error_body(
    make_app: Callable[..., Flask],
    monkeypatch: pytest.MonkeyPatch,
    sent: list[bytes | None],
    length: str,
    status: int,
    code: str,
) -> None:
    """Before anybody asks who is calling."""
    monkeypatch.setattr(request_intake, "LINGER_SECONDS", 0.1)
    monkeypatch.setattr(request_intake, "POT_BYTES", 500)
    monkeypatch.setattr(request_intake, "SMALL_BODY_BYTES", 500)
    app = make_app(request_timeout_seconds=1, max_body_bytes=1024)
    front = Front.of(app, app.extensions["customer_desk_settings"])
    client, other = Client(sent), Client([b" " * 1000, None])
    head = scope(content_length=length, content_type="application/json")

    async def beside_another() -> None:
        """Whose body leaves room for small ones alone."""
        task = asyncio.create_task(front(scope(content_length="1024"), other.receive, other.send))
        await asyncio.sleep(0.05)
        await front(head, client.receive, client.send)
        await task

    event_loop.run(beside_another())
    told = json.loads(client.body)
    assert (client.sent[0]["status"], told["http_status_code"], told["code"]) == (status, status, code)
