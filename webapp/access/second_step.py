"""Between the right password and the code of the second factor: who that is, and where they want to go on to.

Nobody is signed in at this point: no session row, no permission. Knows how Flask-Security asks; judges no code.
"""

import time
from typing import Any

from flask import session, url_for
from flask_security.tf_plugin import TfPlugin
from sqlalchemy import select

from webapp import htmx
from webapp.access.model import Staff
from webapp.access.own_paths import HOME, own_path
from webapp.access.second_factor import has_second_factor
from webapp.database import db

STEP = "second_step"
#: Seconds in which the code must follow the password.
PATIENCE = 10 * 60
#: Characters of where to go on to: it waits in a cookie, of which browsers keep 4,096 bytes.
LONGEST_NEXT = 1500


class PasswordThenCode(TfPlugin):
    """Has Flask-Security's sign-in ask for the code where there is a second factor, at our own page."""

    def tf_enter(self, user: Any, remember_me: bool | None, primary_authn_via: str, next_loc: str | None) -> Any:
        """Called when the password was right. None: nothing more is asked, the person is signed in."""
        if not has_second_factor(user):
            return None
        wanted = own_path(next_loc)
        wanted = wanted if len(wanted) <= LONGEST_NEXT else HOME
        session[STEP] = {"who": user.fs_uniquifier, "at": int(time.time()), "next": wanted}
        return htmx.see_other(url_for("access.enter_code"))


def awaited_staff() -> Staff | None:
    """The person whose password was right a short while ago in this browser, if they may still sign in."""
    step = session.get(STEP)
    if not isinstance(step, dict) or time.time() - step["at"] > PATIENCE:
        return None
    wanted = select(Staff).where(Staff.fs_uniquifier == step["who"], Staff.active.is_(True))
    staff = db.session.execute(wanted).scalar_one_or_none()
    db.session.close()
    return staff if staff is not None and has_second_factor(staff) else None


def finish_second_step() -> str:
    """Forget who was awaited. Returns the path that they wanted to go on to."""
    return own_path(session.pop(STEP, {}).get("next"))
