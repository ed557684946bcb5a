"""Happenings that operators count: whoever sees one notes it here, whoever counts them listens. Knows no metric.

One set of listeners belongs to one application; a note outside of an application is heard by nobody.
"""

from collections.abc import Callable

from flask import Flask

from webapp.current import current_application

#: What is told of a happening: its name, which kind of it, and its seconds (0.0 where it takes no time).
Listener = Callable[[str, str, float], None]

#: Kinds: ``committed``, ``rolled_back``. Seconds: from its beginning, waits for a connection and a lock included.
TRANSACTION = "transaction"
#: Kinds: ``lost_race``, ``serialization``, ``busy``: why a transaction ran again.
TRANSACTION_RETRIED = "transaction_retried"
#: It could not begin at once. Seconds: until it did.
TRANSACTION_WAIT = "transaction_wait"
#: It gave up after its last attempt.
TRANSACTION_GIVEN_UP = "transaction_given_up"
#: A write that may be lost was: see ``write_if_free``.
WRITE_SKIPPED = "write_skipped"
#: A connection was asked for while none was idle. Kinds: ``served``, ``timed_out``, ``failed``. Seconds: until so.
CONNECTION_WAIT = "connection_wait"
#: Kinds: ``made``, ``lost``, ``closed``.
CONNECTION = "connection"
#: Kinds: ``done``, ``timed_out``, ``failed``.
SEARCH = "search"
#: The front did not want it run. Kinds: those of ``webapp.request_body``.
REQUEST_REFUSED = "request_refused"
#: Kinds: ``key``, ``tenant``: whose limit it was.
RATE_LIMITED = "rate_limited"
RATE_LIMIT_NOT_COUNTED = "rate_limit_not_counted"
#: A password or a code was judged, at a sign-in or where it is asked for again; or there had been too many. Kinds:
#: ``succeeded``, ``failed``, ``throttled``.
SIGN_IN = "sign_in"
IDEMPOTENT_REPLAY = "idempotent_replay"
ACCESS_NOT_LOGGED = "access_not_logged"
#: /readyz was asked. Kinds: ``ready``, ``unreachable``, ``wrong_migration``, ``stopping``.
READINESS = "readiness"

_LISTENERS = "happening_listeners"


def listen(app: Flask, listener: Listener) -> None:
    """Have ``listener`` told of everything that is noted in ``app``. It must be quick, and must not raise."""
    app.extensions.setdefault(_LISTENERS, []).append(listener)


def note(name: str, kind: str = "", seconds: float = 0.0) -> None:
    """Say that something has happened in the current application."""
    try:
        app = current_application()
    except RuntimeError:
        return
    for listener in app.extensions.get(_LISTENERS, ()):
        listener(name, kind, seconds)
