"""One request as the bench sends it: by a load tool, by itself, and within the process. Knows no route."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from urllib.parse import urlsplit

from flask.testing import FlaskClient

LONGEST_WAIT_SECONDS = 120
#: The header of a request to the bare function that says how many bytes its answer shall have.
BYTES = "Bare-Bytes"


class WrongAnswer(Exception):
    """A request was not answered as it should be: there is nothing to time."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request; ``expected`` is the status it must be answered with."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    expected: int = 200

    @property
    def all_headers(self) -> dict[str, str]:
        """Its headers, with the length of its body."""
        return {**self.headers, **({"Content-Length": str(len(self.body))} if self.body else {})}

    def with_header(self, name: str, value: str) -> "Sent":
        """The same request with one more header."""
        return replace(self, headers={**self.headers, name: value})

    def raw(self) -> bytes:
        """As it stands on the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.all_headers.items()]
        return "\r\n".join((*lines, "", "")).encode() + self.body

    def send(self, address: str) -> bytes:
        """Send it to a server. Returns the body of the answer.

        Raises:
            WrongAnswer: it was answered with another status.
        """
        with closing(HTTPConnection(urlsplit(address).netloc, timeout=LONGEST_WAIT_SECONDS)) as connection:
            connection.request(self.method, self.path, self.body or None, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
        self._check(answer.status, content)
        return content

    def run(self, client: FlaskClient) -> bytes:
        """Have it answered in this process. Returns and raises as :meth:`send`."""
        answer = client.open(self.path, method=self.method, headers=dict(self.headers), data=self.body or None)
        self._check(answer.status_code, answer.data)
        return answer.data

    def _check(self, status: int, content: bytes) -> None:
        if status != self.expected:
            raise WrongAnswer(f"{self.method} {self.path}: {status} {content[:500]!r}")


def as_file(requests: Iterable[Sent]) -> bytes:
    """Requests as ``wrk.lua`` reads them: each behind a line with its length and its expected status."""
    return b"".join(b"%d %d\n%s" % (len(raw), one.expected, raw) for one in requests for raw in (one.raw(),))
