"""A person's authenticator app: codes of RFC 6238, computed by the standard library alone."""

import base64
import hashlib
import hmac
import struct
import time


def code_of(key: str, *, steps: int = 0) -> str:
    """The six digits that the app shows for a key (base32, in groups), now or so many half minutes from now."""
    secret = key.replace("-", "").replace(" ", "").upper()
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, hashlib.sha1)
    place = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[place : place + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"
