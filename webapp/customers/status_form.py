"""The form that archives or restores a customer: the version that was looked at, and a reason.

Knows neither Flask nor the database, and no rule of its own.
"""

from typing import Any

from wtforms import Form

from webapp.customers.form import CustomerForm


class StatusForm(Form):  # type: ignore[misc]
    """Both fields are those of the edit form, with their rules."""

    reason = CustomerForm.reason
    version = CustomerForm.version

    def __init__(self, typed: Any = None, *, version: int) -> None:
        super().__init__(typed, data={"version": str(version)})

    def opened_version(self) -> int:
        """The version that the page showed; 0 when it carries none that can be read."""
        typed = str(self.version.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0

    def catch_up(self, version: int) -> None:
        """Go on from another version: the page that follows shows that one."""
        self.version.data = str(version)

    @property
    def error_summary(self) -> list[tuple[str, str]]:
        """(id of the input, message) for each fault."""
        return [(self.reason.id, message) for message in self.reason.errors]
