"""Reading a body, all of it or none, whatever told its length."""

import io
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from webapp.request_body import FAULT, read_whole_body

BODY = b"0123456789" * 2
#: What a server may tell of the body's length beside it.
TOLD: tuple[dict[str, Any], ...] = (
    {"CONTENT_LENGTH": "20"},
    {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
    {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": "20"},
)


def environ_of(told: dict[str, Any]) -> dict[str, Any]:
    """A request with the body, of which so much is told."""
    environ = EnvironBuilder("/v1/customers", method="POST", input_stream=None, data=BODY).get_environ()
    environ.pop("CONTENT_LENGTH")
    return environ | told


@pytest.mark.parametrize("told", TOLD)
def test_a_body_within_the_limit_is_read_whole(app: Flask, told: dict[str, Any]) -> None:
    """To its last byte."""
    with app.request_context(environ_of(told)):
        assert read_whole_body(21) == BODY


@pytest.mark.parametrize("told", TOLD)
def test_a_longer_body_is_refused_not_cut(app: Flask, told: dict[str, Any]) -> None:
    """A part of it must never be taken for all."""
    with app.request_context(environ_of(told)), pytest.raises(RequestEntityTooLarge):
        read_whole_body(10)


@pytest.mark.parametrize("most", [20, None])
def test_a_body_that_the_front_has_whole_is_not_read_up(app: Flask, most: int | None) -> None:
    """Whoever asks for it again, such as the form, finds it."""
    environ = environ_of({"CONTENT_LENGTH": "20", FAULT: "", "wsgi.input": io.BytesIO(BODY)})
    with app.request_context(environ):
        assert read_whole_body(most) == read_whole_body(most) == environ["wsgi.input"].read() == BODY


@pytest.mark.parametrize("most", [19, None])
def test_one_that_the_front_has_whole_is_refused_past_the_limit(app: Flask, most: int | None) -> None:
    """Which can be narrower than the front's."""
    app.config["MAX_CONTENT_LENGTH"] = 19
    environ = environ_of({"CONTENT_LENGTH": "20", FAULT: "", "wsgi.input": io.BytesIO(BODY)})
    with app.request_context(environ), pytest.raises(RequestEntityTooLarge):
        read_whole_body(most)
