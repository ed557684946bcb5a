"""Calling a WSGI application, and giving its answer as ASGI has it. Knows no request and no thread."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

#: Status, headers, and the body, whole or in pieces: see :func:`call`.
Answer = tuple[int, list[tuple[bytes, bytes]], bytes | None, Iterable[bytes]]


def call(application: Any, environ: dict[str, Any]) -> Answer:
    """Status, headers, and the body: whole where its length is known, else None and what it still comes from."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
        started[:] = [int(status[:3]), [(_sent_name(name), value.encode("latin-1")) for name, value in headers]]

    chunks: Iterable[bytes] = application(environ, start_response)
    status, headers = started
    if status not in {204, 304} and not any(name == b"content-length" for name, _ in headers):
        return status, headers, None, chunks
    return status, headers, joined(chunks), ()


def joined(chunks: Iterable[bytes]) -> bytes:
    """An answer's whole body."""
    try:
        return b"".join(chunks)
    finally:
        close(chunks)


@lru_cache(maxsize=500)
def _sent_name(name: str) -> bytes:
    """A header's name as it goes over the wire; there are few."""
    return name.lower().encode()


def close(chunks: object) -> None:
    """Tell what an answer came from that no more is wanted of it."""
    close_it = getattr(chunks, "close", None)
    if close_it is not None:
        close_it()
