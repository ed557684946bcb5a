"""One's own second factor: set it up, renew the recovery codes, switch it off. Knows no SQL and judges no code."""

from flask import Response, flash, request, session, url_for

from webapp import htmx
from webapp.access import second_factor
from webapp.access.forms import CodeForm
from webapp.access.notices import DONE
from webapp.access.permissions import current_caller
from webapp.access.staff import throttled
from webapp.access.staff_sessions import find_staff
from webapp.log_lines import log
from webapp.phrases import phrase

#: The secret that was shown and not confirmed yet, encrypted, and to whom: a reloaded page shows the same one. Not to
#: the next person at this browser, though, where a sign-in ran out: the one before would keep it.
PROPOSED = "proposed_second_factor"


def show_second_factor() -> Response:
    """``GET /account/second-factor``: how to set it up, or what can be done with it."""
    caller, page = current_caller(), "access/second_factor.html"
    if second_factor.has_second_factor(find_staff(caller.id)):
        left = second_factor.recovery_codes_left(caller.id)
        return htmx.render(page=page, fragment=page, codes_left=left)
    return _set_up_page(CodeForm())


def set_up_second_factor() -> Response:
    """``POST /account/second-factor``: on, if the code is right; this answer alone shows the recovery codes."""
    caller, form = current_caller(), CodeForm(request.form)
    secret = _proposed_secret()
    if not secret:  # set up in another tab, or this page was sent once more
        return htmx.see_other(url_for(".second_factor"))
    codes: list[str] = []

    def is_right() -> bool:
        codes.extend(second_factor.switch_on(caller.id, secret, form.code.data) or [])
        return bool(codes)

    if not throttled(caller.name, is_right):
        form.take({"code": [phrase("That is not the code that the app shows now. Try the next one.")]})
        return _set_up_page(form, 422)
    del session[PROPOSED]
    log.info("second factor on", staff_id=caller.id)
    return _codes_page(codes)


def ask_for_recovery_codes() -> Response:
    """``GET /account/second-factor/recovery-codes``: what new ones mean."""
    page = "access/recovery_codes_ask.html"
    return htmx.render(page=page, fragment=page)


def renew_recovery_codes() -> Response:
    """``POST /account/second-factor/recovery-codes``: new ones, which this answer alone shows."""
    return _codes_page(second_factor.renew_recovery_codes(current_caller().id))


def ask_to_switch_off() -> Response:
    """``GET /account/second-factor/off``: what that means."""
    page = "access/second_factor_off.html"
    return htmx.render(page=page, fragment=page)


def switch_off() -> Response:
    """``POST /account/second-factor/off``: the password alone signs in from now on."""
    second_factor.switch_off(current_caller().id)
    log.info("second factor off", staff_id=current_caller().id)
    flash("second factor off", DONE)
    return htmx.see_other(url_for(".account"))


def _set_up_page(form: CodeForm, status: int = 200) -> Response:
    page = "access/second_factor_set_up.html"
    caller = current_caller()
    proposal = second_factor.propose(caller.name, _proposed_secret())
    session[PROPOSED] = [caller.id, proposal.secret]
    return htmx.render(page=page, fragment=page, status=status, form=form, proposal=proposal)


def _proposed_secret() -> str:
    whose, secret = session.get(PROPOSED, ("", ""))
    return str(secret) if whose == current_caller().id else ""


def _codes_page(codes: list[str]) -> Response:
    page = "access/recovery_codes.html"
    return htmx.render(page=page, fragment=page, codes=codes)
