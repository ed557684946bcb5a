"""Which reads may be some seconds behind, once there are replicas: decision 16, kept by the code."""

import re

from webapp.settings import PROJECT_ROOT

STALE = re.compile(r"\b(?:reading|snapshot)_possibly_stale\b")
#: Modules that show many customers, or what was. One that is added here decides nothing on what it reads so.
MAY_BE_STALE = {
    "customers/api.py",
    "customers/pages_access_log.py",
    "customers/pages_history.py",
    "customers/pages_list.py",
    "customers/pages_suggest.py",
    "database.py",
}


def test_only_what_was_chosen_may_be_stale() -> None:
    """Neither access, nor a form, nor anything that writes."""
    folder = PROJECT_ROOT / "webapp"
    found = {str(file.relative_to(folder)) for file in folder.rglob("*.py") if STALE.search(file.read_text())}
    assert found == MAY_BE_STALE
