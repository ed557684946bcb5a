"""A program that sends requests from several threads over real sockets and reports each answer: one client process.

It takes its orders on standard input and knows neither the service nor what a good answer is. One JSON value a line::

    < {"host", "port", "certificate", "works": [[{"method", "path", "headers", "body"}, ...], ...],
       "repeated": ["no_answer", ...]}
    > {"ready": true}            each thread is connected
    < {}                         begin, all threads at once
    > {"thread", "number", "status", "code", "headers", "body", "final"}
    < {"stop": true}             if wanted: send nothing new, but settle what is under way
    > {"done": true}             then the next order; false where a thread has failed

Each list of ``works`` is one thread's, sent one after the other. An answer whose code is among ``repeated`` is followed
by the same request again; a thread ends at a request that got no answer at all (status 0) and is not repeated.
``certificate`` is the file of the one to trust, upon which it goes through TLS to loopback under the name ``host``.
"""

import json
import queue
import socket
import ssl
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from typing import Any

ANSWER_SECONDS = 60
#: How long one request is repeated before its last answer stands.
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.02
NO_ANSWER = "no_answer"

Json = dict[str, Any]


class ThroughTls(HTTPConnection):
    """A connection through TLS to a port of loopback that goes by another name."""

    def __init__(self, name: str, port: int, certificate: str) -> None:
        super().__init__(name, port, timeout=ANSWER_SECONDS)
        self._context = ssl.create_default_context(cafile=certificate)

    def connect(self) -> None:
        """Connect; the name must be the certificate's."""
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


class Parent:
    """The process that gives the orders.

    Attributes:
        orders: what it has said and nobody has taken up yet; None at its end.
        stop: set when it has said so.
    """

    def __init__(self) -> None:
        self.orders: queue.Queue[Json | None] = queue.Queue()
        self.stop = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            said = json.loads(line)
            if said.get("stop"):
                self.stop.set()
            else:
                self.orders.put(said)
        self.orders.put(None)

    def tell(self, **said: Any) -> None:
        """Write one whole line, at once, whichever thread it comes from."""
        with self._lock:
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()


class Sender(threading.Thread):
    """One thread: a connection of its own, and the requests that go over it.

    Attributes:
        is_through: whether it has come to its end, rather than failed.
    """

    def __init__(
        self, number: int, order: Json, connected: threading.Barrier, begun: threading.Event, parent: Parent
    ) -> None:
        super().__init__()
        self._number = number
        self._requests = order["works"][number]
        self._repeated = order["repeated"]
        self._connected = connected
        self._begun = begun
        self._parent = parent
        self.is_through = False
        certificate = order.get("certificate")
        self._connection = (
            ThroughTls(order["host"], order["port"], certificate)
            if certificate
            else HTTPConnection(order["host"], order["port"], timeout=ANSWER_SECONDS)
        )

    def run(self) -> None:
        """Connect, wait for the others, send."""
        try:
            self._connection.connect()
        except OSError:
            self._connection.close()  # the first request tries again, and reports it
        self._connected.wait()
        self._begun.wait()
        for number, request in enumerate(self._requests):
            if self._parent.stop.is_set() or not self._settle(number, request):
                break
        self._connection.close()
        self.is_through = True

    def _settle(self, number: int, request: Json) -> bool:
        """Send until the answer stands. Returns whether there is one."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._send(request)
            code = _code_of(answer)
            final = code not in self._repeated or time.monotonic() > give_up_at
            self._parent.tell(thread=self._number, number=number, code=code, final=final, **answer)
            if final:
                return bool(answer["status"])
            time.sleep(PAUSE_SECONDS)

    def _send(self, request: Json) -> Json:
        try:
            self._connection.request(request["method"], request["path"], request["body"].encode(), request["headers"])
            answer = self._connection.getresponse()
            body = answer.read().decode()
        except (OSError, HTTPException) as fault:
            self._connection.close()  # the next request connects anew
            return {"status": 0, "headers": {}, "body": repr(fault)}
        return {"status": answer.status, "headers": dict(answer.getheaders()), "body": body}


def _code_of(answer: Json) -> str:
    """The code of an error, ``no_answer``, or nothing for a success and for an error that is not in the one body."""
    if answer["status"] == 0:
        return NO_ANSWER
    try:
        return str(json.loads(answer["body"])["code"]) if answer["status"] >= 400 else ""
    except (ValueError, KeyError):
        return ""


def obey(order: Json, parent: Parent) -> None:
    """Do what one order says."""
    parent.stop.clear()
    count = len(order["works"])
    connected, begun = threading.Barrier(count + 1), threading.Event()
    senders = [Sender(number, order, connected, begun, parent) for number in range(count)]
    for sender in senders:
        sender.start()
    connected.wait()
    parent.tell(ready=True)
    parent.orders.get()
    begun.set()
    for sender in senders:
        sender.join()
    parent.tell(done=all(sender.is_through for sender in senders))


def main() -> None:
    """Take orders until there are no more."""
    parent = Parent()
    while (order := parent.orders.get()) is not None:
        obey(order, parent)


if __name__ == "__main__":
    main()
