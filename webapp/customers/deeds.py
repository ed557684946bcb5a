"""What a change of a customer is called, in one sentence. Knows neither its fields nor the page.

Each operation has a sentence for each place that it can come from: other languages order them differently.
"""

from webapp.customers.history import Change
from webapp.phrases import Phrase, phrase

_TITLES = {
    ("create", "desk"): phrase("Created on the desk by %(who)s"),
    ("create", "api"): phrase("Created through the API by %(who)s"),
    ("create", "command"): phrase("Created from the command line by %(who)s"),
    ("create", "import"): phrase("Created by an import by %(who)s"),
    ("update", "desk"): phrase("Updated on the desk by %(who)s"),
    ("update", "api"): phrase("Updated through the API by %(who)s"),
    ("update", "command"): phrase("Updated from the command line by %(who)s"),
    ("update", "import"): phrase("Updated by an import by %(who)s"),
    ("archive", "desk"): phrase("Archived on the desk by %(who)s"),
    ("archive", "api"): phrase("Archived through the API by %(who)s"),
    ("archive", "command"): phrase("Archived from the command line by %(who)s"),
    ("archive", "import"): phrase("Archived by an import by %(who)s"),
    ("restore", "desk"): phrase("Restored on the desk by %(who)s"),
    ("restore", "api"): phrase("Restored through the API by %(who)s"),
    ("restore", "command"): phrase("Restored from the command line by %(who)s"),
    ("restore", "import"): phrase("Restored by an import by %(who)s"),
    ("revert", "desk"): phrase("Reverted version %(reverted)s on the desk by %(who)s"),
    ("revert", "api"): phrase("Reverted version %(reverted)s through the API by %(who)s"),
    ("revert", "command"): phrase("Reverted version %(reverted)s from the command line by %(who)s"),
    ("revert", "import"): phrase("Reverted version %(reverted)s by an import by %(who)s"),
    ("erase", "desk"): phrase("Erased on the desk by %(who)s"),
    ("erase", "command"): phrase("Erased from the command line by %(who)s"),
}


def title_of(change: Change) -> Phrase:
    """The sentence that says what was done, from where and by whom; an API key is said to be one."""
    title = _TITLES[change.operation, change.source]
    return Phrase(title.template, who=who_of(change), reverted=change.reverted_version or "")


def who_of(change: Change) -> str:
    """Who made a change, by the name at the time."""
    return phrase("API key %(name)s", name=change.actor_name) if change.actor_type == "api_key" else change.actor_name
