"""Flask's signed session cookie, without what need not be done anew for each request. Knows nothing of what it says."""

import hmac
import time
from typing import Any, NamedTuple

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, Signer, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.signer import HMACAlgorithm

_SERIALIZER = "session_serializer"
_OPENED = "opened_sessions"
#: So many cookie headers are remembered with what they say; a person's changes with each sign-in.
MOST_OPENED = 1024
#: Characters of such a header; browsers send a few hundred.
LONGEST_KEPT = 4096
#: A session that holds anything else could be changed by one request for the next, so it is read anew each time.
_UNCHANGING = frozenset({str, int, float, bool, type(None)})


class _Opened(NamedTuple):
    """What a good cookie says, and until when it does, in seconds of the Unix epoch."""

    content: dict[str, Any]
    until: float


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, which costs nothing where there is none and nobody asks for it."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs the cookie, as Flask's own does; made once, as an application's key never changes."""
        kept: URLSafeTimedSerializer | None = app.extensions.get(_SERIALIZER)
        if kept is None and app.secret_key:
            kept = app.extensions[_SERIALIZER] = _Serializer(
                app.secret_key,
                salt=self.salt,
                serializer=self.serializer,
                signer_kwargs={
                    "key_derivation": self.key_derivation,
                    "digest_method": self.digest_method,
                    "algorithm": _Sha1Hmac(),
                },
            )
        return kept

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie says; nothing where there is none, or none that we have signed.

        A signature that was found good is good for the same text until it expires, so it is looked at once.
        """
        sent = request.environ.get("HTTP_COOKIE")
        if sent is None:
            return self.session_class()
        kept: dict[str, _Opened] = app.extensions.setdefault(_OPENED, {})
        opened = kept.get(sent)
        if opened is None or opened.until < time.time():
            opened = self._judge(app, request)
            if opened is None:
                return self.session_class()
            if len(sent) <= LONGEST_KEPT and _UNCHANGING.issuperset(map(type, opened.content.values())):
                if len(kept) >= MOST_OPENED:
                    kept.clear()
                kept[sent] = opened
        return self.session_class(opened.content)

    def _judge(self, app: Flask, request: Request) -> _Opened | None:
        """As Flask does."""
        serializer = self.get_signing_serializer(app)
        value = request.cookies.get(self.get_cookie_name(app))
        if serializer is None or not value:
            return None
        lifetime = app.permanent_session_lifetime.total_seconds()
        try:
            content, signed_at = serializer.loads(value, max_age=int(lifetime), return_timestamp=True)
        except BadSignature:
            return None
        return _Opened(content, signed_at.timestamp() + lifetime)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie anew where something in it has changed."""
        if not session.modified and not session.permanent:  # a permanent one is sent anew with each answer
            if session.accessed:
                _vary_by_cookie(response)
            return
        super().save_session(app, session, response)


class _Sha1Hmac(HMACAlgorithm):
    """Flask's algorithm by one call of OpenSSL's, which knows it by its name; itsdangerous makes an object of it."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha1")


class _Signer(TimestampSigner):
    """With its key derived once; itsdangerous derives it from the secret key for each signature."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._derived: dict[str | bytes | None, bytes] = {}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        if secret_key not in self._derived:
            self._derived[secret_key] = super().derive_key(secret_key)
        return self._derived[secret_key]


class _Serializer(URLSafeTimedSerializer):
    """With one signer for each salt, of which there is one."""

    default_signer = _Signer

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._signers: dict[str | bytes | None, Signer] = {}

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        if salt not in self._signers:
            self._signers[salt] = super().make_signer(salt)
        return self._signers[salt]


def _vary_by_cookie(response: Response) -> None:
    """As ``response.vary.add("Cookie")``, which parses the header and writes it anew: forty calls of each page."""
    there = response.headers.get("Vary", "")
    if "cookie" not in there.lower():
        response.headers["Vary"] = f"{there}, Cookie" if there else "Cookie"
