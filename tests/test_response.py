"""Answers: a whole one goes to the server as it is, with the very headers that Werkzeug would send."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Response
from werkzeug.test import create_environ

from webapp.response import DeskResponse


def plain() -> Response:
    """A page."""
    return DeskResponse("Zoë", headers={"X-A": "1"})


def elsewhere() -> Response:
    """Whose address must be written anew to go over the wire."""
    return DeskResponse("", headers={"Location": "/é"})


def of_another_length() -> Response:
    """Whose length somebody has changed."""
    answer = DeskResponse("abc")
    answer.headers["Content-Length"] = "2"
    return answer


def streamed() -> Response:
    """Whose end is not known yet."""
    return DeskResponse(iter(["a", "b"]))


KINDS: tuple[Callable[[], Response], ...] = (
    plain,
    elsewhere,
    of_another_length,
    streamed,
    lambda: DeskResponse("", 204),
    lambda: DeskResponse("created", 201, headers={"Location": "/é"}),
    lambda: DeskResponse("not modified", 304),
    lambda: DeskResponse(["a", "b"]),
    lambda: DeskResponse(b""),
)


def sent(answer: Response, environ: dict[str, Any], call: Callable[..., Any]) -> tuple[Any, ...]:
    """Status, headers and body as a server gets them."""
    started: list[Any] = []
    body = call(answer, environ, lambda status, headers: started.extend((status, headers)))
    return (*started, b"".join(body))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("make", KINDS)
def test_an_answer_is_sent_as_flask_would(make: Callable[[], Response], method: str) -> None:
    """Each kind, with a body and without."""
    environ = create_environ("/", method=method)
    assert sent(make(), environ, DeskResponse.__call__) == sent(make(), environ, Response.__call__)


def test_what_is_to_be_done_once_an_answer_is_sent_is_done() -> None:
    """Such as closing a file."""
    done: list[str] = []
    answer = plain()
    answer.call_on_close(lambda: done.append("closed"))
    body = answer(create_environ("/"), lambda _status, _headers: None)
    body.close()  # type: ignore[attr-defined] # it has one then
    assert done == ["closed"]
