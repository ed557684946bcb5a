"""A person's own account: what they read the desk in, their password, their sign-ins. Knows no SQL."""

from flask import Response, flash, request, session, url_for
from flask_security.utils import verify_password

from webapp import htmx
from webapp.access.accounts import change_password as store_password
from webapp.access.accounts import set_preferences
from webapp.access.forms import PasswordForm, PreferencesForm
from webapp.access.model import Staff
from webapp.access.notices import DONE, take_notice
from webapp.access.passwords import normalise
from webapp.access.permissions import Caller, current_caller
from webapp.access.second_factor import has_second_factor, recovery_codes_left
from webapp.access.staff import throttled
from webapp.access.staff_sessions import USER_ID, end_session, end_sessions_of, find_staff, list_open_sessions
from webapp.errors import InvalidInput
from webapp.phrases import phrase


def show_account() -> Response:
    """``GET /account``: who one is here, and what one can change about it."""
    staff = _own(current_caller())
    return _account_page(PreferencesForm(language=staff.language, timezone=staff.timezone))


def save_preferences() -> Response:
    """``POST /account``: language and time zone."""
    form = PreferencesForm(request.form)
    if not form.validate():
        return _account_page(form, 422)
    set_preferences(current_caller().id, form.language.data or "", form.timezone.data)
    flash("preferences", DONE)
    return htmx.see_other(url_for(".account"))


def ask_for_password() -> Response:
    """``GET /account/password``: the form."""
    return _password_page(PasswordForm())


def change_password() -> Response:
    """``POST /account/password``: another password, when the present one is right; other sign-ins end."""
    caller, form = current_caller(), PasswordForm(request.form)
    staff = _own(caller)
    if not form.validate():
        return _password_page(form, 422)
    present = normalise(form.password.data or "")
    if not throttled(staff.email, lambda: bool(present) and verify_password(present, staff.password)):
        form.take({"password": [phrase("That is not your present password.")]})
        return _password_page(form, 422)
    try:
        session[USER_ID] = store_password(staff, form.new_password.data, caller.session_id)
    except InvalidInput as error:
        form.take(error.details)
        return _password_page(form, 422)
    flash("password", DONE)
    return htmx.see_other(url_for(".account"))


def end_own_session(session_id: str) -> Response:
    """``POST /account/sessions/{id}/end``: sign out there."""
    end_session(current_caller().id, session_id)
    flash("session ended", DONE)
    return htmx.see_other(url_for(".account"))


def end_other_sessions() -> Response:
    """``POST /account/sessions/end-others``: sign out everywhere but here."""
    caller = current_caller()
    end_sessions_of(caller.id, but=caller.session_id)
    flash("other sessions ended", DONE)
    return htmx.see_other(url_for(".account"))


def _own(caller: Caller) -> Staff:
    return find_staff(caller.id)


def _account_page(form: PreferencesForm, status: int = 200) -> Response:
    caller, page = current_caller(), "access/account.html"
    return htmx.render(
        page=page,
        fragment=page,
        status=status,
        form=form,
        sessions=list_open_sessions(caller.id),
        own_session_id=caller.session_id,
        has_second_factor=has_second_factor(_own(caller)),
        codes_left=recovery_codes_left(caller.id),
        notice=take_notice(),
    )


def _password_page(form: PasswordForm, status: int = 200) -> Response:
    page = "access/password.html"
    return htmx.render(page=page, fragment=page, status=status, form=form)
