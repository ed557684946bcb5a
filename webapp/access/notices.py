"""What a page says right after something was done, by the name under which it was flashed. Knows no page."""

from flask import get_flashed_messages

from webapp.phrases import Phrase, phrase

DONE = "done"
NOTICES = {
    "role": phrase("The role was changed. It counts from their next request on."),
    "disable": phrase("Disabled. All of their sign-ins have ended."),
    "enable": phrase("Enabled. They can sign in again."),
    "end-sessions": phrase("All sign-ins were ended."),
    "reset-second-factor": phrase("The second factor was reset, and all sign-ins were ended."),
    "invite withdrawn": phrase("The invitation was withdrawn. Its link is worthless now."),
    "preferences": phrase("Saved. The desk speaks to you like this from now on."),
    "password": phrase("The password was changed, and all of your other sign-ins have ended."),
    "session ended": phrase("That sign-in has ended."),
    "other sessions ended": phrase("All of your other sign-ins have ended."),
    "second factor off": phrase("The second factor is off. Signing in asks for the password alone."),
    "key revoked": phrase("The key was revoked. Its next request is refused."),
}


def take_notice() -> Phrase | None:
    """The notice of what was done just before this page, if anything was."""
    flashed = get_flashed_messages(category_filter=[DONE])
    return NOTICES.get(str(flashed[-1])) if flashed else None
