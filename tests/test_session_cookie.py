"""The session's cookie: what Flask itself would sign and read, whoever reads it."""

import pytest
from flask import Flask, Request
from flask.sessions import SecureCookieSessionInterface
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


@pytest.mark.parametrize("place", [0, 10, -1, -20, -30])
def test_a_cookie_that_was_changed_is_none(app: Flask, place: int) -> None:
    """Wherever it was: content, time or signature."""
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
