"""Makes the installation's secret key where there is none, by ``python -m webapp.secret_key``; shows none."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from webapp.settings import PROJECT_ROOT, SECRET_KEY_FILE


def keep_secret_key(instance_path: Path) -> bool:
    """Write a new 256-bit key, readable by its owner alone, unless one is there. Returns whether one was written."""
    instance_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        file = os.open(instance_path / SECRET_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(file, "w", encoding="ascii") as target:
        target.write(secrets.token_hex(32))
    return True


def fingerprint_of(secret_key: str) -> str:
    """Eight hexadecimal digits by which instances that should have the same key are compared; too few to tell it."""
    return hmac.digest(secret_key.encode(), b"fingerprint of the secret key", hashlib.sha256).hex()[:8]


if __name__ == "__main__":
    if not os.environ.get("SECRET_KEY"):
        keep_secret_key(PROJECT_ROOT / os.environ.get("INSTANCE_PATH", "instance"))
