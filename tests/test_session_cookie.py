"""The session's cookie: what Flask itself would sign and read, whoever reads it."""

import time
from typing import Any
from unittest.mock import Mock

import pytest
from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature
from werkzeug.test import EnvironBuilder

from webapp.flask_app import DeskRequest
from webapp.session_cookie import Sessions

CONTENT = {"_user_id": "u", "token": "\N{SNOWMAN}", "many": [1, 2, {"a": None}], "pair": (1, "b")}


def test_flask_reads_what_is_signed_here_and_the_other_way(app: Flask) -> None:
    """So a sign-in outlives an update of this service, and either signer's key is the other's."""
    own = Sessions().get_signing_serializer(app)
    flasks = SecureCookieSessionInterface().get_signing_serializer(app)
    assert own is not None
    assert flasks is not None
    for _ in range(2):  # the key is derived the first time
        assert flasks.loads(own.dumps(CONTENT)) == own.loads(flasks.dumps(CONTENT)) == CONTENT
        assert own.loads(own.dumps(CONTENT), max_age=60) == CONTENT


@pytest.mark.parametrize("place", [0, 10, -2, -20, -30])
def test_a_cookie_that_was_changed_is_none(app: Flask, place: int) -> None:
    """Wherever it was: content, time or signature, of whose last letter two bits say nothing."""
    own = Sessions().get_signing_serializer(app)
    assert own is not None
    signed = own.dumps(CONTENT)
    other = "A" if signed[place] != "A" else "B"
    with pytest.raises(BadSignature):
        own.loads(signed[:place] + other + signed[place:][1:])


def test_a_cookie_of_another_secret_key_is_none(app: Flask, other_app: Flask) -> None:
    """One application's sign-ins are not another's."""
    own, others = (Sessions().get_signing_serializer(one) for one in (app, other_app))
    assert own is not None
    assert others is not None
    with pytest.raises(BadSignature):
        own.loads(others.dumps(CONTENT))


def opened(app: Flask, cookie: str) -> SecureCookieSession:
    """What a request with that cookie finds."""
    sent = f"{app.config['SESSION_COOKIE_NAME']}={cookie}"
    session = Sessions().open_session(app, DeskRequest(EnvironBuilder("/").get_environ() | {"HTTP_COOKIE": sent}))
    assert session is not None
    return session


@pytest.mark.parametrize("content", [{"token": "a", "at": 1.5, "fresh": True, "none": None}, CONTENT, {}])
def test_each_request_has_what_the_cookie_says_for_itself(app: Flask, content: dict[str, Any]) -> None:
    """However often it is sent, and whatever a request does to its session."""
    cookie = signed(app, content)
    for _ in range(3):
        session = opened(app, cookie)
        assert dict(session) == content
        assert not session.modified
        session["token"] = "other"
        session.get("many", []).append(3)
        session.pop("fresh", None)


def test_a_cookie_that_was_good_is_good_until_it_expires(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for Flask itself, though it is not judged anew each time."""
    cookie = signed(app, {"token": "a"})
    lifetime = app.permanent_session_lifetime.total_seconds()
    began = time.time()
    assert opened(app, cookie) == {"token": "a"}
    for later, expected in ((lifetime - 5, {"token": "a"}), (lifetime + 5, {})):
        monkeypatch.setattr(time, "time", lambda later=later: began + later)
        assert opened(app, cookie) == expected


def test_another_cookie_is_judged_though_one_was_good(app: Flask, other_app: Flask) -> None:
    """One that differs in a letter, and one of another key."""
    cookie = signed(app, {"token": "a"})
    assert opened(app, cookie) == {"token": "a"}
    assert opened(app, cookie[:-2] + ("A" if cookie[-2] != "A" else "B") + cookie[-1]) == {}
    assert opened(app, signed(other_app, {"token": "a"})) == {}
    assert opened(app, cookie) == {"token": "a"}


@pytest.mark.parametrize(
    ("content", "more", "judged"),
    [({"token": "a"}, "", 1), ({"token": "a"}, "; x=" + "y" * 4096, 3), ({"many": [1]}, "", 3)],
    ids=["usual", "long", "with a list"],
)
def test_a_signature_is_looked_at_once(app: Flask, content: dict[str, Any], more: str, judged: int) -> None:
    """Of headers as browsers send them; others would fill the memory. What could be changed is read anew."""
    serializer = Sessions().get_signing_serializer(app)
    assert serializer is not None
    seen = Mock(wraps=serializer.loads)
    serializer.loads = seen  # type: ignore[method-assign]
    cookie = signed(app, content) + more
    for _ in range(3):
        assert opened(app, cookie) == content
    assert seen.call_count == judged


def test_cookies_are_forgotten_when_there_are_very_many(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can fill the memory with them."""
    monkeypatch.setattr("webapp.session_cookie.MOST_OPENED", 3)
    for number in range(10):
        assert opened(app, signed(app, {"number": number})) == {"number": number}
    assert 0 < len(app.extensions["opened_sessions"]) <= 3


def signed(app: Flask, content: dict[str, Any]) -> str:
    """A cookie that says it."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    cookie: str = serializer.dumps(content)
    return cookie


@pytest.fixture
def other_app() -> Flask:
    """An application with a secret key of its own."""
    other = Flask(__name__)
    other.secret_key = "o" * 32
    return other


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "a=1",
        "a=1; b=2",
        "a=1;a=2",
        'a="x\\073y"; b',
        "=; ;;",
        "a=\xc3\xa9",
        "a=b=c; d==",
        'a="',
        "customer_desk=x.y.z",
    ],
)
def test_cookies_are_what_werkzeug_reads(sent: str) -> None:
    """All of them, in their order."""
    environ = EnvironBuilder("/").get_environ() | ({"HTTP_COOKIE": sent} if sent else {})
    own, werkzeugs = DeskRequest(environ).cookies, Request(dict(environ)).cookies
    assert list(own.items(multi=True)) == list(werkzeugs.items(multi=True))
    assert type(own) is type(werkzeugs)
