"""The second step of signing in: a code of the authenticator app, or a recovery code. Knows no SQL."""

from collections.abc import Callable

from flask import Response, request, url_for
from flask_security import login_user

from webapp import htmx
from webapp.access.forms import CodeForm
from webapp.access.model import Staff
from webapp.access.second_factor import use_code, use_recovery_code
from webapp.access.second_step import awaited_staff, finish_second_step
from webapp.access.staff import throttled
from webapp.phrases import Phrase, phrase

WRONG_CODE = phrase("That code is not right, or was used before. Wait for the next one that the app shows.")
WRONG_RECOVERY_CODE = phrase("That is not one of your recovery codes, or it was used before.")


def enter_code() -> Response:
    """``GET`` and ``POST /sign-in/code``: the app's present code signs in."""
    return _second_step("access/sign_in_code.html", use_code, WRONG_CODE)


def enter_recovery_code() -> Response:
    """``GET`` and ``POST /sign-in/recovery``: a recovery code signs in, once."""
    page = "access/sign_in_recovery.html"
    return _second_step(page, lambda staff, code: use_recovery_code(staff.id, code), WRONG_RECOVERY_CODE)


def _second_step(page: str, is_right: Callable[[Staff, str], bool], refusal: Phrase) -> Response:
    staff = awaited_staff()
    if staff is None:  # too late, or nobody entered a password here
        return htmx.see_other(url_for("security.login"))
    form = CodeForm(request.form)
    if request.method == "GET":
        return htmx.render(page=page, fragment=page, form=form)
    if throttled(staff.email, lambda: is_right(staff, form.code.data)):
        wanted = finish_second_step()
        login_user(staff, authn_via=["password", "authenticator"])
        return htmx.see_other(wanted)
    form.take({"code": [refusal]})
    return htmx.render(page=page, fragment=page, status=422, form=form)
