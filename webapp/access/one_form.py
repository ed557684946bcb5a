"""Forms that make something once: each carries the ID of what it will make, so that sending it again makes no second.

Knows nothing of what is made; the database's primary key does the rest.
"""

import re

from webapp.access.forms import ApiKeyForm, InviteForm
from webapp.errors import InvalidInput
from webapp.identifiers import new_id
from webapp.phrases import phrase

ULID = re.compile("[0-9A-HJKMNP-TV-Z]{26}")


def new_form_id(prefix: str) -> str:
    """The ID of what a newly opened form will make."""
    return new_id(prefix)


def form_id(prefix: str, form: ApiKeyForm | InviteForm) -> str:
    """The ID that a form carries.

    Raises:
        InvalidInput: it carries none that this service could have made.
    """
    sent: str = form.form_id.data or ""
    if not sent.startswith(f"{prefix}_") or not ULID.fullmatch(sent.removeprefix(f"{prefix}_")):
        raise InvalidInput(phrase("Open the form again: this one was not sent whole."))
    return sent
