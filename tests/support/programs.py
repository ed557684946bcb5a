"""Programs of Debian's that some tests run: Chromium, nginx, pgbouncer. Knows none of their options."""

import os
import shutil

import pytest

#: Debian keeps servers where a person's PATH does not always lead.
SERVERS = ("/usr/sbin", "/usr/local/sbin", "/sbin")


def needed_program(name: str) -> str:
    """The path of a program; without it the test is skipped with a word how to get it, and in CI it fails.

    Args:
        name: as it is called: ``chromium-headless-shell``, ``nginx``, ``pgbouncer``.
    """
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *SERVERS))
    program = shutil.which(name, path=path)
    if program is None:
        missing = f"no {name} for this test; scripts/install_debian_packages.sh installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return program
