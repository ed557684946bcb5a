"""Every page and state of the desk: how a person comes to it. One file for each subject, each with its ``STATES``."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.conftest import Desk
from tests.browser.states import access, form, frame, history, listing, personal_data, record

State = Callable[[Page, Desk], None]

STATES: dict[str, State] = {
    **access.STATES,
    **listing.STATES,
    **record.STATES,
    **personal_data.STATES,
    **history.STATES,
    **form.STATES,
    **frame.STATES,
}
